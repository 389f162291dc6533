"""The code of the tubes in `broken` and `good`: for each thing that can be wrong with a reference to it, one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from noob_cli import Asset, Epoch, Name, RunnerContext, process_method

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


class Own(Asset):
    pass
