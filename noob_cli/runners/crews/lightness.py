"""Work that takes so little time that to do it for several epochs at once can only take longer."""

from __future__ import annotations

from collections import defaultdict
from itertools import repeat
from typing import Final

from noob_cli.runners.crews.crew import Job

_SECONDS: Final = 20e-6
"""How little that is, for an epoch."""

_EPOCHS: Final = 100
"""After how many epochs it is said."""


class Lightness:
    """Says once how little time it takes what is done at once, if that is very little.

    Args:
        job: What is worked at.
    """

    def __init__(self, job: Job) -> None:
        self.is_known = False
        """Whether it has been looked at."""
        self._observers = job.observers
        self._regions = len(job.stages.regions)
        self._seen: defaultdict[int, list[float]] = defaultdict(list)

    def note(self, region: int, epochs: int, seconds: float) -> None:
        """Note how long epochs have taken in a region. Any thread may call it.

        Args:
            region: The number of the stage.
            epochs: How many there were.
            seconds: How long they took together.
        """
        if self.is_known:
            return
        self._seen[region] += repeat(seconds / epochs, epochs)
        if len(self._seen) == self._regions and min(map(len, self._seen.values())) >= _EPOCHS:
            self.is_known = True
            # Some may have taken longer, the first above all.
            self._say(sum(sorted(seen)[len(seen) // 2] for seen in self._seen.values()))

    def _say(self, seconds: float) -> None:
        if seconds < _SECONDS and self._observers.is_new("light work"):
            self._observers.log(
                f"what is done for several epochs at once takes {seconds * 1e6:.1f} microseconds per epoch: one epoch "
                "after the other ('--runner sync') is faster"
            )
