"""What travels through a tube: epochs, events, and the signal that says there is none."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, TypedDict


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


class Epoch(int):
    """The number of a pass through the tube, from 0. A parameter annotated `Epoch` gets the current one.

    In a nested tube it counts the calls of that tube.

    Example:
        >>> def label(value: float, epoch: Epoch) -> str:
        ...     return f"{epoch}: {value}"
    """


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


EventMap = dict[str, Event]
"""The events behind a node's slots, by slot. A parameter annotated `EventMap` gets it.

Example:
    >>> def age(frame: bytes, events: EventMap) -> timedelta:
    ...     return datetime.now(UTC) - events["frame"]["timestamp"]
"""

EPOCH_ENDED: Final[Literal["EpochEnded"]] = "EpochEnded"
"""The signal of the `meta` event that ends each epoch."""
