"""What the generated code calls, besides the nodes themselves."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, islice, repeat
from time import sleep
from typing import Any

from noob_cli.assets.lifetimes import close
from noob_cli.errors import CarryError, SignalError, UndoError
from noob_cli.events import EndOfRun, Epoch, Event, EventMap, NoEvent
from noob_cli.nodes.own_events import by_signal, taken_out
from noob_cli.raised import describe, is_failure

ENDED = object()
"""What `process` returns if the tube has ended."""

ATOMIC = frozenset({int, float, complex, bool, str, bytes, type(None), type(NoEvent)})
"""Types whose objects can't change, which need no copy."""


SILENT = repeat(NoEvent)
"""What a source that has ended gives."""


class Ending:
    """What comes behind the values of a source: then it has ended.

    Attributes:
        has_come: Whether the source has nothing more to give.
    """

    has_come = False

    def __iter__(self) -> Ending:
        return self

    def __next__(self) -> Any:
        self.has_come = True
        raise StopIteration


def values_of(
    source: Iterator[Any], limit: int | None, ending: Ending, counted: Iterator[bool] | None = None
) -> Iterator[Any]:
    """The values of a source, so many or all, and behind the last of them its ending.

    Args:
        source: The source.
        limit: How many.
        ending: What comes behind them.
        counted: The counter that counts them; None if they are counted otherwise.
    """
    values = chain(source if counted is None else compress(source, counted), ending)
    return values if limit is None else islice(values, limit)


def end_later(name: str, ended: list[str]) -> Any:
    """Note that a node ends its tube: that counts when its epoch, or its item, has its turn in the order.

    Args:
        name: The node.
        ended: What is noted.
    """
    ended.append(name)
    return NoEvent


def exhaust(values: Iterator[Any]) -> int:
    """Exhaust the iterator that a loop goes through, so that it ends with the item under way.

    Returns:
        How many there were left.
    """
    return sum(1 for _ in values)


WHOLE = sys.maxsize
"""Where an epoch on its way through stages has failed, if it has not."""

NOT_BEGUN = -1
"""The same if its record was refused, or a source has failed."""


NOT_YET = object()
"""What stands for the record of an epoch that may not begin yet."""


def times(limit: int | None) -> Iterator[None]:
    """So many times, or without end."""
    return repeat(None) if limit is None else repeat(None, limit)


def several(values: Any, expected: int) -> Sequence[Any]:
    """The values of a node with several signals.

    Raises:
        SignalError: It is not a tuple, or a list, with one value per signal.
    """
    if not isinstance(values, tuple | list):
        raise SignalError(f"expected a tuple of {expected} values, one per signal, found {type(values).__name__}")
    if len(values) != expected:
        raise SignalError(
            f"expected a tuple of {expected} values, one per signal, found a {type(values).__name__} of {len(values)}"
        )
    return values


def copied(value: Any, asset: str, signal: str, receiver: str | None) -> Any:
    """A deep copy of a value that is to be stored in an asset while somebody else gets the same object.

    Args:
        value: The value.
        asset: The asset.
        signal: The signal that is stored in it.
        receiver: Who gets the same object. None for the source that has made it and may fill it again: what can't be
            copied is stored as it is then.

    Raises:
        CarryError: It can't be copied.
    """
    try:
        return copy.deepcopy(value)
    except BaseException as error:
        if not is_failure(error):
            raise
        if receiver is None:
            return value
        raise CarryError(
            f"the asset '{asset}' stores '{signal}', and {receiver} gets the same object afterwards, so that a "
            f"copy has to be stored; but a {type(value).__name__} can't be copied ({describe(error)}). "
            f"Let the storing node run last, or emit a new object on '{signal}'"
        ) from error


def copied_whole(value: Any, asset: str, copies: dict[int, Any]) -> Any:
    """A deep copy of what a carried asset holds.

    Args:
        value: What it holds.
        asset: The asset.
        copies: What has been copied already, so that what is shared stays shared.

    Raises:
        UndoError: It can't be copied.
    """
    if type(value) in ATOMIC:
        return value
    try:
        return copy.deepcopy(value, copies)
    except BaseException as error:
        if not is_failure(error):
            raise
        raise UndoError(
            f"the asset '{asset}' is carried, and has to be as it was if an epoch fails, so that a copy is made before "
            f"each; but a {type(value).__name__} can't be copied ({describe(error)}). Give it a "
            "'__deepcopy__', don't carry it, or let the run stop at the first failed epoch"
        ) from error


def discard(started: Iterable[tuple[str, Any]]) -> None:
    """Close coroutines that will not be awaited, since another could not even be made."""
    for _, coroutine in started:
        coroutine.close()


def present(values: dict[str, Any]) -> Any:
    """The values that were emitted; `NoEvent` if none was."""
    return {key: value for key, value in values.items() if value is not NoEvent} or NoEvent


def iterable(value: Any) -> Any:
    """A value that a gather is going to join with others.

    Raises:
        TypeError: It can't be gone through.
    """
    try:
        iter(value)
    except TypeError:
        raise TypeError(f"'flatten' joins what can be gone through, one level, found {type(value).__name__}") from None
    return value


def flattened(values: Iterable[Any]) -> list[Any]:
    """The items of what is in a list, joined one level."""
    return [item for value in values for item in value]


class _BySlot(dict[str, Event]):
    """The events behind the slots of a node; what stands for a slot by its position may ask by that, too.

    Args:
        events: The events, by slot.
        positions: The slots that are given by position, in order.
    """

    def __init__(self, events: Mapping[str, Event], positions: tuple[str, ...]) -> None:
        super().__init__(events)
        self._positions = positions

    def __missing__(self, key: Any) -> Event:
        if isinstance(key, int) and 0 <= key < len(self._positions):
            return self[self._positions[key]]
        raise KeyError(key)


def events(of_slots: Iterable[tuple[str, Event | Any]], positions: tuple[str, ...] = ()) -> EventMap:
    """The events behind the slots of a node, without those that got none."""
    by_slot = {slot: event for slot, event in of_slots if event is not NoEvent}
    return _BySlot(by_slot, positions) if positions else by_slot


RUNTIME: dict[str, Any] = {
    "EndOfRun": EndOfRun,
    "Epoch": Epoch,
    "close": close,
    "by_signal": by_signal,
    "copied": copied,
    "copied_whole": copied_whole,
    "discard": discard,
    "Ending": Ending,
    "end_later": end_later,
    "exhaust": exhaust,
    "ATOMIC": ATOMIC,
    "ENDED": ENDED,
    "SILENT": SILENT,
    "events": events,
    "flattened": flattened,
    "iterable": iterable,
    "present": present,
    "pause": sleep,
    "several": several,
    "taken_out": taken_out,
    "times": times,
    "WHOLE": WHOLE,
    "NOT_BEGUN": NOT_BEGUN,
    "NOT_YET": NOT_YET,
    "values_of": values_of,
}
"""What the names in the generated code stand for, besides those that a plan binds and the hooks of the runner."""
