"""How results follow one another in a file: what is between them, and what ends the last."""

from __future__ import annotations

import re
from typing import Final

from noob_cli.results.format import ResultFormat


class Lines:
    """Results one below the other, each of them a line."""

    end: bytes = b""
    """What comes behind the last result."""
    empty: bytes = b""
    """What a file without results consists of."""

    def ending(self, size: int) -> bytes:
        """Return what comes behind results of so many bytes."""
        return self.end if size else self.empty

    def framed(self, block: bytearray, *, first: bool) -> bytes | bytearray:
        """Return what is written for a block of results.

        Args:
            block: The results, each with a newline at its end.
            first: Whether nothing comes before it.
        """
        return block

    def count(self, block: bytearray) -> int:
        """Return how many results there are in a block."""
        return block.count(b"\n")

    def ends(self, written: bytes | bytearray, *, first: bool) -> list[int]:
        """Return where each result ends in what is written for a block."""
        return [newline.end() for newline in re.finditer(rb"\n", written)]

    def last_of(self, written: bytes | bytearray, results: int) -> tuple[int, int]:
        """Return how many results of a block may be taken back to have room for what ends them, and their bytes."""
        return 1, len(written)


class IndentedLines(Lines):
    """The same with results of several lines, of which all but the first are indented or close a bracket."""

    def count(self, block: bytearray) -> int:
        return len(self.ends(block, first=False))

    def ends(self, written: bytes | bytearray, *, first: bool) -> list[int]:
        return [newline.end() for newline in re.finditer(rb"\n(?![ }\]])", written)]


class Array(Lines):
    """Results in brackets, with commas between them."""

    end, empty = b"]\n", b"[]\n"

    def framed(self, block: bytearray, *, first: bool) -> bytes | bytearray:
        return (b"[" if first else b",\n") + block.removesuffix(b"\n").replace(b"\n", b",\n")

    def ends(self, written: bytes | bytearray, *, first: bool) -> list[int]:
        return [*(comma.start() for comma in re.finditer(rb"(?<!^),\n", written)), len(written)]

    def last_of(self, written: bytes | bytearray, results: int) -> tuple[int, int]:
        return 1, len(written) - max(written.rfind(b",\n"), 0)


FRAMINGS: Final[dict[ResultFormat, Lines]] = {
    ResultFormat.jsonl: Lines(),
    ResultFormat.json: Array(),
    ResultFormat.pretty: IndentedLines(),
    ResultFormat.none: Lines(),
}
"""How the results of each format follow one another; of `none` there are none."""
