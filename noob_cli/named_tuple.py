"""Named tuples as `typing` makes them, in a quarter of the time: it compiles each annotation and each `__new__`.

There are some sixty of them in a run, and each is made at its start.
"""

from __future__ import annotations

from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    @cache
    def _code_for(number: int) -> CodeType:
        """The code of a `__new__` that takes so many values."""
        values = "".join(f"value_{index}, " for index in range(number))
        return eval(f"lambda _cls, {values}: new(_cls, ({values}))", {}).__code__

    class _Making(type):
        """Makes the subclasses of `NamedTuple`."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = tuple(namespace["__annotations__"])
            defaults = tuple(namespace[field] for field in fields if field in namespace)
            code = _code_for(len(fields)).replace(
                co_name="__new__", co_qualname=f"{name}.__new__", co_varnames=("_cls", *fields)
            )
            getters = {field: _tuplegetter(at, f"Field {at}") for at, field in enumerate(fields)}
            made = {
                "__slots__": (),
                "__new__": FunctionType(code, {"new": tuple.__new__}, "__new__", defaults),
                "__match_args__": fields,
                "_fields": fields,
            }
            return type(name, (_NamedTuple,), {**namespace, **getters, **made})

    class _NamedTuple(tuple):
        """What those have in common that are made."""

        __slots__ = ()

        def __repr__(self) -> str:
            values = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({values})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def _replace(self, /, **changes: Any) -> Any:
            return type(self)(**{**dict(zip(self._fields, self, strict=True)), **changes})

    class NamedTuple(metaclass=_Making):
        """What a class of tuples with named fields is derived from; a field's value in the class is its default."""
