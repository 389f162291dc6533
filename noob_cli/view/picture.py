"""Arrays as small pictures."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any, Final

_COLOURS: Final = {1: 0, 3: 2, 4: 6}
"""What PNG calls grey, RGB and RGBA, by how many numbers a pixel has."""


def picture_of(array: Any) -> str:
    """An array as a PNG, in a `data:` address. Bytes are taken as they are, other numbers from dark to bright.

    Args:
        array: Rows of numbers, or of pixels of one, three or four numbers; nothing else changes it.
    """
    import numpy

    pixels = array
    if array.dtype != numpy.uint8:
        numbers = array.astype(float)
        finite = numbers[numpy.isfinite(numbers)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        scaled = (numbers - low) / (high - low) * 255 if high > low else numbers * 0 + 127
        pixels = numpy.nan_to_num(scaled, nan=0, posinf=255, neginf=0).astype(numpy.uint8)
    height, width, *depth = pixels.shape
    colour = _COLOURS[depth[0] if depth else 1]
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
