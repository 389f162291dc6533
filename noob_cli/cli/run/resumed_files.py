"""The files of a run that goes on from a checkpoint: cut back to what that covers."""

from __future__ import annotations

import os
from base64 import b64decode
from contextlib import suppress
from functools import partial
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from noob_cli.cli.run.written_files import Preparation, added_to, cut_back, empty, keep, preparing
from noob_cli.cli.shell.messages import Level, say
from noob_cli.errors import InputError, ResultError
from noob_cli.file_identity import Identity, known_identity_of
from noob_cli.given_path import GivenPath, given_path
from noob_cli.named_tuple import NamedTuple
from noob_cli.records.content import is_packed, piece
from noob_cli.records.faults import RecordError
from noob_cli.records.rotation import rotated
from noob_cli.results.format import ResultFormat
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.checkpoints.folder import Covered
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.results.columns import Columns
    from noob_cli.results.result_file import FilePosition
    from noob_cli.results.writer import ResultWriter

_TAIL: Final = 256
"""How many bytes tell what was written to a file from others."""


class _Written(NamedTuple):
    """What a run has written to a file.

    Args:
        option: The option that names it.
        path: Its name.
        file: What tells it from all others; None if that isn't known.
        size: How many bytes were written.
        tail: What tells the end of these from others; nothing if that isn't known.
    """

    option: str
    path: GivenPath
    file: Identity | None
    size: int
    tail: str

    def stands_in(self, path: os.PathLike[str]) -> bool:
        """Whether a file has all of it, as far as that is known; it may be compressed."""
        if self.tail:
            return _tail_of(path, self.size) == self.tail
        return os.path.isfile(path) and os.stat(path).st_size >= self.size


class ResumedFiles:
    """The files of the results and of failed records, of a run that may go on from a checkpoint.

    Args:
        options: What was asked for.
        covered: What the checkpoint covers; None if there is none.
        is_done: Whether nothing is left to do, so that nothing comes in the place of what is behind that.
        folder: The folder of the checkpoint.
    """

    def __init__(self, options: RunOptions, covered: Covered | None, is_done: bool, folder: Path) -> None:
        self.left_as_they_are: list[GivenPath] = []
        """Those that have more in them than the checkpoint covers, which stays there."""
        self._options = options
        self._covered = covered
        self._is_done = is_done
        self._folder = folder
        self._size = 0 if covered is None else covered.size

    def prepare_output(self, path: GivenPath) -> Preparation:
        """What prepares the file of the results: it is cut back to what the checkpoint covers, or left as it is.

        Raises:
            InputError: The file is not the one that the checkpoint is about.
        """
        covered = self._covered
        if covered is None:
            return preparing(self._options)(path)
        written = _Written("-o", path, covered.file, covered.size, covered.tail)
        if self._is_left(written):
            self._size = 0
            return self._behind(written)
        return self._cut_back(written, b64decode(covered.ending))

    def prepare_errors(self, path: GivenPath) -> Preparation:
        """The same for the file of failed records."""
        covered = self._covered
        if covered is None:
            return preparing(self._options)(path)
        written = _Written("--errors", path, covered.errors_file, covered.errors_size, covered.errors_tail)
        return self._behind(written) if self._is_left(written) else self._cut_back(written)

    def format_for(self, output: Path | None) -> ResultFormat:
        """How results are written to a file that has been opened: not at all to one that is left as it is."""
        is_left = output is not None and given_path(output) in self.left_as_they_are
        return ResultFormat.none if is_left else self._options.output_format

    def take_over_columns(self, columns: Columns | None) -> None:
        """Go on with the table of the results.

        Args:
            columns: Its columns; None if they are no table.

        Raises:
            InputError: Other columns were asked for.
        """
        assert self._covered is not None
        if columns is not None and self._covered.columns is not None:
            try:
                columns.go_on_with(self._covered.columns)
            except ResultError as error:
                raise InputError(f"the run can't go on with the table of its results: {error}") from error

    def go_on_with(self, writer: ResultWriter) -> None:
        """Tell what writes the results how far the run has come.

        Args:
            writer: Writes the results.
        """
        covered = self._covered
        assert covered is not None
        writer.go_on_after(covered.written, self._size, b64decode(covered.ending))

    def _is_left(self, written: _Written) -> bool:
        """Whether what was written is not, or not any more, in the file that has the name now."""
        if self._options.reopen and written.file is not None and known_identity_of(written.path) != written.file:
            return True
        return bool(written.tail) and not written.stands_in(written.path) and not self._is_done

    def _behind(self, written: _Written) -> Preparation:
        """Cut the file back that has had the name, or a copy of it, and begin what has the name now."""
        path = written.path
        if self._is_done:
            return added_to(path)
        former = [other for other in Path(path).parent.iterdir() if known_identity_of(other) == written.file]
        copies = [Path(copy.path) for copy in reversed(rotated(path))] if written.tail else []
        former_files = [other for other in (*former, *copies) if written.stands_in(other)]
        cut = next((other for other in former_files if not is_packed(str(other))), None)
        if cut is None:
            raise self._other(written, f"unpack {former_files[0].name}" if former_files else None)

        def cut_former(file: FileIO) -> None:
            os.truncate(cut, written.size)
            say(
                f"{path} is begun anew: what was written before is in {cut.name}, cut back to what the checkpoint "
                "covers",
                Level.warning,
            )
            empty(file)

        return cut_former

    def _other(self, written: _Written, what_to_do: str | None = None) -> InputError:
        """The error for a file that is not the one that the checkpoint is about."""
        size = os.stat(written.path).st_size if os.path.isfile(written.path) else 0
        is_other = f"has {count_of(size, 'byte')}, and the checkpoint covers {written.size}"
        if size >= written.size:
            is_other = f"is not what the run has written, {written.size} bytes that the checkpoint covers"
        what_to_do = what_to_do or "name the file that the run has written to"
        return InputError(
            f"'{written.option} {written.path}' {is_other}: {what_to_do}, or remove the folder {self._folder} to begin "
            "anew"
        )

    def _cut_back(self, written: _Written, ending: bytes = b"") -> Preparation:
        path, size = written.path, written.size
        is_file = os.path.isfile(path)
        file_size = os.stat(path).st_size if is_file else 0
        if file_size < size and (is_file or not os.path.exists(path)):
            raise self._other(written)
        if not is_file:
            return empty
        if file_size > size and self._is_done:
            with open(path, "rb") as file:
                file.seek(size)
                if not ending.startswith(file.read(len(ending) + 1)):
                    # Nothing comes in the place of what the run has written behind its checkpoint.
                    self.left_as_they_are.append(path)
                    return keep
        return partial(cut_back, size)


def tail_at(path: os.PathLike[str] | None, at: FilePosition) -> str:
    """What tells the end of what was written to a file from others; nothing if that can't be known.

    Args:
        path: The name of the file.
        at: The file, and how many bytes of it were written.
    """
    return "" if path is None or not at.size or known_identity_of(path) != at.file else _tail_of(path, at.size)


def _tail_of(path: os.PathLike[str], size: int) -> str:
    begin = max(size - _TAIL, 0)
    with suppress(OSError, RecordError):
        tail = piece(os.fspath(path), begin, size - begin)
        return sha256(tail).hexdigest() if len(tail) == size - begin else ""
    return ""
