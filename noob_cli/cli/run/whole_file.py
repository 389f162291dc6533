"""A file that is written at the end of a run: until then it is what it was, and then it is there as a whole."""

from __future__ import annotations

import os
from pathlib import Path

from noob_cli.cli.run.written_files import WrittenFiles, is_named_stdout, name_of, write_whole
from noob_cli.cli.shell.write_errors import explaining
from noob_cli.replacing import replace_file, see_whether_replaceable


class WholeFile:
    """A file that is replaced by a whole one. What is no regular file, such as a pipe or `-`, is written to.

    A link leads where it led at first: nobody has looked whether another file is in use.

    Args:
        path: What it is called on the command line.
        option: The option that names it.
        what: What it is for.
        files: Opens what is no regular file.

    Raises:
        InputError: It can't be written, or it is in use.
    """

    def __init__(self, path: Path, option: str, what: str, files: WrittenFiles) -> None:
        self.path = name_of(path)
        self._opened = None
        if is_named_stdout(path) or (os.path.exists(path) and not os.path.isfile(path)):
            self._opened = files.open(path, option, what)
            return
        self._target = os.path.realpath(path)
        files.refuse_in_use(path, option)
        with explaining(path, what):
            # What can't be done is told before anything is made.
            see_whether_replaceable(path)

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
