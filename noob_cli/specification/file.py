"""A tube's file as bytes."""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 10_000_000
"""How large a tube's file may be."""


def read_file(path: Path) -> bytes:
    """The bytes of a file; of one that is too large, no more than tells that it is.

    Raises:
        OSError: It can't be read.
    """
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
