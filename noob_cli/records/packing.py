"""How files are compressed: recognised by their names, and by how they begin."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath
from typing import Final


class Packing(StrEnum):
    """What a file is compressed by."""

    gzip = "gzip"
    bzip2 = "bzip2"
    xz = "xz"
    zstd = "zstd"


_OF_SUFFIX: Final = {".gz": Packing.gzip, ".bz2": Packing.bzip2, ".xz": Packing.xz, ".zst": Packing.zstd}

_BEGINNINGS: Final = {
    Packing.gzip: (b"\x1f\x8b\x08",),
    # With what comes behind the level: a text may begin with the letters.
    Packing.bzip2: (b"BZh.1AY&SY", b"BZh.\x17rE8P\x90"),
    Packing.xz: (b"\xfd7zXZ\0",),
    Packing.zstd: (b"\x28\xb5\x2f\xfd",),
}
"""How each begins, with a dot for any byte."""

LONGEST: Final = max(len(beginning) for beginnings in _BEGINNINGS.values() for beginning in beginnings)


def named(name: str) -> tuple[Packing | None, str]:
    """What a file is compressed by, as its name has it, and the suffix of what is in it.

    Args:
        name: The name: `records.csv.gz` is compressed by gzip, and the suffix is `.csv`.
    """
    path = PurePath(name)
    packing = _OF_SUFFIX.get(path.suffix.lower())
    return packing, (path.suffix if packing is None else PurePath(path.stem).suffix).lower()


def packing_of(beginning: bytes) -> Packing | None:
    """What a file is compressed by that begins like this; None if it isn't.

    Args:
        beginning: So much of it that `may_be_packed` doesn't ask for more.
    """
    return next(
        (packing for packing, texts in _BEGINNINGS.items() if any(_fits(text, beginning) for text in texts)), None
    )


def may_be_packed(beginning: bytes) -> bool:
    """Whether more has to be read to know.

    Args:
        beginning: How a file begins.
    """
    size = len(beginning)
    return 0 < size < LONGEST and any(
        size < len(text) and _fits(text[:size], beginning) for texts in _BEGINNINGS.values() for text in texts
    )


def _fits(text: bytes, beginning: bytes) -> bool:
    return re.match(re.escape(text).replace(rb"\.", b"."), beginning, re.DOTALL) is not None
