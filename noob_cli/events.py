"""What travels through a tube: epochs, events, and the signal that says there is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, Self, TypeAlias, TypedDict, TypeVar, cast


class MetaSignal(StrEnum):
    """Values that say something about a signal instead of being one.

    `NoEvent`, returned in a signal's place, means that nothing is emitted there in this epoch.

    Example:
        >>> def odd(value: int) -> int | Literal[MetaSignal.NoEvent]:
        ...     return value if value % 2 else MetaSignal.NoEvent
    """

    NoEvent = "__META__NoEvent"


NoEvent: Final = MetaSignal.NoEvent
"""What a node returns to emit nothing: `None` is a value like any other, this is not."""


class EndOfRun(Exception):
    """Raised by a node to end the run with the epoch that is under way.

    That is no failure: the node is as if it had returned `NoEvent`, and the rest of the epoch runs, but for later items
    of a loop that it is in. In a nested tube it ends that tube, in a source it is the end of that source. In assets, in
    `init` and in callbacks it is an error.

    Example:
        >>> def until_stable(change: float) -> float:
        ...     if change < 1e-9:
        ...         raise EndOfRun
        ...     return change
    """


class Epoch(int):
    """The number of a pass through the tube, from 0. A parameter annotated `Epoch` gets the current one.

    In a nested tube it counts the calls of that tube. In a map it also says which item is under way: such an epoch is
    within its `parent`, and equal to no other. It is an int all the same, the number of the whole epoch, and is
    compared as such with ints that are no epochs.

    Example:
        >>> def label(value: float, epoch: Epoch) -> str:
        ...     return f"{epoch}: {value}"
        >>> Epoch(3) / ("letters", 2)
        (3, ('letters', 2))

    Args:
        root: The number.
        path: For each map around, the outermost first: its name, and the number of the item, from 0.
    """

    _path: tuple[tuple[str, int], ...] = ()
    _is_parent = False

    def __new__(cls, root: int = 0, path: Iterable[tuple[str, int]] = ()) -> Self:
        epoch = int.__new__(cls, root)
        if path:
            epoch._path = tuple((node, number) for node, number in path)
        return epoch

    @property
    def root(self) -> int:
        """The number of the whole epoch."""
        return int(self)

    @property
    def root_epoch(self) -> Epoch:
        """The whole epoch."""
        return Epoch(int(self))

    @property
    def is_root(self) -> bool:
        """Whether it is a whole epoch, and not that of an item."""
        return not self._path

    @property
    def leaf(self) -> tuple[str, int] | None:
        """The innermost map and the number of its item; None outside of maps."""
        return self._path[-1] if self._path else None

    @property
    def parent(self) -> Epoch | None:
        """The epoch that it is within, in which the innermost map has its turn; None outside of maps.

        It is true even if its number is 0, for those who ask with `epoch.parent or epoch` whether there is one.
        """
        if not self._path:
            return None
        parent = Epoch(int(self), self._path[:-1])
        parent._is_parent = True
        return parent

    @property
    def parents(self) -> list[Epoch]:
        """All epochs that it is within, the innermost first."""
        return [Epoch(int(self), self._path[:depth]) for depth in reversed(range(len(self._path)))]

    def make_subepochs(self, node: str, n: int) -> list[Epoch]:
        """The epochs of the first n items of a map."""
        return [self / (node, number) for number in range(n)]

    def __truediv__(self, other: Any) -> Any:
        """Within it, the epoch of an item, `(map, number)`; divided by a number it is an int."""
        return Epoch(int(self), (*self._path, other)) if isinstance(other, tuple) else int(self) / other

    def __bool__(self) -> bool:
        return self._is_parent or int(self) != 0

    def __len__(self) -> int:
        return 1 + len(self._path)

    def __getitem__(self, index: int) -> tuple[str, int]:
        return (("tube", int(self)), *self._path)[index]

    # What takes a number or a shape, as numpy does, is to take it for a number.
    __iter__ = None

    def __eq__(self, other: object) -> bool:
        theirs = _root_and_path(other)
        return int.__eq__(self, other) if theirs is None else (int(self), self._path) == theirs

    def __ne__(self, other: object) -> bool:
        theirs = _root_and_path(other)
        return int.__ne__(self, other) if theirs is None else (int(self), self._path) != theirs

    def __lt__(self, other: int) -> bool:
        theirs = _root_and_path(other)
        return int.__lt__(self, other) if theirs is None else (int(self), self._path) < theirs

    def __le__(self, other: int) -> bool:
        theirs = _root_and_path(other)
        return int.__le__(self, other) if theirs is None else (int(self), self._path) <= theirs

    def __gt__(self, other: int) -> bool:
        theirs = _root_and_path(other)
        return int.__gt__(self, other) if theirs is None else (int(self), self._path) > theirs

    def __ge__(self, other: int) -> bool:
        theirs = _root_and_path(other)
        return int.__ge__(self, other) if theirs is None else (int(self), self._path) >= theirs

    # As what is equal to it as an int has to have the hash of that.
    __hash__ = int.__hash__

    def __repr__(self) -> str:
        return repr((int(self), *self._path)) if self._path else int.__repr__(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """A field of a model takes a number, or a list of the number and the items."""
        from pydantic_core import core_schema

        whole = core_schema.no_info_after_validator_function(cls, core_schema.int_schema())
        of_item = core_schema.no_info_after_validator_function(_of_list, core_schema.list_schema(min_length=1))
        return core_schema.json_or_python_schema(
            core_schema.union_schema([whole, of_item]),
            core_schema.union_schema([core_schema.is_instance_schema(cls), whole, of_item]),
            serialization=core_schema.plain_serializer_function_ser_schema(_as_plain),
        )


def _root_and_path(other: object) -> tuple[int, tuple[tuple[str, int], ...]] | None:
    """The number and the items of an epoch, of this package or of the public one; None for what is none."""
    if isinstance(other, Epoch):
        return int(other), other._path
    kind = type(other)
    if kind.__name__ == "Epoch" and kind.__module__.partition(".")[0] == "noob_core":
        (_, root), *path = cast("Iterable[tuple[str, int]]", other)
        return root, tuple(path)
    return None


def _of_list(root_and_path: list[Any]) -> Epoch:
    return Epoch(root_and_path[0], root_and_path[1:])


def _as_plain(epoch: Epoch) -> int | list[Any]:
    return int(epoch) if epoch.is_root else [int(epoch), *epoch._path]


class Event(TypedDict):
    """A value on its way: what callbacks and `EventMap` parameters receive.

    Example:
        >>> runner.add_callback(lambda event: print(event["node_id"], event["signal"], event["value"]))
    """

    id: int
    """Counts the events of a run, from 0."""
    timestamp: datetime
    """When it was emitted, in UTC."""
    node_id: str
    """Who emitted it; `meta` for the end of an epoch, `input` or `assets` for theirs."""
    signal: str
    epoch: Epoch
    value: Any


MetaEvent = Event
"""The event that ends an epoch: its `node_id` is `meta`, its `signal` `EpochEnded`."""

_Value = TypeVar("_Value")

NoEventable: TypeAlias = _Value | Event | Literal[MetaSignal.NoEvent]
"""The type of a signal that may not be emitted, `NoEventable[int]`: a value, an event of one's own, or `NoEvent`."""

EventMap = dict[str, Event]
"""The events behind a node's slots, by slot. A parameter annotated `EventMap` gets it.

Example:
    >>> def age(frame: bytes, events: EventMap) -> timedelta:
    ...     return datetime.now(UTC) - events["frame"]["timestamp"]
"""

EPOCH_ENDED: Final[Literal["EpochEnded"]] = "EpochEnded"
"""The signal of the `meta` event that ends each epoch."""
