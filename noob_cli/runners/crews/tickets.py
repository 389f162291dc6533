"""What a crew of processes is to do: an epoch on a ticket, and how many of them go together."""

from __future__ import annotations

from typing import Final

from noob_cli.runners.crews.crew import Failed, Underway
from noob_cli.runners.crews.travelling import SentFailed
from noob_cli.runners.crews.wire import Parcel, unpacked

SECONDS_AT_ONCE: Final = 0.01
"""For how long a worker works at what it gets at once: then the way there and back is next to nothing."""

_SECONDS_AHEAD: Final = 0.05
"""For how long each has something to do at the most, unless that is a single epoch or two."""

_MOST_AHEAD: Final = 1000
"""For how many epochs at the most."""

MOST_BYTES: Final = 1 << 26
"""How many bytes may be under way."""


class Ticket:
    """An epoch that is to be done.

    Attributes:
        region: The number of the stage.
        number: The number of the epoch.
        failed: Why it has failed before.
        parcel: The epoch, as it is or packed.
        size: How many bytes that are.
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
        size: int,
        interruptions: int,
    ) -> None:
        self.region = region
        self.number = number
        self.failed = failed
        self.parcel = parcel
        self.size = size
        self.answer: Underway | Parcel | SentFailed | Failed | None = None
        self.interruptions = interruptions
        self.is_over = False

    @property
    def epoch(self) -> Underway:
        """The epoch as it was handed over."""
        if type(self.parcel) is tuple:
            return self.parcel  # type: ignore[return-value]
        epoch: Underway = unpacked(self.parcel)  # type: ignore[arg-type]
        return epoch


class Pace:
    """How fast processes are.

    Args:
        workers: How many there are.
        ahead: How many epochs may be under way; None for as many as keep them at work for a while.
    """

    def __init__(self, workers: int, ahead: int | None) -> None:
        self.workers = workers
        self.ahead = ahead or 2 * workers + 2
        self.interruptions = 0
        """How often they have been interrupted."""
        self._is_given = ahead is not None
        self._seconds: dict[int, float] = {}
        """How long an epoch takes, for each region."""
        self._bytes: dict[int, float] = {}
        """How many bytes come of it."""

    def of(self, ticket: Ticket) -> float:
        """How many seconds an epoch is expected to take; what is not known yet, so long that it is done by itself."""
        return self._seconds.get(ticket.region, SECONDS_AT_ONCE)

    def note(self, region: int, epochs: int, seconds: float, size: int) -> None:
        """Note how many epochs of a region have been done, how long they took, and how many bytes came of them."""
        for known, seen in ((self._seconds, seconds / epochs), (self._bytes, size / epochs)):
            known[region] = (known.get(region, seen) + seen) / 2
        if not self._is_given:
            wanted = int(_SECONDS_AHEAD / sum(self._seconds.values()))
            fitting = int(MOST_BYTES / (1 + sum(self._bytes.values())))
            self.ahead = min(self.workers * min(max(wanted, 2), _MOST_AHEAD) + 2, max(fitting, 1))
