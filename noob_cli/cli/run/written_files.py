"""Files that a run writes: opened before it, so that nothing is made if they can't be written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from io import FileIO
from pathlib import Path

from noob_cli.cli.run.files_in_use import FileInUse, what_would_be_lost
from noob_cli.errors import InputError


def open_emptied(path: Path) -> FileIO:
    """A file with nothing in it."""
    return path.open("wb", buffering=0)


def open_written(
    path: Path,
    option: str,
    what: str,
    in_use: Iterable[FileInUse],
    stack: ExitStack,
    opened: Callable[[Path], FileIO] = open_emptied,
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
    what_it_is = what_would_be_lost(path, in_use)
    if what_it_is is not None:
        raise InputError(f"'{option} {path}' is {what_it_is}: name another one")
    return stack.enter_context(open_writable(path, what, opened))


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
