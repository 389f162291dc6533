"""JSON with halves of surrogate pairs, which are written as escapes, and come in again as what they were.

Python has such a half for each byte of a file's name that is no UTF-8. It is no character, so that UTF-8 has no form
for it; with an escape what was different stays so.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pydantic_core import from_json

_ESCAPE: Final = re.compile(rb"\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL)
"""An escape in a text, and, where it is half of a surrogate pair, all of it."""

_AS_LONG: Final = rb"\u0000"


def to_escaped_json(value: Any, indent: int | None = None) -> bytes:
    """Plain data as JSON, in which the halves of surrogate pairs are written as escapes.

    Args:
        value: Made of what JSON has, and of NaN and infinities, which are written as Python reads them.
        indent: By how much each level is indented; None for one line.
    """
    separators = (",", ":") if indent is None else None
    return json.dumps(value, ensure_ascii=False, indent=indent, separators=separators).encode(
        "utf-8", "backslashreplace"
    )


def from_escaped_json(text: bytes) -> Any:
    """Plain data of JSON, in which there may be escapes that are halves of surrogate pairs.

    Args:
        text: The JSON.

    Raises:
        ValueError: It is none; what is said of it is what pydantic says of JSON without halves.
    """
    try:
        return from_json(text)
    except ValueError:
        whole = _ESCAPE.sub(_without_half, text)
        if whole == text:
            raise
    from_json(whole)
    return json.loads(text.decode())


def _without_half(escape: re.Match[bytes]) -> bytes:
    """Something else that is as long, so that what comes behind stays where it is."""
    return escape[0] if len(escape[0]) < len(_AS_LONG) else _AS_LONG
