"""Where results go: looked at before the run, so that nothing is made for results that have no place."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from io import FileIO
from pathlib import Path

from noob_cli.cli.run.files_in_use import FileInUse
from noob_cli.cli.run.written_files import open_written
from noob_cli.errors import InputError


def open_output(
    output: Path | None,
    stdout: int | None,
    in_use: Iterable[FileInUse],
    stack: ExitStack,
    opened: Callable[[Path], FileIO],
) -> int:
    """The descriptor that results are written to.

    Args:
        output: The file for them; see `is_stdout`.
        stdout: The descriptor of standard output; None if there is none.
        in_use: Files that would be lost if results were written to them, by name or descriptor, and what each is.
        stack: Closes the file in the end.
        opened: Opens it, where results are to be written.

    Raises:
        InputError: There is no standard output, the file can't be written to, or there is no room for results.
    """
    if output is None or is_stdout(output):
        if stdout is None:
            raise InputError("standard output is closed: name a file for the results with '-o FILE'")
        descriptor, name = stdout, "standard output"
    else:
        file = open_written(output, "-o", "the results", in_use, stack, opened)
        descriptor, name = file.fileno(), str(output)
    try:
        _find_room(descriptor, is_ours=descriptor != stdout)
    except OSError as error:
        raise InputError(f"the results can't be written: {name}: {error.strerror}") from error
    return descriptor


def is_stdout(output: Path | None) -> bool:
    """Whether results go to standard output: without a file, with `-`, or by the names that systems have for it."""
    # What stands behind those names is not the same any more when results are written.
    return output is None or str(output) in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def _find_room(descriptor: int, *, is_ours: bool) -> None:
    """See whether something can be written, and leave no trace of it.

    Raises:
        OSError: It can't.
    """
    if is_ours and stat.S_ISREG(os.fstat(descriptor).st_mode):
        end = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.write(descriptor, b"\n")
        os.ftruncate(descriptor, end)
        os.lseek(descriptor, end, os.SEEK_SET)
    else:
        # A device that is full says so even then.
        os.write(descriptor, b"")
