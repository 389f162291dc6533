"""Records that are JSON objects, one behind the other: however they are laid out, and with what between them."""

from __future__ import annotations

import re
from operator import length_hint
from typing import TYPE_CHECKING, Any, Final

from noob_cli.escaped_json import from_escaped_json
from noob_cli.records.faults import (
    RECORD_SEPARATOR,
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

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]\x1e]')
"""What tells where a value ends: its brackets, but for those in texts."""

_BETWEEN: Final = b" \t\r\n" + RECORD_SEPARATOR


class JsonSequence(TextRecords):
    """Reads a record from each value, as soon as its last line is complete.

    Args:
        source: The lines.
        expected: What the records have to be like.
    """

    def __init__(self, source: LineSource, expected: Expected) -> None:
        super().__init__(source, expected)
        self._number = 0
        self._lines_read = source.blank_lines
        self._value_line = 0
        self._text: bytes | None = None
        self._block: list[bytes] = []
        self._lines: Iterator[bytes] = iter(())
        self._rest = b""
        """What is left of the last line."""
        self._begun: list[bytes] = []
        self._size = 0
        """How many bytes of a value have come."""
        self._depth = 0
        self._block_mark = source.mark(), 0, self._lines_read

    @property
    def number(self) -> int:
        return self._number

    @property
    def line(self) -> int | None:
        return self._value_line if self._number else None

    @property
    def record(self) -> Any:
        return None if self._text is None else as_read(self._text)

    @property
    def has_ended(self) -> bool:
        return not length_hint(self._lines) and self._source.has_ended

    def is_ready(self) -> bool:
        return bool(self._rest.strip(_BETWEEN)) or length_hint(self._lines) > 0 or self._source.is_ready()

    def place(self, number: int) -> Place:
        from noob_cli.records.place import place_at

        mark, before, lines = self._mark() if self._number <= number else self._block_mark
        return place_at(mark, self._source.head, before, lines)

    def go_on_at(self, place: Place) -> None:
        self._number = place.number
        self._lines_read = self._lines_read if place.is_beginning else place.lines
        self._block_mark = self._mark()

    def _mark(self) -> tuple[Mark, int, int]:
        """Where the next line begins, or the block with a value that ends in the middle of one."""
        if self._begun or self._rest.strip(_BETWEEN) or not self._source.is_at_line:
            return self._block_mark
        left = self._block[len(self._block) - length_hint(self._lines) :]
        return self._source.mark(left), self._number, self._lines_read

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while self._read_value():
            text = self._text
            if text is None:
                raise self._too_long()
            try:
                record = from_escaped_json(text)
            except ValueError as error:
                raise self._fault_of_json(text, error) from error
            if type(record) is not dict:
                raise self._fault(f"found {name_kind(record)}: {_in_a_line(text)}")
            yield record

    def _read_value(self) -> bool:
        """Read the text of the next value, None if it is too long; say whether there is one."""
        while True:
            if not self._begun:
                self._rest = self._rest.lstrip(_BETWEEN)
            if not self._rest and not self._next_line():
                return bool(self._begun) and self._end_value()
            if not self._begun:
                self._rest = self._rest.lstrip(_BETWEEN)
                self._value_line = self._lines_read
                if not self._rest:
                    continue
                if self._rest[:1] not in b"{[":
                    self._begun, self._size, self._rest = [self._rest], len(self._rest), b""
                    return self._end_value()
            end = self._end_in(self._rest)
            self._size += len(self._rest[:end]) + bool(self._begun)
            self._begun.append(self._rest[:end])
            if self._size > self._expected.max_record:
                # The brackets are still counted.
                self._begun = [b""]
            self._rest = b"" if end is None else self._rest[end:]
            if end is not None:
                return self._end_value()

    def _end_in(self, text: bytes) -> int | None:
        """Where the value that has begun ends in a text; None if it goes on."""
        for token in _TOKEN.finditer(text):
            sign = token[0]
            if sign in b"{[":
                self._depth += 1
            elif sign in b"}]":
                self._depth -= 1
                if self._depth <= 0:
                    return token.end()
            elif sign == RECORD_SEPARATOR and (self._depth or self._begun):
                return token.start()
        return None

    def _end_value(self) -> bool:
        self._text = None if self._size > self._expected.max_record else b"\n".join(self._begun)
        self._begun, self._size, self._depth = [], 0, 0
        self._number += 1
        return True

    def _next_line(self) -> bool:
        line = next(self._lines, None)
        if line is None:
            if not self._begun:
                self._block_mark = self._mark()
            try:
                self._block = self._source.next_lines()
            except TooLongError as error:
                self._lines_read += 1
                self._value_line = self._value_line if self._begun else self._lines_read
                self._end_value()
                self._text = None
                raise self._too_long() from error
            self._lines = iter(self._block)
            line = next(self._lines, None)
        if line is None:
            return False
        self._lines_read += 1
        self._rest = line
        return True

    def _fault_of_json(self, text: bytes, error: ValueError) -> RecordError:
        try:
            text.decode()
        except UnicodeDecodeError as undecodable:
            line = self._value_line + text.count(b"\n", 0, undecodable.start)
            return RecordError.at(self.position, describe_undecodable(undecodable, line))
        reason, line_in_text, column = take_apart(error)
        position = self.position._replace(column=column)
        if line_in_text is not None:
            position = position._replace(line=self._value_line + line_in_text - 1)
        return self._fault(f"not JSON: {reason}, in {_in_a_line(text)}", position)

    def _fault(self, problem: str, position: Any = None) -> RecordError:
        expected = f"Expected JSON objects, one behind the other, such as {self._expected.example}"
        return RecordError.at(position or self.position, f"{problem}. {expected}{self._expected.or_plain_lines}")


def _in_a_line(text: bytes) -> str:
    return excerpt(b" ".join(text.split()))
