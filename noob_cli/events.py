"""What travels through a tube: epochs, events, and the signal that says there is none."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, TypedDict


class MetaSignal(StrEnum):
    """Values that say something about a signal instead of being one.

    `NoEvent`, returned in a signal's place, means that nothing is emitted there in this epoch.
    """

    NoEvent = "__META__NoEvent"


NoEvent: Final = MetaSignal.NoEvent
"""What a node returns to emit nothing: `None` is a value like any other, this is not."""


class Epoch(int):
    """The number of a pass through the tube, from 0. A parameter annotated `Epoch` gets the current one."""


class Event(TypedDict):
    """A value on its way: what callbacks and `EventMap` parameters receive."""

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
"""The events behind a node's slots, by slot. A parameter annotated `EventMap` gets it."""

EPOCH_ENDED: Final[Literal["EpochEnded"]] = "EpochEnded"
"""The signal of the `meta` event that ends each epoch."""
