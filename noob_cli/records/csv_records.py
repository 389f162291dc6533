"""Records that are the rows of a CSV text, below a header with the names of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noob_cli.records.columns import columns_kept
from noob_cli.records.csv_rows import CsvRows, columns_in, delimiter_of
from noob_cli.records.faults import Position, RecordError, describe_csv_error, describe_too_long, excerpt
from noob_cli.records.line_source import TooLongError
from noob_cli.records.records import Expected, TextRecords
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noob_cli.records.line_source import LineSource
    from noob_cli.records.place import Place

_GUESSED: Final = (
    ". It begins with no JSON object or array, and so was taken for CSV: '--input-format' says if it is anything else"
)


class CsvRecords(TextRecords):
    """Reads a record from each row, as soon as its last line is complete.

    Args:
        source: The lines.
        expected: What the records have to be like.
        delimiter: What is between two values; None if that is told by the header.
        header: The names of the columns, if the text need not begin with them; else None.
        is_guessed: Whether it is taken for CSV because it begins with nothing of JSON.
    """

    def __init__(
        self,
        source: LineSource,
        expected: Expected,
        delimiter: str | None,
        header: list[str] | None,
        *,
        is_guessed: bool = False,
    ) -> None:
        super().__init__(source, expected)
        self._is_guessed = is_guessed
        self._delimiter = delimiter
        self._rows: CsvRows | None = None
        self.header = header
        """The names of the columns, once they are known."""
        self._has_begun = False
        self._lines_before = self._rows_before = 0
        self._header_told = header

    @property
    def number(self) -> int:
        return self._rows.rows_read if self._rows is not None and self._has_begun else self._rows_before

    @property
    def line(self) -> int | None:
        return self._rows.row_line if self._rows is not None and self.number else None

    @property
    def record(self) -> Any:
        text = None if self._rows is None else self._rows.row_text
        return None if text is None else text.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def is_ready(self) -> bool:
        return self._rows is None or self._rows.is_ready()

    @property
    def has_ended(self) -> bool:
        return self._rows is not None and self._rows.have_ended

    def place(self, number: int) -> Place:
        from noob_cli.records.place import place_at

        if self._rows is None:
            mark, lines, rows = self._source.mark(), self._lines_before, self._rows_before
        else:
            mark, lines, rows = self._rows.mark(number)
        header = None if self.header is None else tuple(self.header)
        return place_at(mark, self._source.head, rows, lines, header, self._delimiter)

    def go_on_at(self, place: Place) -> None:
        self._lines_before, self._rows_before = place.lines, place.number
        self._delimiter = self._delimiter if place.delimiter is None else place.delimiter
        self._has_begun = not place.is_beginning

    def look(self) -> None:
        self._begin()

    def _begin(self) -> CsvRows:
        """The rows that are left, once the header has been read."""
        if self._rows is None:
            if not self._has_begun:
                first_line = self._source.peek()
                columns = self.header or self._expected.required
                self._delimiter = self._delimiter or delimiter_of(first_line, columns)
                self._has_begun = self.header is not None and not self._is_header(first_line)
            self._rows = CsvRows(
                self._source,
                self._delimiter or ",",
                self._expected.max_record,
                self._lines_before + self._source.blank_lines,
                self._rows_before,
            )
        rows = self._rows
        if not self._has_begun:
            self.header = self._read_header(rows)
            rows.rows_read = self._rows_before
            self._has_begun = True
        return rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        rows, header = self._begin(), self.header
        if header is None:
            return
        kept = columns_kept(header, self._expected, self.name, is_known=header == self._header_told)
        self._header_told = header
        empty_as_none = [name for name in kept if name in self._expected.empty_as_none]
        while True:
            try:
                row = rows.next_row()
            except StopIteration:
                return
            except TooLongError as error:
                raise self._too_long() from error
            except ValueError as error:
                raise RecordError.at(self.position, describe_csv_error(error, rows.lines_read)) from error
            if len(row) != len(header):
                raise RecordError.at(
                    self.position,
                    f"found {count_of(len(row), 'value')}: {excerpt((self._delimiter or ',').join(row).encode())}. "
                    f"Expected {len(header)}, one for each column of the header: {', '.join(header)}",
                )
            record: dict[str, Any] = dict(zip(header, row, strict=True))
            if len(kept) < len(header):
                record = {name: record[name] for name in kept}
            for name in empty_as_none:
                record[name] = record[name] or None
            yield record

    def _is_header(self, line: bytes) -> bool:
        """Whether a text begins with the names of the columns, though it need not."""
        names, required = columns_in(line, self._delimiter or ","), self._expected.required
        return names == self.header or (bool(required) and {*required} <= {*names})

    def _read_header(self, rows: CsvRows) -> list[str] | None:
        """Read the names of the columns; None if there are none."""
        try:
            header = rows.next_row()
        except StopIteration:
            return None
        except TooLongError:
            fault: str | None = f"the header is {describe_too_long(self._expected.max_record)}"
        except ValueError as error:
            fault = describe_csv_error(error, rows.lines_read)
        else:
            fault = self._fault_of_header(header)
        if fault is not None:
            fault += _GUESSED if self._is_guessed else ""
            raise RecordError.at(Position(self.name, line=rows.row_line), fault)
        return header

    def _fault_of_header(self, header: list[str]) -> str | None:
        expected = "Expected a header with a different name for each column"
        if "" in header:
            return f"column {header.index('') + 1} has no name. {expected}"
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            return f"two columns are named {twice!r}. {expected}"
        missing = [name for name in self._expected.required if name not in header]
        return self._describe_missing_columns(missing, header) if missing else None

    def _describe_missing_columns(self, missing: list[str], header: list[str]) -> str:
        names = " and no ".join(f"column '{name}'" for name in missing)
        message = f"no {names} in the header of the CSV: {excerpt(','.join(header).encode())}"
        if header[0].startswith(("{", "[")):
            return f"{message}; for JSON use --input-format jsonl or json"
        alike = {column.strip().casefold(): column for column in header}
        for name in missing:
            if name.casefold() in alike:
                column = alike[name.casefold()]
                return (
                    f"{message}. The column {column!r} isn't {name!r}: names are the same to the letter and the space"
                )
        return message + (self._expected.or_plain_lines or ". Expected the names of the inputs in the first line")
