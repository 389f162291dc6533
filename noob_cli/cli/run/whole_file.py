"""A file that is written at the end of a run: until then it is what it was, and then it is there as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from noob_cli.cli.run.files_in_use import FileInUse
from noob_cli.cli.run.output import is_named_stdout
from noob_cli.cli.run.side_files import name_of, open_side_file
from noob_cli.cli.run.written_files import refuse_in_use, write_whole
from noob_cli.errors import InputError
from noob_cli.replacing import replace_file, see_whether_replaceable


class WholeFile:
    """A file that is replaced by a whole one. What is no regular file, such as a pipe or `-`, is written to.

    Args:
        path: What it is called on the command line.
        option: The option that names it.
        what: What it is for.
        stdout: The descriptor of standard output; None if there is none.
        in_use: Files that would be lost, by name or descriptor, and what each is.
        stack: Closes it in the end.

    Raises:
        InputError: It can't be written, or it is in use.
    """

    def __init__(
        self, path: Path, option: str, what: str, stdout: int | None, in_use: Iterable[FileInUse], stack: ExitStack
    ) -> None:
        self.path = name_of(path)
        self._target = Path(os.path.realpath(path))
        self._opened = None
        if is_named_stdout(path) or (os.path.exists(path) and not os.path.isfile(path)):
            self._opened = open_side_file(path, option, what, stdout, in_use, stack)
            return
        refuse_in_use(path, option, in_use)
        try:
            # What can't be done is told before anything is made.
            see_whether_replaceable(path)
        except OSError as error:
            raise InputError(f"{what} can't be written: {path}: {error.strerror}") from error

    def write(self, text: bytes) -> None:
        """Write all of the file.

        Args:
            text: What is in it from here on.

        Raises:
            OSError: It can't be written; it is what it was then.
        """
        if self._opened is None:
            replace_file(self._target, text)
        else:
            write_whole(self._opened, text)
