"""Whether there is memory for the JSON of a value: what writes JSON ends the whole process where there is none."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final

_OF_A_NUMBER: Final = 26
"""How many bytes a number takes at the most, with what stands around it."""

_NEEDED: Final = 3
"""How much the writing needs for each byte: a buffer that doubles, and what is made of it."""


def is_memory_limited() -> bool:
    """Whether memory may be refused to this process, as with `ulimit -v`, rather than be given and missed later."""
    with contextlib.suppress(ImportError):
        import resource

        limits = (resource.RLIMIT_AS, resource.RLIMIT_DATA)
        if any(resource.getrlimit(limit)[0] != resource.RLIM_INFINITY for limit in limits):
            return True
    with contextlib.suppress(OSError):
        # Linux then gives no more than there is.
        return Path("/proc/sys/vm/overcommit_memory").read_text(encoding="ascii").strip() == "2"
    return False


def ask_for_memory(value: object, indent: int) -> None:
    """See that there is memory to write a value as JSON.

    Args:
        value: Dicts, lists and what JSON has besides.
        indent: By how much what is inside is indented.

    Raises:
        MemoryError: There is not as much memory.
    """
    bytearray(_NEEDED * _size_of(value, indent, indent))


def _size_of(value: Any, indent: int, column: int) -> int:
    kind = type(value)
    if kind is str:
        return _size_of_text(value)
    if kind is int:
        return _OF_A_NUMBER + int(value.bit_length()) // 3
    if kind is dict:
        items = sum(_size_of_text(str(key)) + _size_of(item, indent, column + indent) for key, item in value.items())
    elif kind is list or kind is tuple:
        items = sum(_size_of(item, indent, column + indent) for item in value)
    else:
        return _OF_A_NUMBER
    return items + (column + 4) * (len(value) + 1)


def _size_of_text(text: str) -> int:
    """The bytes of a text, what it needs to be quoted included."""
    letters = len(text) if text.isascii() else 4 * len(text)
    if text.isprintable():
        return letters + text.count('"') + text.count("\\") + 4
    return 6 * letters + 4
