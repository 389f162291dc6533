"""Messages go to standard error. A run does not end because they can't be written."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


PassOn = Callable[[bytes, Callable[[bytes], object]], object]
"""Writes what it gets by calling what it gets with it."""

_own: TextIO | None = None
_pass_on: PassOn | None = None


def forgive_stderr() -> None:
    """From here on, what is written to `sys.stderr` is lost if there is no room for it, or its reader has gone."""
    global _own
    if sys.stderr is not None:
        sys.stderr = _own = open_forgiving(sys.stderr.fileno(), sys.stderr.encoding)


def message_stream() -> TextIO | None:
    """The stream that messages are written to; None if there is none.

    It is `sys.stderr`, unless code has put something in its place that can't be written to, or may not be.
    """
    stream = sys.stderr
    can_be_written_to = isinstance(stream, io.TextIOBase) and not stream.closed
    return stream if can_be_written_to else _own


def print_messages(*lines: str) -> None:
    """Print lines to the stream for messages, in one piece, since other threads may print, too.

    Args:
        lines: The lines.
    """
    if (stream := message_stream()) is not None:
        print("".join(f"{line}\n" for line in lines), end="", file=stream, flush=True)


def open_forgiving(descriptor: int, encoding: str) -> TextIO:
    """Text that is written line by line, and lost if it can't be.

    Args:
        descriptor: Where to; it is not closed.
        encoding: How letters are written; one that it does not have is written as its escape.
    """
    raw = io.BufferedWriter(_Forgiving(descriptor, "wb", closefd=False))
    return _Shared(raw, encoding, "backslashreplace", line_buffering=True)


class _Shared(io.TextIOWrapper):
    """A stream that is not only the user's, whose code may close it."""

    def close(self) -> None:
        self.flush()


class _Forgiving(io.FileIO):
    """A file that takes what can't be written for written."""

    def write(self, data: ReadableBuffer) -> int:
        try:
            if _pass_on is None:
                return super().write(data)
            _pass_on(bytes(data), super().write)
        except OSError:
            pass
        return memoryview(data).nbytes


@contextmanager
def passed_on(pass_on: PassOn) -> Iterator[None]:
    """Let what is printed inside be passed on by something that has the terminal as well.

    Args:
        pass_on: What passes it on.
    """
    global _pass_on
    _pass_on = pass_on
    try:
        yield
    finally:
        _pass_on = None


def _print_alone() -> None:
    global _pass_on
    _pass_on = None


if hasattr(os, "register_at_fork"):
    # What passes it on stays with its thread.
    os.register_at_fork(after_in_child=_print_alone)
