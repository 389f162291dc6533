"""How many values an iterator has given: counted in C, so that it costs next to nothing and is seen in no traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import compress, repeat
from operator import length_hint
from typing import TypeVar

_T = TypeVar("_T")


def counter() -> Iterator[bool]:
    """Counts without making numbers: it gives so many that they never end, and knows how many are left."""
    return repeat(True, sys.maxsize)


def count_of(counter: Iterator[bool]) -> int:
    """How many a counter has given."""
    return sys.maxsize - length_hint(counter)


class Tally:
    """Counts what iterators give."""

    def __init__(self) -> None:
        self._left = counter()

    @property
    def count(self) -> int:
        """How many values there were."""
        return count_of(self._left)

    def of(self, values: Iterator[_T]) -> Iterator[_T]:
        """The same values, counted as they come."""
        return compress(values, self._left)

    def add_one(self) -> None:
        """Count a value that has come otherwise."""
        next(self._left)
