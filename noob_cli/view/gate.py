"""A gate between the results of a run: it lets all through, one by one, or none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

_T = TypeVar("_T")

_SECONDS_BETWEEN = 0.05
"""How soon a run that waits here sees that it is to stop."""


class Gate:
    """Lets a run go on, or wait before its next result.

    Args:
        is_open: Whether it lets all through at first.
    """

    def __init__(self, is_open: bool = True) -> None:
        self.is_open = is_open
        self._passes = 0
        self._news = threading.Event()

    def open(self) -> None:
        """Let all through."""
        self.is_open = True
        self._news.set()

    def close(self) -> None:
        """Let none through."""
        self.is_open, self._passes = False, 0

    def let_one_through(self) -> None:
        """Let one through, and then none."""
        self.close()
        self._passes = 1
        self._news.set()

    def passed(self, results: Iterator[_T], is_stopping: Callable[[], bool]) -> Iterator[_T]:
        """Results, each made when it is let through.

        Args:
            results: The results.
            is_stopping: Whether nobody wants any more.
        """
        if not self._lets_through(is_stopping):
            return
        for result in results:
            yield result
            # While it is open, it costs next to nothing.
            if not self.is_open and not self._lets_through(is_stopping):
                return

    def _lets_through(self, is_stopping: Callable[[], bool]) -> bool:
        while not self.is_open and not self._passes:
            if is_stopping():
                return False
            self._news.clear()
            self._news.wait(_SECONDS_BETWEEN)
        self._passes = 0
        return True
