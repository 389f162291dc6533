"""How many epochs have begun, how many of them are under way, and how many may still begin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import compress, repeat
from typing import Any


class Admission:
    """Counts the epochs that begin, and says how many may.

    Attributes:
        ended: How many have begun, and are not under way any more.
        last: After how many no further one begins.
    """

    def __init__(self) -> None:
        self.ended = 0
        self.last = sys.maxsize
        # It is asked before each record of those that come one by one.
        self._counter = repeat(True, sys.maxsize)
        self._uncounted = self._counter.__length_hint__

    @property
    def begun(self) -> int:
        """How many have begun."""
        return sys.maxsize - self._uncounted()

    @property
    def under_way(self) -> int:
        """How many have begun, and have not been brought to their end."""
        return self.begun - self.ended

    def of(self, records: Iterator[Any]) -> Iterator[Any]:
        """The same records; an epoch begins with each that is taken."""
        return compress(records, self._counter)

    def limit(self, left: int | None) -> None:
        """Say how many may still begin; None for all."""
        self.last = sys.maxsize if left is None else self.begun + max(left, 0)

    def end_all(self) -> None:
        """None is under way any more."""
        self.ended = self.begun
