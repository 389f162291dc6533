"""Nodes and assets for tubes that are run twice and compared.

All of them write to `LOG` what they were called with, as text, so that what happens to an object
later doesn't change the record. What they return depends only on their arguments and, for classes
and generators, on their own earlier calls. `tag` is a node's or an asset's name.
"""

import asyncio
import contextlib
import contextvars
import copy
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from noob_cli.code.marks import deinit_method, flush_method, init_method, process_method
from noob_cli.events import EndOfRun, Epoch, Event, EventMap, NoEvent
from noob_cli.names import Name

UNCOUNTED = "NOOB_TESTS_UNCOUNTED"
"""Stands in the environment of processes in which nothing is counted."""

LOG: list[tuple[str, ...]] = []
"""What was called, made and ended, in order: (what, tag, arguments ...)."""


class Uncounted(dict[str, int]):
    """Makers of assets that count in a global: what they make depends on how often they were called."""

    def get(self, key: str, default: int = 0) -> int:
        return 0


MADE: dict[str, int] = Uncounted() if UNCOUNTED in os.environ else {}
"""How many instances of an asset were made, by tag."""

_FAILED: dict[Any, int] = {}
"""How often calls have failed that are made again, by the node, and who makes them."""

LEVEL: contextvars.ContextVar[int] = contextvars.ContextVar("LEVEL", default=0)
"""What nodes and assets read and set in the context that they run in."""


def reset() -> None:
    """Forget the log, and what nodes have set. Called before each run."""
    LOG.clear()
    MADE.clear()
    _FAILED.clear()
    LEVEL.set(0)


def log(what: str, tag: str, *arguments: Any) -> None:
    """Write a line of the log."""
    LOG.append((what, tag, *(repr(each) for each in arguments)))


def weigh(value: Any) -> int:
    """A number that any value has, so that any node can take any value."""
    if isinstance(value, int):
        return int(value) % 1000
    if isinstance(value, (list, tuple)):
        return (len(value) + sum(weigh(each) for each in value)) % 1000
    if isinstance(value, dict):
        return (1 + sum(weigh(key) + weigh(each) for key, each in value.items())) % 1000
    if isinstance(value, str):
        return len(value)
    if isinstance(value, (Box, Resource)):
        return weigh(value.value)
    return 7


# --- sources ----------------------------------------------------------------------------------


def count(n: int, tag: str, start: int = 0) -> Generator[int, None, None]:
    """`start`, `start + 1` ... `n` of them."""
    for number in range(start, start + n):
        log("draw", tag, number)
        yield number
    log("draw", tag, "end")


def gaps(n: int, tag: str, every: int = 2) -> "Iterator[Annotated[int, Name('x')]]":
    """`n` numbers, with NoEvent in place of the multiples of `every`. The signal is `x`; the
    annotation is a string."""
    for number in range(n):
        log("draw", tag, number)
        yield NoEvent if number % every == 0 else number  # type: ignore[misc]
    log("draw", tag, "end")


def pairs(n: int, tag: str) -> Generator[tuple[Annotated[int, Name("a")], Annotated[list[int], Name("b")]], None, None]:
    """Two signals; of every fourth item none, of the one after it only `b`."""
    for number in range(n):
        log("draw", tag, number)
        match number % 4:
            case 2:
                yield NoEvent  # type: ignore[misc]
            case 3:
                yield NoEvent, [number, number]  # type: ignore[misc]
            case _:
                yield number, [number] * (number % 3)
    log("draw", tag, "end")


def growing(n: int, tag: str) -> Iterator[list[int]]:
    """The same list every time, with one more number in it."""
    items: list[int] = []
    for number in range(n):
        items.append(number)
        log("draw", tag, items)
        yield items
    log("draw", tag, "end")


def refilled(n: int, tag: str) -> Iterator[list[int]]:
    """The same list every time, filled anew."""
    items: list[int] = []
    for number in range(n):
        items[:] = [number, number + 1]
        log("draw", tag, items)
        yield items
    log("draw", tag, "end")


def lists(n: int, tag: str) -> Iterator[list[int]]:
    """Lists of 0, 1, 2, 3, 0 ... numbers, a new one each time."""
    for number in range(n):
        log("draw", tag, number)
        yield list(range(number, number + number % 4))
    log("draw", tag, "end")


def breaking(n: int, tag: str) -> Iterator[int]:
    """`n` numbers and then an error."""
    for number in range(n):
        log("draw", tag, number)
        yield number
    log("draw", tag, "error")
    raise ValueError(f"{tag} broke")


async def async_count(n: int, tag: str) -> AsyncGenerator[int, None]:
    """Numbers, asynchronously."""
    for number in range(n):
        await asyncio.sleep(0)
        log("draw", tag, number)
        yield number
    log("draw", tag, "end")


async def levels(n: int, tag: str) -> AsyncGenerator[int, None]:
    """Numbers, each of which is also set in the context."""
    for number in range(n):
        log("draw", tag, number, LEVEL.get())
        LEVEL.set(10 * number)
        yield number
        await asyncio.sleep(0)
    log("draw", tag, "end", LEVEL.get())


def of_asset(values: Any, n: int, tag: str) -> Iterator[list[int]]:
    """Lists made of what it got at the start, as that is now."""
    for number in range(n):
        log("draw", tag, values)
        yield [number, weigh(values)]
    log("draw", tag, "end")


class AsyncCountdown:
    """An asynchronous iterator: n, n - 1 ... 1."""

    def __init__(self, n: int, tag: str) -> None:
        self.n, self.tag = n, tag

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        await asyncio.sleep(0)
        log("draw", self.tag, self.n)
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return self.n + 1


class Countdown:
    """An iterator: n, n - 1 ... 1."""

    def __init__(self, n: int, tag: str) -> None:
        self.n, self.tag = n, tag

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        log("draw", self.tag, self.n)
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


class Ticker:
    """A class whose `process` is a generator without slots."""

    def __init__(self, n: int, tag: str) -> None:
        self.n, self.tag = n, tag

    def init(self) -> None:
        log("init", self.tag)

    def deinit(self) -> None:
        log("deinit", self.tag)

    def process(self) -> Generator[Annotated[int, Name("tick")], None, None]:
        for number in range(self.n):
            log("draw", self.tag, number)
            yield number * 10
        log("draw", self.tag, "end")


# --- functions --------------------------------------------------------------------------------


def one(value: Any, tag: str, add: int = 1, extra: Any = None) -> int:
    """A required slot."""
    log("call", tag, value, add, extra)
    return weigh(value) + weigh(add)


def same(value: Any, tag: str) -> Any:
    """What it got: the same object."""
    log("call", tag, value)
    return value


def two(left: Any, right: Any, tag: str) -> int:
    """Two required slots."""
    log("call", tag, left, right)
    return 2 * weigh(left) + weigh(right)


def maybe(value: Any, other: Any = None, *, tag: str) -> int:
    """A required slot and an optional one."""
    log("call", tag, value, other)
    return weigh(value) + 3 * weigh(other)


def optional(left: Any = None, right: Any = None, *, tag: str) -> list[int]:
    """Nothing but optional slots."""
    log("call", tag, left, right)
    return [weigh(left), weigh(right)]


def defaulted(value: Any = 5, *, tag: str) -> int:
    """A default that is not None: the slot is required."""
    log("call", tag, value)
    return weigh(value)


def keywords(*, tag: str, **named: Any) -> dict[str, int]:
    """Any keyword is an optional slot."""
    log("call", tag, named)
    return {name: weigh(value) for name, value in named.items()}


def many(*values: Any, tag: str) -> int:
    """Any number of positional slots."""
    log("call", tag, *values)
    return sum(weigh(value) for value in values)


def constant(value: Any = 2, *, tag: str) -> Any:
    """No slots."""
    log("call", tag, value)
    return value


def constant_copied(value: Any = 2, *, tag: str) -> Any:
    """The same, and never the same object again."""
    log("call", tag, value)
    return copy.deepcopy(value)


def none(value: Any, tag: str) -> None:
    """None is a value like any other."""
    log("call", tag, value)


def silent(value: Any, tag: str, every: int = 2) -> int:
    """NoEvent for what is a multiple of `every`."""
    log("call", tag, value)
    return NoEvent if weigh(value) % every == 0 else weigh(value)  # type: ignore[return-value]


def split(value: Any, tag: str) -> tuple[Annotated[int, Name("low")], Annotated[int, Name("high")]]:
    """Two signals: both, one of them, the other, or none; both now and then as a list."""
    log("call", tag, value)
    weight = weigh(value)
    match weight % 4:
        case 0:
            return NoEvent  # type: ignore[return-value]
        case 1:
            return weight % 10, NoEvent  # type: ignore[return-value]
        case 2:
            return NoEvent, weight // 10  # type: ignore[return-value]
    both = weight % 10, weight // 10
    return list(both) if weight % 3 == 0 else both  # type: ignore[return-value]


def bad_tuple(value: Any, tag: str) -> tuple[Annotated[int, Name("low")], Annotated[int, Name("high")]]:
    """A tuple that is too short."""
    log("call", tag, value)
    return (1,)  # type: ignore[return-value]


def items(value: Any, tag: str, most: int = 4) -> list[int]:
    """A list of less than `most` numbers, sometimes empty."""
    log("call", tag, value)
    weight = weigh(value)
    return [weight + each for each in range(weight % most)]


def fails(value: Any, tag: str, every: int = 3) -> int:
    """Raises for what is one more than a multiple of `every`."""
    log("call", tag, value)
    if weigh(value) % every == 1:
        raise ValueError(f"{tag} can't take {weigh(value)}")
    return weigh(value)


def flaky(value: Any, tag: str, times: int) -> int:
    """Raises up to three times for a value, by its weight; then, or after `times` more tries, it begins anew."""
    log("call", tag, value)
    caller = tag, threading.get_ident(), _task()
    failed = _FAILED.pop(caller, 0)
    if failed == weigh(value) % 4:
        return weigh(value)
    if failed < times:
        _FAILED[caller] = failed + 1
    raise OSError(f"{tag} can't take {weigh(value)} yet")


async def flaky_later(value: Any, tag: str, times: int) -> int:
    """The same as a coroutine function."""
    await asyncio.sleep(0)
    return flaky(value, tag, times)


def _task() -> Any:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def stops(value: Any, tag: str) -> int:
    """Raises StopIteration, which is an error like any other."""
    log("call", tag, value)
    raise StopIteration(weigh(value))


def ends(value: Any, tag: str, every: int = 5) -> int:
    """Ends the run for what is one more than a multiple of `every`."""
    log("call", tag, value)
    if weigh(value) % every == 1:
        raise EndOfRun
    return weigh(value)


async def ends_later(value: Any, tag: str, every: int = 5) -> int:
    """The same as a coroutine function."""
    log("call", tag, value)
    await asyncio.sleep(0)
    if weigh(value) % every == 1:
        raise EndOfRun
    return weigh(value)


def ending(n: int, tag: str) -> Iterator[int]:
    """`n` numbers, and then the end of the run, which is that of the source."""
    for number in range(n):
        log("draw", tag, number)
        yield number
    log("draw", tag, "end of run")
    raise EndOfRun


def ending_items(value: Any, tag: str) -> "Items":
    """Items that are read lazily and may end the run."""
    log("call", tag, value)
    weight = weigh(value)

    def read() -> Iterator[int]:
        yield weight
        if weight % 4 == 3:
            raise EndOfRun
        yield weight + 1

    return Items(read())


def with_epoch(value: Any, tag: str, epoch: Epoch) -> int:
    """Gets the current epoch."""
    log("call", tag, value, epoch)
    return 100 * epoch + weigh(value)


def own_event(value: Any, tag: str, epoch: Epoch) -> Any:
    """Makes its event itself, in the epoch around the current one, and now and then one without a value."""
    log("call", tag, value, epoch)
    found: Any = NoEvent if weigh(value) % 4 == 3 else [weigh(value)]
    moment = datetime.now(UTC)
    return Event(id=0, timestamp=moment, node_id=tag, signal="value", epoch=epoch.parent or epoch, value=found)


def with_events(events: EventMap, value: Any, other: Any = None, *, tag: str) -> list[str]:
    """Gets the events behind its slots."""
    found = [f"{slot}={event['node_id']}.{event['signal']}@{event['epoch']}" for slot, event in sorted(events.items())]
    log("call", tag, value, other, found)
    return found


def shown(value: Any, tag: str) -> str:
    """A text, whatever it gets: nothing has to look whether it emits one."""
    return f"{tag} {value}"


def quiet(value: Any, other: str = NoEvent, *, tag: str) -> str:  # type: ignore[assignment]
    """Emits nothing, by what the default of a parameter is."""
    log("call", tag, value, other)
    return other


async def later(value: Any, tag: str) -> int:
    """A coroutine function."""
    log("call", tag, value)
    await asyncio.sleep(0)
    return weigh(value) + 1


async def waits(value: Any, tag: str, turns: int = 1, every: int = 0) -> int:
    """Waits for some turns of the event loop, and then raises for what is one more than a multiple of `every`."""
    log("call", tag, value)
    try:
        for _ in range(turns):
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        log("cancelled", tag)
        raise
    log("through", tag)
    if every and weigh(value) % every == 1:
        raise ValueError(f"{tag} can't take {weigh(value)}")
    return weigh(value)


async def same_later(value: Any, tag: str) -> Any:
    """What it got, a turn later."""
    log("call", tag, value)
    await asyncio.sleep(0)
    return value


def level(value: Any, tag: str) -> int:
    """What is set in the context; it sets one more."""
    log("call", tag, value, LEVEL.get())
    LEVEL.set(LEVEL.get() + 1)
    return LEVEL.get() % 1000


async def level_later(value: Any, tag: str) -> int:
    """The same as a coroutine function."""
    log("call", tag, value, LEVEL.get())
    LEVEL.set(LEVEL.get() + 1)
    await asyncio.sleep(0)
    return LEVEL.get() % 1000


class Box:
    """A class without `process`: called like a function."""

    def __init__(self, value: Any, tag: str = "") -> None:
        if tag:
            log("call", tag, value)
        self.value = value

    def __repr__(self) -> str:
        return f"Box({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Box) and other.value == self.value

    __hash__ = None  # type: ignore[assignment]


# --- classes ----------------------------------------------------------------------------------


class Summer:
    """A class with `process`, `init` and `deinit`."""

    def __init__(self, tag: str, start: int = 0) -> None:
        self.tag, self.total = tag, start

    def init(self) -> None:
        log("init", self.tag)

    def deinit(self) -> None:
        log("deinit", self.tag, self.total)

    def process(self, value: Any, other: Any = None) -> Annotated[int, Name("total")]:
        log("call", self.tag, value, other)
        self.total += weigh(value)
        return self.total


class Marked:
    """A class with marked methods; the process method is a coroutine."""

    def __init__(self, tag: str) -> None:
        self.tag, self.calls = tag, 0

    @init_method
    def start(self) -> None:
        log("init", self.tag)

    @deinit_method
    async def stop(self) -> None:
        log("deinit", self.tag, self.calls)

    @process_method
    async def take(self, value: Any, epoch: Epoch) -> int:
        log("call", self.tag, value, int(epoch))
        self.calls += 1
        return self.calls


class Keeper:
    """Keeps the list that it got, and changes it when it is called the next time."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.kept: list[Any] | None = None

    def process(self, value: Any) -> int:
        log("call", self.tag, value)
        if self.kept is not None:
            self.kept.append(77)
        self.kept = value if isinstance(value, list) else None
        return weigh(value)


class Holder:
    """Holds back what it gets: every third time it emits all, and when the run has ended."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.held: list[int] = []

    def process(self, value: Any) -> list[int]:
        log("call", self.tag, value)
        self.held.append(weigh(value))
        return self.taken() if len(self.held) == 3 else NoEvent  # type: ignore[return-value]

    @flush_method
    def give(self, epoch: Epoch) -> list[int]:
        log("flush", self.tag, int(epoch))
        if epoch % 5 == 4:
            raise ValueError(f"{self.tag} can't be flushed")
        return self.taken() or NoEvent  # type: ignore[return-value]

    def taken(self) -> list[int]:
        held, self.held = self.held, []
        return held


class LateHolder:
    """The same with coroutines."""

    def __init__(self, tag: str) -> None:
        self.holder = Holder(tag)

    async def process(self, value: Any) -> list[int]:
        await asyncio.sleep(0)
        return self.holder.process(value)

    @flush_method
    async def give(self, epoch: Epoch) -> list[int]:
        await asyncio.sleep(0)
        return self.holder.give(epoch)


# --- what works with assets -------------------------------------------------------------------


def append(value: Any, kept: Any, tag: str) -> Any:
    """Adds to the list that it got and emits the same object."""
    log("call", tag, value, kept)
    if isinstance(kept, list):
        kept.append(weigh(value))
    return kept


async def append_later(value: Any, kept: Any, tag: str) -> Any:
    """The same as a coroutine function."""
    log("call", tag, value, kept)
    await asyncio.sleep(0)
    if isinstance(kept, list):
        kept.append(weigh(value))
    return kept


def replace(value: Any, kept: Any, tag: str) -> list[int]:
    """Makes a new list of both."""
    log("call", tag, value, kept)
    return [weigh(kept), weigh(value)]


def spoil(value: Any, tag: str) -> int:
    """Changes the list that it got."""
    log("call", tag, value)
    if isinstance(value, list):
        value.append(99)
    return weigh(value)


class Resource:
    """A context manager."""

    def __init__(self, tag: str, value: int = 0) -> None:
        self.tag, self.value = tag, value
        MADE[tag] = self.number = MADE.get(tag, 0) + 1
        log("make", tag, self.number)

    def __enter__(self) -> Self:
        log("enter", self.tag, self.number)
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        log("exit", self.tag, self.number, kind.__name__ if kind else None)
        return True  # "it can't swallow it"

    def __repr__(self) -> str:
        return f"Resource({self.tag!r}, {self.value!r}, {self.number})"


class AsyncResource:
    """An asynchronous context manager; the asset is a list."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        MADE[tag] = self.number = MADE.get(tag, 0) + 1
        log("make", tag, self.number)

    async def __aenter__(self) -> list[int]:
        await asyncio.sleep(0)
        log("enter", self.tag, self.number)
        return [self.number]

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        log("exit", self.tag, self.number, kind.__name__ if kind else None)


class BadMake(Resource):
    """Can't be made the `nth` time."""

    def __init__(self, tag: str, nth: int = 2) -> None:
        super().__init__(tag)
        if self.number == nth:
            raise RuntimeError(f"{tag} can't be made")


class BadExit(Resource):
    """Raises the `nth` time that it ends."""

    def __init__(self, tag: str, nth: int = 2) -> None:
        super().__init__(tag)
        self.nth = nth

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        super().__exit__(kind, error, trace)
        if self.number == self.nth:
            raise RuntimeError(f"{self.tag} can't end")
        return False


@contextlib.contextmanager
def opened(tag: str) -> Iterator[list[int]]:
    """A context manager made of a generator; the asset is a list."""
    MADE[tag] = number = MADE.get(tag, 0) + 1
    log("enter", tag, number)
    try:
        yield [number]
    finally:
        log("exit", tag, number)


@contextlib.asynccontextmanager
async def async_opened(tag: str) -> AsyncIterator[list[int]]:
    """An asynchronous context manager made of a generator."""
    MADE[tag] = number = MADE.get(tag, 0) + 1
    log("enter", tag, number)
    try:
        yield [number]
    finally:
        log("exit", tag, number)


@contextlib.asynccontextmanager
async def leveled(tag: str) -> AsyncIterator[list[int]]:
    """One that reads and sets what is in the context."""
    MADE[tag] = number = MADE.get(tag, 0) + 1
    log("enter", tag, number, LEVEL.get())
    LEVEL.set(LEVEL.get() + 100)
    try:
        yield [number]
    finally:
        log("exit", tag, number, LEVEL.get())
        LEVEL.set(LEVEL.get() + 10)


def yielded(tag: str) -> Iterator[list[int]]:
    """A generator function; what it yields is the asset."""
    yield from _one_list(tag)


async def async_yielded(tag: str) -> AsyncIterator[list[int]]:
    """The same, asynchronous."""
    for each in _one_list(tag):
        yield each


def _one_list(tag: str) -> Iterator[list[int]]:
    MADE[tag] = number = MADE.get(tag, 0) + 1
    log("enter", tag, number)
    try:
        yield [number]
    finally:
        log("exit", tag, number)


class Guard:
    """A context manager whose `__enter__` gives nothing; as a lock if it is told to."""

    def __init__(self, tag: str, is_lock: bool = False) -> None:
        self.tag, self.is_open = tag, False
        if is_lock:
            self.acquire = self.release = lambda timeout=1: timeout

    def __enter__(self) -> None:
        self.is_open = True
        log("enter", self.tag)

    def __exit__(self, *error: object) -> None:
        self.is_open = False
        log("exit", self.tag)

    def __repr__(self) -> str:
        return f"Guard({self.tag!r}, {self.is_open})"


def numbers(tag: str, *start: int) -> list[int]:
    """An asset that is a list."""
    MADE[tag] = MADE.get(tag, 0) + 1
    log("make", tag, MADE[tag])
    return list(start)


def numbers_from(tag: str, start: list[int]) -> list[int]:
    """An asset that is a list, from a list."""
    MADE[tag] = MADE.get(tag, 0) + 1
    log("make", tag, MADE[tag])
    return list(start)


class Items:
    """What can be gone through once."""

    def __init__(self, items: Iterator[int]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[int]:
        return self._items

    def __repr__(self) -> str:
        return "Items()"


class Uncopyable(list):  # type: ignore[type-arg]
    """A list that can't be copied."""

    def __deepcopy__(self, memo: Any) -> Self:
        raise TypeError("no copies")


def uncopyable(value: Any, tag: str) -> Uncopyable:
    """Emits what can't be copied."""
    log("call", tag, value)
    return Uncopyable([weigh(value)])
