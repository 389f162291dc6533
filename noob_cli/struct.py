"""Classes that are made of their fields, as dataclasses are, without compiling anything.

A dataclass compiles its `__init__` where it is defined: for all that there are of such classes, that takes longer than
to plan, compile and run a small tube.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from noob_cli.named_tuple import NamedTuple

_T = TypeVar("_T")


class _Made(NamedTuple):
    """A default that is made anew for each instance."""

    factory: Callable[[], Any]


def field(*, factory: Callable[[], _T]) -> _T:
    """A field whose default is made anew for each object.

    Args:
        factory: Makes it.
    """
    made: Any = _Made(factory)
    return made  # type: ignore[no-any-return]


@dataclass_transform(field_specifiers=(field,))
class Struct:
    """What is made of the fields that its class, and those that it is derived from, annotate.

    No field may be named as something is here.

    Example:
        >>> class Reading(Struct):
        ...     place: str
        ...     levels: list[float] = field(factory=list)
        >>> Reading("weir").levels
        []

    Raises:
        TypeError: A field without a default is not given, or something is given that is no field.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    """The names of the fields, in order."""
    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()
    _factories: ClassVar[tuple[tuple[str, Callable[[], Any]], ...]] = ()

    def __init_subclass__(cls) -> None:
        own = (name for name, annotation in cls.__annotations__.items() if "ClassVar" not in str(annotation))
        cls.fields = (*cls.fields, *own)
        cls._known = frozenset(cls.fields)
        cls._required = frozenset(name for name in cls.fields if not hasattr(cls, name))
        defaults = ((name, getattr(cls, name, None)) for name in cls.fields)
        cls._factories = tuple((name, default.factory) for name, default in defaults if type(default) is _Made)

    def __init__(self, *values: Any, **named: Any) -> None:
        given = named | dict(zip(self.fields, values, strict=False)) if values else named
        if len(given) != len(values) + len(named) or not self._required <= given.keys() <= self._known:
            names = [*self.fields[: len(values)], *named]
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(self.fields)}: found {', '.join(names)}")
        for name, factory in self._factories:
            if name not in given:
                setattr(self, name, factory())
        # One by one, so that the values stand in the object and need no dict.
        for name, value in given.items():
            setattr(self, name, value)

    def replace(self, **changes: Any) -> Self:
        """The same with other values of some fields."""
        return type(self)(**{name: getattr(self, name) for name in self.fields} | changes)
