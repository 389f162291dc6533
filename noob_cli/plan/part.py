"""What the steps of a plan have in common: they are made of their fields."""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform()
class Part:
    """A part of a plan. It is made as a dataclass is, of the fields that its class annotates.

    A dataclass compiles its `__init__` where it is defined: for all kinds of steps, that takes longer than to plan,
    compile and run a small tube. Unlike there, fields are not inherited, and none may be named as something is here.

    Example:
        >>> class OfNode(Part):
        ...     node: str
        >>> OfNode("scale").node
        'scale'

    Raises:
        TypeError: A field without a default is not given, or something is given that is no field.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    """The names of the fields, in order."""
    _required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        cls.fields = tuple(cls.__annotations__)
        cls._required = frozenset(name for name in cls.fields if not hasattr(cls, name))

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.fields
        given = [*fields[: len(values)], *named]
        if len(set(given).intersection(fields)) != len(values) + len(named) or not self._required.issubset(given):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(fields)}: found {', '.join(given)}")
        # One by one, so that the values stand in the object and need no dict.
        for name, value in zip(given, (*values, *named.values()), strict=True):
            setattr(self, name, value)

    def replace(self, **changes: Any) -> Self:
        """The same with other values of some fields."""
        return type(self)(**{name: getattr(self, name) for name in self.fields} | changes)
