"""The runner that makes one epoch after the other, in the thread that calls it."""

from __future__ import annotations

import itertools
import os
import sys
import warnings
from collections import Counter, defaultdict, deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from types import FrameType, TracebackType
from typing import Any, NamedTuple, Self

from pydantic import ValidationError

from noob_cli.assets.context_managers import End
from noob_cli.assets.lifetimes import Lifetimes, end_all
from noob_cli.codegen.compiled import CompiledPlan, Epochs
from noob_cli.codegen.runtime import ENDED, copied_whole, drawn, new_clock, passed
from noob_cli.codegen.timing import Timer
from noob_cli.errors import InputError, RunnerBusyError, TubeExhaustedError, UndoError
from noob_cli.events import EPOCH_ENDED, Epoch, Event, MetaSignal, NoEvent
from noob_cli.garbage import not_looked_for
from noob_cli.nodes.silence import is_plain
from noob_cli.plan.keys import ASSET, EPOCH, GATHER, OVER, SOURCE, STORED_AT, StateKey
from noob_cli.plan.last_epochs import Flushing, has_last_epochs, last_epochs
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.place import Place
from noob_cli.raised import add_note, cause_of, errors_in, is_cancellation, is_of
from noob_cli.runners.binding import bound_to
from noob_cli.runners.failure import Failure, drew, origin_of
from noob_cli.runners.given import Given, params_of, tube_around, values_of
from noob_cli.runners.left_open import note_ended, note_open
from noob_cli.runners.no_epoch import why_no_epoch
from noob_cli.runners.starting import Described, Starter, may_await, needs_loop
from noob_cli.runners.strand import Strand, by_hand
from noob_cli.spelling import suggest
from noob_cli.tube import Tube
from noob_cli.wording import listing, short_repr

Callback = Callable[[Event], object]


class Standing(NamedTuple):
    """Where a run stands between two epochs.

    Args:
        state: What is kept from epoch to epoch.
        ended: The sources that have ended, and the nested tubes, for each tube by name.
        events: How many events have been made.
    """

    state: Mapping[StateKey, Any]
    ended: Mapping[str, set[str]]
    events: int


class SynchronousRunner:
    """Runs a tube epoch by epoch.

    Example:
        >>> runner = SynchronousRunner(Tube.from_specification("sunspots.yaml"))
        >>> for result in runner.iter(3):
        ...     print(result)

    Args:
        tube: The tube.
        warn: Called with what the user should know of and what is no error.
        log: Told what happens once in a run: that an asset or a node was made or ended, that a source has ended.
        trace: Told what happens in each epoch: every event, and the assets of the epoch.
        undoing: Whether a failed epoch also undoes what was changed in place in carried assets: they are copied at the
            start of each. One that can't be copied is an `UndoError` when the run starts.
        timing: Whether the calls of nodes are measured.
    """

    def __init__(
        self,
        tube: Tube,
        *,
        warn: Callable[[str], object] = warnings.warn,
        log: Callable[[str], object] | None = None,
        trace: Callable[[str], object] | None = None,
        undoing: bool = False,
        timing: bool = False,
    ) -> None:
        self.tube = tube
        self._warn = warn
        self._log = log
        self._trace = trace
        self._undoing = undoing
        self._timing = timing
        self.timers: dict[str, Timer] = {}
        """What the nodes of this run, or of the last, have taken and emitted, by name, if that is measured."""
        self.failures: list[Failure] = []
        """The last error of a node or an asset, and where it came from; after it, what failed to end because of it."""
        self.failed_draws: Counter[str] = Counter()
        """How often each source, by name, has failed to give a value in this run."""
        self._disabled = set(tube.disabled)
        tube.runners.add(self)
        self._required = tube.required_process_inputs
        self._callbacks: list[Callback] = []
        self._lifetimes = Lifetimes()
        self._running = False
        self._process: int | None = None
        self._starter: Starter | None = None
        self._strand = Strand(is_own=False, needs_loop=False)
        self._ended: defaultdict[str, set[str]] = defaultdict(set)
        self._warned: set[str] = set()
        self._event_ids = itertools.count()
        self._compiled: CompiledPlan | None = None
        self._bound: Mapping[str, Any] = {}
        self._state: dict[StateKey, Any] = {}
        self._epochs: Epochs | None = None
        self._stale = False
        self._paused = False
        self._is_stopping = False
        self._out_of_records = False
        self._last: Iterator[Flushing] | None = None
        self._last_at = -1
        self._makes_last = False

    @property
    def failure(self) -> Failure | None:
        """The last error of a node or an asset, and where it came from."""
        return self.failures[0] if self.failures else None

    @property
    def running(self) -> bool:
        """Whether it is between `init` and `deinit`."""
        return self._running

    @property
    def is_stopping(self) -> bool:
        """Whether it makes no more epochs in this run."""
        return self._is_stopping

    @property
    def epoch(self) -> int:
        """The number of the last epoch of this run, or of the last run; -1 before the first."""
        if self._epochs is not None:
            return self._epochs.number()
        number: int = self._state.get((EPOCH, ""), -1)
        return number

    @property
    def made(self) -> int:
        """How many epochs the run has made."""
        return self.epoch + 1

    def init(self) -> None:
        """Start a run: make the runner-scoped assets in the order of the file, then the nodes, and run their `init`.

        A run that has been started already goes on.

        Example:
            >>> runner.init()
            >>> runner.process()
            >>> runner.deinit()

        Raises:
            Exception: What an asset or a node raised; what was made before it is ended.
        """
        if self._running:
            return
        self.failures = []
        self.failed_draws.clear()
        self._state = {}
        self.timers = {}
        self._ended.clear()
        self._event_ids = itertools.count()
        self._out_of_records = self._makes_last = False
        self._last = None
        try:
            self._start()
        except BaseException as error:
            self._is_stopping = False
            self._end_run(error)
            raise
        self._running, self._process = True, os.getpid()
        note_open(self)

    def deinit(self) -> None:
        """Stop the run: run the nodes' `deinit`, then end the runner-scoped assets, last made first.

        Example:
            >>> runner.deinit()

        Raises:
            BaseException: What one of them raised, or a group if there were several.
            RunnerBusyError: A node or a callback of this run calls it, in the middle of an epoch.
        """
        self._stop(None)

    def __enter__(self) -> Self:
        self.init()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Who leaves `iter` early has had enough: that is no error.
        self._stop(None if self._is_left(error) else error)

    def __del__(self) -> None:
        if self._running and self._process == os.getpid():
            self.deinit()

    def process(self, /, **inputs: Any) -> Any:
        """Make one epoch. When the tube has ended, each further call makes one of its last epochs, if there are any.

        A run that has not been started is: it is ended by `deinit`, or at the latest when the interpreter ends.

        Example:
            >>> with SynchronousRunner(tube) as runner:
            ...     runner.process(number=3)

        Args:
            inputs: The process-scoped inputs. A tube-scoped one may be among them and holds for this epoch.

        Returns:
            What the epoch returns, None if it returns nothing.

        Raises:
            TubeExhaustedError: The tube has ended.
            InputError: An input is missing or wrong.
            Exception: What a node or an asset raised, with a note that says where. The runner can go on.
        """
        if not self._running:
            self.init()
        if not self._makes_last:
            try:
                # Not by `_unwrapped`, nor by `_current` without need: a call is much of what an epoch takes.
                epochs = self._epochs
                if epochs is None or self._stale or self._paused:
                    epochs = self._current()
                result = epochs.process(inputs)
            except RuntimeError as error:
                own = self._own_error(error)
                if own is error:
                    raise
                raise own from None
            if result is not ENDED:
                return result
        with self._as_last() as epochs:
            if epochs is not None:
                return self._unwrapped(epochs.process, {})
        why = self._why_no_epoch() or "its sources have nothing more to give"
        raise TubeExhaustedError(f"the tube '{self.tube.name}' has ended: {why}")

    def iter(
        self, n: int | None = None, *, epochs: int | None = None, flushing: bool = True
    ) -> Generator[Any, None, None]:
        """Make epochs and yield what they return; those that return nothing are passed over.

        Outside of `with`, the run starts with the first and stops after the last.

        Example:
            >>> list(SynchronousRunner(tube).iter(2))
            [{'value': 0}, {'value': 1}]

        Args:
            n: How many results at the most; None for all. Without a `return` node, each epoch yields None.
            epochs: How many epochs at the most.
            flushing: Whether the last epochs are made, too, when the tube has ended.

        Raises:
            InputError: An input that comes with every epoch is required: `stream` takes them.
        """
        self._refuse_missing_inputs()
        given = new_clock()
        _refuse_negative(n)
        with self._as_run():
            last = None if epochs is None else self.epoch + epochs
            while self._goes_on(n, given):
                try:
                    left = None if last is None else last - self.epoch
                    with closing(self._current().iterate(left)) as results:
                        yield from _first(results, n, given)
                except RuntimeError as error:
                    self._recognise(error)
                    raise
                if not self._stale:
                    break
            if flushing and self.has_ended:
                yield from self._last_results(n, given, last)

    def stream(
        self,
        records: Iterable[Mapping[str, Any]],
        n: int | None = None,
        *,
        epochs: int | None = None,
        flushing: bool = True,
    ) -> Generator[Any, None, None]:
        """Make an epoch for each record and yield what it returns; epochs that return nothing are passed over.

        Outside of `with`, the run starts with the first and stops after the last. It ends with the records, whether
        or not an input is required.

        Example:
            >>> list(SynchronousRunner(tube).stream([{"number": 1}, {"number": 2}]))
            [2, 4]

        Args:
            records: The inputs of each epoch, by name.
            n: How many results at the most; None for all.
            epochs: How many epochs at the most.
            flushing: Whether the last epochs are made, too, when the records or the tube have ended.
        """
        given = new_clock()
        _refuse_negative(n)
        source = itertools.islice(records, epochs)
        with self._as_run():
            first = self.epoch
            while self._goes_on(n, given):
                try:
                    with closing(self._current().stream(source)) as results:
                        yield from _first(results, n, given)
                    self._out_of_records = epochs is None or self.epoch - first < epochs
                except InputError as error:
                    if self.failure is None or self.failure.error is not error:
                        error.record = error.record or self.epoch - first + 1
                    elif self.failure.is_of_input:
                        # One that a node has raised is about what that has called.
                        error.record = self.epoch - first
                    raise
                except RuntimeError as error:
                    self._recognise(error)
                    raise
                if not self._stale:
                    break
            if flushing and (self._out_of_records or self.has_ended):
                yield from self._last_results(n, given, None if epochs is None else first + epochs)

    def flush(self, n: int | None = None, *, epochs: int | None = None) -> Generator[Any, None, None]:
        """Make the last epochs of a run that has ended, and yield what they return.

        Each `gather` with `flush: true` that holds something, and each class with a flush method, gets one. One that
        fails is not made again: what is called after that goes on with the next.

        Example:
            >>> with SynchronousRunner(tube) as runner:
            ...     results = [*runner.stream(records, flushing=False), *runner.flush()]

        Args:
            n: How many results at the most; None for all.
            epochs: How many epochs at the most.
        """
        _refuse_negative(n)
        return self._last_results(n, new_clock(), None if epochs is None else self.epoch + epochs)

    def _last_results(self, n: int | None, given: Iterator[bool], last: int | None) -> Generator[Any, None, None]:
        while self._goes_on(n, given) and (last is None or self.epoch < last):
            with self._as_last() as epochs:
                if epochs is None:
                    return
                try:
                    with closing(epochs.iterate(1)) as results:
                        yield from _first(results, n, given)
                except RuntimeError as error:
                    self._recognise(error)
                    raise

    @contextmanager
    def _as_last(self) -> Iterator[Epochs | None]:
        """Makes the next of the last epochs; None if there is none."""
        if self._last is None or self._last_at != self.epoch:
            self._last = last_epochs(self.tube, self._disabled)
        self._last_at = self.epoch
        # Records may come to an end where the tube has none: what is called next goes on with it.
        self._makes_last = self.has_ended
        each = None if self._is_stopping else next(filter(self._holds_something, self._last), None)
        if each is None:
            yield None
            return
        assert self._epochs is not None
        self._state.update(self._epochs.save())
        self._bind(each.node)
        try:
            yield self._epochs
        finally:
            self._last_at = self.epoch
            # What makes further epochs, if there are any, is another plan.
            self._stale = True

    def _holds_something(self, each: Flushing) -> bool:
        if each.node.partition(".")[0] in self._disabled:
            return False
        return not each.is_gather or bool(self._state_now().get((GATHER, each.node)))

    @property
    def has_ended(self) -> bool:
        """Whether the tube has come to its end, but for its last epochs."""
        return bool(self._state_now().get((OVER, "")))

    def _state_now(self) -> Mapping[StateKey, Any]:
        """What is kept from epoch to epoch."""
        return self._state if self._epochs is None else {**self._state, **self._epochs.save()}

    def run(self, n: int | None = None) -> list[Any] | None:
        """Make epochs.

        Outside of `with`, the run starts with the first and stops after the last.

        Example:
            >>> SynchronousRunner(tube).run(2)
            [{'value': 0}, {'value': 1}]

        Args:
            n: How many epochs at the most; None to go on to the end.

        Returns:
            What they returned, without those that returned nothing; None if `n` is None, so that memory stays flat.
        """
        self._refuse_missing_inputs()
        if self._running:
            self._refuse_at_work()
            return self._run(n)
        with self:
            return self._run(n)

    def _run(self, n: int | None) -> list[Any] | None:
        results: list[Any] = []
        # Without a number nobody gets them, and none is kept.
        taking = results if n is not None else deque[Any](maxlen=0)
        first, left = self.epoch, n
        while not self._is_stopping:
            self._unwrapped(self._current().run, left, taking)
            if not self._stale:
                break
            left = None if n is None else n - (self.epoch - first)
        while self.has_ended and not self._is_stopping and (n is None or self.epoch - first < n):
            with self._as_last() as epochs:
                if epochs is None:
                    break
                self._unwrapped(epochs.run, 1, taking)
        return None if n is None else results

    def stop(self) -> None:
        """Let the run end after the epoch that is under way; a run that is just starting, or starts next, makes none.

        A signal handler or another thread may call it, too.

        Example:
            >>> runner.add_callback(lambda event: runner.stop() if event["value"] == "enough" else None)
        """
        self._is_stopping = True
        if self._epochs is not None:
            self._epochs.stop()

    def add_callback(self, callback: Callback) -> None:
        """Call a function with every event, and with a `meta` event at the end of each epoch.

        Example:
            >>> runner.add_callback(lambda event: print(event["node_id"], event["value"]))

        Args:
            callback: Gets the event.
        """
        self._callbacks.append(callback)
        self._change()

    def enable_node(self, node_id: str) -> None:
        """Let a node run from the next epoch on.

        Example:
            >>> runner.enable_node("preview")

        Raises:
            KeyError: There is no such node.
        """
        self._disabled.discard(self.tube.known(node_id))
        self._change()

    def disable_node(self, node_id: str) -> None:
        """Let a node, and those that need its signals, not run from the next epoch on.

        Example:
            >>> runner.disable_node("preview")

        Raises:
            KeyError: There is no such node.
        """
        self._disabled.add(self.tube.known(node_id))
        self._change()

    # The run

    def _is_called_off(self) -> bool:
        """Whether the run is to stop before it has been started."""
        return self._is_stopping and not self._running

    def _start(self) -> None:
        self._strand = Strand(may_await(self.tube), needs_loop(self.tube))
        self._starter = Starter(
            self, self._is_called_off, self._lifetimes, self._strand, self._note_at_start, self._log or _ignore
        )
        self._unwrapped(self._strand.do, self._starter.start_tube(self.tube, self._disabled))
        if not self._is_stopping:
            self._bind()
            self._refuse_what_cannot_be_copied()
        self.tube.assets.refresh_with(self._store_carried)

    @property
    def returns_plain(self) -> bool:
        """Whether the results of this run are known to be made of numbers and texts by nothing but operators."""
        return self._compiled is not None and self._compiled.plan.returns_plain and not has_last_epochs(self.tube)

    def _refuse_what_cannot_be_copied(self) -> None:
        """Before the first epoch, rather than in it."""
        assert self._compiled is not None
        for each in self._compiled.plan.state:
            if each.copied is not None:
                try:
                    copied_whole(self._state[each.key], each.copied.name, {})
                except UndoError as error:
                    self._note_at_start(error, each.copied)
                    raise

    # Where it stands

    @property
    def starter(self) -> Starter:
        """What this run has made at its start."""
        assert self._starter is not None
        return self._starter

    def pause(self) -> None:
        """Let `iter` and `stream` come to their end after the epoch that is under way; called again, they go on.

        Another thread may call it, too. Nothing happens if no epoch is under way.
        """
        if self._epochs is not None:
            self._paused = True
            self._epochs.stop()

    def save(self) -> Standing:
        """Where the run stands; the objects are those of the run itself."""
        assert self._epochs is not None
        events = next(self._event_ids)
        self._event_ids = itertools.count(events)
        return Standing(dict(self._state_now()), {name: set(ended) for name, ended in self._ended.items()}, events)

    def restore(self, standing: Standing) -> None:
        """Go on from where a run has stood.

        Args:
            standing: What `save` gave; state that is not in it stays.
        """
        assert self._epochs is not None
        self._state.update(self._epochs.save())
        self._state.update(standing.state)
        self._ended.update(standing.ended)
        self._event_ids = itertools.count(standing.events)
        self._go_on()

    def source(self, name: str) -> Iterator[Any] | AsyncIterator[Any]:
        """What an epoch draws from for a source that has been started: the source, measured where calls are.

        Args:
            name: The source.
        """
        source = self.starter.sources[name]
        if not self._timing:
            return source
        tube, node = tube_around(name, self.tube)
        signals = len(tube.graph.nodes[node].kind.interface.signals)
        timer = self.timers[name]
        return timer.drawing(source, signals) if isinstance(source, Iterator) else timer.drawing_async(source, signals)

    def draw(self, name: str, count: int) -> None:
        """Draw values of a source that an earlier run has had.

        Args:
            name: The source.
            count: How many; if it has fewer, all.
        """
        source = self.starter.sources[name]
        if isinstance(source, Iterator):
            self._strand.call(deque[Any](maxlen=0).extend, itertools.islice(source, count))
        else:
            self._strand.do(_draw(source, count))

    def end_source(self, name: str) -> None:
        """End the generator behind a source: it gives no more values.

        Args:
            name: The source.
        """
        generator = self.starter.generators[name]
        if isinstance(generator, AsyncGenerator):
            self._strand.do(generator.aclose())
        else:
            self._strand.call(generator.close)

    def _go_on(self) -> None:
        """Bind the plan to the state anew."""
        assert self._compiled is not None
        if not self._compiled.plan.trusted.isdisjoint(self._doubted()):
            self._bind(self._compiled.plan.flushing)
            return
        self._paused = False
        epochs = self._compiled.bind(self._bound, self._state)
        self._epochs = self._strand.driving(epochs, self._compiled.plan.awaits)
        if self._is_stopping:
            self._epochs.stop()

    def _doubted(self) -> set[str]:
        """The carried assets that hold something that is not plain."""
        return {name for (kind, name), value in self._state.items() if kind == ASSET and not is_plain(value)}

    def _is_left(self, error: BaseException | None) -> bool:
        """Whether somebody has had enough, rather than that a node has raised something."""
        return error is not None and is_of(error, GeneratorExit) and not self._is_known(error)

    def _end_run(self, error: BaseException | None) -> None:
        """End all that lives as long as the run."""
        try:
            self._unwrapped(self._strand.do, self._end_all(self._lifetimes.take(), error))
        finally:
            self._strand.close()

    def _stop(self, error: BaseException | None) -> None:
        if not self._running:
            return
        self._refuse_at_work()
        is_stopped = self._is_stopping
        self._running = self._is_stopping = False
        note_ended(self)
        if self._epochs is not None:
            # An iterator that is still around makes no further epoch.
            self._epochs.stop()
            self._state.update(self._epochs.save())
            self._epochs = None
        self.tube.assets.refresh_with(None)
        self._store_carried()
        try:
            self._end_run(error)
        finally:
            if error is None:
                self._warn_of_what_is_left()
                if not is_stopped and (why := self._why_no_epoch()) is not None:
                    self._warn(f"no epoch was made: {why}")

    def _store_carried(self) -> None:
        """Let the assets hold what they carry, so that who looks at them, or ends them, sees it."""
        assert self._starter is not None
        state = self._state_now()
        for (kind, name), value in state.items():
            if kind == ASSET:
                asset = self._starter.assets[name]
                asset.obj, asset.stored_at = value, state[STORED_AT, name]

    def _warn_of_what_is_left(self) -> None:
        for (kind, name), values in self._state.items():
            if kind == GATHER and values:
                count = "1 value" if len(values) == 1 else f"{len(values)} values"
                self._warn(f"the node '{name}' has {count} left that it did not emit")

    def _why_no_epoch(self) -> str | None:
        """Why a run has come to its end before the first epoch; None if it has not, or has made one."""
        state = self._state_now()
        if self._compiled is None or state.get((EPOCH, ""), -1) >= 0:
            return None
        if not state.get((OVER, "")):
            return "no record was given" if self._out_of_records else None
        return why_no_epoch(self._compiled.plan.finish, self._ended)

    def _bind(self, flushing: str | None = None) -> None:
        """Compile the plan for the nodes that are enabled now, and go on from where the run stands.

        Args:
            flushing: For one of the last epochs, the node that is flushed in it.
        """
        assert self._starter is not None
        self._unwrapped(self._strand.do, self._starter.start_nodes(self.tube, self._disabled))
        with not_looked_for():
            plan = lower(
                self.tube,
                self._disabled,
                listening=bool(self._callbacks),
                tracing=self._trace is not None,
                undoing=self._undoing,
                timing=self._timing,
                doubted=self._doubted(),
                ended=self._ended,
                flushing=flushing,
            )
            self._compiled = compiled = CompiledPlan(plan)
        for name in sorted(plan.timed - self.timers.keys()):
            self.timers[name] = Timer()
        bound: dict[str, Any] = {
            "emit_event": self._emit,
            "drew": lambda error: drew(error, compiled),
            "end_all": self._end_all if plan.awaits else self._end_all_by_hand,
            "end_of_run": self._end_of_run,
            "enter": self._starter.enter,
            "event_of": self._event,
            "failed": self._failed,
            "given": plan.given,
            "missing_input": self._missing_input,
            "notify_end": self._notify_end,
            "source_ended": self._source_ended,
            "timers": self.timers,
            "together": self._together,
            "traced": self._trace_asset,
            "unknown_inputs": self._unknown_inputs,
        }
        for name, binding in plan.bindings.items():
            bound[name] = bound_to(binding, self.tube, self._starter)
        # The innermost first: a nested tube that has nothing to give from the start is finished for the one around it.
        for path in sorted(plan.finish, key=lambda path: -path.count(".")):
            if path and plan.finish[path].has_ended(self._ended[path]):
                around, _, name = path.rpartition(".")
                self._ended[around].add(name)
        for state in plan.state:
            if state.key not in self._state or state.key[0] == OVER:
                self._state[state.key] = self._initial(state.key)
        self._bound = bound
        self._go_on()
        self._stale = False

    def _initial(self, key: StateKey) -> Any:
        """What is kept from epoch to epoch, before the first."""
        assert self._starter is not None
        assert self._compiled is not None
        kind, name = key
        if kind == OVER:
            return self._compiled.plan.finish[name].has_ended(self._ended[name])
        if kind == SOURCE:
            return self.source(name)
        if kind == ASSET:
            return self._starter.assets[name].obj
        return [] if kind == GATHER else -1

    def _change(self) -> None:
        """The plan has to be made anew; an epoch that is under way is finished as it began."""
        if self._epochs is not None:
            self._stale, self._makes_last = True, False
            self._epochs.stop()

    def _current(self) -> Epochs:
        """The functions that make epochs, of a plan that is up to date."""
        if self._epochs is None:
            raise RuntimeError("the runner was stopped before its first epoch")
        if self._stale:
            self._state.update(self._epochs.save())
            self._bind()
        elif self._paused:
            self._state.update(self._epochs.save())
            self._go_on()
        return self._epochs

    def _goes_on(self, n: int | None, given: Iterator[bool]) -> bool:
        """Whether a run makes more epochs: nobody has stopped it, and fewer results are given than are wanted."""
        return not self._is_stopping and (n is None or passed(given) < n)

    def _recognise(self, error: RuntimeError) -> None:
        """A `StopIteration` that a node raises is another error when it leaves a generator."""
        if self.failure is not None and cause_of(error) is self.failure.error:
            self.failures[0] = self.failure._replace(error=error)

    def _unwrapped(self, do: Callable[..., Any], *arguments: Any) -> Any:
        """Do something; a `StopIteration` of the user's, which can't leave a coroutine, is raised as it was."""
        try:
            return do(*arguments)
        except RuntimeError as error:
            own = self._own_error(error)
            if own is error:
                raise
        raise own

    def _own_error(self, error: RuntimeError) -> BaseException:
        """The `StopIteration` of the user's that an error stands for; else the error itself."""
        own = cause_of(error)
        return error if own is None or all(each.error is not own for each in self.failures) else own

    def _as_run(self) -> AbstractContextManager[object]:
        """Start and stop around what is done inside, unless that stands in a `with` of the user's."""
        if not self._running:
            return self
        self._refuse_at_work()
        return nullcontext()

    def _refuse_at_work(self) -> None:
        """What a run calls may stop it, but can't end what it is using, nor make another epoch in the middle of one."""
        file = None if self._compiled is None else self._compiled.file
        # It shows on the stack, so that no epoch has to keep account of it.
        if self._strand.is_busy or any(frame.f_code.co_filename == file for frame in self.stack(sys._getframe())):
            raise RunnerBusyError

    def compiled_place(self, file: str, line: int) -> Place | None:
        """What a line of the code that the tube was compiled to is about.

        Args:
            file: The name under which tracebacks show that code.
            line: The line, from 1.

        Returns:
            The node or asset; None if the file is another, or the line is about none.
        """
        compiled = self._compiled
        return compiled.places.get(line) if compiled is not None and file == compiled.file else None

    def place_of_ended(self, what: object) -> Place | None:
        """What node or asset it is that is ended, by what says so."""
        return what.place if isinstance(what, Described) else self._place_called(str(what))

    def stack(self, frame: FrameType | None) -> Iterator[FrameType]:
        """The functions that are under way, from the innermost: while a coroutine waits, those that are waited for.

        Args:
            frame: The innermost function of the thread.
        """
        return self._strand.stack(frame)

    # What the generated code calls

    def _failed(self, error: BaseException, epoch: int) -> int:
        """Note where an error came from; called before what was made is ended.

        Args:
            error: The error.
            epoch: What the epochs were counted to.

        Returns:
            The number of the epoch that has failed.
        """
        assert self._compiled is not None
        if drew(error, self._compiled):
            epoch += 1
        reason = self._strand.reason_of(error)
        if self.failure is not None and self.failure.epoch == epoch and self._is_known(reason):
            return epoch
        found = origin_of(error, self._compiled)
        is_follow_up = is_cancellation(reason) and self.failure is not None and self.failure.epoch == epoch
        if found is None or is_follow_up:
            return epoch
        place, frame, is_end = found
        if not place.is_given:
            self._note(reason, place, epoch, frame, while_ended=is_end)
        elif is_of(error, ValidationError):
            # It came with the record: nothing has been made for this epoch yet, which has no number.
            raise self.tube.wrong_input(place.name, error) from self.tube.cause_of_wrong(place.name, error)
        return epoch

    def _is_known(self, error: BaseException) -> bool:
        known = [each.error for each in self.failures]
        return any(each is one for each in errors_in(error) for one in known)

    def _note_at_start(self, error: BaseException, place: Place) -> None:
        error = self._strand.reason_of(error)
        if self.failure is None or self.failure.error is not error:
            self._note(error, place, None)

    def _note(
        self,
        error: BaseException,
        place: Place,
        epoch: int | None,
        frame: FrameType | None = None,
        *,
        while_ended: bool = False,
    ) -> None:
        values: Mapping[str, Any] = {}
        if frame is not None and self._compiled is not None:
            values = values_of(place, self.tube, self._compiled.plan, frame)
        given = Given(values, params_of(place, self.tube))
        self._note_failure(Failure(error, place, epoch, place.span, given, while_ended))

    def _note_failure(self, failure: Failure) -> None:
        self.failures = [failure]
        place = failure.place
        if failure.epoch is not None and place.what == "node" and place.name in self.starter.sources:
            self.failed_draws[place.name] += 1
        add_note(failure.error, str(failure))

    def _end_all_by_hand(self, ends: Iterable[tuple[object, End | None]], error: BaseException | None) -> None:
        self._unwrapped(by_hand, self._end_all(ends, error))

    async def _end_all(self, ends: Iterable[tuple[object, End | None]], error: BaseException | None) -> None:
        """End what was made, and note what fails to end."""
        is_known = error is not None and self._is_known(self._strand.reason_of(error))
        because_of = self.failures if is_known else []

        def note(failure: BaseException, what: object) -> BaseException:
            failure = self._strand.reason_of(failure)
            place = self.place_of_ended(what)
            if place is None:
                add_note(failure, f"while {what} was ended")
            else:
                epoch = because_of[0].epoch if because_of and not isinstance(what, Described) else None
                given = Given(params=params_of(place, self.tube))
                because_of.append(Failure(failure, place, epoch, place.span, given, while_ended=True))
                add_note(failure, str(because_of[-1]))
                self.failures = because_of
            return failure

        await end_all(ends, error, self._say_that_it_was_ended, note, is_left=self._is_left(error))

    def _say_that_it_was_ended(self, what: object) -> None:
        text, say = (what.place, self._log) if isinstance(what, Described) else (what, self._trace)
        if say is not None:
            say(f"{text} was ended")

    async def _together(
        self,
        started: Sequence[tuple[str, Coroutine[Any, Any, Any]]],
        epoch: int,
        end_tubes: Callable[[Collection[str]], None],
    ) -> dict[str | None, Any]:
        """The results of coroutines that run together, by name; under None, that one of them has ended its tube."""
        from noob_cli.runners.coroutines import together

        frame = sys._getframe(1)

        def note(name: str, error: BaseException) -> None:
            if not self._is_known(error):
                self._note(error, self._place_of_node(name), epoch, frame)

        results: dict[str | None, Any] = {}

        def end(name: str) -> Any:
            results[None] = self._end_of_run(name, end_tubes)
            return results[None]

        results.update((await together(started, note, end)).items())
        return results

    def _place_called(self, text: str) -> Place | None:
        """What the generated code is about, by what it calls it."""
        places = () if self._compiled is None else self._compiled.places.values()
        return next((each for each in places if str(each) == text), None)

    def _place_of_node(self, name: str) -> Place:
        assert self._compiled is not None
        return next(each for each in self._compiled.places.values() if (each.what, each.name) == ("node", name))

    def _source_ended(self, qualified: str) -> bool:
        """Whether the tube that a source, or a nested tube, is in has ended now that this one has."""
        assert self._compiled is not None
        around, _, name = qualified.rpartition(".")
        if self._log is not None and name not in self._ended[around]:
            self._log(f"the source '{qualified}' has ended")
        self._ended[around].add(name)
        return self._compiled.plan.finish[around].has_ended(self._ended[around])

    def _end_of_run(self, qualified: str, end_tubes: Callable[[Collection[str]], None]) -> MetaSignal:
        """End the tube that a node is in, and those around it that are finished without it."""
        assert self._compiled is not None
        around, _, name = qualified.rpartition(".")
        if self._log is not None:
            self._log(f"the node '{qualified}' has ended " + (f"the tube '{around}'" if around else "the run"))
        self._ended[around].add(name)
        over = [around]
        while around and self._source_ended(around):
            around = around.rpartition(".")[0]
            over.append(around)
        # What goes on without a nested tube is compiled for that.
        self._stale = self._stale or "" not in over
        end_tubes(over)
        return NoEvent

    def _missing_input(self, name: str, given: Mapping[str, Any]) -> None:
        spec = self.tube.graph.inputs[name]
        found = f", given {listing(list(given))}" if given else ""
        message = f"the input '{name}' ({spec.type_}) is missing{found}: every record needs it, unless it has a default"
        raise InputError(message, name) from None

    def _refuse_missing_inputs(self) -> None:
        """Without records, an input that comes with every epoch and is required can't be had."""
        for name in self._required:
            self._missing_input(name, {})

    def _unknown_inputs(self, inputs: Mapping[str, Any]) -> None:
        known = self.tube.graph.inputs
        for name in inputs:
            if name not in known and name not in self._warned:
                self._warned.add(name)
                hint = suggest(name, known, "inputs")
                self._warn(f"there is no input '{name}', it is ignored: {hint}")

    # Events

    def _event(self, node: str, signal: str, epoch: Epoch, value: Any) -> Event:
        return Event(
            id=next(self._event_ids),
            timestamp=datetime.now(UTC),
            node_id=node,
            signal=signal,
            epoch=epoch,
            value=value,
        )

    def _emit(self, node: str, qualified: str, signal: str, epoch: Epoch, value: Any) -> Event:
        """Make an event, and give it to the callbacks; those get the names of the tubes that the node is in, too."""
        if self._trace is not None:
            self._trace(f"epoch {epoch.root}: {qualified}.{signal} = {short_repr(value)}")
        return self._tell_callbacks(node, qualified, signal, epoch, value)

    def _tell_callbacks(self, node: str, qualified: str, signal: str, epoch: Epoch, value: Any) -> Event:
        event = self._event(node, signal, epoch, value)
        for callback in self._callbacks:
            try:
                callback(event if node == qualified else {**event, "node_id": qualified})
            except BaseException as error:
                self._note_in_callback(error, callback, qualified, event)
                raise
        return event

    def _note_in_callback(self, error: BaseException, callback: Callback, node: str, event: Event) -> None:
        """A callback fails at the node whose event it was given, which has done nothing wrong."""
        emitted = self._place_called(f"the node '{node}'")
        path, span = ((), None) if emitted is None else (emitted.path, emitted.span)
        place = Place("callback", getattr(callback, "__qualname__", None) or type(callback).__qualname__, path, span)
        given = Given({f"{node}.{event['signal']}": event["value"]})
        self._note_failure(Failure(error, place, int(event["epoch"]), span, given))

    def _notify_end(self, epoch: int) -> None:
        if self._trace is not None:
            self._trace(f"epoch {epoch} has ended")
        self._tell_callbacks("meta", "meta", EPOCH_ENDED, Epoch(epoch), epoch)

    def _trace_asset(self, what: str, epoch: int) -> None:
        assert self._trace is not None
        self._trace(f"epoch {epoch}: {what}")


def get_runner(runner: str = "sync") -> type[SynchronousRunner]:
    """The class of a runner by its name.

    Example:
        >>> get_runner("sync")(tube).run(2)
        [{'value': 0}, {'value': 1}]

    Raises:
        ValueError: There is none of that name.
    """
    if runner != "sync":
        raise ValueError(f"there is no runner '{runner}': the one that there is is called 'sync'")
    return SynchronousRunner


def _ignore(text: str) -> None:
    """Nobody wants to know."""


async def _draw(source: AsyncIterator[Any], count: int) -> None:
    for _ in range(count):
        try:
            await anext(source)
        except StopAsyncIteration:
            return


def _refuse_negative(n: int | None) -> None:
    if n is not None and n < 0:
        raise ValueError(f"'n' says how many results are made at the most, found {n}")


def _first(results: Iterator[Any], n: int | None, given: Iterator[bool]) -> Iterator[Any]:
    """The results that are left of the first `n`, a clock ticking with each; the epoch after the last is not made."""
    return results if n is None else drawn(results, n - passed(given), given)
