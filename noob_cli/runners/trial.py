"""Finding out whether an epoch takes less time if items of its maps are handed out, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from math import inf
from time import perf_counter
from typing import Any, Final

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
    def is_for_chunks(self) -> bool:
        """Whether items of the next epoch are handed out."""
        if self.is_over:
            return self._least[True] < self._least[False]
        return self._made[True] < _EPOCHS

    def of(self, records: Iterable[Any], is_in_chunks: Callable[[], bool]) -> Iterator[Any]:
        """The same records; an epoch begins with each that is taken.

        Args:
            records: The records.
            is_in_chunks: Says whether the items of the next epoch are handed out.
        """
        for record in records:
            self.begin(is_in_chunks())
            yield record

    def begin(self, is_in_chunks: bool) -> None:
        """Note that an epoch begins; when it is over there may be several at once, and nothing is noted.

        Args:
            is_in_chunks: Whether its items are handed out.
        """
        self._begun = None if self.is_over else (is_in_chunks, perf_counter())

    def end(self) -> None:
        """Note that it has ended."""
        if self._begun is None:
            return
        (is_in_chunks, began), self._begun = self._begun, None
        seconds = perf_counter() - began
        self._least[is_in_chunks] = min(self._least[is_in_chunks], seconds)
        self._made[is_in_chunks] += 1
        if not is_in_chunks and seconds > _TIMES * self._least[True]:
            self._made[is_in_chunks] = _EPOCHS
