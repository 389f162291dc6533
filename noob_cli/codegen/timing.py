"""How long nodes take and what they emit, measured by the generated code where somebody wants to know."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Coroutine, Generator, Iterable, Iterator
from time import perf_counter
from types import TracebackType
from typing import Any

from noob_cli.events import EndOfRun, NoEvent


class Timer:
    """The calls of a node. It is entered for the time of a call.

    Example:
        >>> with timer:
        ...     value = double(3)
        >>> timer.emitted(value)

    Attributes:
        calls: How often it was called, or drawn from, also when it failed.
        seconds: How long that took, all in all.
        longest: How long the longest call took.
        events: How many events it has emitted, one for each signal.
        no_events: How often a signal emitted nothing when it was called.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0
        self.longest = 0.0
        self.events = 0
        self.no_events = 0
        self.ahead = _Ahead(self)
        """Entered for the time in which something is done for the next call before that."""
        self._began = 0.0
        self._before = 0.0

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.took(perf_counter() - self._began)

    def took(self, seconds: float) -> None:
        """Count a call that took so long, besides what was done before it."""
        self.calls += 1
        self.seconds += seconds
        seconds += self._before
        self._before = 0.0
        if seconds > self.longest:
            self.longest = seconds

    @property
    def mean(self) -> float:
        """How long a call took on average: what found the end in place of a call is in none of them."""
        return (self.seconds - self._before) / self.calls if self.calls else 0.0

    def took_before(self, seconds: float) -> None:
        """Add the time of what was done for the next call."""
        self.seconds += seconds
        self._before += seconds

    def emitted(self, *values: Any) -> None:
        """Count what a call has emitted, a value for each signal."""
        for value in values:
            if value is NoEvent:
                self.no_events += 1
            else:
                self.events += 1

    def add(self, other: Timer) -> None:
        """Count what was counted elsewhere, too."""
        self.calls += other.calls
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)
        self.events += other.events
        self.no_events += other.no_events

    def items(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """All items of the iterable that a map gets; they, and their number, are its events."""
        with self:
            items = tuple(values)
        if items:
            self.events += len(items) + 1
        else:
            self.emitted(NoEvent, NoEvent)
        return items

    def drawing(self, source: Iterator[Any], signals: int) -> Iterator[Any]:
        """A source, each draw from it measured.

        Args:
            source: The source.
            signals: How many signals it has.
        """
        return _TimedSource(self, source, signals)

    def drawing_async(self, source: AsyncIterator[Any], signals: int) -> AsyncIterator[Any]:
        """The same for a source whose values are awaited."""
        return _TimedAsyncSource(self, source, signals)

    def awaiting(self, coroutine: Coroutine[Any, Any, Any]) -> TimedCoroutine:
        """A coroutine, measured from when it is begun until it is done, whatever else runs meanwhile."""
        return TimedCoroutine(self, coroutine)


class _Ahead:
    """Measures what is done for the next call of a node; if that fails, it was the call."""

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds = perf_counter() - self._began
        if error is None:
            self._timer.took_before(seconds)
        else:
            self._timer.took(seconds)


class _TimedSource(Iterator[Any]):
    def __init__(self, timer: Timer, source: Iterator[Any], signals: int) -> None:
        self._timer = timer
        self._source = source
        self._signals = signals

    def __next__(self) -> Any:
        timer = self._timer
        began = perf_counter()
        try:
            value = next(self._source)
        except (StopIteration, EndOfRun):
            # The draw that finds the end is none.
            raise
        except BaseException:
            timer.took(perf_counter() - began)
            raise
        timer.took(perf_counter() - began)
        _count(timer, value, self._signals)
        return value


class _TimedAsyncSource(AsyncIterator[Any]):
    def __init__(self, timer: Timer, source: AsyncIterator[Any], signals: int) -> None:
        self._timer = timer
        self._source = source
        self._signals = signals

    async def __anext__(self) -> Any:
        timer = self._timer
        began = perf_counter()
        try:
            value = await anext(self._source)
        except (StopAsyncIteration, EndOfRun):
            raise
        except BaseException:
            timer.took(perf_counter() - began)
            raise
        timer.took(perf_counter() - began)
        _count(timer, value, self._signals)
        return value


def _count(timer: Timer, value: Any, signals: int) -> None:
    """Count what a source has emitted."""
    if signals == 1:
        timer.emitted(value)
    elif value is NoEvent:
        timer.no_events += signals
    elif isinstance(value, tuple | list):
        timer.emitted(*value)


class TimedCoroutine(Awaitable[Any]):
    """A coroutine that is measured while it is awaited.

    Args:
        timer: What measures it.
        coroutine: The coroutine.
    """

    def __init__(self, timer: Timer, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._timer = timer
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        with self._timer:
            return (yield from self._coroutine.__await__())

    def close(self) -> None:
        """Close what will not be awaited."""
        self._coroutine.close()
