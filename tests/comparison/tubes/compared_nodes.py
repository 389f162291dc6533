"""Node code written against the public package, which the tubes of this folder use."""

import itertools
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from noob import Asset, Epoch, MetaSignal, Name, Node, deinit_method, init_method, process_method
from noob.types import EventMap

LOG: list[str] = []
"""What the runs have to show besides their results: who was called, what was opened and closed."""


def numbers(start: int = 0, stop: int = 1000) -> Generator[Annotated[int, Name("number")], None, None]:
    yield from range(start, stop)


def lists() -> Generator[Annotated[list[int], Name("items")], None, None]:
    for first in itertools.count():
        yield [first, first + 1, first + 2]


def four() -> Generator[Annotated[list[int], Name("items")], None, None]:
    while True:
        yield [1, 2, 3, 4]


def lists_of_one() -> Generator[Annotated[list[int], Name("items")], None, None]:
    for first in itertools.count():
        yield [first]


def shrinking() -> Generator[Annotated[list[int], Name("items")], None, None]:
    yield from itertools.cycle([[1, 2, 3], [4, 5], []])


def rows() -> Generator[Annotated[list[list[int]], Name("rows")], None, None]:
    for first in itertools.count():
        yield [[first, 1], [first, 2], [first, 3]]


def multiply(left: int, right: int = 1) -> int:
    return left * right


def plus(left: int, right: int) -> int:
    return left + right


def minus(left: int, right: int) -> int:
    return left - right


def pair(left: int | None = None, right: int | None = None) -> dict[str, Any]:
    return {"left": left, "right": right}


def keywords(**slots: Any) -> dict[str, Any]:
    return dict(sorted(slots.items()))


def given(value: int, params: Any) -> Any:
    return params


def none(value: int) -> int | None:
    return value if value % 2 else None


def constant() -> str:
    return "x"


def zero() -> int:
    return 0


def split(value: int) -> tuple[Annotated[int, Name("even")], Annotated[int, Name("odd")]]:
    return (MetaSignal.NoEvent, value) if value % 2 else (value, MetaSignal.NoEvent)


def odd(value: int) -> Any:
    return value if value % 2 else MetaSignal.NoEvent


def silent(value: int) -> tuple[Annotated[Any, Name("first")], Annotated[Any, Name("second")]]:
    return MetaSignal.NoEvent if value == 1 else (value, value)  # type: ignore[return-value]


def fail_at_two(value: int) -> int:
    if value == 2:
        raise ValueError("two is refused")
    return value


def with_epoch(value: int, epoch: Epoch) -> Any:
    return {"value": value, "epoch": str(epoch)}


def with_events(value: int, events: EventMap) -> Any:
    return {slot: [event["node_id"], event["signal"], event["value"]] for slot, event in events.items()}


def step(value: int, name: str) -> int:
    LOG.append(f"{name}({value})")
    return value


async def letter(number: int) -> str:
    return "abcdefgh"[number]


class Letters:
    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    async def process(self, number: int) -> str:
        return "abcdefgh"[number + self.offset]


class Scale:
    def __init__(self, by: int = 2) -> None:
        self.by = by

    @process_method
    def scale(self, value: int) -> Annotated[int, Name("scaled")]:
        return value * self.by


class Total:
    def __init__(self, start: int = 0) -> None:
        self.total = start

    def process(self, value: int) -> int:
        self.total += value
        return self.total


class Ticker:
    def __init__(self, start: int = 0) -> None:
        self.start = start

    @process_method
    def tick(self) -> Generator[Annotated[int, Name("tick")], None, None]:
        yield from itertools.count(self.start)


class Product(Node):
    factor: int = 1

    def process(self, value: int) -> Annotated[int, Name("product")]:
        return value * self.factor


class Life:
    @init_method
    def begin(self) -> None:
        LOG.append("begin")

    @process_method
    def work(self, value: int) -> int:
        LOG.append(f"work({value})")
        return value

    @deinit_method
    def end(self) -> None:
        LOG.append("end")


class Box:
    def __init__(self, start: int) -> None:
        self.sum = start


class Own(Asset):
    start: int = 0
    obj: Any = None

    def init(self) -> None:
        LOG.append("asset init")
        self.obj = Box(self.start)

    def deinit(self) -> None:
        LOG.append("asset deinit")


@contextmanager
def managed(name: str) -> Iterator[str]:
    LOG.append(f"{name} begins")
    try:
        yield name
    finally:
        LOG.append(f"{name} ends")


def put(box: Any, value: int) -> int:
    box.sum += value
    return box.sum


def content(box: Any, value: int) -> int:
    return box.sum


class Managed:
    def __enter__(self) -> str:
        LOG.append("entered")
        return "managed"

    def __exit__(self, *error: object) -> None:
        LOG.append("exited")


def use(first: str, second: str, value: int) -> Any:
    LOG.append(f"use({value})")
    return {"assets": f"{first} {second}", "value": value}


def use_and_fail(asset: str, value: int) -> int:
    LOG.append(f"use({value})")
    raise ValueError("refused")
