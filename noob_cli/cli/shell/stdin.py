"""Standard input belongs to records: what else reads it, such as a debugger, finds the terminal there."""

from __future__ import annotations

import os
import stat

from noob_cli.cli.shell.descriptors import apart

TERMINAL = "/dev/tty"
"""The terminal of a process, whatever its standard streams are."""

_STDIN = 0


def claim_stdin() -> int:
    """Keep standard input for records.

    From here on, who else reads it finds the terminal there, or nothing, if there is none.

    Returns:
        The descriptor with the real standard input.

    Raises:
        OSError: It is closed.
    """
    records = apart(os.dup(_STDIN))
    try:
        instead = os.open(TERMINAL, os.O_RDWR)
    except OSError:
        instead = os.open(os.devnull, os.O_RDONLY)
    os.dup2(instead, _STDIN)
    os.close(instead)
    return records


def is_nowhere() -> bool:
    """Whether nobody can answer on standard input: it is closed, or `/dev/null`."""
    try:
        status = os.fstat(_STDIN)
    except OSError:
        return True
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == os.stat(os.devnull).st_rdev
