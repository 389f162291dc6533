"""What a crew of processes is to do: an epoch on a ticket, and how many of them go together."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final

from noob_cli.named_tuple import NamedTuple
from noob_cli.runners.crews.crew import MOST_BYTES, Failed, Underway
from noob_cli.runners.crews.lightness import Lightness
from noob_cli.runners.crews.travelling import SentFailed
from noob_cli.runners.crews.wire import Parcel, unpacked

_SECONDS_AT_ONCE: Final = 0.01
"""For how long a process works at what it gets at once: then the way there and back is next to nothing."""

_SECONDS_AHEAD: Final = 0.05
"""For how long each process has something to do."""

_MOST_AHEAD: Final = 1000
"""For how many epochs at the most."""

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


Answer = Underway | Parcel | SentFailed | NotBegun | Died | Failed
"""What comes of an epoch."""


class Ticket:
    """An epoch that is to be done.

    Attributes:
        region: The number of the stage.
        number: The number of the epoch.
        failed: Why it has failed before.
        parcel: The epoch, as it is or packed.
        size: How many bytes that are, and what has come of it.
        answer: What has come of it: the epoch, as it is or packed, or why that could not be made again or be done; None
            if it has not been done yet.
        interruptions: How often the crew had been interrupted when it was written: what is done after that is wanted.
        is_over: Whether nobody waits for it any more.
    """

    __slots__ = ("answer", "failed", "interruptions", "is_over", "number", "parcel", "region", "size")

    def __init__(
        self,
        region: int,
        number: int,
        failed: Failed | None,
        parcel: Underway | Parcel,
        interruptions: int,
    ) -> None:
        self.region = region
        self.number = number
        self.failed = failed
        self.parcel = parcel
        self.size = 0
        self.answer: Answer | None = None
        self.interruptions = interruptions
        self.is_over = False

    @property
    def epoch(self) -> Underway:
        """The epoch as it was handed over."""
        if type(self.parcel) is tuple:
            return self.parcel  # type: ignore[return-value]
        epoch: Underway = unpacked(self.parcel)  # type: ignore[arg-type]
        return epoch


def forget(waiting: SimpleQueue[Ticket | None]) -> None:
    """Forget what nobody has begun."""
    with suppress(Empty):
        while True:
            waiting.get_nowait()


class Pace:
    """How fast processes are.

    Args:
        workers: How many there are.
        ahead: How many epochs may be under way; None for as many as keep them at work for a while.
        at_once: For how many seconds a worker works at what it gets at once.
        in_store: For how many seconds each has something to do at the most, unless that is a single epoch or two.
    """

    def __init__(
        self,
        workers: int,
        ahead: int | None,
        at_once: float = _SECONDS_AT_ONCE,
        in_store: float = _SECONDS_AHEAD,
    ) -> None:
        self.workers = workers
        self._at_once = at_once
        self._in_store = in_store
        self.regions = 1
        """How many regions each epoch comes to."""
        self._most = ahead
        self._ahead = min(ahead or sys.maxsize, 2 * workers + 2)
        """How many may be under way, as far as that is known: none is until an epoch has been through all regions."""
        self.lightness: Lightness | None = None
        """Gets how long epochs take."""
        self.interruptions = 0
        """How often they have been interrupted."""
        self._held = 0
        """How many bytes are under way."""
        self._weighing = Lock()
        self._seconds: dict[int, float] = {}
        """How long an epoch takes, for each region."""
        self._bytes: dict[int, float] = {}
        """How many bytes come of it."""

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        return self._ahead if self._held < MOST_BYTES else 1

    def weigh(self, ticket: Ticket, size: int) -> None:
        """Note how many bytes an epoch has now. Any thread may call it.

        Args:
            ticket: The epoch.
            size: How many: none, when it is not under way any more.
        """
        with self._weighing:
            self._held += size - ticket.size
            ticket.size = size

    def is_given_up(self, ticket: Ticket) -> bool:
        """Whether they have been interrupted since an epoch was handed over."""
        return self.interruptions > ticket.interruptions

    def of(self, ticket: Ticket) -> float:
        """How many seconds an epoch is expected to take; what is not known yet, so long that it is done by itself."""
        return self._seconds.get(ticket.region, self._at_once)

    def together(self, first: Ticket, waiting: SimpleQueue[Ticket | None], most_bytes: int) -> Iterator[Ticket]:
        """What is done together with an epoch, if it is there: never so much that others have nothing to do.

        Args:
            first: The epoch.
            waiting: What is there.
            most_bytes: How many bytes they may have together.
        """
        region, take = first.region, waiting.get_nowait
        each = self.of(first)
        seconds, size = each, first.size
        for _ in range(waiting.qsize() // self.workers):
            if seconds >= self._at_once or size >= most_bytes:
                return
            try:
                ticket = take()
            except Empty:
                return
            if ticket is None:
                waiting.put(None)
                return
            yield ticket
            seconds += each if ticket.region == region else self.of(ticket)
            size += ticket.size

    def note(self, region: int, epochs: int, seconds: float, size: int) -> None:
        """Note how many epochs of a region have been done, how long they took, and how many bytes came of them."""
        for known, seen in ((self._seconds, seconds / epochs), (self._bytes, size / epochs)):
            known[region] = (known.get(region, seen) + seen) / 2
        if self.lightness is not None:
            self.lightness.note(region, epochs, seconds)
        if len(self._seconds) >= self.regions:
            wanted = int(self._in_store / sum(self._seconds.values()))
            fitting = int(MOST_BYTES / (1 + sum(self._bytes.values())))
            most = self._most or self.workers * min(max(wanted, 2), _MOST_AHEAD) + 2
            self._ahead = min(most, max(fitting, 1))
