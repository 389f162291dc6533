"""The runner for use inside of a running event loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from types import TracebackType
from typing import Any, Self, TypeVar

from noob_cli.codegen.timing import Timer
from noob_cli.errors import RunnerBusyError
from noob_cli.runners.failure import Failure
from noob_cli.runners.guests import GuestTask
from noob_cli.runners.live_assets import LiveAssets
from noob_cli.runners.observers import Callback
from noob_cli.runners.strand import Strand
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.tube import Tube

_T = TypeVar("_T")

_WITHIN: ContextVar[tuple[AsyncRunner, ...]] = ContextVar("_WITHIN", default=())
"""The runners whose nodes, assets and callbacks are at work here."""

_NO_MORE = object()


class AsyncRunner:
    """Runs a tube inside of a running event loop, which goes on meanwhile: what the tube awaits, it awaits there.

    It does what `SynchronousRunner` does, in the same way and order; its methods that take time are awaited. A thread
    waits for what the loop does; all code of the tube is called where the loop runs.

    Example:
        >>> async with AsyncRunner(tube) as runner:
        ...     async for result in runner.iter(3):
        ...         print(result)

    Args:
        tube: The tube.
        ahead: For how many epochs coroutines that keep no state are awaited at once; None for one after the other.
        options: Those of the `SynchronousRunner`.
    """

    def __init__(self, tube: Tube, *, ahead: int | None = None, **options: Any) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="noob runner")
        self._runner = _InLoop(self._thread, ahead, tube, **options)

    def __repr__(self) -> str:
        return repr(self._runner)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Itself in the forms that a notebook chooses from: how it stands, and a picture of its tube."""
        return self._runner._repr_mimebundle_(include, exclude)

    async def init(self) -> None:
        """Start a run; one that has been started already goes on.

        Raises:
            Exception: What an asset or a node raised; what was made before it is ended.
        """
        await self._do(self._runner.init)

    async def deinit(self) -> None:
        """Stop the run, and end what it has made, last made first.

        Raises:
            BaseException: What one of them raised, or a group if there were several.
        """
        await self._do(self._runner.deinit)

    async def __aenter__(self) -> Self:
        await self.init()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._do(self._runner.__exit__, kind, error, traceback)

    async def process(self, /, **inputs: Any) -> Any:
        """Make one epoch. Calls that come at the same time wait for each other.

        Args:
            inputs: The process-scoped inputs. A tube-scoped one may be among them and holds for this epoch.

        Returns:
            What the epoch returns, None if it returns nothing.

        Raises:
            TubeExhaustedError: The tube has ended.
            InputError: An input is missing or wrong.
            RunnerBusyError: A node of this run calls it, in the middle of an epoch.
            Exception: What a node or an asset raised, with a note that says where. The runner can go on.
        """
        return await self._do(lambda: self._runner.process(**inputs))

    def iter(self, n: int | None = None, *, epochs: int | None = None) -> AsyncGenerator[Any]:
        """Make epochs and yield what they return; those that return nothing are passed over.

        Args:
            n: How many results at the most; None for all. Without a `return` node, each epoch yields None.
            epochs: How many epochs at the most.
        """
        return self._results(self._runner.iter(n, epochs=epochs))

    def stream(
        self, records: Iterable[Mapping[str, Any]], n: int | None = None, *, epochs: int | None = None
    ) -> AsyncGenerator[Any]:
        """Make an epoch for each record and yield what it returns; epochs that return nothing are passed over.

        Args:
            records: The inputs of each epoch, by name. They are taken where the loop runs if something is awaited.
            n: How many results at the most; None for all.
            epochs: How many epochs at the most.
        """
        return self._results(self._runner.stream(records, n, epochs=epochs))

    async def run(self, n: int | None = None) -> list[Any] | None:
        """Make epochs.

        Args:
            n: How many epochs at the most; None to go on to the end.

        Returns:
            What they returned, without those that returned nothing; None if `n` is None, so that memory stays flat.
        """
        return await self._do(self._runner.run, n)

    def stop(self) -> None:
        """Let the run end after the epoch that is under way; one that is just starting, or starts next, makes none."""
        self._runner.stop()

    def add_callback(self, callback: Callback) -> None:
        """Call a function with every event, and with a `meta` event at the end of each epoch."""
        self._runner.add_callback(callback)

    def enable_node(self, node_id: str) -> None:
        """Let a node run from the next epoch on."""
        self._runner.enable_node(node_id)

    def disable_node(self, node_id: str) -> None:
        """Let a node, and those that need its signals, not run from the next epoch on."""
        self._runner.disable_node(node_id)

    @property
    def tube(self) -> Tube:
        """The tube."""
        return self._runner.tube

    @property
    def running(self) -> bool:
        """Whether it is between `init` and `deinit`."""
        return self._runner.running

    @property
    def epoch(self) -> int:
        """The number of the last epoch of this run, or of the last run; -1 before the first."""
        return self._runner.epoch

    @property
    def made(self) -> int:
        """How many epochs the run has made."""
        return self._runner.made

    @property
    def has_ended(self) -> bool:
        """Whether the tube has come to its end in this run, but for its last epochs."""
        return self._runner.has_ended

    @property
    def assets(self) -> LiveAssets:
        """The runner-scoped assets of this run, or of the last, by name; nested, with the nodes around."""
        return self._runner.assets

    @property
    def values(self) -> dict[str, Any]:
        """The last value of each signal, by its name, if they are kept: see `SynchronousRunner.values`."""
        return self._runner.values

    @property
    def timers(self) -> Mapping[str, Timer]:
        """What the nodes of this run, or of the last, have taken and emitted, by name, if that is measured."""
        return self._runner.timers

    @property
    def failure(self) -> Failure | None:
        """The last error of a node or an asset, and where it came from."""
        return self._runner.failure

    @property
    def failures(self) -> list[Failure]:
        """The last error of a node or an asset; after it, what failed to end because of it."""
        return self._runner.failures

    async def _results(self, results: Generator[Any, None, None]) -> AsyncGenerator[Any]:
        try:
            while (result := await self._do(next, results, _NO_MORE)) is not _NO_MORE:
                yield result
        finally:
            await self._do(results.close)

    async def _do(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Call what waits for the event loop, in a thread where it may, and wait for it here."""
        if self in _WITHIN.get():
            raise RunnerBusyError
        if self._runner.current_run is not None:
            self._runner.current_run.refuse_called()
        context = copy_context()
        context.run(_WITHIN.set, (*_WITHIN.get(), self))
        self._runner.loop = loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, context.run, _outcome_of, function, *arguments)
        try:
            await asyncio.wait([done])
        except asyncio.CancelledError as error:
            self._runner.interrupt(error)
            await asyncio.wait([done])
            self._runner.interrupt(None)
            raise
        result, failed = done.result()
        if failed is not None:
            raise failed
        return result  # type: ignore[return-value]


def _outcome_of(function: Callable[..., _T], *arguments: Any) -> tuple[_T | None, BaseException | None]:
    """What a function gives or raises; a future would not take all of that."""
    try:
        return function(*arguments), None
    except BaseException as error:
        return None, error


class _InLoop(SynchronousRunner):
    """Waits for an event loop that others run.

    Args:
        thread: Where it waits.
        ahead: For how many epochs coroutines that keep no state are awaited at once.
        tube: The tube.
        options: Those of the `SynchronousRunner`.
    """

    loop: asyncio.AbstractEventLoop
    """Where it is used."""
    _shown_as = "AsyncRunner"

    def __init__(self, thread: ThreadPoolExecutor, ahead: int | None, tube: Tube, **options: Any) -> None:
        super().__init__(tube, **options)
        self._thread = thread
        self._coroutines = ahead
        self._task: GuestTask | None = None
        self._reason: BaseException | None = None

    def _strand(self) -> Strand:
        task = GuestTask(copy_context(), self.loop, self._end_with_loop)
        self.loop.call_soon_threadsafe(self._take, task)
        return Strand(is_own=True, needs_loop=True, task=task)

    def _take(self, task: GuestTask) -> None:
        """Have a task, which may be wanted no more before it is there; called where the loop runs."""
        self._task = task
        task.interrupt(self._reason)

    def _end_with_loop(self) -> None:
        """The loop is about to end: so does the run."""
        self._thread.submit(self._deinit_or_say_why_not)

    def _deinit_or_say_why_not(self) -> None:
        try:
            self.deinit()
        except BaseException:
            sys.excepthook(*sys.exc_info())

    def interrupt(self, reason: BaseException | None) -> None:
        """Cancel what is awaited; None to let all be that comes next; called where the loop runs."""
        self._reason = reason
        if self._task is not None:
            self._task.interrupt(reason)
