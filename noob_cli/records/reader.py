"""Records from a stream of bytes, in whatever format: the process-scoped inputs, one record per epoch."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import InputError
from noob_cli.records.faults import RECORD_SEPARATOR, Position, RecordError, is_begun_only, is_followed, may_be_json
from noob_cli.records.format import RecordFormat
from noob_cli.records.line_source import LineSource, Mark
from noob_cli.records.packing import Packing, named
from noob_cli.records.records import ANYTHING, Expected, Extent, Records, TextRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noob_cli.records.line_source import Stream
    from noob_cli.records.place import ReadFile, ReadSoFar

_FORMAT_OF_SUFFIX: Final = {
    ".jsonl": RecordFormat.jsonl,
    ".ndjson": RecordFormat.jsonl,
    ".json": RecordFormat.json,
    ".csv": RecordFormat.csv,
    ".tsv": RecordFormat.csv,
    ".txt": RecordFormat.lines,
    ".log": RecordFormat.lines,
}

_FEW_BYTES: Final = 4_000_000
"""How long a file may be of which the lines are counted."""

_WHOLE: Final = (
    "is a JSON document, which is read whole, and can't be followed: write one object per line, or leave out '--follow'"
)


class RecordReader(Records):
    """Tells the format of records, and hands over to what reads that.

    Lines, JSON and CSV are streamed: a record is there as soon as its line is complete. Only a JSON
    array is read whole. A record longer than `max_record` is bad as soon as so much of it
    was read; reading goes on at the next line.

    Args:
        stream: The bytes. Unbuffered or buffered; it is never asked to fill a block.
        name: What to call it in messages: a file's name, or `<stdin>`. Its suffix tells the format, and what
            it is compressed by, which is also told by how it begins.
        record_format: How the records are written.
        expected: What they have to be like.
        grows: Whether the file is read on as it grows.

    Raises:
        InputError: The format is plain lines, and there is no input that they are values of; or this Python can't
            read what the file is compressed by, or it can't be read on as it grows.
    """

    def __init__(
        self,
        stream: Stream,
        name: str,
        record_format: RecordFormat = RecordFormat.auto,
        expected: Expected = ANYTHING,
        *,
        grows: bool = False,
    ) -> None:
        self.name = name
        self.format = record_format
        """How the records are written; `auto` until the first has been looked at."""
        packing, self._suffix = named(name)
        if packing is not None:
            _require(packing, name)
        if record_format is RecordFormat.auto:
            self.format = _FORMAT_OF_SUFFIX.get(self._suffix, RecordFormat.auto)
        if self.format is RecordFormat.lines and expected.line_input is None:
            raise InputError(_no_line_input(name, by_suffix=record_format is RecordFormat.auto))
        if grows and packing is not None:
            raise InputError(f"{name} is compressed by {packing}, and can't be followed: leave out '--follow'")
        if grows and self.format is RecordFormat.json and record_format is RecordFormat.auto:
            raise InputError(f"{name} {_WHOLE}")
        self._grows = grows
        self._header: list[str] | None = None
        self._expected = expected
        self._stream: Any = stream
        self._source = LineSource(stream, expected.max_record, name, packing)
        self._records: TextRecords | None = None
        self._from: ReadFile | None = None
        self._is_passed_over = False
        """Whether what was read of it has to be read once more to get behind that."""
        self._lines: int | None = None
        """How many lines there are in a short file, if somebody has asked."""

    def of_next(self, stream: Stream) -> RecordReader:
        """What reads the file that comes in the place of this one: its records are written like this one's.

        Args:
            stream: What stands in it.
        """
        reader = RecordReader(stream, self.name, self.format, self._expected, grows=True)
        # A file that is begun anew need not have one.
        reader._header = getattr(self._records, "header", None)
        return reader

    @property
    def number(self) -> int:
        if self._records is None:
            return 0 if self._from is None else self._from.place.number
        return self._records.number

    @property
    def line(self) -> int | None:
        return None if self._records is None else self._records.line

    @property
    def has_cells(self) -> bool:
        return self.format is RecordFormat.csv

    @property
    def record(self) -> Any:
        return None if self._records is None else self._records.record

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._begun() if self._records is None else self._records)

    def look(self) -> None:
        # What is no file, or grows, would have to be waited for.
        if self.status is not None:
            self._source.peek()
            (self._records or self._begun()).look()

    def catch_up(self) -> None:
        if self._records is None and self._from is not None and not self._from.place.is_beginning:
            self._begun()

    def _begun(self) -> TextRecords:
        """What reads the format, at the place where an earlier run has stood."""
        is_guessed = self.format is RecordFormat.auto
        if is_guessed:
            self.format = self._recognise()
        is_document = self.format is RecordFormat.json and self._source.peek().startswith(b"[")
        if self._from is None:
            self._records = self._of_format(is_document=is_document, is_guessed=is_guessed)
            return self._records
        place = self._from.place
        if self._is_passed_over and not is_document:
            from noob_cli.records.place import other_file

            self._source.pass_over(place.position)
            if not place.is_behind(self._source.head, self._source.mark().tail):
                raise other_file(self.name)
        records = self._of_format(is_document=is_document, is_guessed=is_guessed)
        records.go_on_at(place)
        self._records = records
        return records

    def written_like(self, file: ReadFile) -> None:
        """Expect what an earlier run has read: if it is a CSV, it need not begin with a header.

        Args:
            file: What it has read.
        """
        if self.format is RecordFormat.auto:
            self.format = RecordFormat(file.format)
        self._header = None if file.place.header is None else list(file.place.header)

    def so_far(self, total: int) -> ReadSoFar:
        from noob_cli.records.place import ReadFile, ReadSoFar, status_of

        if self._records is None:
            return ReadSoFar(total, self.total_before, file=self._from)
        number = total - self.total_before
        place = self._records.place(number).behind_zeros(getattr(self._stream, "zeros", 0))
        file = ReadFile(
            self.name,
            self.format.value,
            place,
            has_ended=self._records.has_ended and place.number == number,
            is_packed=self._source.is_packed,
        )
        return ReadSoFar(total, self.total_before, file=file.known_as(status_of(self._stream)))

    def go_on(self, read: ReadSoFar, note: Callable[[str], object]) -> bool:
        from noob_cli.records.content import is_packed
        from noob_cli.records.place import BEGINNING, ReadFile, file_of, other_file, status_of, text_before

        status, file = status_of(self._stream), read.file
        self.total_before = read.before
        if status is None:
            note(f"{self.name} is no file that could be read again: all records in it are new")
            if file is not None:
                self.written_like(file)
            place = replace(BEGINNING, number=read.total - read.before)
            self._from = ReadFile(self.name, self.format, place)
            return True
        if file is None or file.identity is None:
            # They are those of a pipe, which have been kept.
            return True
        self._from = file
        self.written_like(file)
        if file.place.is_beginning:
            return file.may_have_more(status)
        # It may have been compressed since.
        may_seek = not (file.is_packed or self.format is RecordFormat.json or is_packed(file_of(self._stream)))
        self._is_passed_over = not may_seek
        if may_seek:
            before = text_before(file.place, file_of(self._stream))
            if before is None:
                raise other_file(self.name)
            head, tail = before
            self._source.go_on_at(Mark(file.place.position, file.place.start, tail), head)
        return file.may_have_more(status)

    @property
    def status(self) -> os.stat_result | None:
        from noob_cli.records.place import status_of

        return None if self._grows else status_of(self._stream)

    def extent(self) -> Extent | None:
        from noob_cli.records.place import file_of

        status = self.status
        if status is None:
            return None
        size = status.st_size
        if self._lines is None:
            # Of few bytes, all are read at once: there the lines tell how far it is.
            is_short = size <= _FEW_BYTES and not self._source.is_packed
            self._lines = _lines_in(file_of(self._stream), size) if is_short else 0
        if self._lines:
            return Extent(size * ((self.line or 1) - 1) / self._lines, size, "bytes")
        with suppress(OSError, ValueError):
            return Extent(self._stream.tell(), size, "bytes")
        return Extent(size, size, "bytes")

    def is_ready(self) -> bool:
        return self._source.is_ready() if self._records is None else self._records.is_ready()

    def _recognise(self) -> RecordFormat:
        """Tell the format by how the text begins."""
        first_line = self._source.peek()
        if self._expected.is_alone and first_line and self._is_plain(first_line):
            return RecordFormat.lines
        if first_line.startswith((b"[", RECORD_SEPARATOR)):
            return RecordFormat.json
        if not first_line.startswith(b"{"):
            return RecordFormat.csv if first_line else RecordFormat.jsonl
        if len(first_line) <= self._expected.max_record and (is_begun_only(first_line) or is_followed(first_line)):
            return RecordFormat.json
        return RecordFormat.jsonl

    def _is_plain(self, first_line: bytes) -> bool:
        """Whether a text looks neither like JSON nor like a CSV with the input."""
        if first_line.startswith((b"[", b"{", RECORD_SEPARATOR)):
            return not may_be_json(first_line)
        from noob_cli.records.csv_rows import columns_in, delimiter_of

        names = columns_in(first_line, delimiter_of(first_line, self._expected.required))
        return self._expected.line_input not in names

    def _of_format(self, *, is_document: bool, is_guessed: bool) -> TextRecords:
        # Only those who read a format pay for the import of what reads it.
        if self.format is RecordFormat.csv:
            from noob_cli.records.csv_records import CsvRecords

            delimiter = "\t" if self._suffix == ".tsv" else None
            return CsvRecords(self._source, self._expected, delimiter, self._header, is_guessed=is_guessed)
        if self.format is RecordFormat.json:
            if is_document and self._grows:
                raise RecordError(f"{self.name} {_WHOLE}", Position(self.name))
            if is_document:
                from noob_cli.records.documents import JsonDocument

                return JsonDocument(self._source, self._expected)
            from noob_cli.records.json_sequence import JsonSequence

            return JsonSequence(self._source, self._expected)
        from noob_cli.records.lines import JsonLines, PlainLines

        kind = PlainLines if self.format is RecordFormat.lines else JsonLines
        return kind(self._source, self._expected)


def _lines_in(file: str | os.PathLike[str] | int, size: int) -> int:
    text = os.pread(file, size, 0) if isinstance(file, int) else Path(file).read_bytes()
    return text.count(b"\n")


def _require(packing: Packing, name: str) -> None:
    from noob_cli.records.unpacking import UnpackingError, require

    try:
        require(packing)
    except UnpackingError as error:
        raise InputError(f"{name}: {error}") from error


def _no_line_input(name: str, *, by_suffix: bool) -> str:
    chosen = (
        f"{name} is read as plain lines, because of its suffix" if by_suffix else f"{name}: plain lines were asked for"
    )
    return (
        f"{chosen}, but a line can only be the value of the tube's only required process-scoped "
        "input, and the tube has none or several. Give records with the inputs' names: "
        "--input-format jsonl or csv"
    )
