"""Records that are lines: of JSON, or of plain text."""

from __future__ import annotations

from abc import abstractmethod
from operator import length_hint
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import from_json

from noob_cli.escaped_json import from_escaped_json
from noob_cli.records.faults import (
    RecordError,
    as_read,
    describe_undecodable,
    excerpt,
    name_kind,
    take_apart,
)
from noob_cli.records.line_source import TooLongError
from noob_cli.records.records import Expected, TextRecords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noob_cli.records.line_source import LineSource, Mark
    from noob_cli.records.place import Place


class _LineRecords(TextRecords):
    """Reads a record from each line, in blocks of lines, as soon as its line is complete.

    Args:
        source: The lines.
        expected: What the records have to be like.
    """

    def __init__(self, source: LineSource, expected: Expected) -> None:
        super().__init__(source, expected)
        # The lines of a block, and what reads them; how many were read is what is left of them.
        self._block: list[bytes] = []
        self._lines: Iterator[bytes] = iter(())
        self._before = 0
        self._text_before: bytes | None = None
        self._blank_lines = source.blank_lines
        self._block_mark = source.mark(), 0, self._blank_lines

    @property
    def number(self) -> int:
        return self._before + self._read_of_block

    @property
    def line(self) -> int | None:
        # Every line that isn't blank is a record.
        return self.number + self._blank_lines if self.number else None

    @property
    def record(self) -> Any:
        return None if self._text is None else self._as_read(self._text.removesuffix(b"\r"))

    def is_ready(self) -> bool:
        return length_hint(self._lines) > 0 or self._source.is_ready()

    @property
    def has_ended(self) -> bool:
        return not length_hint(self._lines) and self._source.has_ended

    def place(self, number: int) -> Place:
        from noob_cli.records.place import place_at

        mark, before, blank_lines = self._mark() if self.number <= number else self._block_mark
        return place_at(mark, self._source.head, before, before + blank_lines)

    def go_on_at(self, place: Place) -> None:
        self._before = place.number
        self._blank_lines += place.lines - place.number
        self._block_mark = self._mark()

    def _mark(self) -> tuple[Mark, int, int]:
        """Where the next line begins, or one that is too long, and how many records and blank lines come before."""
        if not self._source.is_at_line:
            return self._block_mark
        return self._source.mark(self._block[self._read_of_block :]), self.number, self._blank_lines

    @abstractmethod
    def _as_read(self, line: bytes) -> Any:
        """What is told of the record in a line."""

    def _fetch_lines(self) -> bool:
        """Have lines to iterate over, those left from before first; say whether there are any."""
        self._before, self._text_before = self.number, self._text
        self._block = list(self._lines)
        self._lines = iter(self._block)
        if not self._block:
            self._block_mark = self._mark()
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


class JsonLines(_LineRecords):
    """A JSON object on each line; blank lines are passed over."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while self._fetch_lines():
            # The iterator over the lines is kept, so that whoever iterates again gets the rest of
            # them.
            records = map(from_json, self._lines)
            while True:
                try:
                    for record in records:
                        if type(record) is not dict:
                            self._refuse(record)
                        yield record
                    break
                except ValueError:
                    line = self._text or b""
                    if not line.strip():
                        self._before -= 1
                        self._blank_lines += 1
                        continue
                    # It may have half of a surrogate pair in it, which is rare.
                    yield self._with_halves(line)

    def _with_halves(self, line: bytes) -> dict[str, Any]:
        try:
            record = from_escaped_json(line)
        except ValueError as error:
            raise self._fault_of_json(line, error) from error
        return record if type(record) is dict else self._refuse(record)

    def _as_read(self, line: bytes) -> Any:
        return as_read(line)

    def _refuse(self, record: object) -> NoReturn:
        raise self._fault(f"found {name_kind(record)}: {excerpt(self._text or b'')}")

    def _fault_of_json(self, line: bytes, error: ValueError) -> RecordError:
        try:
            line.decode()
        except UnicodeDecodeError as undecodable:
            return RecordError.at(self.position, describe_undecodable(undecodable, self.line))
        reason, _, column = take_apart(error)
        return self._fault(f"not JSON: {reason}, in {excerpt(line)}", column)

    def _fault(self, problem: str, column: int | None = None) -> RecordError:
        expected = f"Expected one JSON object per line, such as {self._expected.example}{self._expected.or_plain_lines}"
        if self.number == 1:
            expected += "; for one JSON document use --input-format json"
        return RecordError.at(self.position._replace(column=column), f"{problem}. {expected}")


class PlainLines(_LineRecords):
    """A value of the tube's only required process-scoped input on each line."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        name = self._expected.line_input
        assert name is not None
        while self._fetch_lines():
            for line in self._lines:
                try:
                    text = line.removesuffix(b"\r").decode()
                except UnicodeDecodeError as error:
                    raise RecordError.at(self.position, describe_undecodable(error, self.line)) from error
                yield {name: text}

    def _as_read(self, line: bytes) -> Any:
        return line.decode("utf-8", "surrogateescape")
