"""Whether a thread does what code of a run has asked for: in itself, or as another that is waited for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable
from types import CodeType, FrameType
from typing import Any, Final

from noob_cli.runners.strand import stack_from

_SECONDS_UNTIL_WAITED: Final = 0.01
"""How long it may take until who has begun something in another thread waits for it."""


def is_called_by(file: str, stack: Iterable[FrameType]) -> bool:
    """Whether code has called what is under way in this thread, or waits in another thread for what is done in it.

    Args:
        file: The name under which tracebacks show the code.
        stack: The functions that are under way in this thread, from the innermost.
    """
    stack = [*stack]
    if _is_in(file, stack):
        return True
    for seconds in (_SECONDS_UNTIL_WAITED, 0):
        others = [functions for functions in _stacks_of_others() if _is_in(file, functions)]
        if not others:
            return False
        done_here = [threading.current_thread(), *filter(None, map(_future_of, stack))]
        waited_for = [_self_of(function) for functions in others for function in functions if _is_waiting(function)]
        if any(one is other for one in waited_for for other in done_here):
            return True
        time.sleep(seconds)
    return False


def _stacks_of_others() -> list[list[FrameType]]:
    """The functions that are under way in each other thread."""
    this = threading.get_ident()
    return [[*stack_from(frame)] for thread, frame in sys._current_frames().items() if thread != this]


def _is_in(file: str, functions: Iterable[FrameType]) -> bool:
    return file in [function.f_code.co_filename for function in functions]


def _is_waiting(function: FrameType) -> bool:
    """Whether a function begins another thread, or waits for its end, or for what has been given to one."""
    return function.f_code in _THREAD or function.f_code is _of_futures("Future", "result")


_THREAD: Final = {threading.Thread.start.__code__, threading.Thread.join.__code__}


def _future_of(function: FrameType) -> Any:
    """What a thread of an executor gives what it does to; None if a function is not about that."""
    return _self_of(function).future if function.f_code is _of_futures("thread", "_WorkItem", "run") else None


def _of_futures(*names: str) -> CodeType | None:
    """The code of something in `concurrent.futures`, unless nobody has imported that."""
    value: Any = sys.modules.get("concurrent.futures")
    for name in names:
        value = getattr(value, name, None)
    return getattr(value, "__code__", None)


def _self_of(function: FrameType) -> Any:
    """The object whose method is under way."""
    return function.f_locals.get("self")
