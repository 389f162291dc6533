"""A crew of nobody: each region is done where the epochs are in order, one epoch after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from noob_cli.codegen.timing import Timer
from noob_cli.plan.place import Place
from noob_cli.runners.crews.crew import Failed, Job, OnTheirWay, Report
from noob_cli.runners.urgency import Urgency
from noob_cli.runners.worker import Worker


class InLine:
    """Does a region for an epoch when that is asked for."""

    ahead = 1
    """How many epochs may be under way."""

    workers = 1
    """How many epochs, or chunks of items, are done at the same time."""

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._worker = self._worker or Worker(job.tube)
        return self._worker.start(job)

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        """Do the region of a stage for all epochs."""
        assert self._worker is not None
        do = self._worker.do
        return (None if epoch is None else do(number, epoch) for epoch in epochs)

    def wait(self, seconds: float | None) -> None:
        """There is nothing to wait for."""

    def interrupt(self, urgency: Urgency) -> bool:
        """Nobody works by himself."""
        return False

    def at_work(self) -> tuple[Place, ...]:
        """Nobody works by himself."""
        return ()

    def makes_something(self) -> bool:
        """Nobody works by himself."""
        return False

    def measured(self) -> list[Mapping[str, Timer]]:
        """What the nodes have taken and emitted so far."""
        return [] if self._worker is None else [self._worker.timers]

    def stop(self, urgency: Urgency) -> Iterable[Report]:
        """End what was made."""
        worker, self._worker = self._worker, None
        return [] if worker is None else [worker.stop()]
