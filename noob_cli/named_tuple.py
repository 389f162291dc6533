"""Named tuples as `typing` makes them, but that it compiles each annotation: that takes longer than all the rest.

There are some sixty of them in a run, and each is made at its start.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:

    class _Making(type):
        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = namespace["__annotations__"]
            defaults = [namespace.pop(field) for field in fields if field in namespace]
            plain = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])
            return type(name, (plain,), {**namespace, "__slots__": ()})

    class NamedTuple(metaclass=_Making):
        """What a class of tuples with named fields is derived from; a field's value in the class is its default."""
