"""The records that could not be worked on, in a file, to be mended and run again."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from noob_cli.errors import InputError, NoobError


class ErrorFileError(NoobError):
    """A record that failed can't be written to the file for those."""


class ErrorFile:
    """A file of JSON lines, each about a record that was refused, or whose epoch failed.

    Args:
        path: The file. It is emptied.
        stack: Closes it in the end.

    Raises:
        InputError: It can't be written to.
    """

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path = path
        try:
            self._file = stack.enter_context(path.open("wb", buffering=0))
            # A device that is full says so even then.
            os.write(self._file.fileno(), b"")
        except OSError as error:
            raise InputError(f"the failed records can't be written: {path}: {error.strerror}") from error
        self._size = 0

    def write(
        self, record: Any, number: int | None, line: int | None, epoch: int | None, node: str | None, error: str
    ) -> None:
        """Write what is known of a failure, at once and whole.

        Args:
            record: The record as it was read; None if there is none.
            number: Which record it is, from 1.
            line: The line on which it starts, from 1.
            epoch: The epoch that failed; None if the record was refused, and there was none.
            node: What failed.
            error: What went wrong.

        Raises:
            ErrorFileError: It can't be written; the file ends with the line before.
        """
        as_utf8 = error.encode("utf-8", "backslashreplace").decode()
        entry = {"record": record, "number": number, "line": line, "epoch": epoch, "node": node, "error": as_utf8}
        # What a record has and JSON hasn't (NaN) was read, and can be read again.
        text = to_json(entry, inf_nan_mode="constants") + b"\n"
        rest = memoryview(text)
        try:
            while rest:
                rest = rest[os.write(self._file.fileno(), rest) :]
        except OSError as failure:
            with suppress(OSError):
                self._file.truncate(self._size)
            raise ErrorFileError(
                f"the failed records can't be written: {self.path}: {failure.strerror}; "
                f"not in it: record {number}, {error}"
            ) from failure
        self._size += len(text)
