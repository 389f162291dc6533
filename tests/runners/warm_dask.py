"""A Dask cluster in this process that is there for one run after the other."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.runners.crews.crew import Report
from noob_cli.runners.crews.dask import Dask
from noob_cli.runners.urgency import Urgency


class WarmDask(Dask):
    """Does regions on a cluster that goes on to the next run."""

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End what was made for the run."""
        self._lines.clear()
        if self._loop is not None:
            yield from map(self._received, self._loop.do(self._reports(urgency)))

    def close(self) -> None:
        """End the cluster."""
        for _ in super().stop(Urgency.asked):
            pass
