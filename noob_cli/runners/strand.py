"""The strand of a run: all that it does is done one after the other, as if it were written in one coroutine."""

from __future__ import annotations

import types
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Iterable, Iterator
from contextvars import Context, copy_context
from itertools import repeat
from types import FrameType
from typing import TYPE_CHECKING, Any

from noob_cli.codegen.compiled import Epochs

if TYPE_CHECKING:
    # Only a run that awaits something pays for the import of asyncio.
    from noob_cli.runners.coroutines import RunTask


@types.coroutine
def _asking_for_a_loop() -> Generator[None, None, None]:
    """Stop here until there is an event loop."""
    yield


class Strand:
    """Does all that a run does in one context and, from the first thing on that is awaited, in one task.

    Coroutines are driven by hand for as long as they await nothing of others. The first that has to goes on in a task
    of an event loop, and so does all that comes after it.

    Args:
        is_own: Whether it has a context of its own, since something may be awaited; else it is in that of its callers.
        needs_loop: Whether it is known from the start that something is awaited.
        task: Its task, if it is one of an event loop that others run.
    """

    def __init__(self, is_own: bool, needs_loop: bool, task: RunTask | None = None) -> None:
        self._context: Context | None = copy_context() if is_own else None
        self._task = task
        if needs_loop and task is None:
            self._begin_task()

    @property
    def is_busy(self) -> bool:
        """Whether its task is doing something."""
        return self._task is not None and self._task.is_busy

    @property
    def has_loop(self) -> bool:
        """Whether something has needed an event loop, or is known to."""
        return self._task is not None

    async def wait(self, awaitable: Awaitable[Any]) -> Any:
        """Await what is not ours, which needs an event loop."""
        if self._task is None:
            await _asking_for_a_loop()
        return await awaitable

    async def pause(self, seconds: float) -> None:
        """Wait for so long, while others go on that are under way in its event loop."""
        from asyncio import sleep

        if seconds > 0:
            await self.wait(sleep(seconds))

    def do(self, work: Coroutine[Any, Any, Any], within: AsyncGenerator[Any] | None = None) -> Any:
        """Do something from its beginning to its end.

        Args:
            work: A coroutine of ours, not yet begun.
            within: The generator of which it is the next step, if it is one.

        Returns:
            Its result.

        Raises:
            BaseException: What it raises.
        """
        if self._task is None:
            try:
                if self._context is None:
                    work.send(None)
                else:
                    self._context.run(work.send, None)
            except StopIteration as done:
                return done.value
            self._begin_task()
        assert self._task is not None
        return self._task.do(work, within)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function."""
        if self._task is not None:
            return self._task.do(_calling(function, *arguments))
        return function(*arguments) if self._context is None else self._context.run(function, *arguments)

    def driving(self, epochs: Epochs, are_awaited: bool) -> Epochs:
        """Functions that make epochs here.

        Args:
            epochs: What the plan was compiled to.
            are_awaited: Whether these are coroutine functions, and generators of such.
        """
        if are_awaited:
            return epochs.driven(
                process=lambda inputs: self.do(epochs.process(inputs)),
                run=lambda limit, results: self.do(epochs.run(limit, results)),  # type: ignore[arg-type]
                iterate=lambda limit: self.awaited(epochs.iterate(limit)),  # type: ignore[arg-type]
                stream=lambda records, limit: self.awaited(epochs.stream(records, limit)),  # type: ignore[arg-type]
            )
        if self._task is None and self._context is None:
            return epochs
        return epochs.driven(
            process=lambda inputs: self.call(epochs.process, inputs),
            run=lambda limit, results: self.call(epochs.run, limit, results),
            iterate=lambda limit: self._called(epochs.iterate(limit)),
            stream=lambda records, limit: self._called(epochs.stream(records, limit)),
        )

    def awaited(self, results: AsyncGenerator[Any]) -> Generator[Any, None, None]:
        """What a generator gives, each item awaited when it is asked for.

        Args:
            results: The generator, not yet begun.
        """
        try:
            while True:
                try:
                    result = self.do(_next_of(results), results)
                except StopAsyncIteration:
                    return
                yield result
        finally:
            self.do(_closing(results), results)

    def _called(self, results: Generator[Any, None, None]) -> Generator[Any, None, None]:
        """The same of a plain generator."""
        try:
            if self._task is not None:
                yield from iter(lambda: self.call(next, results, results), results)
            else:
                assert self._context is not None
                # All of it in C.
                yield from map(self._context.run, repeat(results.__next__))
        finally:
            self.call(results.close)

    def look_beside(self, tasks: Callable[[], Iterable[Any]]) -> None:
        """Say which tasks what is done has begun and waits for.

        Args:
            tasks: Gives them, that which is needed first coming first.
        """
        assert self._task is not None
        self._task.beside = tasks

    def look_inside(self, tasks: Callable[[], Iterable[Any]]) -> None:
        """Say which tasks those wait for in their turn, or what is done itself: those of the items of maps.

        Args:
            tasks: Gives them, that which is needed first coming first.
        """
        assert self._task is not None
        self._task.inside = tasks

    def reason_of(self, error: BaseException) -> BaseException:
        """Why an error came: if it is a cancellation because something was interrupted, what has interrupted it."""
        return error if self._task is None else self._task.reason_of(error)

    def stack(self, frame: FrameType | None) -> Iterator[FrameType]:
        """The functions that are under way, from the innermost: while the event loop waits, those that it waits for.

        Args:
            frame: The innermost function of the thread.
        """
        for function in stack_from(frame):
            yield function
            if self._task is not None and self._task.is_run_by(function):
                yield from self._task.suspended()

    def close(self) -> None:
        """End the task and its event loop, if there are any."""
        task, self._task = self._task, None
        if task is not None:
            task.close()

    def _begin_task(self) -> None:
        from noob_cli.runners.coroutines import RunTask

        self._task = RunTask(copy_context() if self._context is None else self._context)


def stack_from(frame: FrameType | None) -> Iterator[FrameType]:
    """The functions that are under way in a thread, from the innermost.

    Args:
        frame: The innermost.
    """
    while frame is not None:
        yield frame
        frame = frame.f_back


def by_hand(work: Coroutine[Any, Any, Any]) -> Any:
    """Drive a coroutine to its end that is known to await nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("something was awaited in a tube without anything asynchronous")


async def _next_of(results: AsyncGenerator[Any]) -> Any:
    return await anext(results)


async def _closing(results: AsyncGenerator[Any]) -> None:
    await results.aclose()


async def _calling(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)
