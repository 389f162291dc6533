"""Resources and nodes that write down what is opened and closed, and fail where they are told to.

`FAULTS` in the environment says where: `use@2=exception` lets the third call of `use` raise, `close first=exit` each
end of the resource `first` call `sys.exit`; several are separated by `;`.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from noob_cli import Asset, RunnerContext

_TIMES: Counter[str] = Counter()


def note(text: str) -> None:
    """Write down what happened, where a test finds it after the process is gone."""
    with Path("log.txt").open("a") as log:
        log.write(f"{text}\n")


def strike(place: str) -> None:
    """Fail, if that is to happen here and now."""
    time = _TIMES[place]
    _TIMES[place] += 1
    for fault in os.environ.get("FAULTS", "").split(";"):
        at, _, kind = fault.partition("=")
        if at in (place, f"{place}@{time}"):
            note(f"struck {place}")
            _KINDS[kind](place)


def _raise(error: type[BaseException], *arguments: Any) -> Any:
    def fail(place: str) -> None:
        raise error(*(arguments or (f"struck: {place}",)))

    return fail


def _group(place: str) -> None:
    raise ExceptionGroup(f"struck: {place}", [ValueError("one"), TypeError("two")])


def _signal(*numbers: int, then_sleep: bool = False) -> Any:
    def send(place: str) -> None:
        for number in numbers:
            os.kill(os.getpid(), number)
        if then_sleep:
            time.sleep(60)

    return send


_KINDS = {
    "exception": _raise(ValueError),
    "exit": _raise(SystemExit, 3),
    "exit with text": _raise(SystemExit, "enough"),
    "keyboard": _raise(KeyboardInterrupt),
    "broken pipe": _raise(BrokenPipeError, 32, "Broken pipe"),
    "full disk": _raise(OSError, 28, "No space left on device"),
    "stop iteration": _raise(StopIteration),
    "generator exit": _raise(GeneratorExit),
    "cancelled": _raise(asyncio.CancelledError),
    "group": _group,
    "SIGINT": _signal(signal.SIGINT),
    "SIGTERM": _signal(signal.SIGTERM),
    "SIGHUP": _signal(signal.SIGHUP),
    "SIGTERM, hangs": _signal(signal.SIGTERM, then_sleep=True),
    "SIGTERM, SIGINT, hangs": _signal(signal.SIGTERM, signal.SIGINT, then_sleep=True),
}


class Resource:
    """Something that has to be closed."""

    def __init__(self, name: str) -> None:
        self.name = name
        strike(f"make {name}")

    def __enter__(self) -> "Resource":
        strike(f"open {self.name}")
        note(f"open {self.name}")
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        note(f"close {self.name} {kind.__name__ if kind else ''}".strip())
        strike(f"close {self.name}")


class AsyncResource:
    """The same for coroutines."""

    def __init__(self, name: str) -> None:
        self.name = name
        strike(f"make {name}")

    async def __aenter__(self) -> "AsyncResource":
        await asyncio.sleep(0)
        strike(f"open {self.name}")
        note(f"open {self.name}")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *error: object) -> None:
        await asyncio.sleep(0)
        note(f"close {self.name} {kind.__name__ if kind else ''}".strip())
        strike(f"close {self.name}")


class Held(Asset):
    """The same as a subclass of `Asset`."""

    def init(self) -> None:
        strike("open held")
        note("open held")
        self.obj = "held"

    def deinit(self) -> None:
        note("close held")
        strike("close held")


def borrow(name: str) -> Resource:
    """The same as a function."""
    strike(f"borrow {name}")
    return Resource(name)


class Writer:
    """A node with a start and a stop."""

    def __init__(self, name: str) -> None:
        self.name = name
        strike(f"make {name}")

    def init(self) -> None:
        strike(f"init {self.name}")
        note(f"open {self.name}")

    def process(self, value: int, **assets: Any) -> int:
        strike(f"process {self.name}")
        return value

    def deinit(self) -> None:
        note(f"close {self.name}")
        strike(f"close {self.name}")


class Listener(Writer):
    """A node that listens to the events of its own run."""

    def init(self, context: RunnerContext) -> None:
        super().init()
        context["runner"].add_callback(lambda event: strike("callback") if event["node_id"] == "writer" else None)


def count(limit: int) -> Iterator[int]:
    """A source."""
    note("open count")
    try:
        for number in range(limit):
            strike("draw")
            yield number
    finally:
        note("close count")
        strike("close count")


async def ticks() -> AsyncIterator[int]:
    """A source of coroutines."""
    note("open ticks")
    try:
        while True:
            await asyncio.sleep(0)
            strike("tick")
            yield 0
    finally:
        await asyncio.sleep(0)
        note("close ticks")
        strike("close ticks")


def use(value: Any, **assets: Any) -> Any:
    """A function."""
    strike("use")
    return value


async def wait(value: int, **assets: Any) -> int:
    """A coroutine."""
    await asyncio.sleep(0)
    strike("wait")
    return value


async def linger(value: int, at: int = 2) -> int:
    """A coroutine that takes its time, and cleans up after itself."""
    note("open linger")
    try:
        if value == at:
            await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0)
        note("close linger")
        strike("close linger")
    return value


def three(value: int) -> Any:
    """Something to map over, which may fail on its way."""
    strike("three")

    def items() -> Iterator[int]:
        for number in range(3):
            strike("iterate")
            yield 10 * value + number

    return items()


def item(value: int, **assets: Any) -> int:
    """What is done with each of them."""
    strike("item")
    return value


def inner(value: int, **assets: Any) -> int:
    """A node of a nested tube."""
    strike("inner")
    return value


def after(value: Any, first: Any = None) -> Any:
    """What is done with what a gather has collected."""
    strike("after")
    return value


def add(value: int, total: int) -> int:
    """What is carried into the next epoch."""
    strike("add")
    return value + total


class Uncopyable:
    """What can be stored, but not together with somebody else who gets it."""

    def __reduce__(self) -> Any:
        raise TypeError("there is only one")


def lonely(value: int) -> Any:
    """Emits something that can't be copied, from some epoch on."""
    return Uncopyable() if value >= 2 else value


class Unwritable:
    """A result that JSON has no form for, and that fails when it is shown."""

    def __repr__(self) -> str:
        raise ValueError("struck: repr")


def unwritable(value: int) -> Any:
    """Returns such a result in the third epoch."""
    return Unwritable() if value == 2 else value


def pad(value: int) -> dict[str, Any]:
    """Returns results of 120 bytes and their line's end."""
    return {"number": value, "pad": "x" * (120 - len(f'{{"number":{value},"pad":""}}'))}


def kill(value: int, number: int = 0) -> int:
    """Send a signal to the own process, in the third epoch."""
    if value == 2:
        note("struck kill")
        time.sleep(0.1)
        os.kill(os.getpid(), signal.Signals(number))
    return value


def leave(value: int) -> int:
    """End the process at once, in the third epoch, as a crash does."""
    if value == 2:
        time.sleep(0.1)
        os._exit(7)
    return value
