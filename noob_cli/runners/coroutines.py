"""The event loop that a runner owns: coroutines are run on it to their end, one after the other or together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Only a run with something asynchronous in it pays for the import of these.
    import asyncio
    from concurrent.futures import ThreadPoolExecutor


class EventLoop:
    """An event loop for the whole life of a run, made when it is first needed.

    It runs in the thread that waits for it. Where another loop already runs in that thread, it runs in a thread of its
    own meanwhile: it is the same loop all the same, so that objects bound to it keep working.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._task: asyncio.Task[Any] | None = None

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        """Run something awaitable to its end.

        Returns:
            Its result.

        Raises:
            BaseException: What it raises.
        """
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
        if not _is_inside_a_loop():
            return self._run(awaitable)
        future = self._own_thread().submit(self._run, awaitable)
        try:
            return future.result()
        except BaseException:
            if not future.done():
                self._loop.call_soon_threadsafe(self._cancel)
                future.exception()
            raise

    def wait_together(
        self,
        started: Sequence[tuple[str, Awaitable[Any]]],
        on_error: Callable[[str, BaseException], None],
    ) -> dict[str, Any]:
        """Start coroutines in order and wait for all. If one fails, the others are cancelled and awaited.

        Args:
            started: The coroutines, each with a name.
            on_error: Told of the first error, and whose it is.

        Returns:
            The results, by name.

        Raises:
            BaseException: The first error.
        """
        results: dict[str, Any] = self.wait(_all(started, on_error)) if started else {}
        return results

    def drawing(self, generator: AsyncIterator[Any]) -> Iterator[Any]:
        """The items of an asynchronous iterator, each waited for when it is drawn."""
        return _Drawing(self, generator)

    def closing(self, generator: AsyncGenerator[Any, Any]) -> Callable[[], object]:
        """What closes an asynchronous generator."""
        return lambda: self.wait(generator.aclose())

    def close(self) -> None:
        """Cancel the tasks that are left, wait for them, and close the loop."""
        loop, self._loop = self._loop, None
        if loop is not None:
            if _is_inside_a_loop():
                self._own_thread().submit(_close, loop).result()
            else:
                _close(loop)
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _own_thread(self) -> ThreadPoolExecutor:
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, thread_name_prefix="noob event loop")
        return self._thread

    def _run(self, awaitable: Awaitable[Any]) -> Any:
        """Run something to its end; if that is interrupted, it is cancelled, and has ended before anything else is."""
        assert self._loop is not None
        self._task = task = self._loop.create_task(_awaiting(awaitable))
        try:
            return self._loop.run_until_complete(task)
        except BaseException:
            if not task.done():
                task.cancel()
                self._loop.run_until_complete(_ended(task))
            raise

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class _Drawing(Iterator[Any]):
    """Draws from an asynchronous iterator; unlike a generator, it can go on after an error."""

    def __init__(self, loop: EventLoop, items: AsyncIterator[Any]) -> None:
        self._loop = loop
        self._items = items

    def __next__(self) -> Any:
        try:
            return self._loop.wait(self._items.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None


async def _awaiting(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


async def _ended(task: asyncio.Task[Any]) -> None:
    import asyncio

    await asyncio.wait([task])


async def _all(
    started: Sequence[tuple[str, Awaitable[Any]]], on_error: Callable[[str, BaseException], None]
) -> dict[str, Any]:
    import asyncio

    tasks = {name: asyncio.ensure_future(_awaiting(awaitable)) for name, awaitable in started}
    try:
        await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_EXCEPTION)
        for name, task in tasks.items():
            error = task.exception() if task.done() and not task.cancelled() else None
            if error is not None:
                on_error(name, error)
                raise error
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {name: task.result() for name, task in tasks.items()}


def _close(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    try:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def _is_inside_a_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
