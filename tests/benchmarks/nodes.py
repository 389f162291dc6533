"""The nodes of the tubes that are measured: so small that what is around them can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from noob_cli import Name, NoEvent

HUNDRED = list(range(100))
ROWS = [list(range(10)) for _ in range(10)]


def double(value: int) -> int:
    return value * 2


def increase(value: int) -> int:
    return value + 1


def negate(value: int) -> int:
    return -value


def add(left: int, right: int) -> int:
    return left + right


def shift(value: int, by: int | None = None) -> int:
    return value if by is None else value + by


def only_even(value: int) -> Any:
    return NoEvent if value & 1 else value


def squares(value: int) -> int:
    """Takes some ten microseconds, as little as what one would call a computation."""
    for number in range(200):
        value = (value + number * number) % 1009
    return value


def fours() -> Iterator[int]:
    value = 0
    while True:
        yield value
        value += 4


def fives() -> Iterator[int]:
    value = 0
    while True:
        yield value
        value += 5


def hundred(number: int) -> list[int]:
    return HUNDRED


def rows(number: int) -> list[list[int]]:
    return ROWS


class Tally:
    """Something that is made anew, or is kept, and counts."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0


class OpenTally(Tally):
    """The same as a context manager."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.total = -1


def count(tally: Tally, number: int) -> int:
    tally.total += number
    return tally.total


def count_more(tally: Tally, number: int) -> int:
    tally.total += number + 1
    return tally.total


def grid_of(megabytes: int) -> bytearray:
    return bytearray(megabytes * 1024**2)


def raise_first(grid: bytearray) -> tuple[Annotated[bytearray, Name("grid")], Annotated[int, Name("first")]]:
    grid[0] += 1
    return grid, grid[0]
