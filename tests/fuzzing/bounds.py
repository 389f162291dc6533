"""A bound on what a piece of work may take, in time and in memory."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SECONDS = 10.0
"""Of the processor, so that a machine that does other work too makes no difference. What is right takes much less."""

MEGABYTES = 1000
"""More than there was before."""


class TookTooLong(BaseException):
    """It took more time than it may. No `except Exception` catches it."""


@contextmanager
def bounded() -> Iterator[None]:
    """Stop what is done inside when it takes too much.

    Raises:
        TookTooLong: It took too much time.
        MemoryError: It took too much memory.
    """
    before = signal.signal(signal.SIGPROF, _stop)
    limits = _limit_memory()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        if limits is not None:
            resource.setrlimit(resource.RLIMIT_AS, limits)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TookTooLong(f"it took more than {SECONDS} seconds of the processor")


def _limit_memory() -> tuple[int, int] | None:
    """Set the limit; what it was before, or None where nobody says how much memory there is already."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return None
    used = int(statistics.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + MEGABYTES * 1_000_000
    if soft != resource.RLIM_INFINITY and soft <= wanted:
        return None
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    return soft, hard
