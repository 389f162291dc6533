"""A run: what lives from its start to its end."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, copy_context
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from noob_cli.assets.context_managers import End
from noob_cli.assets.lifetimes import Lifetimes
from noob_cli.code.context import Runner
from noob_cli.codegen.compiled import CompiledPlan, Epochs
from noob_cli.codegen.runtime import ENDED
from noob_cli.codegen.staging import Piece
from noob_cli.codegen.timing import Timer
from noob_cli.collector import not_looked_for
from noob_cli.errors import RunnerBusyError
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.last_epochs import Flushing, last_epochs
from noob_cli.plan.lowering.context import Params
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.passes.passes import APART, PASSES
from noob_cli.plan.place import Place
from noob_cli.plan.plan import ASSET, EPOCH, GATHER, OVER, SOURCE, STORED_AT, Plan, StateKey
from noob_cli.plan.stages import Stages, partition
from noob_cli.raised import is_of
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.binding import (
    at_first,
    bound_to,
    may_be_several,
    note_finished,
    owner_of,
    refuse_uncopied,
)
from noob_cli.runners.crews.crew import Crew, Job
from noob_cli.runners.failure import Failures
from noob_cli.runners.hooks import Hooks
from noob_cli.runners.no_epoch import why_no_epoch
from noob_cli.runners.observers import Observers
from noob_cli.runners.staged import Backlog, Staged, why_in_order
from noob_cli.runners.standing import Standing
from noob_cli.runners.starting import Starter
from noob_cli.runners.strand import Strand
from noob_cli.runners.urgency import Urgency
from noob_cli.runners.worker import stage_hooks
from noob_cli.tube import Tube

if TYPE_CHECKING:
    # Only a run that awaits something pays for the import of asyncio.
    from noob_cli.runners.crews.coroutines import Coroutines


class _Compiled(NamedTuple):
    """What makes the epochs of a run.

    Args:
        code: The plan as code.
        bound: What the names in it stand for.
        stages: The stages in which they are made; None if each is made as a whole.
        epochs: Its functions, on the state of the run.
        staged: What makes them in stages.
    """

    code: CompiledPlan
    bound: Mapping[str, Any]
    stages: Stages | None
    epochs: Epochs
    staged: Staged | None


class Run:
    """A run: all that lives from its start to its end.

    Args:
        runner: What a node's `init` may ask for.
        tube: The tube.
        disabled: The nodes that don't run; may change during the run.
        is_stopping: Whether no more epochs are wanted.
        observers: Are told of what happens.
        strand: Does all that it does.
        undoing: Whether a failed epoch also undoes what was changed in place in carried assets.
        timing: Whether the calls of nodes are measured.
        crew: Does what keeps no state for several epochs at once; None if all is done in order.
        coroutines: For how many epochs at once coroutines that keep none are awaited; None if all is done in order.
    """

    def __init__(
        self,
        runner: Runner,
        tube: Tube,
        disabled: set[str],
        is_stopping: Callable[[], bool],
        observers: Observers,
        strand: Strand,
        *,
        undoing: bool = False,
        timing: bool = False,
        crew: Crew | None = None,
        coroutines: int | None = None,
    ) -> None:
        self._crew = crew
        self._coroutines = coroutines
        self._timers_beside: list[Mapping[str, Timer]] = []
        """What has measured epochs that are under way at the same time."""
        self._context: Context | None = None
        """What it has begun its epochs with, if those are to know it that are under way at the same time."""
        self._backlog = Backlog()
        self.is_open = False
        """Whether it has been started, and is not being ended."""
        self.is_stale = False
        """Whether the plan has to be made anew before the next epoch."""
        self.makes_last = False
        """Whether it only makes last epochs any more."""
        self.process: Callable[[Mapping[str, Any]], Any] = self._process_anew
        """Makes one epoch with the given inputs."""
        self.is_out_of_records = False
        """Whether the records that it has got have come to their end."""
        self.wanted: Callable[[], int] = _all
        """How many results are wanted at the most from now on: no more epochs are under way at once than that."""
        self.is_stopping = is_stopping
        """Whether no more epochs are wanted."""
        self.process_id = os.getpid()
        """The process that it belongs to."""
        self.timers: dict[str, Timer] = {}
        """What the nodes have taken and emitted, by name, if that is measured."""
        self._params: Params = {}
        self._tube = tube
        self._disabled = disabled
        self._observers = observers
        self._undoing = undoing
        self._timing = timing
        self._standing = Standing()
        self._lifetimes = Lifetimes[Place]()
        self._strand = strand
        self.failures = Failures(tube, self._strand)
        self.starter = Starter(
            runner, self._is_called_off, self._lifetimes, self._strand, self.failures.note_at_start, observers.log
        )
        """What it has made at its start."""
        self._here: set[tuple[str, str]] = set()
        """What there may be one of for each worker, and there is one of here: nodes and assets, by name."""
        if crew is not None:
            self.starter.wants = self._is_here
        self._compiled: _Compiled | None = None
        self._last: Iterator[Flushing] = iter(())
        self._last_at: int | None = None

    def start(self) -> None:
        """Make the runner-scoped assets and the nodes, and, unless it is called off meanwhile, what makes epochs.

        Raises:
            BaseException: What an asset or a node raised.
        """
        self.starter.assets.before_a_look = self._store_carried
        self.failures.unwrapped(self._strand.do, self.starter.start_tube(self._tube, self._disabled))
        if not self.is_stopping():
            self._bind()
            refuse_uncopied(self._plan.code.plan, self._standing.state, self.failures.note_at_start)
        self.is_open = True

    def _is_here(self, place: Place) -> bool:
        """Whether a node or an asset is started here, and not by each worker."""
        return (place.what, place.name) in self._here or not may_be_several(place, self._tube)

    def _is_called_off(self) -> bool:
        """Whether the run is to stop before it has been started."""
        return self.is_stopping() and not self.is_open

    def end(self, error: BaseException | None, is_stopped: bool) -> None:
        """End all that lives as long as the run, last made first.

        Args:
            error: The error that is under way.
            is_stopped: Whether the run was asked to stop.

        Raises:
            BaseException: What an end raised; a group if there is more than one error.
        """
        was_open, self.is_open = self.is_open, False
        # An iterator that is still around makes no further epoch.
        self.stop()
        if self._compiled is not None and self._compiled.staged is not None:
            self._compiled.staged.drop()
        self._standing.state = self.state
        self.starter.assets.freeze()
        try:
            self._end_all(error)
        finally:
            if was_open and error is None:
                self._warn_of_what_is_left()
                if not is_stopped and (why := self.why_no_epoch()) is not None:
                    self._observers.warn(f"no epoch was made: {why}")

    def _end_all(self, error: BaseException | None) -> None:
        def say(place: Place) -> None:
            self._observers.log(f"{place} was ended")

        failed: list[tuple[Place, End]] = []
        try:
            if self._crew is not None:
                self._stop_crew(self._crew, error, failed)
        finally:
            ending = self.failures.end_all([*failed, *self._lifetimes.take()], error, say, epoch=None)
            try:
                self.failures.unwrapped(self._strand.do, ending)
            finally:
                self._strand.close()
                for timers in self._timers_beside:
                    self._add(timers)

    def _stop_crew(self, crew: Crew, error: BaseException | None, failed: list[tuple[Place, End]]) -> None:
        """End the workers; what has failed to end there fails here again, to be told with all else."""
        is_interrupted = error is not None and is_of(error, KeyboardInterrupt)
        for report in crew.stop(Urgency.insisted if is_interrupted else Urgency.asked):
            self._add(report.timers)
            for failure in () if report.failed is None else report.failed.failures:
                failed.append((failure.place, partial(_fail_again, failure.error)))

    def _add(self, timers: Mapping[str, Timer]) -> None:
        """Add up what calls have taken that were made beside each other."""
        for name, timer in timers.items():
            self.timers[name].add(timer)

    def _warn_of_what_is_left(self) -> None:
        for (kind, name), values in self._standing.state.items():
            if kind == GATHER and values:
                count = "1 value" if len(values) == 1 else f"{len(values)} values"
                self._observers.warn(f"the node '{name}' has {count} left that it did not emit")

    # Where it stands

    def _settle(self) -> None:
        """Bring the epochs to their end that are under way."""
        if self._compiled is not None and self._compiled.staged is not None:
            self._compiled.staged.settle()

    @property
    def state(self) -> dict[StateKey, Any]:
        """What is kept from epoch to epoch."""
        state = self._standing.state
        return state if self._compiled is None else {**state, **self._compiled.epochs.save()}

    @property
    def epoch(self) -> int:
        """The number of the last epoch; -1 before the first."""
        return -1 if self._compiled is None else self._compiled.epochs.number()

    @property
    def has_ended(self) -> bool:
        """Whether the tube has come to its end, but for its last epochs."""
        return bool(self.state.get((OVER, ""))) and not self.behind

    @property
    def behind(self) -> int:
        """How many epochs have begun after the one that was delivered last."""
        return 0 if self._compiled is None or self._compiled.staged is None else self._compiled.staged.behind

    @property
    def workers_at_work(self) -> Collection[Place]:
        """The nodes and assets that other threads and processes are at work for."""
        return () if self._crew is None else self._crew.at_work()

    def interrupt_workers(self, urgency: Urgency) -> bool:
        """Interrupt what other threads and processes do.

        Args:
            urgency: How much it is wanted.

        Returns:
            Whether that can be done.
        """
        return self._crew is not None and self._crew.interrupt(urgency)

    def why_no_epoch(self) -> str | None:
        """Why the run has come to its end before the first epoch; None if it has not, or has made one."""
        state = self.state
        if self._compiled is None or state.get((EPOCH, ""), -1) >= 0:
            return None
        if not state.get((OVER, "")):
            return "no record was given" if self.is_out_of_records else None
        return why_no_epoch(self._compiled.code.plan.finish, self._standing.ended)

    def save(self) -> Standing:
        """Where it stands; the objects are those of the run itself."""
        self._settle()
        ended = {tube: set(names) for tube, names in self._standing.ended.items()}
        return Standing(dict(self.state), defaultdict(set, ended), self._standing.events)

    def restore(self, standing: Standing) -> None:
        """Go on from where a run has stood.

        Args:
            standing: What `save` gave; state that is not in it stays.
        """
        compiled = self._plan
        self._settle()
        self._standing.state = {**self.state, **standing.state}
        self._standing.ended.update(standing.ended)
        self._standing.events = standing.events
        self._use(compiled.code, compiled.bound, compiled.stages)

    def source(self, name: str) -> Iterator[Any] | AsyncIterator[Any]:
        """What an epoch draws from for a source that has been started: the source, measured where calls are.

        Args:
            name: The source.
        """
        source = self.starter.sources[name]
        if not self._timing:
            return source
        tube, node = tube_around(name, self._tube)
        signals = len(tube.graph.nodes[node].kind.interface.signals)
        timer = self.timers[name]
        return timer.drawing(source, signals) if isinstance(source, Iterator) else timer.drawing_async(source, signals)

    def _store_carried(self) -> None:
        """Write the carried values into the asset objects, where a look at an asset, or its end, finds them."""
        state = self.state
        for (kind, name), value in state.items():
            if kind == ASSET:
                asset = self.starter.assets.made[name]
                asset.obj, asset.stored_at = value, state[STORED_AT, name]

    # What makes its epochs

    @property
    def _plan(self) -> _Compiled:
        if self._compiled is None:
            raise RuntimeError("the runner was stopped before its first epoch")
        return self._compiled

    def current(self) -> Epochs:
        """The functions that make epochs, of a plan that is up to date."""
        compiled = self._plan
        if self.process == self._process_anew:
            self._settle()
            self._standing.state = self.state
            compiled = self._bind() if self.is_stale else self._use(compiled.code, compiled.bound, compiled.stages)
        return compiled.epochs

    def _process_first(self, inputs: Mapping[str, Any]) -> Any:
        # It is compiled only now; a call around each epoch would be much of what that takes.
        self.process = self._plan.epochs.process
        return self.process(inputs)

    def _process_anew(self, inputs: Mapping[str, Any]) -> Any:
        return ENDED if self.makes_last else self.current().process(inputs)

    @contextmanager
    def last(self) -> Iterator[Epochs | None]:
        """Makes the next of the last epochs; None if there is none."""
        if self._last_at != self.epoch:
            self._last = last_epochs(self._tube, self._disabled)
        self._last_at = self.epoch
        # Records may come to an end where the tube has none: what is called next goes on with it.
        self.makes_last = self.has_ended
        may_flush = self.is_open and not self.is_stopping()
        flushing = next(filter(self._holds_something, self._last), None) if may_flush else None
        if flushing is None:
            yield None
            return
        self._standing.state = self.state
        try:
            yield self._bind(flushing.node).epochs
        finally:
            self._last_at = self.epoch
            # What makes further epochs, if there are any, is another plan.
            self._outdate()

    def _holds_something(self, flushing: Flushing) -> bool:
        if flushing.node.partition(".")[0] in self._disabled:
            return False
        return not flushing.is_gather or bool(self.state.get((GATHER, flushing.node)))

    def change(self) -> None:
        """The plan has to be made anew; an epoch that is under way is finished as it began."""
        if self._compiled is not None:
            self.makes_last = False
            self._outdate()
            self.stop()

    def _outdate(self) -> None:
        self.is_stale, self.process = True, self._process_anew

    def pause(self) -> None:
        """Let the functions that make epochs return after the epoch that is under way; called again, they go on.

        Another thread may call it, too. Nothing happens if no epoch is under way.
        """
        self.process = self._process_anew
        self.stop()

    def stop(self) -> None:
        """Let the functions that make epochs return after the epoch that is under way."""
        if self._compiled is not None:
            self._compiled.epochs.stop()

    def _bind(self, flushing: str | None = None) -> _Compiled:
        """Compile the plan for the nodes that are enabled now, and go on from where the run stands.

        Args:
            flushing: For one of the last epochs, the node that is flushed in it.
        """
        self.failures.unwrapped(self._strand.do, self.starter.start_nodes(self._tube, self._disabled))
        plan, stages = self._lowered_in_stages(flushing)
        code = CompiledPlan(plan)
        for name in sorted(plan.timed - self.timers.keys()):
            self.timers[name] = Timer()
        hooks = Hooks(self._tube, code, self._standing, self.failures, self._observers, self._outdate)
        bound = hooks.by_name | {"enter": self.starter.enter, "known_inputs": plan.known_inputs, "timers": self.timers}
        left = self._left_to_workers(plan, stages)
        bound |= {
            name: bound_to(binding, self._tube, self.starter)
            for name, binding in plan.bindings.items()
            if name not in left
        }
        note_finished(plan, self._standing.ended)
        for state in plan.state:
            if state.key not in self._standing.state or state.key[0] == OVER:
                kind, name = state.key
                is_drawn = kind == SOURCE
                self._standing.state[state.key] = (
                    self.source(name) if is_drawn else at_first(state.key, plan, self.starter, self._standing.ended)
                )
        self.is_stale = False
        if stages is not None:
            bound |= stage_hooks(hooks.by_name, self.failures)
            self._begin_crew(Job(self._tube, code, stages, self._observers))
        return self._use(code, bound, stages)

    def _lowered_in_stages(self, flushing: str | None) -> tuple[Plan, Stages | None]:
        """The plan, with its stages if there is somebody who does several epochs at once, and something to do."""
        if (self._crew is None and self._coroutines is None) or flushing is not None:
            return self._lowered(tuple(PASSES), flushing), None
        plan = self._lowered(APART)
        stages = partition(plan)
        has_coroutines = self._coroutines is not None and self._strand.has_loop
        why = why_in_order(plan, stages, has_coroutines if plan.awaits else self._crew is not None)
        if why is None:
            return plan, stages
        if self._observers.is_new(why):
            self._observers.warn(f"the epochs of the tube '{self._tube.name}' are made one after the other: {why}")
        return self._lowered(tuple(PASSES)), None

    def _lowered(self, passes: Collection[str], flushing: str | None = None) -> Plan:
        with not_looked_for():
            return lower(
                self._tube,
                self._disabled,
                listening=bool(self._observers.callbacks),
                tracing=self._observers.is_tracing,
                undoing=self._undoing,
                timing=self._timing,
                ended=self._standing.ended,
                flushing=flushing,
                passes=passes,
                params=self._params,
            )

    def _left_to_workers(self, plan: Plan, stages: Stages | None) -> set[str]:
        """The names of what is not here, since only regions take it; what else takes is started."""
        if self._crew is None:
            return set()
        everywhere = set(plan.one_each([plan.body]))
        here = everywhere
        if stages is not None and not plan.awaits:
            here = set(plan.one_each(unit.step for stage in stages.stages for unit in stage.segment))
            here |= set() if plan.body.result is None else {plan.body.result.name} & everywhere
        self._here |= {owner_of(plan.bindings[name]) for name in here}
        self.failures.unwrapped(self._strand.do, self.starter.start_tube(self._tube, self._disabled))
        return everywhere - here

    def _begin_crew(self, job: Job) -> None:
        self._log_what_is_held_back(job.stages)
        if job.code.plan.awaits or self._crew is None:
            return
        failed = self._crew.start(job)
        if failed is not None:
            self.failures.last = failed.failures
            raise failed.error

    def _log_what_is_held_back(self, stages: Stages) -> None:
        held_back = dict.fromkeys(
            (str(unit.step.place), stage.held_back[unit.at])
            for stage in stages.stages
            for unit in stage.segment
            if unit.at in stage.held_back and unit.step.place is not None
        )
        for place, why in held_back:
            self._observers.log(f"{place} is done in the order of the epochs: {why}")

    def _use(self, code: CompiledPlan, bound: Mapping[str, Any], stages: Stages | None) -> _Compiled:
        """Make epochs with a plan, on the state that there is."""
        epochs, staged = code.bind(bound, self._standing.state), None
        if code.plan.awaits:
            epochs = self._strand.driving(epochs, are_awaited=True)
        if stages is not None or self._backlog.outcomes:
            crew = self._awaiting(code, bound, stages) if code.plan.awaits else self._crew
            end_of_run = bound["end_of_run"]
            staged = Staged(
                code.plan, stages, epochs, self.failures, crew, self._backlog, lambda: self.wanted(), end_of_run
            )
            epochs = staged.driven()
        if not code.plan.awaits:
            epochs = self._strand.driving(epochs, are_awaited=False)
        self._compiled = _Compiled(code, bound, stages, epochs, staged)
        self.process = self._process_first
        if self.is_stopping():
            epochs.stop()
        return self._compiled

    def _awaiting(self, code: CompiledPlan, bound: Mapping[str, Any], stages: Stages | None) -> Coroutines | None:
        """What awaits the regions of a plan."""
        if stages is None or self._coroutines is None:
            return None
        from noob_cli.runners.crews.coroutines import Coroutines

        def make_region(number: int) -> Any:
            failures = Failures(self._tube, self._strand)
            hooks = Hooks(self._tube, code, self._standing, failures, self._observers, self._outdate).by_name
            # The calls of an epoch are measured one after the other, those of several are not.
            timers = {name: Timer() for name in code.plan.timed}
            self._timers_beside.append(timers)
            own = {**hooks, **stage_hooks(hooks, failures), "timers": timers}
            return code.bind_region({**bound, **own}, Piece(stages, number, is_region=True))

        if self._context is None:
            self._context = self._strand.call(copy_context)
        return Coroutines(self._coroutines, self._strand, self._context, make_region)

    # What it does

    def refuse_at_work(self) -> None:
        """What a run calls may stop it, but can't end what it is using, nor make another epoch in the middle of one."""
        file = None if self._compiled is None else self._compiled.code.file
        # It shows on the stack, so that no epoch has to keep account of it.
        frames = self.stack(sys._getframe())
        if self._strand.is_busy or any(frame.f_code.co_filename == file for frame in frames):
            raise RunnerBusyError

    def compiled_place(self, file: str, line: int) -> Place | None:
        """What a line of the code that the tube was compiled to is about.

        Args:
            file: The name under which tracebacks show that code.
            line: The line, from 1.

        Returns:
            The node or asset; None if the file is another, or the line is about none.
        """
        code = None if self._compiled is None else self._compiled.code
        return code.places.get(line) if code is not None and file == code.file else None

    def stack(self, frame: FrameType | None) -> Iterator[FrameType]:
        """The functions that are under way, from the innermost: while a coroutine waits, those that are waited for.

        Args:
            frame: The innermost function of the thread.
        """
        return self._strand.stack(frame)


def _fail_again(error: BaseException, *_: object) -> None:
    raise error


def _all() -> int:
    return sys.maxsize
