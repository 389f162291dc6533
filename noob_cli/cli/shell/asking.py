"""Who asks something on the terminal, and what is written there again and again, which pauses meanwhile."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Refreshed(Protocol):
    """What is written on the terminal again and again."""

    def pause(self) -> None:
        """Take it away."""

    def resume(self) -> None:
        """Write it again."""


_lock = threading.RLock()
_refreshed: list[Refreshed] = []
_asking = 0


@contextmanager
def asking() -> Iterator[None]:
    """Ask something on the terminal inside: nothing else is written there meanwhile."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(by: int) -> None:
    """There are more who ask, or fewer: what they ask may lie within each other, or in several threads."""
    global _asking
    with _lock:
        _asking += by
        for each in _refreshed:
            if by > 0 and _asking == 1:
                each.pause()
            elif not _asking:
                each.resume()


@contextmanager
def refreshing(refreshed: Refreshed) -> Iterator[None]:
    """Let something be written again and again inside, but for while somebody asks, be it by `input`.

    Args:
        refreshed: What is written.
    """
    before = builtins.input

    def ask(prompt: object = "", /) -> str:
        with asking():
            return before(prompt)

    with _lock:
        _refreshed.append(refreshed)
        builtins.input = ask
        refreshed.resume()
    try:
        yield
    finally:
        with _lock:
            _refreshed.remove(refreshed)
            if builtins.input is ask:
                builtins.input = before
            refreshed.pause()
