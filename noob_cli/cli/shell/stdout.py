"""Standard output belongs to results: what anything else writes there goes to standard error."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from noob_cli.cli.shell.stderr import open_forgiving

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STDOUT, _STDERR = 1, 2


class _StdoutError(Exception):
    """What was printed is lost.

    Args:
        error: Why it can't be written to.
    """

    def __init__(self, error: OSError) -> None:
        self.reader_has_gone = isinstance(error, BrokenPipeError)
        super().__init__(f"standard output can't be written to: {error.strerror or error}")


class _Printing(io.FileIO):
    """Standard output as a descriptor, whose first error is told from those of other files; what follows is lost."""

    _has_failed = False

    def write(self, data: ReadableBuffer) -> int:
        if self._has_failed:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except OSError as error:
            self._has_failed = True
            raise _StdoutError(error) from error


class _Closed(io.TextIOBase):
    """Stands for standard output where there is none."""

    def write(self, text: str) -> int:
        raise _StdoutError(OSError(errno.EBADF, "it is closed"))


@contextmanager
def printed() -> Iterator[None]:
    """See to it that what typer prints inside, such as a help text, gets to standard output.

    Raises:
        SystemExit: It doesn't, with the exit code 2; a reader that has gone away is no error.
    """
    stream: io.TextIOWrapper | _Closed
    if sys.stdout is None:
        stream = _Closed()
    else:
        raw = io.BufferedWriter(_Printing(_STDOUT, "wb", closefd=False))
        is_terminal = sys.stdout.isatty()
        stream = io.TextIOWrapper(raw, sys.stdout.encoding, "backslashreplace", line_buffering=is_terminal)
    sys.stdout = stream
    try:
        try:
            yield
        finally:
            stream.flush()
    except _StdoutError as error:
        if error.reader_has_gone:
            raise SystemExit(0) from None
        _report(str(error))
        raise SystemExit(2) from None


def _report(message: str) -> None:
    # Who only starts doesn't pay for the import.
    from noob_cli.cli.shell.messages import report_error

    report_error(message)


def is_stdout_closed() -> bool:
    """Whether the program was started without standard output; ask before it is claimed."""
    return sys.stdout is None or isinstance(sys.stdout, _Closed)


def claim_stdout() -> int:
    """Keep standard output for results.

    From here on, what Python code, C code or a subprocess writes to descriptor 1 goes to standard error.

    Returns:
        The descriptor on which results go to the real standard output. If that is closed, one that writes nowhere.
    """
    if is_stdout_closed():
        sys.stdout = None
        results = _nowhere()
    else:
        sys.stdout.flush()
        try:
            results = os.dup(_STDOUT)
        except OSError:
            results = _nowhere()
    try:
        os.dup2(_STDERR, _STDOUT)
    except OSError:
        os.dup2(_nowhere(), _STDOUT)
    if sys.stdout is not None:
        # By the line, so that it is in order with what is written to standard error.
        sys.stdout = open_forgiving(_STDOUT, sys.stdout.encoding)
    return results


def apart(descriptor: int) -> int:
    """The same by a number that is none of the standard ones, which may be free if those are closed.

    Args:
        descriptor: The descriptor, which is closed if another takes its place.
    """
    copies = [descriptor]
    while copies[-1] <= _STDERR:
        copies.append(os.dup(copies[-1]))
    for standard in copies[:-1]:
        os.close(standard)
    return copies[-1]


def _nowhere() -> int:
    """A new descriptor that writes nowhere."""
    return apart(os.open(os.devnull, os.O_WRONLY))


@contextmanager
def open_stdout() -> Iterator[TextIO]:
    """Standard output for what a command prints, and for nothing else; UTF-8.

    A reader that has gone away is no error.

    Raises:
        SystemExit: It is closed, or can't be written to, with the exit code 2.
    """
    if is_stdout_closed():
        _report("standard output is closed")
        raise SystemExit(2)
    try:
        raw = io.BufferedWriter(_Printing(claim_stdout(), "wb"))
        with io.TextIOWrapper(raw, "utf-8", "surrogateescape") as stdout:
            yield stdout
    except _StdoutError as error:
        if not error.reader_has_gone:
            _report(str(error))
            raise SystemExit(2) from None
