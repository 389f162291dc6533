"""The asyncio task in which a run goes on as soon as it has to await something, and the event loop of that task."""

from __future__ import annotations

import asyncio
import types
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import Context
from itertools import islice
from types import FrameType
from typing import Any

from noob_cli.assets.lifetimes import joined
from noob_cli.errors import RunnerBusyError
from noob_cli.raised import cause_of, errors_in, is_cancellation, is_of
from noob_cli.runners.node_task import to_its_end

_AWAITED = {"cr": "cr_await", "gi": "gi_yieldfrom", "ag": "ag_await"}
"""What attributes of coroutines and generators begin with, and the one that says what they wait for."""


_OPEN: set[RunTask] = set()
"""Those that are not closed: the garbage collector, if it found one with its runner, would end its coroutine first."""


class NextCoroutine(asyncio.Future[Any]):
    """A future for the next coroutine that the task of a run is to do; the task waits for it while there is none."""

    def cancel(self, msg: Any | None = None) -> bool:
        """A cancellation that comes while nothing is done is for what is done next, and not for the waiting."""
        return False

    def done(self) -> bool:
        """Who cancels again and again what waits is told that it doesn't wait: it goes on as soon as the loop does."""
        return True


class RunTask:
    """An asyncio task that runs the coroutines of a run one after the other, in one context.

    The event loop runs in the thread that waits for it. Where another loop already runs in that thread, it runs in a
    thread of its own meanwhile: it is the same loop all the same, so that objects bound to it keep working.

    Args:
        context: The context of the task.
        loop: The event loop, if it isn't to have one for itself.
    """

    def __init__(self, context: Context, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._context = context
        self._loop = asyncio.new_event_loop() if loop is None else loop
        self._thread: ThreadPoolExecutor | None = None
        self._outcome: tuple[Any, BaseException | None] | None = None
        self._interruption: BaseException | None = None
        self._cancellations = 0
        self._is_busy = False
        self._is_over = False
        """Whether a cancellation is not about what is done next, which is the last."""
        self._within: AsyncGenerator[Any] | None = None
        self.beside: Callable[[], Iterable[asyncio.Task[Any]]] = tuple
        """Gives the tasks that what is done has begun and waits for, that which it needs first coming first."""
        self.inside: Callable[[], Iterable[asyncio.Task[Any]]] = tuple
        """The same of the items of maps, which those tasks wait for in their turn."""
        self._start()
        _OPEN.add(self)

    @property
    def is_busy(self) -> bool:
        """Whether it is doing something."""
        return self._is_busy

    def do(self, work: Coroutine[Any, Any, Any], within: AsyncGenerator[Any] | None = None) -> Any:
        """Do something to its end; if that is interrupted, it is cancelled, and has ended before this returns.

        Args:
            work: A coroutine; it may have been begun, and stand where it needs a loop to go on.
            within: The generator of which it is the next step, if it is one.

        Returns:
            Its result.

        Raises:
            BaseException: What it raises, or what has interrupted it.
        """
        if self._is_busy:
            work.close()
            raise RunnerBusyError
        if self._task.done():
            # It was interrupted where nothing looks after that.
            self._start()
        self._is_busy, self._within = True, within
        try:
            self._begin(work)
            self._in_thread(self._run_to_outcome)
            result, error = self._outcome or (None, None)
            if self._interruption is not None:
                error = self._interrupted(self._interruption, error)
            if error is not None:
                try:
                    raise error
                finally:
                    # It holds this function, which would hold it.
                    del error
            return result
        finally:
            self._is_busy, self._within, self._outcome = False, None, None

    def reason_of(self, error: BaseException) -> BaseException:
        """Why an error came: if it is a cancellation because something was interrupted, what has interrupted it."""
        interruption = self._interruption
        return interruption if interruption is not None and is_of(error, asyncio.CancelledError) else error

    def is_run_by(self, frame: FrameType) -> bool:
        """Whether a function is the one that runs the loop."""
        return frame.f_code is RunTask._run_to_outcome.__code__

    def suspended(self) -> Iterator[FrameType]:
        """Where the task stands, from the innermost function, while it waits for something, or for another task."""
        for task in islice(self.inside(), 1):
            yield from _suspended(task.get_coro())
        yield from _suspended(self._task.get_coro(), self._within)
        for task in islice(self.beside(), 1):
            yield from _suspended(task.get_coro())

    def close(self) -> None:
        """End the task, cancel those that are left, wait for them, and close the loop."""
        try:
            if not self._is_busy:
                self._in_thread(self._close)
        finally:
            _OPEN.discard(self)
            if self._thread is not None:
                self._thread.shutdown()

    # The task

    def _nothing_yet(self) -> NextCoroutine:
        return NextCoroutine(loop=self._loop)

    def _start(self) -> None:
        self._next = self._nothing_yet()
        self._task = self._loop.create_task(self._serve(), context=self._context)
        self._task.add_done_callback(lambda _: self._tell())

    async def _serve(self) -> None:
        """The main coroutine of the task: await the next coroutine and run it, until there is None."""
        while (work := await self._next_coroutine()) is not None:
            self._outcome = await _outcome_of(work)
            del work
            self._tell()

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Have something done, as soon as the loop runs."""
        self._next.set_result(work)

    def _tell(self) -> None:
        """It has been done: who waits for it goes on."""
        self._loop.stop()

    async def _next_coroutine(self) -> Coroutine[Any, Any, Any] | None:
        """What is to be done next."""
        coming = self._next
        try:
            await coming
        except asyncio.CancelledError as error:
            # Asked for while nothing was done: it reaches what is awaited next, counted once as before.
            self._task.uncancel()
            if not self._is_over:
                self._task.cancel(*error.args)
        self._next = self._nothing_yet()
        work: Coroutine[Any, Any, Any] | None = coming.result()
        return work

    # The loop

    def _in_thread(self, function: Callable[[], object]) -> None:
        """Call what runs the loop, in a thread where no other runs."""
        if not _is_inside_a_loop():
            function()
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="noob event loop")
        future = self._thread.submit(function)
        while not future.done():
            try:
                wait([future])
            except BaseException as error:
                self._interruption = error
                self._loop.call_soon_threadsafe(self._cancel)
        future.result()

    def _run_to_outcome(self) -> None:
        while self._outcome is None and not self._task.done():
            try:
                self._loop.run_forever()
            except BaseException as error:
                if self._loop.is_closed():
                    raise
                self._interruption = error
                self._cancel()

    def _cancel(self) -> None:
        """Cancel what is done, unless that has just come to its end."""
        if self._outcome is None:
            self._cancellations += 1
            self._task.cancel()

    def _interrupted(self, interruption: BaseException, error: BaseException | None) -> BaseException:
        """The error of something that was interrupted: more than the interruption, if more has failed on the way."""
        for _ in range(self._cancellations):
            self._task.uncancel()
        self._interruption, self._cancellations = None, 0
        if error is None or is_of(error, asyncio.CancelledError):
            return interruption
        return error if any(member is interruption for member in errors_in(error)) else joined([interruption, error])

    def _close(self) -> None:
        loop = self._loop
        try:
            if not self._task.done():
                self._next.set_result(None)
                loop.run_until_complete(self._task)
            unfinished = asyncio.all_tasks(loop)
            for task in unfinished:
                task.cancel()
            if unfinished:
                loop.run_until_complete(asyncio.wait(unfinished))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


def _suspended(waiting: Any, within: Any = None) -> Iterator[FrameType]:
    """Where a coroutine stands that waits for something, from the innermost function.

    Args:
        waiting: The coroutine.
        within: The generator of which it is the next step, if it is one.
    """
    frames: list[FrameType] = []
    if waiting.cr_running:
        # It is on the stack of the thread.
        return
    while waiting is not None:
        kind = next((kind for kind in _AWAITED if hasattr(waiting, f"{kind}_frame")), None)
        if kind is None:
            # What steps through a generator does not say which.
            waiting, within = within, None
            continue
        frames.append(getattr(waiting, f"{kind}_frame"))
        waiting = getattr(waiting, _AWAITED[kind])
    yield from (frame for frame in reversed(frames) if frame is not None)


async def together(
    started: Sequence[tuple[str, Coroutine[Any, Any, Any]]],
    epoch: int,
    on_error: Callable[[str, BaseException], None],
    on_end: Callable[[str], Any],
) -> dict[str, Any]:
    """Start coroutines in order, each in a task of its own, and await all. If one fails, the others are cancelled.

    Args:
        started: The coroutines, each with a name.
        epoch: The epoch that they are in.
        on_error: Told of the first error, and whose it is; then of what those raise that are cancelled.
        on_end: Told which of them ends the run, also when another fails; it gives the result of that one.

    Returns:
        The results, by name.

    Raises:
        BaseException: The first error; a group of it and of what those raise that are cancelled, if they do.
    """
    tasks = {name: asyncio.ensure_future(to_its_end(name, epoch, coroutine, on_end)) for name, coroutine in started}
    if not tasks:
        return {}
    began: BaseException | None = None
    try:
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
        failed = {name: task.exception() for name, task in tasks.items() if task.done() and not task.cancelled()}
        for name, began in failed.items():
            if began is not None:
                on_error(name, began)
                break
    except BaseException as error:
        began = error
    if began is None:
        return {name: task.result() for name, task in tasks.items()}
    errors = [] if is_cancellation(began) else [began]
    cancelled = {name: task for name, task in tasks.items() if not task.done()}
    for task in cancelled.values():
        task.cancel()
    outcomes = await asyncio.gather(*cancelled.values(), return_exceptions=True)
    for name, outcome in zip(cancelled, outcomes, strict=True):
        if isinstance(outcome, BaseException) and not is_cancellation(outcome):
            on_error(name, outcome)
            errors.append(outcome)
    if len(errors) > 1:
        raise joined(errors) from None
    raise errors[0] if errors else began


async def within(seconds: float, text: str, call: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine.

    Args:
        seconds: How long it may take: then it is cancelled, and has ended before anything else is done.
        text: The same in words.
        call: The coroutine.

    Raises:
        TimeoutError: It has taken longer.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            return await call
    except TimeoutError as error:
        cause = cause_of(error)
        if cause is not None and is_cancellation(cause) and limit.expired():
            raise TimeoutError(f"it has taken longer than {text}") from cause
        raise


async def _outcome_of(work: Coroutine[Any, Any, Any]) -> tuple[Any, BaseException | None]:
    try:
        return await _going_on(work), None
    except BaseException as error:
        return None, error


@types.coroutine
def _going_on(work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """Await a coroutine that may have been begun."""
    return (yield from work)


def _is_inside_a_loop() -> bool:
    return asyncio._get_running_loop() is not None
