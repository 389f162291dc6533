"""Standard input belongs to records: what else reads it finds the terminal, or nothing."""

from __future__ import annotations

import os
import stat
import sys

from noob_cli.cli.shell.stdout import apart

TERMINAL = "/dev/tty"
"""The terminal of a process, whatever its standard streams are."""

STDIN = "-"
"""What stands for it where a file is named."""

_DESCRIPTOR = 0


def claim_stdin() -> int:
    """Keep standard input for records.

    From here on, Python code that reads `sys.stdin`, such as a debugger, reads from the terminal, if there is one, and
    the processes that it starts find nothing on their standard input: they are not to take the rest of the records.

    Returns:
        The descriptor with the real standard input.

    Raises:
        OSError: Standard input is closed.
    """
    records = apart(os.dup(_DESCRIPTOR))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _DESCRIPTOR)
    os.close(nothing)
    if sys.stdin is not None:
        try:
            terminal = apart(os.open(TERMINAL, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            return records
        # It lasts as long as the process does, and nobody closes it.
        sys.stdin = open(terminal, encoding=sys.stdin.encoding, closefd=False)  # noqa: SIM115
    return records


def nobody_answers() -> bool:
    """Whether nobody can answer what Python code asks: standard input is closed, or `/dev/null`."""
    try:
        status = os.fstat(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):
        return True
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == os.stat(os.devnull).st_rdev
