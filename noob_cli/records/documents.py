"""Records that are a JSON document: an array of objects."""

from __future__ import annotations

from itertools import islice
from operator import length_hint
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from noob_cli.escaped_json import from_escaped_json, to_escaped_json
from noob_cli.records.faults import (
    Position,
    RecordError,
    describe_undecodable,
    excerpt,
    name_kind,
    take_apart,
)
from noob_cli.records.item_lines import ItemLines
from noob_cli.records.line_source import ENOUGH, Mark
from noob_cli.records.records import Expected, TextRecords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noob_cli.records.line_source import LineSource
    from noob_cli.records.place import Place

_TOO_LONG: Final = object()
"""Stands for an item of an array that is longer than a record may be."""


class JsonDocument(TextRecords):
    """Reads the whole of a document, and a record from each of its items.

    Args:
        source: The text.
        expected: What the records have to be like.
    """

    def __init__(self, source: LineSource, expected: Expected) -> None:
        super().__init__(source, expected)
        self._number = 0
        self._text = b""
        self._items: Iterator[Any] | None = None
        self._item_lines = ItemLines(b"")
        self._items_as_read: list[Any] | None = None
        self._number_before = 0

    @property
    def number(self) -> int:
        return self._number_before + self._number

    @property
    def line(self) -> int | None:
        return self._item_lines.line_of(self._number) if self._number else None

    @property
    def has_ended(self) -> bool:
        return self._items is not None and not length_hint(self._items)

    def place(self, number: int) -> Place:
        from noob_cli.records.place import place_at

        read = number - self._number_before
        position = self._item_lines.end_of(read) if read else 0
        before = self._text[:position]
        return place_at(Mark(position, 0, before[-ENOUGH:]), before[:ENOUGH], number, 0)

    def go_on_at(self, place: Place) -> None:
        if place.is_beginning:
            self._number_before = place.number
            return
        items = iter(self._read())
        if not place.is_behind(self._text, self._text[: place.position]):
            from noob_cli.records.place import other_file

            raise other_file(self.name)
        self._number = len([*islice(items, place.number)])
        self._items = items

    @property
    def record(self) -> Any:
        # Whoever got an item may have changed it. Only who asks pays for what it was.
        if self._items_as_read is None:
            self._items_as_read = from_escaped_json(self._text or b"[]")
        return self._items_as_read[self._number - 1] if self._items_as_read else None

    def look(self) -> None:
        self._left()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for item in self._left():
            self._number += 1
            if type(item) is dict:
                yield item
            elif item is _TOO_LONG:
                raise self._too_long()
            else:
                raise RecordError.at(
                    self.position,
                    f"found {name_kind(item)}: {excerpt(_written(item))}. "
                    f"Expected an object, such as {self._expected.example}",
                )

    def _left(self) -> Iterator[Any]:
        """The items that are left, once the document has been read."""
        if self._items is None:
            self._items = iter(self._read())
        return self._items

    def _read(self) -> list[Any]:
        self._source.peek()
        blank_lines = self._source.blank_lines
        text = self._source.read_rest()
        if not text.strip():
            return []
        document: list[Any] = self._parse(text, blank_lines)
        self._item_lines = ItemLines(text, blank_lines)
        self._text = text
        if len(text) > self._expected.max_record:
            return [item if self._fits(item) else _TOO_LONG for item in document]
        return document

    def _parse(self, text: bytes, lines_before: int) -> Any:
        try:
            return from_escaped_json(text)
        except ValueError as error:
            reason, line, column = take_apart(error)
        try:
            text.decode()
        except UnicodeDecodeError as undecodable:
            line = lines_before + 1 + text.count(b"\n", 0, undecodable.start)
            raise RecordError.at(Position(self.name, line=line), describe_undecodable(undecodable, line)) from None
        message = f"not a JSON document: {reason}. Expected an array of objects"
        line = None if line is None else lines_before + line
        raise RecordError.at(Position(self.name, line=line, column=column), message)

    def _fits(self, item: object) -> bool:
        # The parser doesn't say how long an item was. Written without blanks it is at most as long.
        return len(_written(item)) <= self._expected.max_record


def _written(item: object) -> bytes:
    """An item as JSON, without blanks."""
    try:
        return to_json(item)
    except ValueError:
        # Half of a surrogate pair.
        return to_escaped_json(item)
