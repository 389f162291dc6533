"""How many epochs have begun, how many of them are under way, and how many may still begin."""

from __future__ import annotations

import sys

from noob_cli.tally import Tally


class Admission(Tally):
    """Counts the epochs that begin, one with each record that is taken, and says how many may.

    Attributes:
        ended: How many have begun, and are not under way any more.
        last: After how many no further one begins.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ended = 0
        self.last = sys.maxsize

    @property
    def begun(self) -> int:
        """How many have begun."""
        return self.count

    @property
    def under_way(self) -> int:
        """How many have begun, and have not been brought to their end."""
        return self.begun - self.ended

    def limit(self, left: int | None) -> None:
        """Say how many may still begin; None for all."""
        self.last = sys.maxsize if left is None else self.begun + max(left, 0)

    def end_all(self) -> None:
        """None is under way any more."""
        self.ended = self.begun
