"""Runs that nobody has ended: they are, at the latest when the interpreter ends."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Protocol
from weakref import WeakValueDictionary


class Open(Protocol):
    """A runner whose run was started, and has to be ended."""

    def deinit(self) -> None:
        """End it."""


_open: WeakValueDictionary[tuple[int, int], Open] = WeakValueDictionary()
"""By the process that has started it, and its identity; the first that was started comes first."""


def note_open(run: Open) -> None:
    """A run was started: it is ended when the interpreter ends, unless it has been before."""
    _open[os.getpid(), id(run)] = run


def note_ended(run: Open) -> None:
    """A run was ended."""
    _open.pop((os.getpid(), id(run)), None)


@atexit.register
def _end_all() -> None:
    """End what is open, the last one first, also if that fails for one of them."""
    for (process, _), run in reversed(list(_open.items())):
        # One forked from the process that has started it has nothing to end.
        if process == os.getpid():
            try:
                run.deinit()
            except BaseException:
                sys.excepthook(*sys.exc_info())
