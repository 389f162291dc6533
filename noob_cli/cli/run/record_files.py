"""The files of the records: found by what is written on the command line, and opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from glob import glob, has_magic
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from noob_cli.cli.shell.stdin import STDIN, claim_stdin
from noob_cli.errors import InputError
from noob_cli.given_path import given_path

if TYPE_CHECKING:
    from noob_cli.records.line_source import Stream


def files_named(names: Iterable[str]) -> list[str]:
    """The files of the records, in the order in which they are read.

    A folder stands for its files, and what is no file and has a `*`, `?` or `[` for the files that match it; both by
    name and without hidden ones, as in a shell. What matches nothing stays as it is.

    Args:
        names: Files, folders and patterns.
    """
    return [file for name in names for file in _files_of(name)]


def _files_of(name: str) -> Iterator[str]:
    if name == STDIN:
        yield name
    elif os.path.isdir(name):
        inside = sorted(path.name for path in Path(name).iterdir() if not path.name.startswith("."))
        files = [path for path in (os.path.join(name, file) for file in inside) if _is_meant(path)]
        yield from files or [name]
    elif has_magic(name) and not os.path.lexists(name):
        yield from sorted(path for path in glob(name, recursive=True) if _is_meant(path)) or [name]
    else:
        yield name


def _is_meant(path: str) -> bool:
    """Whether one of many is a file of records: a pipe would be waited for. A link that leads nowhere is an error."""
    return os.path.isfile(path) or not os.path.exists(path)


def open_records(name: str, stack: ExitStack, *, later: bool) -> Stream:
    """Open a file of records, unbuffered.

    Args:
        name: The file, or `-` for standard input.
        stack: Closes it in the end.
        later: Whether a regular file is looked at only, and opened when it is first read.

    Raises:
        InputError: A file can't be read.
    """
    if later and name != STDIN and os.path.isfile(name):
        _open(name, stack).close()
        return _OpenedLater(name, stack)
    return _open(name, stack)


def _open(name: str, stack: ExitStack) -> BinaryIO:
    try:
        # A buffer would take a stream that has nothing yet, and does not wait, for one at its end.
        return stack.enter_context(open(claim_stdin() if name == STDIN else name, "rb", buffering=0))
    except OSError as error:
        what = "it is a folder without files" if isinstance(error, IsADirectoryError) else error.strerror
        raise InputError(f"the records can't be read: {name}: {what}") from error


class _OpenedLater:
    """A regular file that is open only while it is read: there may be more of them than can be open.

    Args:
        name: Its name.
        stack: Closes it in the end.
    """

    def __init__(self, name: str, stack: ExitStack) -> None:
        self.path = given_path(name)
        self._stack = stack
        self._file: FileIO | None = None

    def status(self) -> os.stat_result:
        """What the system says of it."""
        return os.stat(self.path)

    def tell(self) -> int:
        """How many bytes were read."""
        return 0 if self._file is None else self._file.tell()

    def seek(self, position: int) -> None:
        """Go on behind so many bytes."""
        self._open().seek(position)

    def _open(self) -> FileIO:
        if self._file is None:
            self._file = self._stack.enter_context(FileIO(self.path))
        return self._file

    def read(self, size: int) -> bytes:
        """Return what comes next, so many bytes at the most; nothing at the end."""
        file = self._open()
        chunk = b"" if file.closed else file.read(size) or b""
        if not chunk:
            file.close()
        return chunk
