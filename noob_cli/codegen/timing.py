"""How long nodes take and what they emit, measured by the generated code where somebody wants to know."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Coroutine, Generator, Iterable, Iterator
from operator import add
from time import perf_counter
from types import TracebackType
from typing import Any, Final

from noob_cli.events import EndOfRun, NoEvent

EDGES: Final = (1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Up to how many seconds a call takes that is counted with others; those that take longer are counted together."""


class _Stopwatch:
    """Is entered for the time of something."""

    def __init__(self) -> None:
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = perf_counter()


class Timer(_Stopwatch):
    """The calls of a node. It is entered for the time of a call.

    Example:
        >>> with timer:
        ...     value = double(3)
        >>> timer.emitted(value)

    Attributes:
        calls: How often it was called, or drawn from, also when it failed.
        seconds: How long that took, all in all.
        longest: How long the longest call took.
        failed: How many of them have failed.
        retried: How many of those were made again.
        waited: How many seconds they have waited for their turn, which are none of a call.
        by_length: How many calls took as long as each of `EDGES` at the most, and longer than the one before.
        events: How many events it has emitted, one for each signal.
        no_events: How often a signal emitted nothing when it was called.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.seconds = 0.0
        self.longest = 0.0
        self.failed = 0
        self.retried = 0
        self.waited = 0.0
        self.by_length = [0] * (len(EDGES) + 1)
        self.events = 0
        self.no_events = 0
        self.ahead = _Ahead(self)
        """Entered for the time in which something is done for the next call before that."""
        self._before = 0.0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.took(perf_counter() - self._began)
        if kind is not None:
            self.failed += _has_failed(kind)

    def took(self, seconds: float) -> None:
        """Count a call.

        Args:
            seconds: How long it took, without what `took_before` has added for it.
        """
        self.calls += 1
        self.seconds += seconds
        seconds += self._before
        self._before = 0.0
        self.by_length[bisect_left(EDGES, seconds)] += 1
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

    def waits(self, seconds: float) -> float:
        """Count for how many seconds the next call waits for its turn, and return them."""
        self.waited += seconds
        return seconds

    def emitted(self, value: Any) -> None:
        """Count what a call has emitted on a signal."""
        if value is NoEvent:
            self.no_events += 1
        else:
            self.events += 1

    def add(self, other: Timer) -> None:
        """Count what was counted elsewhere, too."""
        self.calls += other.calls
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)
        self.failed += other.failed
        self.retried += other.retried
        self.waited += other.waited
        self.by_length = list(map(add, self.by_length, other.by_length))
        self.events += other.events
        self.no_events += other.no_events

    def items(self, values: Iterable[Any]) -> tuple[Any, ...]:
        """All items of the iterable that a map gets; they, and their number, are its events."""
        with self:
            items = tuple(values)
        if items:
            self.events += len(items) + 1
        else:
            self.no_events += 2
        return items

    def drawing(self, source: Iterator[Any], signals: int) -> Iterator[Any]:
        """A source, each draw from it measured.

        Args:
            source: The source.
            signals: How many signals it has.
        """
        return _TimedSource(self, signals, source)

    def drawing_async(self, source: AsyncIterator[Any], signals: int) -> AsyncIterator[Any]:
        """The same for a source whose values are awaited."""
        return _TimedAsyncSource(self, signals, source)

    def awaiting(self, coroutine: Coroutine[Any, Any, Any]) -> TimedCoroutine:
        """A coroutine, measured from when it is begun until it is done, whatever else runs meanwhile."""
        return TimedCoroutine(self, coroutine)


def _has_failed(kind: type[BaseException]) -> bool:
    """Whether a call has failed that was left with an error of this class: not if it has ended, or was cancelled."""
    return issubclass(kind, Exception) and not issubclass(kind, EndOfRun)


class _Ahead(_Stopwatch):
    """Measures what is done for the next call of a node; if that fails, it was the call."""

    def __init__(self, timer: Timer) -> None:
        super().__init__()
        self._timer = timer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds = perf_counter() - self._began
        if error is None:
            self._timer.took_before(seconds)
        else:
            self._timer.took(seconds)
            self._timer.failed += 1


class _Draws(_Stopwatch):
    """Measures each draw from a source, and counts what that has emitted. The draw that finds the end is none."""

    def __init__(self, timer: Timer, signals: int, source: Any) -> None:
        super().__init__()
        self._timer = timer
        self._signals = signals
        self._source = source

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, StopIteration | StopAsyncIteration | EndOfRun):
            self._timer.took(perf_counter() - self._began)
            if kind is not None:
                self._timer.failed += _has_failed(kind)

    def counted(self, value: Any) -> Any:
        """What was drawn, after its events were counted."""
        if self._signals == 1:
            self._timer.emitted(value)
        elif value is NoEvent:
            self._timer.no_events += self._signals
        elif isinstance(value, tuple | list):
            for item in value:
                self._timer.emitted(item)
        return value


class _TimedSource(_Draws, Iterator[Any]):
    """A source, measured."""

    def __next__(self) -> Any:
        with self:
            value = next(self._source)
        return self.counted(value)


class _TimedAsyncSource(_Draws, AsyncIterator[Any]):
    """A source whose values are awaited, measured."""

    async def __anext__(self) -> Any:
        with self:
            value = await anext(self._source)
        return self.counted(value)


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
