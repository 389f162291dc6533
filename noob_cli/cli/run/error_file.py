"""The records that could not be worked on, in a file, to be mended and run again."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from typing import Any

from pydantic_core import from_json, to_json

from noob_cli.cli.run.written_files import write_whole
from noob_cli.cli.shell.messages import report_warning
from noob_cli.errors import NoobError
from noob_cli.escaped_json import to_escaped_json
from noob_cli.file_identity import identity_in
from noob_cli.given_path import GivenPath
from noob_cli.records.faults import Position
from noob_cli.reopening import open_anew
from noob_cli.results.json_values import Simplifier, simple_to_json
from noob_cli.results.result_file import FilePosition


class ErrorFileError(NoobError):
    """A record that failed can't be written to the file for those."""


class ErrorFile:
    """A file of JSON lines, each about a record that was refused, or whose epoch failed.

    Args:
        file: The file, open.
        path: What it is called.
        begin: Called before anything is written.
    """

    def __init__(self, file: FileIO, path: GivenPath, begin: Callable[[], object]) -> None:
        self.path = path
        self._begin = begin
        self._file = file
        self._is_writing = False
        self._is_to_reopen = False

    @property
    def at(self) -> FilePosition:
        """What the file is, and how many bytes are in it."""
        status = os.fstat(self._file.fileno())
        return FilePosition(identity_in(status), status.st_size if stat.S_ISREG(status.st_mode) else 0)

    def reopen(self) -> None:
        """Go on at the end of the file that has its name now, between two failures. A signal handler may call it."""
        self._is_to_reopen = True
        if not self._is_writing:
            self._reopen()

    def write(self, record: Any, position: Position | None, epoch: int | None, node: str | None, error: str) -> None:
        """Write what is known of a failure, at once and whole.

        Args:
            record: The record as it was read; None if there is none.
            position: Where it is.
            epoch: The epoch that failed; None if the record was refused, and there was none.
            node: What failed.
            error: What went wrong.

        Raises:
            ErrorFileError: It can't be written; the file ends with the line before.
        """
        file, number, line, _ = position or (None, None, None, None)
        entry = {"file": file, "number": number, "line": line, "epoch": epoch, "node": node, "error": error}
        try:
            rest = to_json(entry)
        except ValueError:
            # A byte in it is no UTF-8, such as one of a file's name.
            rest = to_escaped_json(entry)
        text = b'{"record":' + _json_of(record) + b"," + rest[1:] + b"\n"
        self._begin()
        size = self.at.size
        self._is_writing = True
        try:
            write_whole(self._file, text)
        except OSError as failure:
            with suppress(OSError):
                self._file.truncate(size)
            raise ErrorFileError(
                f"the failed records can't be written: {self.path}: {failure.strerror}; "
                f"not in it: {'' if position is None else f'record {number} of {file}, '}{error}"
            ) from failure
        finally:
            self._is_writing = False
            if self._is_to_reopen:
                self._reopen()

    def _reopen(self) -> None:
        self._is_to_reopen = False
        try:
            open_anew(self.path, self._file.fileno(), before=self.sync)
        except OSError as error:
            report_warning(
                f"{self.path} can't be opened anew: {error.strerror}: failed records go where they went before"
            )

    def sync(self) -> None:
        """See to it that all of it outlives a crash of the system, where that is possible."""
        with suppress(OSError):
            os.fsync(self._file.fileno())


def _json_of(record: Any) -> bytes:
    """A record as JSON; one that has in it what JSON hasn't, such as NaN, as its text, which can be read again."""
    try:
        text = to_json(record, inf_nan_mode="constants")
    except ValueError:
        # Bytes, or half of a surrogate pair.
        return simple_to_json(Simplifier(report_warning).simplify(record))
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError:
        return to_json(text.decode())
    return text
