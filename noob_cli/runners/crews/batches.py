"""Epochs that are done together by another process, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, Final

from noob_cli.codegen.runtime import WHOLE
from noob_cli.named_tuple import NamedTuple
from noob_cli.runners.crews.crew import Failed, Underway
from noob_cli.runners.crews.travelling import SentFailed
from noob_cli.runners.crews.wire import Parcel, unpacked

TRIES: Final = 3
"""How often an epoch is begun at which workers die."""


class Died(NamedTuple):
    """Workers have died, as often as is tried.

    Args:
        how: How the last of them has, in words.
        times: How many have.
    """

    how: str
    times: int = TRIES


class NotBegun(NamedTuple):
    """A worker could not begin to work.

    Args:
        why: What could not be made there, or that workers have died of it.
        where: The machine that it is on, if that is another one.
    """

    why: SentFailed | Died
    where: str | None = None


Values = tuple[Any, ...]
"""The values of an epoch that has not failed, and of which nothing is noted, if they need not be packed."""

Answer = Values | Parcel | SentFailed | NotBegun | Died | Failed
"""What comes of an epoch: its values, or the epoch packed, or why that could not be made again, or be done."""


class Packed(NamedTuple):
    """An epoch that has been packed, since its values are large, or may change.

    Args:
        number: Its number.
        parcel: The epoch.
        size: How many bytes that are.
        failed: Why it has failed before.
    """

    number: int
    parcel: Parcel
    size: int
    failed: Failed | None


Entry = Underway | Packed
"""An epoch that is to be done, as it is or packed."""


def epoch_of(entry: Entry) -> Underway:
    """An epoch as it was handed over.

    Args:
        entry: What it was handed over as.
    """
    epoch: Underway = unpacked(entry.parcel) if isinstance(entry, Packed) else entry
    return epoch


class Columns(NamedTuple):
    """Epochs on their way that have not failed, and of which nothing is noted, with values that need not be packed.

    Args:
        numbers: Their numbers.
        values: The values of each.
    """

    numbers: Iterable[int]
    values: Iterable[Values]

    def rows(self) -> Iterator[Underway]:
        """The epochs."""
        return zip(self.numbers, repeat(WHOLE), repeat(None), repeat(()), self.values, strict=False)


def without_failure(entry: Entry) -> Entry:
    """An epoch on its way: who does it doesn't ask why it has failed before.

    Args:
        entry: The epoch.
    """
    return entry._replace(failed=None) if isinstance(entry, Packed) else entry


class Batch:
    """Epochs of one region that somebody does together, one after the other.

    Args:
        region: The number of the stage.
        number: How many there are.
        interruptions: How often the crew had been interrupted when it was taken: what is taken after that is wanted.

    Attributes:
        entries: The epochs.
        answers: What has come of them, in order; None for those that have not been done.
        done: How many have been.
        given: How many of these have been passed on.
        is_over: Whether nobody waits for them any more.
    """

    __slots__ = ("answers", "done", "entries", "given", "interruptions", "is_over", "region")

    def __init__(self, region: int, number: int, interruptions: int) -> None:
        self.region = region
        self.entries: Sequence[Entry] = ()
        self.answers: list[Answer | None] = [None] * number
        self.done = self.given = 0
        self.interruptions = interruptions
        self.is_over = False

    @property
    def left(self) -> int:
        """How many have not been done."""
        return len(self.answers) - self.done

    def answer(self, answers: Sequence[Answer | None]) -> None:
        """Note what has come of the next."""
        self.answers[self.done : self.done + len(answers)] = answers
        self.done += len(answers)

    def answer_all(self, answer: Answer) -> None:
        """Note what has come of all that have not been done."""
        self.answer([answer] * self.left)

    def take_values(self) -> Iterator[Underway] | None:
        """Pass on what has been done, if values are all that has come of it; None if not."""
        done = self.done
        answers: Any = self.answers[self.given : done]
        if {*map(type, answers)} != {tuple}:
            return None
        numbers = map(itemgetter(0), self.entries[self.given : done])
        self.given = done
        return Columns(numbers, answers).rows()

    def parcels(self, number: int) -> Sequence[Any] | Columns:
        """The next, as they are sent.

        Args:
            number: How many.
        """
        entries: Any = self.entries[self.done : self.done + number]
        if {*map(type, entries)} == {tuple}:
            numbers, _, _, notes, values = zip(*entries, strict=True)
            return entries if any(notes) else Columns(numbers, values)
        return [entry.parcel if isinstance(entry, Packed) else entry for entry in entries]
