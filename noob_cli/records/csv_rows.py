"""CSV, row by row, as its lines come."""

from __future__ import annotations

import csv
from contextlib import suppress
from operator import length_hint
from typing import TYPE_CHECKING, Final

from noob_cli.records.line_source import NothingYetError, TooLongError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noob_cli.records.line_source import LineSource, Mark


_DELIMITERS: Final = (",", ";", "\t")


def delimiter_of(header: bytes, required: Sequence[str]) -> str:
    """What is between two values: a comma, or else a semicolon or a tab if the header has its columns by that.

    Args:
        header: The first line.
        required: The columns that have to be there.
    """
    for delimiter in _DELIMITERS:
        names = columns_in(header, delimiter)
        if len(names) > 1 and {*required} <= {*names}:
            return delimiter
    return ","


def columns_in(header: bytes, delimiter: str) -> list[str]:
    """The names of the columns; none if it is no CSV, which is told when it is read.

    Args:
        header: The first line.
        delimiter: What is between two of them.
    """
    names: list[str] = []
    with suppress(csv.Error):
        names = next(csv.reader([header.decode(errors="replace").rstrip("\r")], delimiter=delimiter), names)
    return names


def _problem(error: csv.Error) -> str:
    """What is wrong with a row. Of a carriage return alone the module says how Python is to open the file."""
    text = str(error)
    return r"a carriage return (\r) without a newline (\n) behind it" if "new-line character" in text else text


class CsvRows:
    """The rows of a CSV text, and where they start.

    Args:
        source: The lines.
        delimiter: What is between two values.
        max_row: How many bytes a row may have.
        lines_before: How many lines come before those of the source.
        rows_before: How many rows do.
    """

    lines_read: int
    """How many lines were read."""
    rows_read: int
    """How many rows were read, bad ones included."""
    row_line: int
    """The line on which the last row starts, from 1."""

    def __init__(
        self, source: LineSource, delimiter: str, max_row: int, lines_before: int = 0, rows_before: int = 0
    ) -> None:
        # The module's own limit on fields is for the whole process; the records have one of theirs.
        csv.field_size_limit(max(csv.field_size_limit(), max_row))
        self.lines_read = lines_before
        self.row_line = lines_before
        self.rows_read = rows_before
        self._source = source
        self._block: list[bytes] = []
        self._lines: Iterator[bytes] = iter(())
        self._row_bytes = 0
        self._row_lines: list[bytes] = []
        self._begun: list[bytes] = []
        """The lines of a row of which no more has come yet."""
        self._max_row = max_row
        self._block_mark = source.mark(), lines_before, rows_before
        self._rows = csv.reader(self, strict=True, delimiter=delimiter)

    @property
    def row_text(self) -> bytes | None:
        """The lines of the last row; None if it was too long."""
        return b"\n".join(self._row_lines) if self._row_lines else None

    def mark(self, number: int) -> tuple[Mark, int, int]:
        """A place before a row, and how many lines and rows come before that.

        Args:
            number: How many rows come before it at the most.
        """
        return self._mark() if self.rows_read <= number else self._block_mark

    def _mark(self) -> tuple[Mark, int, int]:
        """Where the next row begins, or the block in which one was begun, or is too long."""
        if self._row_bytes or not self._source.is_at_line:
            return self._block_mark
        left = self._block[len(self._block) - length_hint(self._lines) :]
        return self._source.mark(left), self.lines_read, self.rows_read

    @property
    def have_ended(self) -> bool:
        """Whether there are no more, as far as it is known yet."""
        return not length_hint(self._lines) and self._source.has_ended

    def is_ready(self) -> bool:
        """Whether there is a line, or the end, without waiting for it."""
        return length_hint(self._lines) > 0 or self._source.is_ready()

    def next_row(self) -> list[str]:
        """Return the next row that isn't blank.

        Raises:
            StopIteration: There is no further row.
            ValueError: It is not UTF-8, or not CSV. The next call reads the next line.
            TooLongError: It is too long. The next call reads the next line.
            NothingYetError: No more of it has come yet. The next call goes on with it.
        """
        while True:
            self._take_up()
            self.row_line = self.lines_read + 1
            self._row_lines = []
            try:
                row = next(self._rows)
            except NothingYetError:
                self._begun = self._row_lines
                raise
            except csv.Error as error:
                self._end_row()
                raise ValueError(_problem(error)) from error
            except (ValueError, TooLongError):
                self._end_row()
                raise
            self._row_bytes = 0
            if row:
                self.rows_read += 1
                return row

    def _take_up(self) -> None:
        """Read the lines of a row again that has been begun: the module's reader has forgotten them."""
        if self._begun:
            self.lines_read -= len(self._begun)
            self._row_bytes = 0
            self._lines, self._begun = iter(self._begun), []

    def _end_row(self) -> None:
        self._row_bytes = 0
        self.rows_read += 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next line, with its newline: a quoted value may go on behind it."""
        line = next(self._lines, None)
        if line is None:
            line = self._fetch_line()
        self.lines_read += 1
        self._row_bytes += len(line) + 1
        if self._row_bytes > self._max_row + 1:
            self._row_lines = []
            raise TooLongError
        self._row_lines.append(line)
        return line.decode() + "\n"

    def _fetch_line(self) -> bytes:
        if not self._row_bytes:
            self._block_mark = self._mark()
        try:
            self._block = self._source.next_lines()
        except TooLongError:
            self.lines_read += 1
            self._row_lines = []
            raise
        self._lines = iter(self._block)
        return next(self._lines)
