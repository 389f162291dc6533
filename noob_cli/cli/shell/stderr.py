"""Standard error takes what there is to tell; that nobody can be told is no reason to end."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def forgive_stderr() -> None:
    """From here on, what is written to `sys.stderr` is lost if there is no room for it, or its reader has gone."""
    if sys.stderr is not None:
        sys.stderr = open_forgiving(sys.stderr.fileno(), sys.stderr.encoding)


def open_forgiving(descriptor: int, encoding: str) -> TextIO:
    """Text that is written line by line, and lost if it can't be.

    Args:
        descriptor: Where to; it is not closed.
        encoding: How letters are written; one that it does not have is written as its escape.
    """
    raw = io.BufferedWriter(_Forgiving(descriptor, "wb", closefd=False))
    return io.TextIOWrapper(raw, encoding, "backslashreplace", line_buffering=True)


class _Forgiving(io.FileIO):
    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
