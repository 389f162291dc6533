"""Standard output belongs to results: what anything else writes there goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from noob_cli.cli.messages import report_error
from noob_cli.cli.stderr import open_forgiving

_STDOUT, _STDERR = 1, 2


def is_stdout_closed() -> bool:
    """Whether the program was started without standard output; ask before it is claimed."""
    return sys.stdout is None


def claim_stdout() -> int:
    """Keep standard output for results.

    From here on, what Python code, C code or a subprocess writes to descriptor 1 goes to standard error.

    Returns:
        The descriptor on which results go to the real standard output. If that is closed, one that writes nowhere.
    """
    if sys.stdout is not None:
        sys.stdout.flush()
    if is_stdout_closed():
        results = _nowhere()
    else:
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


def _nowhere() -> int:
    """A new descriptor that writes nowhere, and that is none of the standard ones if those are closed."""
    opened = [os.open(os.devnull, os.O_WRONLY)]
    while opened[-1] <= _STDERR:
        opened.append(os.dup(opened[-1]))
    for each in opened[:-1]:
        os.close(each)
    return opened[-1]


@contextmanager
def open_stdout() -> Iterator[TextIO]:
    """Standard output for what a command prints, and for nothing else; UTF-8.

    A reader that has gone away is no error.

    Raises:
        SystemExit: It can't be written to, with the exit code 2.
    """
    try:
        with open(claim_stdout(), "w", encoding="utf-8", errors="surrogateescape") as stdout:
            yield stdout
    except BrokenPipeError:
        return
    except OSError as error:
        report_error(f"standard output can't be written to: {error.strerror or error}")
        raise SystemExit(2) from None
