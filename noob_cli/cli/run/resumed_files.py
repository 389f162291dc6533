"""The files of a run that goes on from a checkpoint: cut back to what that covers."""

from __future__ import annotations

import os
from base64 import b64decode
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from noob_cli.cli.run.written_files import open_emptied, open_to_append, opened_anew
from noob_cli.cli.shell.messages import Level, say
from noob_cli.errors import InputError
from noob_cli.results.format import ResultFormat
from noob_cli.results.result_error import ResultError
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.checkpoints.folder import Covered
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.results.columns import Columns
    from noob_cli.results.writer import ResultWriter


class ResumedFiles:
    """The files of the results and of failed records, of a run that may go on from a checkpoint.

    Args:
        options: What was asked for.
        covered: What the checkpoint covers; None if there is none.
        is_done: Whether nothing is left to do, so that nothing comes in the place of what is behind that.
        folder: The folder of the checkpoint.
    """

    def __init__(self, options: RunOptions, covered: Covered | None, is_done: bool, folder: Path) -> None:
        self.left_as_they_are: list[Path] = []
        """Those that have more in them than the checkpoint covers, which stays there."""
        self._options = options
        self._covered = covered
        self._is_done = is_done
        self._folder = folder
        self._size = 0 if covered is None else covered.size

    def open_output(self, path: Path) -> FileIO:
        """Open the file of the results: cut back to what the checkpoint covers, or left as it is.

        Raises:
            InputError: The file is not the one that the checkpoint is about.
            OSError: It can't be written to.
        """
        covered = self._covered
        if covered is None:
            return opened_anew(self._options)(path)
        if self._is_another(path, covered.file):
            if self._is_done:
                return open_to_append(path)
            if self._cut_back_renamed(path, covered.file, covered.size):
                self._size = 0
                return open_emptied(path)
        return self._open_cut_back(path, "-o", covered.size, b64decode(covered.ending))

    def open_errors(self, path: Path) -> FileIO:
        """The same for the file of failed records."""
        covered = self._covered
        if covered is None:
            return opened_anew(self._options)(path)
        if self._is_another(path, covered.errors_file):
            if self._is_done:
                return open_to_append(path)
            if self._cut_back_renamed(path, covered.errors_file, covered.errors_size):
                return open_emptied(path)
        return self._open_cut_back(path, "--errors", covered.errors_size)

    def format_for(self, output: Path | None) -> ResultFormat:
        """How results are written to a file that has been opened: not at all to one that is left as it is."""
        return ResultFormat.none if output in self.left_as_they_are else self._options.output_format

    def go_on_with(self, writer: ResultWriter, columns: Columns | None) -> None:
        """Tell what writes the results how far the run has come.

        Args:
            writer: Writes the results.
            columns: Their columns; None if they are no table.

        Raises:
            InputError: Other columns were asked for.
        """
        covered = self._covered
        assert covered is not None
        writer.go_on_after(covered.written, self._size, b64decode(covered.ending))
        if columns is not None and covered.columns is not None:
            try:
                columns.go_on_with(covered.columns)
            except ResultError as error:
                raise InputError(f"the run can't go on with the table of its results: {error}") from error

    def _is_another(self, path: Path, file: tuple[int, int] | None) -> bool:
        """Whether a file that may be rotated is not the one that the checkpoint is about."""
        return self._options.reopen and file is not None and _identity(path) != file

    def _cut_back_renamed(self, path: Path, file: tuple[int, int] | None, size: int) -> bool:
        """Cut the file back that has had a name, under the one that it has now; say whether there is one."""
        renamed = next((other for other in path.absolute().parent.iterdir() if _identity(other) == file), None)
        if renamed is None or renamed.stat().st_size < size:
            return False
        os.truncate(renamed, size)
        say(f"{path} was rotated: {renamed.name} is cut back to what the checkpoint covers", Level.warning)
        return True

    def _open_cut_back(self, path: Path, option: str, size: int, ending: bytes = b"") -> FileIO:
        file_size = path.stat().st_size if path.is_file() else 0
        if file_size < size and (path.is_file() or not path.exists()):
            raise InputError(
                f"'{option} {path}' has {count_of(file_size, 'byte')}, and the checkpoint covers {size}: name the file "
                f"that the run has written to, or remove the folder {self._folder} to begin anew"
            )
        is_kept = file_size > size and self._is_done
        if not path.is_file() or not (size or is_kept):
            return open_emptied(path)
        file = path.open("a+b", buffering=0)
        file.seek(size)
        if is_kept and not ending.startswith(file.read(len(ending) + 1)):
            # Nothing comes in the place of what the run has written behind its checkpoint.
            self.left_as_they_are.append(path)
            file.seek(file_size)
        else:
            os.ftruncate(file.fileno(), size)
            file.seek(size)
        return file


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, by whatever name; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
