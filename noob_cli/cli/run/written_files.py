"""Files that a run writes: opened before it, so that nothing is made if they can't be written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from noob_cli.cli.run.files_in_use import FileInUse, what_would_be_lost
from noob_cli.errors import InputError

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions


def open_emptied(path: Path) -> FileIO:
    """A file with nothing in it."""
    file = _open_at_end(path)
    if _is_regular(file):
        file.truncate(0)
        file.seek(0)
    return file


def open_to_append(path: Path) -> FileIO:
    """A file with what is in it; behind half a line, the next begins a line of its own."""
    file = _open_at_end(path)
    if _is_regular(file) and file.tell() and os.access(path, os.R_OK):
        with path.open("rb") as reading:
            reading.seek(-1, os.SEEK_END)
            if reading.read() != b"\n":
                file.write(b"\n")
    return file


def opened_anew(options: RunOptions) -> Callable[[Path], FileIO]:
    """What opens the files of a run that doesn't go on with an earlier one.

    Args:
        options: What was asked for.
    """
    return open_to_append if options.append else open_emptied


def _open_at_end(path: Path) -> FileIO:
    # What others do to its size, such as to empty it, then leaves no hole before what comes next.
    return path.open("ab", buffering=0)


def _is_regular(file: FileIO) -> bool:
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def open_written(
    path: Path, option: str, what: str, in_use: Iterable[FileInUse], stack: ExitStack, opened: Callable[[Path], FileIO]
) -> FileIO:
    """Open a file, unless something that is read would be lost.

    Args:
        path: The file.
        option: The option that names it.
        what: What it is for.
        in_use: Files that would be lost, by name or descriptor, and what each is.
        stack: Closes it in the end.
        opened: Opens it.

    Raises:
        InputError: It can't be written to, or it is in use.
    """
    refuse_in_use(path, option, in_use)
    return stack.enter_context(open_writable(path, what, opened))


def refuse_in_use(path: Path, option: str, in_use: Iterable[FileInUse]) -> None:
    """Write nothing over what is read, or written to as well.

    Args:
        path: The file.
        option: The option that names it.
        in_use: Files that would be lost, by name or descriptor, and what each is.

    Raises:
        InputError: It is one of them.
    """
    what_it_is = what_would_be_lost(path, in_use)
    if what_it_is is not None:
        raise InputError(f"'{option} {path}' is {what_it_is}: name another one")


def open_writable(path: Path, what: str, opened: Callable[[Path], FileIO]) -> FileIO:
    """Open a file, and see whether it can be written.

    Args:
        path: The file.
        what: What it is for.
        opened: Opens it.

    Raises:
        InputError: It can't be written to.
    """
    try:
        with ExitStack() as stack:
            file = stack.enter_context(opened(path))
            # A device that is full says so even then.
            os.write(file.fileno(), b"")
            stack.pop_all()
    except OSError as error:
        raise InputError(f"{what} can't be written: {path}: {error.strerror}") from error
    return file


def write_whole(file: FileIO, text: bytes) -> None:
    """Write all of a text, at once.

    Raises:
        OSError: It can't be written.
    """
    rest = memoryview(text)
    while rest:
        rest = rest[file.write(rest) :]
