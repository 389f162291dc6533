"""How fast processes are: how many epochs may be under way, and how many go to one of them at once."""

from __future__ import annotations

import sys
from collections import Counter
from math import ceil
from threading import Lock
from typing import Final

from noob_cli.runners.crews.batches import Batch
from noob_cli.runners.crews.crew import MOST_BYTES
from noob_cli.runners.crews.lightness import Lightness

_SECONDS_AT_ONCE: Final = 0.01
"""For how long a process works at what it gets at once: then the way there and back is next to nothing."""

_TOO_LITTLE: Final = 0.1
"""Which part of that is not worth being shared out among several."""

_ENOUGH: Final = 100
"""How many epochs have been done when it is known that they take so little: the first ones may be the shortest."""

_SECONDS_AHEAD: Final = 0.05
"""For how long each process has something to do."""

_MOST_AHEAD: Final = 1000
"""For how many epochs at the most."""


class Pace:
    """How fast processes are.

    Args:
        workers: How many there are.
        ahead: How many epochs may be under way; None for as many as keep them at work for a while.
        at_once: For how many seconds a worker works at what it gets at once.
        in_store: For how many seconds each has something to do at the most, unless that is a single epoch or two.
    """

    def __init__(
        self, workers: int, ahead: int | None, at_once: float = _SECONDS_AT_ONCE, in_store: float = _SECONDS_AHEAD
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
        self._done: Counter[int] = Counter()
        """How many have been done, for each region."""
        self._bytes: dict[int, float] = {}
        """How many bytes come of it."""

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        return self._ahead if self._held < MOST_BYTES else 1

    def is_given_up(self, batch: Batch) -> bool:
        """Whether they have been interrupted since a batch was taken."""
        return self.interruptions > batch.interruptions

    def hold(self, size: int) -> None:
        """Note that so many bytes more are under way, or less. Any thread may call it.

        Args:
            size: How many.
        """
        if size:
            with self._weighing:
                self._held += size

    def together(self, region: int, waiting: int) -> int:
        """How many epochs of a region are done together: never so many that others have nothing to do for long.

        What takes so long that it is not known yet is done by itself.

        Args:
            region: The number of the stage.
            waiting: How many there are.
        """
        fair = 1 + (waiting - 1) // self.workers
        seconds = self._seconds.get(region, self._at_once)
        fitting = ceil(self._at_once / seconds)
        small = int(fitting * _TOO_LITTLE) if self._done[region] >= _ENOUGH else 0
        return min(max(fair, small), waiting, fitting)

    def note(self, region: int, epochs: int, seconds: float, size: int) -> None:
        """Note how many epochs of a region have been done, how long they took, and how many bytes came of them."""
        self._done[region] += epochs
        for known, seen in ((self._seconds, seconds / epochs), (self._bytes, size / epochs)):
            known[region] = (known.get(region, seen) + seen) / 2
        if self.lightness is not None:
            self.lightness.note(region, epochs, seconds)
        if len(self._seconds) >= self.regions:
            wanted = int(self._in_store / sum(self._seconds.values()))
            fitting = int(MOST_BYTES / (1 + sum(self._bytes.values())))
            most = self._most or self.workers * min(max(wanted, 2), _MOST_AHEAD) + 2
            self._ahead = min(most, max(fitting, 1))
