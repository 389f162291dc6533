"""Teardown: all that lives as long as a run is ended, what its workers have made first, and last made first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial

from noob_cli.assets.context_managers import End
from noob_cli.assets.lifetimes import Lifetimes
from noob_cli.plan.place import Place
from noob_cli.raised import is_of
from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.failure import Failures
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.setup import Setup
from noob_cli.runners.timers import Timers
from noob_cli.runners.urgency import Urgency


class Teardown:
    """Ends what a run has made.

    Args:
        setup: The tube, and what the run is made with.
        lifetimes: What this process has to end.
        failures: Gets what fails.
        timers: Get what was measured in workers.
    """

    def __init__(self, setup: Setup, lifetimes: Lifetimes[Place], failures: Failures, timers: Timers) -> None:
        self._crew = setup.crew
        self._strand = setup.strand
        self._observers = setup.observers
        self._lifetimes = lifetimes
        self._failures = failures
        self._timers = timers

    def end(self, error: BaseException | None) -> None:
        """Stop the workers, end all that was made, and then the task and the event loop of the run.

        Args:
            error: The error that is under way.

        Raises:
            BaseException: What an end raised; a group if there is more than one error.
        """

        def say(place: Place) -> None:
            self._observers.log(f"{place} was ended")

        failed: list[tuple[Place, End]] = []
        try:
            if self._crew is not None:
                self._stop_crew(self._crew, error, failed)
        finally:
            ending = self._failures.end_all(self._ends(failed), error, say, epoch=None)
            try:
                self._failures.unwrapped(self._strand.do, ending)
            finally:
                self._strand.close()
                self._timers.add_beside()

    def _ends(self, failed: Iterable[tuple[Place, End]]) -> Iterator[tuple[Place, End]]:
        """What is to be ended; who wants to know is told of an asset before its turn."""
        yield from failed
        for place, end in self._lifetimes.take():
            if place.kind == "asset":
                self._observers.ending(place.name)
            yield place, end

    def _stop_crew(self, crew: Crew, error: BaseException | None, failed: list[tuple[Place, End]]) -> None:
        """Stop the workers. What failed to end there is raised here once more, among what this process ends."""
        is_interrupted = error is not None and is_of(error, KeyboardInterrupt)
        # Who is interrupted waits for nobody; what has failed is told, whatever comes while the others end.
        urgency = Urgency.insisted if is_interrupted else Urgency.asked
        with suppress(*([] if error is None or is_interrupted else [Interrupted])):
            for report in crew.stop(max(error.urgency, urgency) if isinstance(error, Interrupted) else urgency):
                self._timers.add(report.timers)
                for failure in () if report.failed is None else report.failed.failures:
                    failed.append((failure.place, partial(_fail_again, failure.error)))


def _fail_again(error: BaseException, *_: object) -> None:
    raise error
