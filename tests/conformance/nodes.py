"""The code of the tubes in `section_*.yaml`. What shows an order or a lifetime notes it in `LOG`."""

from __future__ import annotations

import asyncio
import builtins
import math
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, Token
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, model_validator

from noob_cli import (
    Asset,
    EndOfRun,
    Epoch,
    EventMap,
    Name,
    Node,
    NoEvent,
    RunnerContext,
    deinit_method,
    flush_method,
    init_method,
    process_method,
)

LOG: list[str] = []


def forget() -> None:
    """Forget what runs have noted, and how often calls have failed in them."""
    LOG.clear()
    _FAILED.clear()


def emitted(value: Any) -> Any:
    """What a tube can say: the text `nothing` stands for NoEvent."""
    return NoEvent if value == "nothing" else value


# --- Sources


def each(values: list[Any]) -> Iterator[Any]:
    """Each of some values; `nothing` for an epoch without."""
    yield from map(emitted, values)


def noted(values: list[Any], name: str = "source") -> Iterator[Any]:
    """The same, with a note of what is drawn, of the end, and of being closed."""
    try:
        for value in values:
            LOG.append(f"{name} draws {value}")
            yield emitted(value)
        LOG.append(f"{name} ends")
    finally:
        LOG.append(f"{name} is closed")


def one_inside(n: int) -> Iterator[tuple[int, list[str]]]:
    """Gives one list in another tuple each time."""
    names = ["x"]
    for number in range(n):
        yield number, names


def one_buffer(n: int) -> Iterator[list[int]]:
    """Fills one list again and again."""
    buffer = [0]
    for number in range(n):
        buffer[:] = [number]
        yield buffer


def named(values: list[Any]) -> Iterator[Annotated[Any, Name("item")]]:
    """A source whose signal is `item`."""
    yield from values


def pairs(values: list[list[Any]]) -> Iterator[tuple[Annotated[Any, Name("left")], Annotated[Any, Name("right")]]]:
    """A source of two signals."""
    for left, right in values:
        yield emitted(left), emitted(right)


def failing_source(values: list[Any]) -> Iterator[Any]:
    """Raises an error after its last value."""
    yield from values
    raise LookupError("no more values")


async def async_each(values: list[Any]) -> AsyncIterator[Annotated[Any, Name("item")]]:
    """An asynchronous source, with a note when it is closed."""
    try:
        for value in values:
            await asyncio.sleep(0)
            yield value
    finally:
        LOG.append("async source is closed")


class Countdown:
    """A class whose instances are iterators."""

    def __init__(self, start: int) -> None:
        self.left = start

    def __iter__(self) -> Countdown:
        return self

    def __next__(self) -> int:
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        return self.left + 1


# --- Functions


def same(value: Any) -> Any:
    """The value."""
    return emitted(value)


def call(value: Any = None, name: str = "call") -> Any:
    """The value, with a note."""
    LOG.append(f"{name}({value})")
    return emitted(value)


def step(value: Any, name: str = "step") -> Any:
    """The same, and it needs a value."""
    LOG.append(f"{name}({value})")
    return emitted(value)


def in_epoch(value: Any, epoch: Epoch) -> list[Any]:
    """The value and the number of the epoch."""
    return [value, int(epoch)]


def add(left: Any, right: Any) -> Any:
    return left + right


def minus(left: int, right: int = 1) -> int:
    return left - right


def both(left: Any = None, right: Any = None) -> list[Any]:
    """Two optional slots."""
    return [left, right]


def with_default(value: Any, extra: Any = None) -> list[Any]:
    return [value, extra]


def not_none_default(value: Any, extra: Any = "default") -> list[Any]:
    return [value, extra]


def keywords(**slots: Any) -> dict[str, Any]:
    return slots


def positions(*values: Any) -> list[Any]:
    return list(values)


def odd(value: int) -> Any:
    """The value if it is odd."""
    return value if value % 2 else NoEvent


def double(value: Any) -> Any:
    return value * 2


def none_if_zero(value: int) -> int | None:
    return value or None


def number_named(value: int) -> Annotated[int, Name("number")]:
    return value


def named_or_none(value: int) -> Annotated[int, Name("number")] | None:
    return value or None


def split(value: int) -> tuple[Annotated[int, Name("even")], Annotated[int, Name("odd")]]:
    """One of two signals."""
    return (NoEvent, value) if value % 2 else (value, NoEvent)


def two(value: Any) -> tuple[Annotated[Any, Name("first")], Annotated[Any, Name("second")]]:
    return value, [value]


def two_or_nothing(value: Any) -> tuple[Annotated[Any, Name("first")], Annotated[Any, Name("second")]]:
    """NoEvent in place of the whole tuple."""
    return NoEvent if value == "nothing" else (value, value)


def wrong_length(value: Any) -> tuple[Annotated[Any, Name("first")], Annotated[Any, Name("second")]]:
    return value, value, value  # type: ignore[return-value]


def plain_tuple(value: int) -> tuple[int, int]:
    return value, value + 1


def behind(left: Any, right: Any = None, *, events: EventMap) -> dict[str, list[Any]]:
    """The node, the signal, the epoch and the value behind each slot."""
    return {
        slot: [event["node_id"], event["signal"], int(event["epoch"]), event["value"]] for slot, event in events.items()
    }


def fail_at(value: Any, at: Any) -> Any:
    """Fails for one value."""
    if value == at:
        raise ValueError(f"{value} is refused")
    return value


def end_at(value: Any, at: Any) -> Any:
    """The value, or the end of the run."""
    if value == at:
        raise EndOfRun
    return value


async def end_at_later(value: Any, at: Any) -> Any:
    """The same, awaited."""
    await asyncio.sleep(0)
    return end_at(value, at)


def each_and_the_end(values: list[Any]) -> Iterator[Any]:
    """Some values, then the end of the run."""
    yield from values
    raise EndOfRun


def end_of_run() -> Any:
    """An asset that can't be made."""
    raise EndOfRun


class Hold:
    """Holds back all that it gets."""

    def __init__(self) -> None:
        self.held: list[Any] = []

    def process(self, value: Any) -> Any:
        self.held.append(value)
        return NoEvent

    @flush_method
    def give(self) -> Any:
        return self.held


def stop_iteration(value: Any) -> Any:
    raise StopIteration(value)


def nested(params: Any) -> Any:
    """What it was given as a parameter."""
    return params


def type_name(value: Any) -> str:
    return type(value).__name__


def wants_int(value: int) -> int:
    return value


def wants_float(value: float) -> float:
    return value


def wants_text(value: str) -> str:
    return value


def wants_bool(value: bool) -> bool:
    return value


def some_text() -> str:
    return "text"


def text_of(value: Any) -> str:
    return str(value)


def int_or_text(value: Any) -> int | str:
    return value


def lazily(values: list[Any]) -> Any:
    """An iterable that notes what is read."""

    def read() -> Iterator[Any]:
        for value in values:
            LOG.append(f"reads {value}")
            yield value

    return read()


def sleepy(value: Any) -> Any:
    """Takes its time."""
    time.sleep(0.05)
    return value


# --- Classes


class Adder:
    """A class with a method named `process`."""

    def __init__(self, start: int = 0) -> None:
        self.sum = start

    def process(self, value: int) -> int:
        self.sum += value
        return self.sum


class Marked:
    """A class with a marked process method."""

    def __init__(self, by: int = 2) -> None:
        self.by = by

    @process_method
    def scale(self, value: int) -> Annotated[int, Name("scaled")]:
        return value * self.by


class Ticker:
    """A class whose process is a generator without slots."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def process(self) -> Iterator[Annotated[Any, Name("tick")]]:
        yield from self.values


class GeneratorWithSlots:
    """A class whose process is a generator with a slot."""

    def process(self, value: int) -> Iterator[int]:
        yield value


class AsyncAdder(Adder):
    """A class whose process is a coroutine."""

    async def process(self, value: int) -> int:  # type: ignore[override]
        await asyncio.sleep(0)
        return super().process(value)


class PlainClass:
    """A class that is called like a function."""

    def __init__(self, value: Any, other: Any = None) -> None:
        self.value = [value, other]


class NodeModel(Node):
    """A subclass of Node."""

    factor: int = 3

    def process(self, value: int) -> Annotated[int, Name("product")]:
        return value * self.factor


class Sized(BaseModel):
    """A model with a field that is required."""

    size: int


class Filling(NodeModel):
    """A model of which a validator fills what is required."""

    size: int

    @model_validator(mode="before")
    @classmethod
    def fill(cls, data: Any) -> Any:
        """Before the fields are looked at."""
        return {"size": 3, **data}


class Lifecycle:
    """Notes its start, its calls and its stop."""

    def __init__(self, name: str = "node") -> None:
        self.name = name
        LOG.append(f"{name} is made")

    def init(self) -> None:
        LOG.append(f"{self.name} init")

    def deinit(self) -> None:
        LOG.append(f"{self.name} deinit")

    def process(self, value: Any = None) -> Any:
        LOG.append(f"{self.name}({value})")
        return emitted(value)


class MarkedLifecycle:
    """The same with marks."""

    @init_method
    def open(self) -> None:
        LOG.append("open")

    @deinit_method
    def shut(self) -> None:
        LOG.append("shut")

    @process_method
    def work(self, value: Any) -> Any:
        LOG.append(f"work({value})")
        return value


class WithContext:
    """Asks for the runner's context."""

    def init(self, context: RunnerContext) -> None:
        self.inputs = dict(context["input_collection"])
        self.runner = type(context["runner"]).__name__

    def process(self, value: Any) -> list[Any]:
        return [value, self.inputs, self.runner]

    def deinit(self, *, at_the_end: RunnerContext) -> None:
        LOG.append(f"ended by the same runner: {type(at_the_end['runner']).__name__ == self.runner}")


class FailingStop:
    """Fails when it is stopped."""

    def process(self, value: Any) -> Any:
        return value

    def deinit(self) -> None:
        LOG.append("deinit fails")
        raise OSError("deinit failed")


def resource(name: str = "resource") -> Iterator[list[str]]:
    """A generator function as an asset."""
    LOG.append(f"{name} is opened")
    try:
        yield [name]
    except ValueError as error:
        LOG.append(f"{name} sees {error}")
    LOG.append(f"{name} is closed")


async def async_resource(name: str = "async") -> AsyncIterator[list[str]]:
    """The same, asynchronous."""
    await asyncio.sleep(0)
    LOG.append(f"{name} is opened")
    yield [name]
    await asyncio.sleep(0)
    LOG.append(f"{name} is closed")


def yields_nothing() -> Iterator[Any]:
    yield from ()


def yields_twice() -> Iterator[Any]:
    yield from "ab"


class Gate:
    """A context manager that gives what it is told to."""

    def __init__(self, given: Any = None) -> None:
        self.given = given
        self.is_open = False

    def __enter__(self) -> Any:
        self.is_open = True
        return self.given

    def __exit__(self, *error: object) -> None:
        self.is_open = False


def of_gate(gate: Any) -> Any:
    """Whether it is open; itself if it is no gate."""
    return gate.is_open if isinstance(gate, Gate) else gate


def is_held(lock: Any, value: Any) -> bool:
    """Whether a lock is held."""
    if hasattr(lock, "locked"):
        return lock.locked()
    free = lock.acquire(blocking=False)
    if free:
        lock.release()
    return not free


# --- Coroutines


async def async_same(value: Any) -> Any:
    await asyncio.sleep(0)
    return emitted(value)


def in_a_loop_of_its_own(value: Any) -> Any:
    """What a coroutine returns, awaited in another event loop."""
    awaited = async_same(value)
    try:
        return asyncio.run(awaited)
    finally:
        awaited.close()


async def slow(value: Any, name: str, turns: int = 1) -> Any:
    """Notes its begin and its end, with turns of the others between them."""
    LOG.append(f"{name} begins")
    try:
        for _ in range(turns):
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        LOG.append(f"{name} is cancelled")
        raise
    LOG.append(f"{name} ends")
    return emitted(value)


async def slow_failure(value: Any, turns: int = 1, at: Any = None) -> Any:
    """Takes some turns, and fails; with `at`, for that value only."""
    LOG.append("failure begins")
    for _ in range(turns):
        await asyncio.sleep(0)
    return fail_at(value, value if at is None else at)


async def stubborn(value: Any, name: str) -> Any:
    """Takes some turns to be cancelled."""
    LOG.append(f"{name} begins")
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0)
        LOG.append(f"{name} has been awaited")
    return value


async def level_before(value: Any, after: Any = None) -> Any:
    """What the level was before this has set it."""
    before = LEVEL.get()
    LEVEL.set(value)
    await asyncio.sleep(0)
    return before


async def in_time(value: int) -> int:
    """Is too late for 0."""
    async with asyncio.timeout(0.01):
        await asyncio.sleep(0 if value else 60)
    return value


async def until_cancelled(value: int) -> int:
    """Waits for 0 until it is cancelled."""
    try:
        await asyncio.sleep(0 if value else 60)
    finally:
        LOG.append(f"{value} ends")
    return value


async def nap(value: Any, seconds: float) -> float:
    """Sleeps; emits when it woke up."""
    await asyncio.sleep(seconds)
    return time.monotonic()


async def nap_or_return(seconds: float, limit: Any = None) -> float:
    await asyncio.sleep(seconds)
    return seconds


class Queue:
    """Objects bound to an event loop: a lock, and a task that goes on from epoch to epoch."""

    def __init__(self) -> None:
        self.loop: Any = None

    async def process(self, value: Any) -> Any:
        running = asyncio.get_running_loop()
        if self.loop is None:
            self.loop = running
            self.queue: asyncio.Queue[Any] = asyncio.Queue()
            self.task = asyncio.ensure_future(self._collect())
            self.found: list[Any] = []
        assert self.loop is running
        await self.queue.put(value)
        await self.queue.join()
        return list(self.found)

    async def _collect(self) -> None:
        while True:
            self.found.append(await self.queue.get())
            self.queue.task_done()

    async def deinit(self) -> None:
        self.task.cancel()
        LOG.append("queue is stopped")


LEVEL: ContextVar[str] = ContextVar("LEVEL", default="none")


async def set_level(value: str) -> Token[str]:
    await asyncio.sleep(0)
    return LEVEL.set(value)


async def read_level(value: Any = None) -> str:
    return LEVEL.get()


def read_level_plainly(value: Any = None) -> str:
    return LEVEL.get()


def reset_level(token: Token[str]) -> str:
    LEVEL.reset(token)
    return LEVEL.get()


async def levels(values: list[str]) -> AsyncIterator[str]:
    """Sets the level, and notes in which task."""
    for value in values:
        note_task("source")
        LEVEL.set(value)
        yield value


TASKS: dict[asyncio.Task[Any], str] = {}


def note_task(name: str) -> None:
    """Notes a name together with that of the first that was in the same task."""
    task = asyncio.current_task()
    assert task is not None
    LOG.append(f"{name} is in the task of {TASKS.setdefault(task, name)}")


async def in_task(value: Any, name: str, asset: Any = None, more: Any = None) -> Any:
    note_task(name)
    await asyncio.sleep(0)
    return value


@asynccontextmanager
async def task_noted(name: str) -> AsyncIterator[str]:
    """Notes in which task it is entered and exited, and sets the level meanwhile."""
    note_task(f"{name} begins and")
    token = LEVEL.set(name)
    try:
        yield name
    finally:
        LEVEL.reset(token)
        note_task(f"{name} ends and")


async def timed(values: list[Any], seconds: float) -> AsyncIterator[Any]:
    """A source with a timeout around its yields."""
    async with asyncio.timeout(seconds):
        for value in values:
            yield value


# --- Assets


class Plain:
    """An object that is no context manager."""

    def __init__(self, *values: Any, name: str = "plain") -> None:
        self.values = list(values)
        LOG.append(f"{name} is made")


class Managed:
    """A context manager: what entering gives is a list that its readers may use."""

    def __init__(self, name: str = "asset") -> None:
        self.name = name
        LOG.append(f"{name} is made")

    def __enter__(self) -> list[Any]:
        LOG.append(f"{self.name} is entered")
        return []

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        LOG.append(f"{self.name} ends" + (f" with {kind.__name__}" if kind else ""))


class AsyncManaged:
    """An asynchronous one."""

    def __init__(self, name: str = "asset") -> None:
        self.name = name
        LOG.append(f"{name} is made")

    async def __aenter__(self) -> list[Any]:
        await asyncio.sleep(0)
        LOG.append(f"{self.name} is entered")
        return []

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        await asyncio.sleep(0)
        LOG.append(f"{self.name} ends" + (f" with {kind.__name__}" if kind else ""))


class Swallowing(Managed):
    """Wants to swallow the error that it sees."""

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:  # type: ignore[override]
        super().__exit__(kind, error, traceback)
        return True


class FailingEnd(Managed):
    """Fails when it is ended."""

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        super().__exit__(kind, error, traceback)
        raise OSError(f"{self.name} can't be ended")


class FailingStart(Managed):
    """Fails when it is entered."""

    def __enter__(self) -> list[Any]:
        raise OSError(f"{self.name} can't be entered")


@contextmanager
def managed(name: str = "asset", value: Any = None) -> Iterator[Any]:
    """A function whose result is a context manager."""
    LOG.append(f"{name} begins")
    try:
        yield value
    finally:
        LOG.append(f"{name} ends")


@asynccontextmanager
async def async_managed(name: str = "asset", value: Any = None) -> AsyncIterator[Any]:
    LOG.append(f"{name} begins")
    try:
        yield value
    finally:
        await asyncio.sleep(0)
        LOG.append(f"{name} ends")


def made(*values: Any, name: str = "asset") -> list[Any]:
    """A function whose result is the asset."""
    LOG.append(f"{name} is made")
    return list(values)


class Journal(Asset):
    """A subclass of Asset with its own init and deinit."""

    def init(self) -> None:
        LOG.append("journal init")
        self.obj = list(self.params.values() if isinstance(self.params, dict) else self.params)

    def deinit(self) -> None:
        LOG.append(f"journal deinit {self.obj}")


class Uncopyable:
    """An object that can't be copied."""

    def __deepcopy__(self, memory: Any) -> Any:
        raise TypeError("can't be copied")


class Copied:
    """Counts how often it was copied."""

    def __init__(self, copies: int = 0) -> None:
        self.copies = copies

    def __deepcopy__(self, memory: Any) -> Copied:
        LOG.append("copied")
        return Copied(self.copies + 1)


def append(items: list[Any], value: Any) -> list[Any]:
    """Change a list in place and emit it."""
    items.append(value)
    return items


def appended(items: Iterable[Any], value: Any) -> list[Any]:
    """A new list."""
    return [*items, value]


def look(value: Any, name: str = "look") -> list[Any]:
    """A copy of a list, with a note."""
    LOG.append(f"{name} sees {value}")
    return list(value)


def new_copied(value: Any) -> Copied:
    return Copied()


def new_uncopyable(value: Any) -> Uncopyable:
    return Uncopyable()


def copies(value: Any) -> int:
    return value.copies


def use(asset: Any, value: Any = None, name: str = "use") -> Any:
    """Note that the asset is used."""
    LOG.append(f"{name}({value})")
    return value


def noted_dict(asset: Any, _: Any) -> dict[Any, Any]:
    """A copy of a mapping."""
    return dict(asset)


def put(asset: list[Any], value: Any) -> list[Any]:
    """Put a value into an asset; what is in it now."""
    asset.append(value)
    return list(asset)


# --- For scripts


def validate(*arguments: Any) -> int:
    """The exit code of `noob validate`."""
    from tests.cli.conftest import environment, run_command

    env = environment(Path.home(), PYTHONPATH=str(Path(__file__).parents[2]))
    return run_command(("validate", *map(str, arguments)), stdin=subprocess.DEVNULL, cwd=Path.cwd(), env=env).returncode


def stopped(file: Path, number: int | None) -> list[int]:
    """Stop a tube with a signal or by closing the pipe: the exit code, and how often it said that it has ended."""
    from tests.cli.conftest import environment, start_command

    env = environment(Path.home(), PYTHONPATH=str(Path(__file__).parents[2]))
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start_command(("run", str(file)), env=env, cwd=Path.cwd(), **streams) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        if number is None:
            running.stdout.close()
        else:
            running.send_signal(number)
            running.stdout.read()
        shown = running.stderr.read()
    return [running.returncode, shown.count(b"ended")]


# --- Calls that fail, and are made again

_FAILED: dict[Any, int] = {}
"""How often calls have failed that have not succeeded since, by what they got, in each thread."""


def _fails(value: Any, times: float, error: str = "OSError") -> None:
    key = threading.get_ident(), repr(value)
    failed = _FAILED.pop(key, 0)
    if failed < times:
        if times < math.inf:
            _FAILED[key] = failed + 1
        raise getattr(builtins, error)(f"{value} is refused")


def fails_first(value: Any, times: float = 1, error: str = "OSError") -> Any:
    """Fails so many times with each value."""
    LOG.append(f"tries {value}")
    _fails(value, times, error)
    return emitted(value)


async def fails_first_later(value: Any, times: int = 1) -> Any:
    """The same as a coroutine."""
    await asyncio.sleep(0)
    return fails_first(value, times)


def fails_with_asset(value: Any, asset: list[Any]) -> Any:
    """Fails the first time, and says what it has put into an asset."""
    asset.append(value)
    fails_first(value)
    return list(asset)


def fails_with_group(value: int, kinds: list[str]) -> int:
    """Fails once with a group of errors."""
    try:
        _fails(value, 1)
    except OSError as error:
        raise ExceptionGroup("several", [getattr(builtins, kind)(str(error)) for kind in kinds]) from None
    return value


def appends_and_fails(value: list[Any]) -> list[Any]:
    """Appends to what it was handed, then fails the first time."""
    value.append(len(value))
    _fails(value[0], 1)
    return value


def ends_at_second_try(value: int) -> int:
    """Fails with a 2, and then ends the run."""
    _fails(value, 1 if value == 2 else 0)
    return end_at(value, 2)


class Counting:
    """Counts its calls, every other of which fails."""

    def __init__(self) -> None:
        self.calls = 0

    def process(self, value: int) -> list[int]:
        self.calls += 1
        if self.calls % 2:
            raise OSError("try again")
        return [value, self.calls]


class FlushedAtSecondTry:
    """Holds back what it gets; to give it fails the first time."""

    def __init__(self) -> None:
        self.held: list[Any] = []

    def process(self, value: Any) -> None:
        self.held.append(value)

    @flush_method
    def rest(self) -> list[Any]:
        LOG.append("flushes")
        _fails(self.held, 1)
        return self.held


async def late_at_first(value: Any, times: float = 1) -> Any:
    """Never comes back so many times with each value, unless it is cancelled."""
    try:
        _fails(value, times)
    except OSError:
        LOG.append(f"waits with {value}")
        try:
            await asyncio.Event().wait()
        finally:
            LOG.append(f"has ended with {value}")
    return value


async def own_timeout(value: Any) -> Any:
    """Raises the error of a timeout of its own."""
    raise TimeoutError("its own")


def seconds_since(value: float) -> float:
    """How long ago that was."""
    return time.monotonic() - value
