"""The task of a run in an event loop that others run: the loop goes on while the run does nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextvars import Context
from typing import Any

from noob_cli.runners.coroutines import NextCoroutine, RunTask


class _NextCoroutine(NextCoroutine):
    """What is to be done next, by a task that is told if all tasks of its loop are cancelled."""

    on_cancel: Callable[[], object]

    def cancel(self, msg: Any | None = None) -> bool:
        """It is for what is done next; unless it is for all."""
        self.get_loop().call_soon(self.on_cancel)
        return super().cancel(msg)


class GuestTask(RunTask):
    """The task of a run in an event loop of another thread; the thread of the run waits for what the task does.

    Args:
        context: The context of the task.
        loop: The event loop.
        on_over: Called where the loop runs, if that is going to end: it ends the run, and thereby this task.
    """

    def __init__(self, context: Context, loop: asyncio.AbstractEventLoop, on_over: Callable[[], object]) -> None:
        self._on_over = on_over
        self._told = threading.Event()
        self._reason: BaseException | None = None
        self._is_at_work = False
        super().__init__(context, loop)

    def do(self, work: Coroutine[Any, Any, Any], within: AsyncGenerator[Any] | None = None) -> Any:
        """Do something to its end.

        Raises:
            RuntimeError: The event loop is closed, or runs in this thread, so that it can't be waited for.
        """
        if self._loop.is_closed() or asyncio._get_running_loop() is self._loop:
            work.close()
            raise RuntimeError("what runs in an event loop has to be ended there: use 'async with'")
        return super().do(work, within)

    def interrupt(self, reason: BaseException | None) -> None:
        """Cancel what is done, or what is done next; called where the loop runs.

        Args:
            reason: What it fails with; None if it is not to be cancelled any more.
        """
        self._reason = reason
        if self._is_at_work:
            self._look_whether_interrupted()

    def _look_whether_interrupted(self) -> None:
        if self._reason is not None:
            self._interruption, self._reason = self._reason, None
            self._cancel()

    def close(self) -> None:
        """End the task; the loop goes on."""
        if not self.is_busy and not self._task.done():
            self._in_loop(self._end)

    def _end(self, ended: Callable[[object], None]) -> None:
        self._task.add_done_callback(ended)
        self._next.set_result(None)

    def _start(self) -> None:
        self._in_loop(self._start_here)

    def _start_here(self, started: Callable[[object], None]) -> None:
        super()._start()
        started(None)

    def _nothing_yet(self) -> NextCoroutine:
        coming = _NextCoroutine(loop=self._loop)
        coming.on_cancel = self._look_whether_over
        return coming

    def _look_whether_over(self) -> None:
        others = asyncio.all_tasks(self._loop) - {self._task}
        if not self._is_over and not self._is_at_work and all(task.cancelling() for task in others):
            self._is_over = True
            self._on_over()

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        self._told.clear()
        self._loop.call_soon_threadsafe(self._begin_here, work)

    def _begin_here(self, work: Coroutine[Any, Any, Any]) -> None:
        self._next.set_result(work)
        self._is_at_work = True
        self._look_whether_interrupted()

    def _tell(self) -> None:
        self._is_at_work = False
        if self._task.cancelling() > self._cancellations:
            self._loop.call_soon(self._look_whether_over)
        self._told.set()

    def _in_thread(self, function: Callable[[], object]) -> None:
        function()

    def _run_to_outcome(self) -> None:
        self._told.wait()

    def _in_loop(self, function: Callable[[Callable[[object], None]], object]) -> None:
        """Call something where the loop runs, and wait until it has called what it gets."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(function, lambda _: done.set())
        done.wait()
