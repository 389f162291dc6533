"""Standard output belongs to results: what anything else writes there goes to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_STDOUT, _STDERR = 1, 2


def claim_stdout() -> int:
    """Keep standard output for results.

    From here on, what Python code, C code or a subprocess writes to descriptor 1 goes to standard error.

    Returns:
        The descriptor on which results go to the real standard output. If that is closed, one that writes nowhere.
    """
    if sys.stdout is not None:
        sys.stdout.flush()
    try:
        results = os.dup(_STDOUT)
    except OSError:
        results = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(_STDERR, _STDOUT)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDOUT)
    with suppress(AttributeError):
        # Lines of user code are to be seen in order with what is written to standard error.
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return results


@contextmanager
def open_stdout() -> Iterator[TextIO]:
    """Standard output for what a command prints, and for nothing else; UTF-8.

    A reader that has gone away is no error.
    """
    with suppress(BrokenPipeError), open(claim_stdout(), "w", encoding="utf-8") as stdout:
        yield stdout
