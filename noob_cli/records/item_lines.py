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
        self._end = 0

    def line_of(self, number: int) -> int:
        """The line on which an item starts, from 1.

        Args:
            number: Which item, from 1; not one before the last that was asked for.
        """
        if self._decoder is None:
            # What isn't wrong needs no parser that says where it is.
            from json import JSONDecoder

            self._decoder = JSONDecoder(parse_int=len, strict=False)
            self._text = self._bytes.decode()
            self._start = len(self._text) - len(self._text.lstrip())
            self._end = self._start + self._text.startswith("[", self._start)
        counted = self._start
        while self._number < number:
            match = _BEFORE_ITEM.match(self._text, self._end)
            assert match is not None
            self._start = match.end()
            _, self._end = self._decoder.raw_decode(self._text, self._start)
            self._number += 1
        self._lines_before += self._text.count("\n", counted, self._start)
        return self._lines_before + 1
