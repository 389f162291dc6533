"""Teardown: all that lives as long as a run is ended, what its workers have made first, and last made first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import chain

from noob_cli.assets.context_managers import End
from noob_cli.assets.lifetimes import Lifetimes
from noob_cli.plan.place import Place
from noob_cli.raised import is_of
from noob_cli.runners.crews.crew import Crew, Report
from noob_cli.runners.failure import Failures
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.observers import Observers
from noob_cli.runners.setup import Setup
from noob_cli.runners.timers import Timers
from noob_cli.runners.urgency import Urgency


def tear_down(
    setup: Setup, lifetimes: Lifetimes[Place], failures: Failures, timers: Timers, error: BaseException | None
) -> None:
    """Stop the workers of a run, end all that it has made, and then its task and its event loop.

    Args:
        setup: The tube, and what the run is made with.
        lifetimes: What this process has to end.
        failures: Gets what fails.
        timers: Get what was measured in workers.
        error: The error that is under way.

    Raises:
        BaseException: What an end raised; a group if there is more than one error.
    """

    def say(place: Place) -> None:
        setup.observers.log(f"{place} was ended")

    failed: list[tuple[Place, End]] = []
    try:
        for report in () if setup.crew is None else _stopped(setup.crew, error):
            timers.add(report.timers)
            # What failed to end there is raised here once more, among what this process ends.
            for failure in () if report.failed is None else report.failed.failures:
                failed.append((failure.place, partial(_fail_again, failure.error)))
    finally:
        ending = failures.end_all(chain(failed, _told(lifetimes, setup.observers)), error, say, epoch=None)
        try:
            failures.unwrapped(setup.strand.do, ending)
        finally:
            setup.strand.close()
            timers.add_beside()


def _told(lifetimes: Lifetimes[Place], observers: Observers) -> Iterator[tuple[Place, End]]:
    """What is to be ended; who wants to know is told of an asset before its turn."""
    for place, end in lifetimes.take():
        if place.kind == "asset":
            observers.ending(place.name)
        yield place, end


def _stopped(crew: Crew, error: BaseException | None) -> Iterator[Report]:
    """What workers have to tell, which are stopped."""
    is_interrupted = error is not None and is_of(error, KeyboardInterrupt)
    # Who is interrupted waits for nobody; what has failed is told, whatever comes while the others end.
    urgency = Urgency.insisted if is_interrupted else Urgency.asked
    with suppress(*([] if error is None or is_interrupted else [Interrupted])):
        yield from crew.stop(max(error.urgency, urgency) if isinstance(error, Interrupted) else urgency)


def _fail_again(error: BaseException, *_: object) -> None:
    raise error
