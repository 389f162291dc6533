"""What the steps of a plan have in common: they are made of their fields, and each field says what it is for.

The idea of fields that a generic walk follows is that of syntax trees, as in Python's `ast` and in Jinja's nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self, TypeVar

from noob_cli.struct import Struct

_T = TypeVar("_T")

Reads = Annotated[_T, "reads"]
"""A field with values that a step reads."""
Writes = Annotated[_T, "writes"]
"""A field with values that a step writes."""
Changes = Annotated[_T, "changes"]
"""A field with values that a step reads and writes anew, or changes in place."""
Keeps = Annotated[_T, "keeps"]
"""A field with what a step keeps from one epoch to the next."""
Calls = Annotated[_T, "calls"]
"""A field with the name of what a step calls: the user's code, or a function that the plan gives a name to."""
Holds = Annotated[_T, "holds"]
"""A field with the parts that a step is made of: its blocks of steps, the assets that it opens."""

_ROLES = ("Reads", "Writes", "Changes", "Keeps", "Calls", "Holds")


class Part(Struct):
    """The base class of all that a plan is made of: its steps, their blocks, its state, what its names are bound to.

    A part is its fields: they are its positional arguments, two parts are equal if they are of one kind and their
    fields are equal, and passes and code generation go by the roles of fields (`Reads`, `Writes` ...), not by kinds.

    Example:
        >>> class OfNode(Part):
        ...     node: str
        >>> OfNode("scale").node
        'scale'
    """

    roles: ClassVar[Mapping[str, str]] = {}
    """The role of each field that has one, by the name of the field: `Reads` and the like."""
    _holding: ClassVar[tuple[str, ...]] = ()
    _fields_of: ClassVar[dict[tuple[str, ...], list[str]]]
    """The fields of some roles, as far as they have been asked for."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # The annotations are texts, which name the role first.
        heads = {name: annotation.partition("[")[0] for name, annotation in cls.__annotations__.items()}
        cls.roles = {name: head for name, head in heads.items() if head in _ROLES}
        cls._holding = tuple(name for name, role in cls.roles.items() if role == "Holds")
        cls._fields_of = {}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.fields)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.fields)})"

    @property
    def parts(self) -> list[Part]:
        """The parts that it is made of, in order."""
        return [part for field in self._holding for part in self.parts_in(field)]

    def parts_in(self, field: str) -> Sequence[Part]:
        """The parts in a field that holds some."""
        held = getattr(self, field)
        return held if type(held) is tuple else () if held is None else (held,)

    def with_parts(self, change: Callable[[Part], Part | None]) -> Self:
        """A copy that is made of other parts.

        Args:
            change: Called with each part; gives what stands in its place, or None for nothing.
        """
        changes: dict[str, Any] = {}
        for field in self._holding:
            parts = tuple(changed for part in self.parts_in(field) if (changed := change(part)) is not None)
            changes[field] = parts if type(getattr(self, field)) is tuple else next(iter(parts), None)
        return self.replace(**changes) if changes else self

    def walk(self, *closed: type[Part]) -> Iterator[Part]:
        """This part and all parts in it, depth first, each before those that it holds.

        Args:
            closed: The kinds of parts that are not gone into.
        """
        left: list[Part] = [self]
        while left:
            part = left.pop()
            yield part
            if part._holding and not isinstance(part, closed):
                left += reversed(part.parts)

    def names(self, *roles: str) -> list[str]:
        """The names of values in the fields of some roles, without those of the parts in it.

        Args:
            roles: The roles, such as `Reads`.
        """
        fields = self._fields_of.get(roles)
        if fields is None:
            fields = self._fields_of[roles] = [field for field, role in self.roles.items() if role in roles]
        return [name for field in fields for name in _names_in(getattr(self, field))]

    def names_in(self, field: str) -> Iterable[str]:
        """The names of values in a field."""
        return _names_in(getattr(self, field))


def _names_in(value: Any) -> Iterable[str]:
    """The names in a field: of a value, of what is made of values, or of several."""
    if value is None:
        return ()
    if type(value) is tuple:
        return [name for item in value for name in _names_in(item)]
    if type(value) is str:
        return (value,)
    names: tuple[str, ...] = value.names
    return names
