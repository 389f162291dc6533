"""On which lines of a JSON document its items start: looked for only when one of them is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from json import JSONDecoder

_BEFORE_ITEM: Final = re.compile(r"\s*,?\s*")


class ItemLines:
    """Where the items of a JSON array start, or the only object of a document.

    Args:
        text: The document, which is known to be valid.
        lines_before: How many lines come before it.
    """

    def __init__(self, text: bytes, lines_before: int = 0) -> None:
        self._bytes = text
        self._text = ""
        self._decoder: JSONDecoder | None = None
        self._lines_before = lines_before
        self._number = 0
        self._start = 0
        self._end = self._end_before = 0
        self._counted = 0

    def line_of(self, number: int) -> int:
        """The line on which an item starts, from 1.

        Args:
            number: Which item, from 1; not one before the last that was asked for.
        """
        self._go_to(number)
        self._lines_before += self._text.count("\n", self._counted, self._start)
        self._counted = self._start
        return self._lines_before + 1

    def end_of(self, number: int) -> int:
        """How many bytes there are up to the end of an item.

        Args:
            number: Which item, from 1; not one before that before the last that was asked for.
        """
        self._go_to(number)
        return len(self._text[: self._end if number == self._number else self._end_before].encode())

    def _go_to(self, number: int) -> None:
        if self._decoder is None:
            # What isn't wrong needs no parser that says where it is.
            from json import JSONDecoder

            self._decoder = JSONDecoder(parse_int=len, strict=False)
            self._text = self._bytes.decode()
            self._counted = self._start = len(self._text) - len(self._text.lstrip())
            self._end = self._start + self._text.startswith("[", self._start)
        while self._number < number:
            match = _BEFORE_ITEM.match(self._text, self._end)
            assert match is not None
            self._start, self._end_before = match.end(), self._end
            _, self._end = self._decoder.raw_decode(self._text, self._start)
            self._number += 1
