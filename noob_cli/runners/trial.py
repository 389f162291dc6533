"""Finding out whether an epoch takes less time if items of its maps are handed out, and nothing else is."""

from __future__ import annotations

from collections import Counter
from math import inf
from time import perf_counter
from typing import Final

_EPOCHS: Final = 5
"""How many epochs are made in each way."""

_SECONDS: Final = 0.01
"""From how long an epoch whose items are handed out is not tried in order: that can't take less."""

_TIMES: Final = 10
"""How many times as long one in order may take to be tried again."""


class Trial:
    """Makes the first epochs of a run in both ways, one after the other, and then goes the faster one."""

    def __init__(self) -> None:
        self._least = {True: inf, False: inf}
        """How many seconds an epoch has taken, by whether items were handed out."""
        self._made: Counter[bool] = Counter()
        self._begun: tuple[bool, float] | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is known which way is the faster one."""
        return self._made[True] >= _EPOCHS and (self._least[True] >= _SECONDS or self._made[False] >= _EPOCHS)

    @property
    def is_for_parts(self) -> bool:
        """Whether items of the next epoch are handed out."""
        if self.is_over:
            return self._least[True] < self._least[False]
        return self._made[True] < _EPOCHS

    def begin(self, is_in_parts: bool) -> None:
        """Note that an epoch begins, and the one before has ended; when it is over there may be several at once.

        Args:
            is_in_parts: Whether its items are handed out.
        """
        if self.is_over:
            return
        now = perf_counter()
        if self._begun is not None:
            before, began = self._begun
            self._least[before] = min(self._least[before], now - began)
            self._made[before] += 1
            if not before and now - began > _TIMES * self._least[True]:
                self._made[before] = _EPOCHS
        self._begun = is_in_parts, now
