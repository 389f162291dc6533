"""A worker: does the regions of a plan with what there is one of for each worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from noob_cli.assets.lifetimes import Lifetimes
from noob_cli.codegen.runtime import NOT_BEGUN
from noob_cli.codegen.staging import Piece
from noob_cli.codegen.timing import Timer
from noob_cli.events import NoEvent
from noob_cli.plan.place import Place
from noob_cli.plan.plan import OfAsset, OfCode, OfNode
from noob_cli.runners.binding import bound_to
from noob_cli.runners.crews.crew import Failed, Job, Report, Underway
from noob_cli.runners.failure import Failures
from noob_cli.runners.hooks import Hooks
from noob_cli.runners.standing import Standing
from noob_cli.runners.starting import Starter, may_await
from noob_cli.runners.strand import Strand
from noob_cli.tube import Tube

Region = Callable[..., Underway]
"""Does a region for one epoch."""


class Worker:
    """Does the regions of a plan in one thread: it has its own failures, timers, and bindings.

    Args:
        tube: The tube.
        around: What is put around each function that a node calls.
    """

    def __init__(self, tube: Tube, around: Callable[[Any], Any] | None = None) -> None:
        self._tube = tube
        self._around = around
        self._timers: dict[str, Timer] = {}
        self._lifetimes = Lifetimes[Place]()
        self._strand = Strand(may_await(tube), needs_loop=False)
        self._failures = Failures(tube, self._strand)
        self._regions: dict[int, Region] = {}

    def start(self, job: Job) -> Failed | None:
        """Begin to work at a plan, or go on with another.

        Args:
            job: What to work at.

        Returns:
            What could not be made; None if all could.
        """
        observers = job.observers
        starter = Starter(
            None, lambda: False, self._lifetimes, self._strand, self._failures.note_at_start, observers.log
        )
        hooks = Hooks(self._tube, job.code, Standing(), self._failures, observers, _go_on)
        bound = {**hooks.by_name, **stage_hooks(hooks.by_name, self._failures), "enter": starter.enter}
        plan = job.code.plan
        for name in plan.timed - self._timers.keys():
            self._timers[name] = Timer()
        bound["timers"] = self._timers
        for name, binding in plan.bindings.items():
            # Regions take nothing that there is one of for the whole run.
            if not isinstance(binding, OfNode | OfAsset):
                bound[name] = bound_to(binding, self._tube, starter)
                if self._around is not None and isinstance(binding, OfCode):
                    bound[name] = self._around(bound[name])
        pieces = (Piece(job.stages, number, is_region=True) for number in range(1, len(job.stages.stages)))
        self._regions = {piece.number: job.code.bind_region(bound, piece) for piece in pieces}
        return None

    def do(self, number: int, epoch: Underway) -> Underway:
        """Do the region of a stage for an epoch.

        Args:
            number: The number of the stage.
            epoch: The epoch.
        """
        try:
            return self._regions[number](*epoch)
        except BaseException as error:
            # Who waits for it is told in any case.
            return epoch[0], NOT_BEGUN, Failed(error, []), (), ()

    def stop(self) -> Report:
        """End all that it has made."""
        return Report(self._timers, None)


def stage_hooks(by_name: Mapping[str, Any], failures: Failures) -> dict[str, Any]:
    """What the code of stages calls back, besides what the code of a plan calls otherwise.

    Args:
        by_name: What it calls otherwise.
        failures: Gets what has failed.
    """

    def failed_at(error: BaseException, epoch: int, known: Failed | None) -> Failed:
        if known is not None:
            return known
        try:
            by_name["failed"](error, epoch)
        except Exception as wrong:
            return Failed(wrong, [])
        return Failed(error, list(failures.last))

    return {"failed_at": failed_at, "end_later": _end_later}


def _end_later(name: str, ended: list[str]) -> Any:
    """Note that a node ends its tube: it does when the epoch is delivered."""
    ended.append(name)
    return NoEvent


def _go_on() -> None:
    """A nested tube can't end in a region."""
