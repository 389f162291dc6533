"""The code of the tubes in `broken` and `good`: for each thing that can be wrong with a reference to it, one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from noob_cli import (
    Asset,
    Epoch,
    Name,
    Node,
    NodeSpecification,
    RunnerContext,
    flush_method,
    init_method,
    process_method,
)
from noob_cli.code.annotations import Signal

NOTHING = 3


def one() -> int:
    return 1


def word() -> str:
    return "one"


def words(text: str) -> list[str]:
    return text.split()


def shout(text: str) -> str:
    return text.upper()


def same(value):
    return value


def sum_of(first, second, *others):
    return sum(others, first + second)


def add(left, right):
    return left + right


def parts(value, *, base=10) -> tuple[Annotated[int, Name("quotient")], Annotated[int, Name("rest")]]:
    return divmod(value, base)


def numbers(n: int = 3) -> Iterator[int]:
    yield from range(n)


def climb(top: int) -> Iterator[int]:
    yield from range(top)


def now(value, epoch: Epoch):
    return value, epoch


def always(epoch: Epoch) -> Iterator[int]:
    yield epoch


def by_position(value, /):
    return value


def box(size, color="red"):
    return size, color


def by_name(value, *, unit):
    return value, unit


def _private(value):
    return value


class Machine:
    def __init__(self, size: int):
        self.size = size

    def process(self, value):
        return value


class NeedsContext:
    def __init__(self, context: RunnerContext):
        self.context = context

    def process(self):
        return self.context


class NeedsMoreAtStart:
    def init(self, size):
        self.size = size

    def process(self):
        return self.size


class Spreads:
    def process(self, value):
        yield from value


class TwoProcesses:
    @process_method
    def first(self, value):
        return value

    @process_method
    def second(self, value):
        return value


class Opened:
    @init_method
    def open(self):
        self.opened = 1

    def process(self, value):
        return value


class Own(Asset):
    pass


def one_name_twice(value) -> tuple[Annotated[int, Name("part")], Annotated[int, Name("part")]]:
    return divmod(value, 10)


def no_identifiers(value) -> tuple[Annotated[int, Name("the part")], Annotated[int, Name("")]]:
    return divmod(value, 10)


class Signals(Node):
    """Its signals are named in the file."""

    names: list[str]

    @classmethod
    def get_signals(cls, spec: NodeSpecification | None = None) -> dict[str, Signal]:
        return {name: Signal(name, int) for name in spec.params["names"]}

    def process(self, value):
        return value


class LosesItsInit(Opened):
    def open(self):
        self.opened = 2


class KeepsItsInit(Opened):
    @init_method
    def open(self):
        self.opened = 2


class LosesItsProcess(TwoProcesses):
    def first(self, value):
        return value

    def second(self, value):
        return value


class KeepsOneProcess(TwoProcesses):
    @process_method
    def first(self, value):
        return value

    def second(self, value):
        return value


class Flushed:
    """A source with something to flush."""

    def process(self) -> Iterator[int]:
        yield 1

    @flush_method
    def give(self) -> int:
        return 2


class FlushedWithContext:
    def process(self) -> int:
        return 1

    @flush_method
    def give(self, context: RunnerContext) -> RunnerContext:
        return context


async def shout_later(text: str) -> str:
    return text.upper()
