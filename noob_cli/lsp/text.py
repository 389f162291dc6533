"""The text of a file that is open: lines as the protocol counts them, and places as YAML does."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, Range
from ruamel.yaml.nodes import Node

from noob_cli.diagnostics import Span

_BREAK = re.compile(r"\r?\n")
_YAML_BREAK = re.compile("\r?\n|[\x85\u2028\u2029]")
_BOM = "\ufeff"

_LONE_RETURN = re.compile(r"\r(?!\n)")

QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
"""What stands in quotes in a line."""

COMMENT = re.compile(r"(?:^|\s)#.*")
"""The comment at the end of a line without quotes."""


class Text:
    """A text, and the ways in which places in it are counted.

    Args:
        source: The text, as the editor has it.

    Attributes:
        source: The same, where `\\r` alone ends a line with `\\n` in its place.
    """

    def __init__(self, source: str) -> None:
        self._newline = "\r\n" if "\r\n" in source else "\r" if "\n" not in source and "\r" in source else "\n"
        self.source = source = _LONE_RETURN.sub("\n", source)
        self._starts = _starts(_BREAK, source)
        self._yaml_starts = self._starts
        if any(letter in source for letter in "\x85\u2028\u2029"):
            self._yaml_starts = _starts(_YAML_BREAK, source)
        if source.startswith(_BOM):
            self._yaml_starts = [1, *self._yaml_starts[1:]]

    def line(self, number: int) -> str:
        """A line without its end, counted from 0."""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.source)
        return self.source[self._starts[number] : end].rstrip("\r\n")

    def end_of_line(self, number: int) -> int:
        """Where a line ends, counted from 0."""
        return self._starts[number] + len(self.line(number))

    def with_its_lines(self, written: str) -> str:
        """What is written into it, where lines end as they do in it."""
        return written.replace("\r\n", "\n").replace("\n", self._newline)

    def offset(self, position: Position) -> int:
        """Where a position of the protocol is in the text, which is counted in UTF-16; the nearest if there is none."""
        number: int = position.line
        if number >= len(self._starts):
            return len(self.source)
        line, start = self.line(number), self._starts[number]
        if line.isascii():
            return start + min(int(position.character), len(line))
        units = 0
        for at, letter in enumerate(line):
            if units >= position.character:
                return start + at
            units += 1 + (ord(letter) > 0xFFFF)
        return start + len(line)

    def position(self, offset: int) -> Position:
        """A place in the text as a position of the protocol."""
        number = bisect_right(self._starts, offset) - 1
        before = self.source[self._starts[number] : offset]
        units = len(before) if before.isascii() else sum(1 + (ord(letter) > 0xFFFF) for letter in before)
        return Position(number, units)

    def range(self, start: int, end: int) -> Range:
        """A stretch of the text as a range of the protocol."""
        return Range(self.position(start), self.position(max(start, end)))

    def earlier(self, other: Text, offset: int) -> int:
        """Where a place was in an earlier text, of which one stretch has changed since."""
        if other.source.startswith(self.source[:offset]):
            return offset
        return max(0, len(other.source) - len(self.source) + offset)

    def bounds(self, span: Span) -> tuple[int, int]:
        """Where a span of the document is in the text. One of several lines ends with what stands in them."""
        start, end = self._place(span.line, span.column), self._place(span.end_line, span.end_column)
        return start, max(start, start + len(self.source[start:end].rstrip()))

    def start_of(self, node: Node) -> int:
        """Where a node of the document begins in the text."""
        return self._place(node.start_mark.line + 1, node.start_mark.column + 1)

    def end_of(self, node: Node) -> int:
        """Where a node of the document ends in the text."""
        return self._place(node.end_mark.line + 1, node.end_mark.column + 1)

    def _place(self, line: int, column: int) -> int:
        """Where a line and a column of a document are in the text, both counted from 1."""
        if line > len(self._yaml_starts):
            return len(self.source)
        return min(self._yaml_starts[line - 1] + column - 1, len(self.source))


def _starts(breaks: re.Pattern[str], source: str) -> list[int]:
    return [0, *(line_end.end() for line_end in breaks.finditer(source))]
