"""Records from a stream of bytes: the process-scoped inputs, one record per epoch."""

from __future__ import annotations

from contextlib import suppress
from operator import length_hint
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pydantic_core import from_json, to_json

from noob_cli.errors import InputError
from noob_cli.records.faults import (
    RecordError,
    describe_csv_error,
    describe_undecodable,
    excerpt,
    is_begun_only,
    name_kind,
    take_apart,
)
from noob_cli.records.format import RecordFormat
from noob_cli.records.item_lines import ItemLines
from noob_cli.records.lines import LineSource, TooLongError
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from noob_cli.records.csv_rows import CsvRows

MAX_RECORD_BYTES: Final = 64_000_000
"""How long a record may be, unless something else is asked for."""

_FORMAT_OF_SUFFIX: Final = {
    ".jsonl": RecordFormat.jsonl,
    ".ndjson": RecordFormat.jsonl,
    ".json": RecordFormat.json,
    ".csv": RecordFormat.csv,
    ".tsv": RecordFormat.csv,
    ".txt": RecordFormat.lines,
    ".log": RecordFormat.lines,
}


class RecordReader:
    """Reads records, as dicts, while they come.

    Iterating again goes on where the last iteration stopped, also after a record that raised
    `RecordError`: it counts as read, and the next record is next. So a loop may pick itself up. What
    leaves no next record to go on with (a CSV header that can't be used, a JSON document that is
    none) is an error without a number.

    Lines, JSON lines and CSV are streamed: a record is there as soon as its line is complete. A
    JSON document is read whole. A record longer than `max_record` is bad as soon as so much of it
    was read; reading goes on at the next line.

    Args:
        stream: The bytes. Unbuffered or buffered; it is never asked to fill a block.
        name: What to call it in messages: a file's name, or `<stdin>`. Its suffix tells the format.
        record_format: How the records are written.
        line_input: The input that plain lines are values of: the tube's only required process-
            scoped input.
        required: The inputs that every record has to have.
        max_record: How many bytes a record may have.

    Raises:
        InputError: The format is plain lines, and there is no input that they are values of.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        record_format: RecordFormat = RecordFormat.auto,
        *,
        line_input: str | None = None,
        required: Sequence[str] = (),
        max_record: int = MAX_RECORD_BYTES,
    ) -> None:
        self._name = name
        self._suffix = PurePath(name).suffix.lower()
        self._format = record_format
        if record_format is RecordFormat.auto:
            self._format = _FORMAT_OF_SUFFIX.get(self._suffix, RecordFormat.auto)
        if self._format is RecordFormat.lines and line_input is None:
            raise InputError(_no_line_input(name, by_suffix=record_format is RecordFormat.auto))
        self._line_input = line_input
        self._required = required
        self._max_record = max_record
        self._source = LineSource(stream, max_record, name)
        # The lines of a block, and what reads them; how many were read is what is left of them.
        self._block: list[bytes] = []
        self._lines: Iterator[bytes] = iter(())
        self._before = 0
        self._text_before: bytes | None = None
        self._passed_lines = 0
        self._items: Iterator[Any] | None = None
        self._item_lines = ItemLines(b"")
        self._document = b""
        self._items_as_read: list[Any] | None = None
        self._table: CsvRows | None = None

    @property
    def name(self) -> str:
        """What the input is called in messages."""
        return self._name

    @property
    def number(self) -> int:
        """How many records were read, bad ones included: the number of the last one, from 1."""
        return self._before + self._read_of_block

    @property
    def format(self) -> RecordFormat:
        """How the records are written; `auto` until the first has been looked at."""
        return self._format

    @property
    def line(self) -> int | None:
        """The line on which the last record starts, from 1; None before the first."""
        if not self.number:
            return None
        if self._format is RecordFormat.json:
            return self._item_lines.line_of(self.number)
        if self._table is not None:
            return self._table.row_line
        # Line by line, every line that isn't blank is a record.
        return self.number + self._passed_lines

    @property
    def record(self) -> Any:
        """The last record as it was read, whatever was done with it since.

        An object where it is one in JSON; else the text of it. None if it was too long to be kept.
        """
        if self._format is RecordFormat.json:
            return self._item_as_read()
        text = self._text if self._table is None else self._table.row_text
        if text is None:
            return None
        if self._format is RecordFormat.jsonl:
            with suppress(ValueError):
                record = from_json(text)
                if type(record) is dict:
                    return record
        return text.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Return what reads the records that are left.

        Raises:
            RecordError: (when iterated) A record, or the whole input, can't be read.
        """
        if self._format is RecordFormat.auto:
            self._format = self._recognise()
        if self._format is RecordFormat.jsonl:
            return self._iterate_json_lines()
        if self._format is RecordFormat.lines:
            return self._iterate_lines()
        if self._format is RecordFormat.csv:
            return self._iterate_table()
        return self._iterate_document()

    def _recognise(self) -> RecordFormat:
        """Tell the format by how the text begins."""
        first_line = self._source.peek()
        self._passed_lines = self._source.blank_lines
        if first_line.startswith(b"["):
            return RecordFormat.json
        if not first_line.startswith(b"{"):
            return RecordFormat.csv if first_line else RecordFormat.jsonl
        if len(first_line) <= self._max_record and is_begun_only(first_line):
            return RecordFormat.json
        return RecordFormat.jsonl

    # JSON lines and plain lines

    def _iterate_json_lines(self) -> Iterator[dict[str, Any]]:
        while self._fetch_lines():
            # The iterator over the lines is kept, so that whoever iterates again gets the rest of
            # them.
            records = map(from_json, self._lines)
            while True:
                try:
                    for record in records:
                        if type(record) is not dict:
                            raise self._describe_non_object(self._text or b"", record)
                        yield record
                    break
                except ValueError as error:
                    line = self._text or b""
                    if line.strip():
                        raise self._describe_bad_json(line, error) from error
                    self._before -= 1
                    self._passed_lines += 1

    def _iterate_lines(self) -> Iterator[dict[str, Any]]:
        assert self._line_input is not None
        while self._fetch_lines():
            for line in self._lines:
                try:
                    text = line.removesuffix(b"\r").decode()
                except UnicodeDecodeError as error:
                    raise self._bad(describe_undecodable(error, self.line)) from error
                yield {self._line_input: text}

    def _fetch_lines(self) -> bool:
        """Have lines to iterate over, those left from before first; say whether there are any."""
        self._before, self._text_before = self.number, self._text
        self._block = list(self._lines)
        self._lines = iter(self._block)
        if not self._block:
            try:
                self._block = self._source.next_lines()
            except TooLongError as error:
                self._before += 1
                self._text_before = None
                raise self._too_long() from error
            self._lines = iter(self._block)
        return bool(self._block)

    @property
    def _read_of_block(self) -> int:
        return len(self._block) - length_hint(self._lines)

    @property
    def _text(self) -> bytes | None:
        """The last line that was read; None if it was too long to be kept."""
        return self._block[self._read_of_block - 1] if self._read_of_block else self._text_before

    def _describe_bad_json(self, line: bytes, error: ValueError) -> RecordError:
        try:
            line.decode()
        except UnicodeDecodeError as undecodable:
            return self._bad(describe_undecodable(undecodable, self.line))
        reason, _, column = take_apart(error)
        return self._bad(f"not JSON: {reason}, in {excerpt(line)}. {self._expected_line()}", column)

    def _describe_non_object(self, line: bytes, value: object) -> RecordError:
        return self._bad(f"found {name_kind(value)}: {excerpt(line)}. {self._expected_line()}")

    def _expected_line(self) -> str:
        message = f"Expected one JSON object per line, such as {self._example()}"
        if self._line_input is not None:
            message += "; for plain lines use --input-format lines"
        if self.number == 1:
            message += "; for one JSON document use --input-format json"
        return message

    # JSON documents

    def _iterate_document(self) -> Iterator[dict[str, Any]]:
        if self._items is None:
            self._items = iter(self._read_document())
        for item in self._items:
            self._before += 1
            if type(item) is dict:
                yield item
            elif item is _TOO_LONG:
                raise self._too_long()
            else:
                raise self._bad(
                    f"found {name_kind(item)}: {excerpt(to_json(item))}. Expected an object, such as {self._example()}"
                )

    def _read_document(self) -> list[Any]:
        is_object = self._source.peek().startswith(b"{")
        self._passed_lines = self._source.blank_lines
        try:
            text = self._source.read_rest(self._max_record if is_object else None)
        except TooLongError:
            self._before = 1
            self._item_lines = ItemLines(b"{}", self._passed_lines)
            self._items = iter(())
            raise self._too_long() from None
        if not text.strip():
            return []
        document = self._parse_document(text)
        self._item_lines = ItemLines(text, self._passed_lines)
        self._document = text
        if isinstance(document, dict):
            return [document]
        if not isinstance(document, list):
            self._give_up(
                f"found {name_kind(document)}: {excerpt(text)}. Expected an array of objects, or one object",
                self._passed_lines + 1,
            )
        if len(text) > self._max_record:
            return [item if self._fits(item) else _TOO_LONG for item in document]
        return document

    def _item_as_read(self) -> Any:
        # Whoever got an item may have changed it. Only who asks pays for what it was.
        if self._items_as_read is None:
            document = from_json(self._document or b"[]")
            self._items_as_read = [document] if isinstance(document, dict) else document
        return self._items_as_read[self.number - 1] if self._items_as_read else None

    def _fits(self, item: object) -> bool:
        # The parser doesn't say how long an item was. Written without blanks it is at most as long.
        return len(to_json(item)) <= self._max_record

    def _parse_document(self, text: bytes) -> Any:
        try:
            return from_json(text)
        except ValueError as error:
            failure = error
        reason, line, column = take_apart(failure)
        place = self._passed_lines + line if line is not None else None
        try:
            text.decode()
        except UnicodeDecodeError as undecodable:
            place = self._passed_lines + 1 + text.count(b"\n", 0, undecodable.start)
            self._give_up(describe_undecodable(undecodable, place), place)
        message = f"not a JSON document: {reason}. Expected an array of objects, or one object"
        if reason == "trailing characters":
            message += "; for one object per line use --input-format jsonl"
        return self._give_up(message, place, column)

    # CSV

    def _iterate_table(self) -> Iterator[dict[str, Any]]:
        if self._table is None:
            # Only those who read CSV pay for the import of it.
            from noob_cli.records.csv_rows import CsvRows

            self._source.peek()
            self._passed_lines = self._source.blank_lines
            delimiter = "\t" if self._suffix == ".tsv" else ","
            self._table = CsvRows(self._source, delimiter, self._max_record, self._passed_lines)
        table = self._table
        if table.header is None and not self._read_header(table):
            return
        header = table.header
        assert header is not None
        while True:
            try:
                row = table.next_row()
            except StopIteration:
                return
            except (ValueError, TooLongError) as error:
                self._before += 1
                raise self._describe_bad_row(table, error) from error
            self._before += 1
            if len(row) == len(header):
                yield dict(zip(header, row, strict=True))
            else:
                raise self._describe_wrong_length(header, row)

    def _read_header(self, table: CsvRows) -> bool:
        """Read the names of the columns; say whether there are any."""
        try:
            header = table.next_row()
        except StopIteration:
            return False
        except TooLongError:
            self._give_up(
                f"the header is longer than the {self._max_record} bytes that a record may have. "
                "Shorten it, or allow more with --max-record",
                table.row_line,
            )
        except ValueError as error:
            self._give_up(describe_csv_error(error, table.lines_read), table.row_line)
        expected = "Expected a header with a different name for each column"
        if "" in header:
            self._give_up(f"column {header.index('') + 1} has no name. {expected}", table.row_line)
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            self._give_up(f"two columns are named {twice!r}. {expected}", table.row_line)
        missing = [name for name in self._required if name not in header]
        if missing:
            self._give_up(self._describe_missing_columns(missing, header), table.row_line)
        table.header = header
        return True

    def _describe_missing_columns(self, missing: list[str], header: list[str]) -> str:
        names = " and no ".join(f"column '{name}'" for name in missing)
        message = f"no {names} in the header of the CSV: {excerpt(','.join(header).encode())}"
        if header[0].startswith(("{", "[")):
            return f"{message}; for JSON use --input-format jsonl or json"
        if self._line_input is not None:
            return f"{message}; for plain lines use --input-format lines"
        return f"{message}. Expected the names of the inputs in the first line"

    def _describe_bad_row(self, table: CsvRows, error: ValueError | TooLongError) -> RecordError:
        if isinstance(error, TooLongError):
            return self._too_long()
        return self._bad(describe_csv_error(error, table.lines_read))

    def _describe_wrong_length(self, header: list[str], row: list[str]) -> RecordError:
        found = excerpt(",".join(row).encode())
        return self._bad(
            f"found {count_of(len(row), 'value')}: {found}. "
            f"Expected {len(header)}, one for each column of the header: {', '.join(header)}"
        )

    # Errors

    def _bad(self, message: str, column: int | None = None) -> RecordError:
        """Make the error of the last record."""
        where = f"{self._name}, record {self.number}"
        if self.line is not None:
            place = f"line {self.line}" if column is None else f"line {self.line}, column {column}"
            where += f" ({place})"
        return RecordError(f"{where}: {message}.", self.number, self.line)

    def _give_up(self, message: str, line: int | None, column: int | None = None) -> NoReturn:
        """Raise an error of the input as a whole."""
        where = self._name
        if line is not None:
            where += f", line {line}"
        if column is not None:
            where += f", column {column}"
        raise RecordError(f"{where}: {message}.", None, line)

    def _too_long(self) -> RecordError:
        return self._bad(
            f"longer than the {self._max_record} bytes that a record may have. "
            "Shorten it, or allow more with --max-record"
        )

    def _example(self) -> str:
        return f'{{"{self._line_input or "value"}": 1}}'


_TOO_LONG: Final = object()
"""Stands for an item of an array that is longer than a record may be."""


def _no_line_input(name: str, *, by_suffix: bool) -> str:
    chosen = (
        f"{name} is read as plain lines, because of its suffix" if by_suffix else f"{name}: plain lines were asked for"
    )
    return (
        f"{chosen}, but a line can only be the value of the tube's only required process-scoped "
        "input, and the tube has none or several. Give records with the inputs' names: "
        "--input-format jsonl or csv"
    )
