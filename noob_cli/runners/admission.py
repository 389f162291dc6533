"""How many epochs have begun, how many of them are under way, and how many may still begin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from noob_cli.tally import Tally


class Admission:
    """Counts the epochs that begin, and says how many may.

    Attributes:
        ended: How many have begun, and are not under way any more.
    """

    def __init__(self) -> None:
        self.ended = 0
        self._tally = Tally()
        self._last = sys.maxsize
        """After how many no further one may begin."""

    @property
    def begun(self) -> int:
        """How many have begun."""
        return self._tally.count

    @property
    def under_way(self) -> int:
        """How many have begun, and have not been brought to their end."""
        return self.begun - self.ended

    @property
    def left(self) -> int:
        """How many may still begin."""
        return self._last - self.begun

    def of(self, records: Iterator[Any]) -> Iterator[Any]:
        """The same records; an epoch begins with each that is taken."""
        return self._tally.of(records)

    def limit(self, left: int | None) -> None:
        """Say how many may still begin; None for all."""
        self._last = sys.maxsize if left is None else self.begun + max(left, 0)

    def end_all(self) -> None:
        """None is under way any more."""
        self.ended = self.begun
