"""The runner that makes one epoch after the other, in the thread that calls it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from noob_cli.bracket import Bracket
from noob_cli.codegen.runtime import ENDED
from noob_cli.codegen.values import Values
from noob_cli.errors import RunnerBusyError, TubeExhaustedError
from noob_cli.runners import driving
from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.driving import Busy
from noob_cli.runners.failure import Failure, Failures
from noob_cli.runners.hooks import missing_input
from noob_cli.runners.left_open import note_ended, note_open
from noob_cli.runners.live_assets import LiveAssets
from noob_cli.runners.observers import Callback, Look, Observers
from noob_cli.runners.own_code import warn_caller
from noob_cli.runners.own_messages import WARNING, Message
from noob_cli.runners.run import Run
from noob_cli.runners.setup import Setup
from noob_cli.runners.starting import may_await, needs_loop
from noob_cli.runners.strand import Strand
from noob_cli.tube import Tube
from noob_cli.wording import count_of, short_repr

if TYPE_CHECKING:
    # Only a run that is measured pays for what does that.
    from noob_cli.codegen.timing import Timer


class SynchronousRunner:
    """Runs a tube epoch by epoch.

    Example:
        >>> runner = SynchronousRunner(Tube.from_specification("sunspots.yaml"))
        >>> for result in runner.iter(3):
        ...     print(result)

    Args:
        tube: The tube.
        warn: Called with what the user should know of and what is no error; by default, it is a warning.
        log: Told what happens once in a run: that an asset or a node was made or ended, that a source has ended.
        trace: Told what happens in each epoch: every event, and the assets of the epoch.
        undoing: Whether a failed epoch also undoes what was changed in place in carried assets: they are copied at the
            start of each. One that can't be copied is an `UndoError` when the run starts.
        timing: Whether the calls of nodes are measured.
        values: Whether the last value of each signal is kept, in `values`.
        ended: Told the number of each epoch that has ended.
        ending: Told the name of each runner-scoped asset that is ended next.
        failed: Told what the start of the run or an epoch has failed with, before what was made is ended.
        looked_at: The name of a node; in a nested tube, with those of the nodes around it.
        look: Told what that node has got and emitted.
        hear: Told what code says through `logging` and `warnings` while it runs.
        hears_from: From which level on, as `logging` counts.
    """

    _coroutines: int | None = None
    _verify = 0
    _shown_as: str | None = None

    def __init__(
        self,
        tube: Tube,
        *,
        warn: Callable[[str], object] = warn_caller,
        log: Callable[[str], object] | None = None,
        trace: Callable[[str], object] | None = None,
        undoing: bool = False,
        timing: bool = False,
        values: bool = False,
        ended: Callable[[int], object] | None = None,
        ending: Callable[[str], object] | None = None,
        failed: Callable[[Failure], object] | None = None,
        looked_at: str | None = None,
        look: Callable[[Look], object] | None = None,
        hear: Callable[[Message], object] | None = None,
        hears_from: int = WARNING,
    ) -> None:
        self.current_run: Run | None = None
        """The run that is under way, from the beginning of its start to the end of its end; None if none is."""
        if not isinstance(tube, Tube):
            raise TypeError(
                f"a runner runs a Tube, found {short_repr(tube)}: make one with 'Tube.from_specification(...)'"
            )
        self.tube = tube
        self.timers: Mapping[str, Timer] = {}
        """What the nodes of this run, or of the last, have taken and emitted, by name, if that is measured."""
        self.assets = LiveAssets()
        """The runner-scoped assets of this run, or of the last, by name; nested, with the nodes around."""
        self._failures = Failures(tube, Strand(is_own=False, needs_loop=False))
        self._last_epoch = -1
        self._last_done = 0
        self._last_behind = 0
        self._observers = Observers(warn, log, trace, ended, ending, failed, looked_at, look, hear, hears_from)
        self._undoing = undoing
        self._timing = timing
        self._disabled = set(tube.disabled)
        self._is_stopping = False
        self._observers.values.watch(int(values))
        tube.runners.add(self)

    def __repr__(self) -> str:
        name = self._shown_as or type(self).__name__
        return f"<{name} of '{self.tube.name}': {self._state}, {count_of(self.made, 'epoch')} made>"

    @property
    def _state(self) -> str:
        """How it stands, in words."""
        if self.running:
            return "running"
        if self.failure is not None:
            when = "" if self.failure.epoch is None else f" in epoch {self.failure.epoch}"
            return f"failed in {self.failure.place}{when}"
        return "ended" if self.made else "not running"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Itself in the forms that a notebook chooses from: how it stands, and a picture of its tube."""
        from noob_cli.drawing.notebook import mimebundle

        return mimebundle(repr(self), self.tube, has_caption=True)

    @property
    def failures(self) -> list[Failure]:
        """The last error of a node or an asset, and where it came from; after it, what failed to end because of it."""
        return self._failures.last

    @property
    def failure(self) -> Failure | None:
        """The last error of a node or an asset, and where it came from."""
        return self._failures.first

    @property
    def running(self) -> bool:
        """Whether it is between `init` and `deinit`."""
        return self.current_run is not None and self.current_run.is_open

    @property
    def is_stopping(self) -> bool:
        """Whether it makes no more epochs in this run."""
        return self._is_stopping

    @property
    def epoch(self) -> int:
        """The number of the last epoch of this run, or of the last run; -1 before the first."""
        return self._last_epoch if self.current_run is None else self.current_run.epoch

    @property
    def made(self) -> int:
        """How many epochs the run has made."""
        return self.epoch + 1

    def done(self, thread: int | None) -> int:
        """How many epochs are done: not one that is under way, nor one that has ended the run; another thread may ask.

        Args:
            thread: The one that makes them; of no interest when the run has ended.
        """
        run = self.current_run
        return self._last_done if run is None else run.done(thread)

    @property
    def behind(self) -> int:
        """How many epochs have begun after the one that was delivered last."""
        return self._last_behind if self.current_run is None else self.current_run.behind

    @property
    def has_ended(self) -> bool:
        """Whether the tube has come to its end in this run, but for its last epochs."""
        return self.current_run is not None and self.current_run.has_ended

    def measured(self) -> Mapping[str, Timer]:
        """What the nodes have taken and emitted so far, if that is measured; another thread may ask, too."""
        run = self.current_run
        return self.timers if run is None else run.measured()

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
        self.begin()

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
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Who leaves `iter` early has had enough: that is no error.
        self._stop(None if self._failures.is_left(error) else error)

    def __del__(self) -> None:
        # There is none if the runner could not be made. A default of the class would make each `process` slower.
        run: Run | None = getattr(self, "current_run", None)
        if run is not None and run.is_open and run.process_id == os.getpid():
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
            RunnerBusyError: A node or a callback of this run calls it, in the middle of an epoch.
            Exception: What a node or an asset raised, with a note that says where. The runner can go on.
        """
        run = self.current_run
        if run is None or not run.is_open:
            run = self.begin()
        making = run.making
        if making is not None and making.gi_running:
            raise RunnerBusyError
        run.making = Busy
        try:
            result = run.process(inputs)
            if result is ENDED:
                result = driving.process_last(run)
        except RuntimeError as error:
            own = run.failures.own_error(error)
            if own is error:
                raise
            raise own from None
        finally:
            run.making = making
        if result is not ENDED:
            return result
        why = run.why_no_epoch() or "its sources have nothing more to give"
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
        return driving.iterate(_Opened(self, has_records=False), n, epochs, flushing)

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

        Raises:
            TypeError: The records are none.
        """
        return driving.stream(_Opened(self, has_records=True), records, n, epochs, flushing)

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
        return driving.flush(self.current_run, n, epochs)

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
        return driving.collect(_Opened(self, has_records=False), n)

    def stop(self) -> None:
        """Let the run end after the epoch that is under way; a run that is just starting, or starts next, makes none.

        A signal handler or another thread may call it, too.

        Example:
            >>> runner.add_callback(lambda event: runner.stop() if event["value"] == "enough" else None)
        """
        self._is_stopping = True
        run = self.current_run
        if run is not None:
            run.stop()

    def add_callback(self, callback: Callback) -> None:
        """Call a function with every event, and with a `meta` event at the end of each epoch.

        Example:
            >>> runner.add_callback(lambda event: print(event["node_id"], event["value"]))

        Args:
            callback: Gets the event.

        Raises:
            TypeError: It can't be called.
        """
        if not callable(callback):
            raise TypeError(f"a callback is a function that gets each event, found {short_repr(callback)}")
        self._observers.callbacks.append(callback)
        self._change()

    def watching(self) -> AbstractContextManager[Values]:
        """Keep the last value of each signal, from the next epoch on, while what is inside of `with` runs.

        It costs nothing while nobody watches. Another thread may watch, too, also in the middle of a run.

        Example:
            >>> with runner.watching() as values:
            ...     runner.run(3)
            ...     print(values["scale.value"])
        """
        return Bracket(partial(self._watch, 1), partial(self._watch, -1))

    def _watch(self, by: int) -> Values:
        """There are more who watch, or fewer."""
        if self._observers.values.watch(by):
            self._change()
        return self._observers.values

    @property
    def values(self) -> dict[str, Any]:
        """The last value of each signal, by its name, from all runs so far, or since somebody watches.

        Where several epochs are under way at once, it is of the one that has come there last. Of a value in a worker
        process that has more than 64 KiB there is only what says what it is.

        Example:
            >>> runner = SynchronousRunner(tube, values=True)
            >>> runner.run(3)
            >>> runner.values["scale.value"]

        Raises:
            RuntimeError: The runner was made without `values=True`, and nobody watches.
        """
        if not self._observers.values.are_watched:
            raise RuntimeError("no values are kept: make the runner with 'values=True', or use 'runner.watching()'")
        return self._observers.values.last

    def enable_node(self, node_id: str) -> None:
        """Let a node run from the next epoch on that begins.

        Example:
            >>> runner.enable_node("preview")

        Raises:
            KeyError: There is no such node.
        """
        self._disabled.discard(self.tube.known(node_id))
        self._change()

    def disable_node(self, node_id: str) -> None:
        """Let a node, and those that need its signals, not run from the next epoch on that begins.

        Example:
            >>> runner.disable_node("preview")

        Raises:
            KeyError: There is no such node.
        """
        self._disabled.add(self.tube.known(node_id))
        self._change()

    def _change(self) -> None:
        if self.current_run is not None:
            self.current_run.change()

    # Its runs

    def pause(self) -> None:
        """Let `iter` and `stream` come to their end after the epoch that is under way; called again, they go on.

        Another thread may call it, too. Nothing happens if no epoch is under way.
        """
        run = self.current_run
        if run is not None:
            run.pause()

    def begin(self) -> Run:
        """Start a run, unless one has been started already, and return it."""
        if self.current_run is not None:
            if self.current_run.is_open:
                return self.current_run
            raise RunnerBusyError
        setup = Setup(
            self.tube,
            self._disabled,
            self._observers,
            self._strand(),
            self._undoing,
            self._timing,
            self._crew(),
            self._coroutines,
            self._verify,
        )
        run = self.current_run = Run(self, setup, lambda: self._is_stopping)
        self.timers, self.assets, self._failures = run.timers, run.starter.assets, run.failures
        try:
            run.start()
        except BaseException as error:
            self._is_stopping = False
            self._end(run, error, is_stopped=False)
            raise
        note_open(self)
        return run

    def _strand(self) -> Strand:
        """What does all that a run does."""
        return Strand(may_await(self.tube), needs_loop(self.tube))

    def _crew(self) -> Crew | None:
        """What does several things at once; None if all is done in order."""
        return None

    def _stop(self, error: BaseException | None) -> None:
        run = self.current_run
        if run is None or not run.is_open:
            return
        run.refuse_at_work()
        is_stopped, self._is_stopping = self._is_stopping, False
        note_ended(self)
        self._end(run, error, is_stopped)

    def _end(self, run: Run, error: BaseException | None, is_stopped: bool) -> None:
        self._last_behind = run.behind
        is_in_epoch = error is not None and run.failures.is_known(error) and run.failures.is_of(run.epoch)
        self._last_done = run.epoch + 1 - is_in_epoch
        try:
            run.end(error, is_stopped)
        finally:
            self._last_epoch = run.epoch
            self.current_run = None


class _Opened(AbstractContextManager[Run]):
    """The run of a runner while something is done with it: the user's, or one for this alone.

    Args:
        runner: The runner.
        has_records: Whether there is a record for each epoch.
    """

    def __init__(self, runner: SynchronousRunner, has_records: bool) -> None:
        self._runner = runner
        self._has_records = has_records
        self._is_own = False

    def __enter__(self) -> Run:
        tube = self._runner.tube
        for name in () if self._has_records else tube.required_process_inputs:
            raise missing_input(tube, name, {})
        self._is_own = not self._runner.running
        run = self._runner.begin()
        if not self._is_own:
            run.refuse_at_work()
        return run

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._is_own:
            self._runner.__exit__(kind, error, traceback)
