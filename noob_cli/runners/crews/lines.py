"""Epochs that wait for somebody who does them: a line for each region, of which batches are taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import repeat, starmap
from threading import RLock
from typing import Any

from noob_cli.runners.crews.batches import Answer, Batch, Entry, Packed
from noob_cli.runners.crews.pace import Pace
from noob_cli.runners.crews.wire import size_of


class Line:
    """The epochs that have come to a region.

    Args:
        region: The number of the stage.

    Attributes:
        waiting: Those that nobody has taken, in order.
        has_packed: Whether some of them have been packed.
        batches: Those that somebody has taken, in order, as long as not all has been passed on that came of them.
    """

    __slots__ = ("batches", "has_packed", "region", "waiting")

    def __init__(self, region: int) -> None:
        self.region = region
        self.waiting: deque[Entry] = deque()
        self.has_packed = False
        self.batches: deque[Batch] = deque()

    @property
    def is_ready(self) -> bool:
        """Whether the first of those that are left has been done."""
        batches = self.batches
        return bool(batches) and batches[0].given < batches[0].done


class Lines:
    """All that waits to be done.

    Args:
        pace: How fast those are who do it.
        most_bytes: How many bytes a batch may have.

    Attributes:
        idle: Wakes those who have nothing to do.
    """

    def __init__(self, pace: Pace, most_bytes: int) -> None:
        self._pace = pace
        self._most_bytes = most_bytes
        self._lines: list[Line] = []
        # A signal may come in the middle.
        self._taking = RLock()
        self.idle: deque[Callable[[], object]] = deque()

    def begin(self, region: int) -> Line:
        """A new line.

        Args:
            region: The number of the stage.
        """
        line = Line(region)
        with self._taking:
            self._lines.append(line)
        return line

    def wake(self) -> None:
        """Let somebody know who has nothing to do, if there is one."""
        try:
            wake = self.idle.popleft()
        except IndexError:
            return
        wake()

    def take(self) -> Batch | None:
        """A batch of what waits: of the line whose first epoch has begun first; None if nothing does."""
        with self._taking:
            waiting = [line for line in self._lines if line.waiting]
            if not waiting:
                return None
            line = min(waiting, key=_first) if len(waiting) > 1 else waiting[0]
            return self._taken(line, self._pace.together(line.region, len(line.waiting)))

    def _taken(self, line: Line, number: int) -> Batch:
        waiting = line.waiting
        if line.has_packed:
            number = self._fitting(line, number)
        batch = Batch(line.region, number, self._pace.interruptions)
        # It is there before they are gone.
        line.batches.append(batch)
        batch.entries = [*starmap(waiting.popleft, repeat((), number))]
        return batch

    def _fitting(self, line: Line, number: int) -> int:
        """How many of so many don't have too many bytes together."""
        size = 0
        for at in range(number):
            if size >= self._most_bytes:
                return at
            entry = line.waiting[at]
            size += entry.size if isinstance(entry, Packed) else 0
        return number

    def give_up(self, answer: Answer) -> None:
        """Let nothing be done any more of what waits.

        Args:
            answer: What comes of it.
        """
        with self._taking:
            self._pace.interruptions += 1
            for line in self._lines:
                if line.waiting:
                    self._taken(line, len(line.waiting)).answer_all(answer)

    def end(self, line: Line) -> None:
        """Nobody waits any more for what is left of a line."""
        with self._taking:
            if line in self._lines:
                self._lines.remove(line)
            for batch in line.batches:
                batch.is_over = True
            left = [*line.waiting, *(entry for batch in line.batches for entry in batch.entries[batch.given :])]
            line.waiting.clear()
        self._pace.hold(-sum(entry.size for entry in left if isinstance(entry, Packed)))
        answers = (answer for batch in line.batches for answer in batch.answers[batch.given : batch.done])
        self._pace.hold(-sum(map(size_of, answers)))

    def clear(self) -> None:
        """Nobody waits any more for anything."""
        for line in [*self._lines]:
            self.end(line)


def _first(line: Line) -> tuple[Any, int]:
    """What says which of several lines comes first."""
    return line.waiting[0][0], -line.region
