"""A file that is written at the end of a run: until then it is what it was, and then it is there as a whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from secrets import token_hex

from noob_cli.cli.run.files_in_use import FileInUse, what_would_be_lost
from noob_cli.cli.run.written_files import open_written, write_whole
from noob_cli.errors import InputError


class WholeFile:
    """A file that is replaced by a whole one. What is no regular file, such as a pipe, is written to.

    Args:
        path: What it is called.
        option: The option that names it.
        what: What it is for.
        in_use: Files that would be lost, by name or descriptor, and what each is.
        stack: Closes it in the end.

    Raises:
        InputError: It can't be written, or it is in use.
    """

    def __init__(self, path: Path, option: str, what: str, in_use: Iterable[FileInUse], stack: ExitStack) -> None:
        self.path = path
        self._target = os.path.realpath(path)
        self._opened = None
        in_use = list(in_use)
        if (what_it_is := what_would_be_lost(path, in_use)) is not None:
            raise InputError(f"'{option} {path}' is {what_it_is}: name another one")
        if os.path.exists(path) and not os.path.isfile(path):
            self._opened = open_written(path, option, what, in_use, stack)
            return
        try:
            # What can't be done is told before anything is made.
            if os.path.exists(path):
                os.close(os.open(path, os.O_WRONLY))
            os.unlink(self._write_beside(b""))
        except OSError as error:
            raise InputError(f"{what} can't be written: {path}: {error.strerror}") from error

    def write(self, text: bytes) -> None:
        """Write all of the file.

        Args:
            text: What is in it from here on.

        Raises:
            OSError: It can't be written; it is what it was then.
        """
        if self._opened is not None:
            write_whole(self._opened, text)
            return
        unfinished = self._write_beside(text)
        try:
            os.replace(unfinished, self._target)
        except OSError:
            os.unlink(unfinished)
            raise

    def _write_beside(self, text: bytes) -> str:
        """Write a text to a new file in the same folder, and return its path."""
        path = os.path.join(os.path.dirname(self._target), f".noob-{token_hex(8)}")
        with open(path, "xb", buffering=0) as file:
            try:
                with suppress(OSError):
                    os.fchmod(file.fileno(), stat.S_IMODE(os.stat(self._target).st_mode))
                write_whole(file, text)
                os.fsync(file.fileno())
            except BaseException:
                os.unlink(path)
                raise
        return path
