"""A worker: does the regions of a plan with what there is one of for each worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from noob_cli.assets.lifetimes import Lifetimes, end_all
from noob_cli.codegen.runtime import NOT_BEGUN
from noob_cli.codegen.staging import Piece
from noob_cli.codegen.timing import Timer
from noob_cli.plan.place import Place
from noob_cli.plan.plan import OfAsset, OfCode, OfNode
from noob_cli.runners.arguments import params_of
from noob_cli.runners.binding import bound_to, owner_of
from noob_cli.runners.crews.crew import Failed, Job, Report, Underway
from noob_cli.runners.failure import Failure, Failures
from noob_cli.runners.hooks import Hooks
from noob_cli.runners.standing import Standing
from noob_cli.runners.starting import Starter, may_await
from noob_cli.runners.strand import Strand
from noob_cli.runners.timers import new_timers
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
        self.timers: dict[str, Timer] = {}
        """What the nodes have taken and emitted here, by name, if that is measured."""
        self._lifetimes = Lifetimes[Place]()
        self._strand = Strand(may_await(tube), needs_loop=False)
        self._failures = Failures(tube, self._strand)
        self._log: Callable[[str], object] = str
        self._starter = Starter(
            None, lambda: False, self._lifetimes, self._strand, self._failures.note_at_start, self._tell
        )
        self._regions: dict[int, Region] = {}

    def start(self, job: Job) -> Failed | None:
        """Begin to work at a plan, or go on with another.

        Args:
            job: What to work at.

        Returns:
            What could not be made; None if all could.
        """
        try:
            self._failures.unwrapped(self._start, job)
        except BaseException as error:
            return Failed(error, list(self._failures.last))
        return None

    def _start(self, job: Job) -> None:
        """Make what the regions take, and bind them to it."""
        plan, observers, starter = job.code.plan, job.observers, self._starter
        in_regions = [unit.step for stage in job.stages.stages for unit in stage.region]
        owned = set(plan.one_each(in_regions))
        wanted = {owner_of(plan.bindings[name]) for name in owned}
        starter.wants = lambda place: (place.kind, place.name) in wanted
        self._log = observers.log
        self._strand.do(starter.start_tube(self._tube, ()))
        hooks = Hooks(self._tube, job.code, Standing(), self._failures, observers, _go_on)
        bound = {**hooks.by_name, **stage_hooks(hooks.by_name, self._failures), "enter": starter.enter}
        self.timers |= new_timers(plan.timed - self.timers.keys())
        bound["timers"] = self.timers
        bound |= {"pause": self._strand.pause} if plan.awaits else {}
        for name, binding in plan.bindings.items():
            # Regions take nothing that there is one of for the whole run.
            if name in owned or not isinstance(binding, OfNode | OfAsset):
                bound[name] = bound_to(binding, self._tube, starter, job.rates)
                if self._around is not None and isinstance(binding, OfCode | OfNode):
                    bound[name] = self._around(bound[name])
        pieces = (Piece(job.stages, number, is_region=True) for number in job.stages.regions)
        self._regions = {piece.number: job.code.bind_region(bound, piece) for piece in pieces}

    def _tell(self, text: str) -> None:
        self._log(f"{threading.current_thread().name}: {text}")

    def do(self, number: int, epoch: Underway) -> Underway:
        """Do the region of a stage for an epoch.

        Args:
            number: The number of the stage.
            epoch: The epoch.
        """
        try:
            result: Underway = self._strand.call(self._regions[number], *epoch)
            return result
        except BaseException as error:
            # Who waits for it is told in any case.
            return epoch[0], NOT_BEGUN, Failed(error, []), (), ()

    def stop(self) -> Report:
        """End all that it has made, last made first."""
        failures: list[Failure] = []

        def note(error: BaseException, place: Place) -> BaseException:
            failures.append(Failure(error, place, None, {}, params_of(place, self._tube), while_ended=True))
            return error

        try:
            ends = end_all(self._lifetimes.take(), None, lambda place: self._tell(f"{place} was ended"), note)
            self._strand.do(ends)
        except BaseException as error:
            return Report(self.timers, Failed(error, failures))
        finally:
            self._strand.close()
        return Report(self.timers, None)


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

    return {"failed_at": failed_at}


def _go_on() -> None:
    """A nested tube can't end in a region."""
