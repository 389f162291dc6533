"""Words for messages: values, names and numbers, each in so few that a message stays one line."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

from noob_cli.raised import name_of

_MOST_LETTERS = 100
_MOST_ITEMS = 5

_LINE_END = r"\s*\n\s*"


class _Short(reprlib.Repr):
    """Cuts what is long, at every depth."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _MOST_LETTERS
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = self.maxdeque = _MOST_ITEMS

    def repr_bytes(self, x: Any, level: int) -> str:
        return self.repr_str(x, level)

    def repr_dict(self, x: Any, level: int) -> str:
        # In its own order.
        items = islice(x.items(), self.maxdict if level > 0 else 0)
        shown = [f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}" for key, value in items]
        return f"{{{', '.join(shown if len(shown) == len(x) else [*shown, '...'])}}}"

    def repr_instance(self, x: Any, level: int) -> str:
        shape = getattr(x, "shape", None)
        if isinstance(shape, tuple) and shape:
            # An array says what it is in fewer words than what is in it.
            dtype = getattr(x, "dtype", None)
            return f"{type(x).__name__}(shape={tuple(shape)}" + ("" if dtype is None else f", dtype={dtype}") + ")"
        return super().repr_instance(x, level)


def short_repr(value: object) -> str:
    """A value in one line.

    Args:
        value: The value.

    Returns:
        Its `repr`, cut where it is long; an array's shape and type; of what can't be shown, what it is.
    """
    try:
        text = re.sub(_LINE_END, " ", _Short().repr(value))
    except KeyboardInterrupt:
        raise
    except BaseException:
        text = f"<{name_of(value)}, which can't be shown>"
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 3]}..."


def shortened(text: str, most: int = 800) -> str:
    """A text that quotes a file, in which there are words of any length, without its middle if it is long."""
    half = (most - 3) // 2
    return text if len(text) <= most else f"{text[:half]}...{text[-half:]}"


def listing(names: Sequence[str], most: int = 8) -> str:
    """Names in one line, the first `most` of them."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def count_of(number: int, noun: str) -> str:
    """Say how many of something there are."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
