"""What is done before and behind something else, whatever comes of that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

_T = TypeVar("_T")


class Bracket(AbstractContextManager[_T]):
    """Calls a function before what stands inside of `with`, and another one behind it, also if the first one fails.

    Errors pass as they are: `contextlib.contextmanager` sets the traceback of each, which not all let it do.

    Args:
        begin: Called before; what it gives is what `with` gives.
        end: Called behind.
    """

    def __init__(self, begin: Callable[[], _T], end: Callable[[], object]) -> None:
        self._begin = begin
        self._end = end

    def __enter__(self) -> _T:
        try:
            return self._begin()
        except BaseException:
            self._end()
            raise

    def __exit__(self, *_: object) -> None:
        self._end()
