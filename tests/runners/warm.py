"""A crew of processes that are there for one run after the other."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.runners.crews.crew import Report
from noob_cli.runners.crews.process import interrupted
from noob_cli.runners.crews.processes import Processes
from noob_cli.runners.urgency import Urgency


class Warm(Processes):
    """Does regions in processes that go on to the next run."""

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End what was made for the run."""
        # What somebody has taken, but not begun, is not begun any more.
        self._lines.give_up(interrupted())
        self._lines.clear()
        for process in self._processes:
            yield from map(self._received, process.reports())

    def close(self) -> None:
        """End the processes."""
        for _ in super().stop(Urgency.asked):
            pass
