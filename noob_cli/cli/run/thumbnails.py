"""Images as small pictures of half blocks, each of which has a pixel above and one below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noob_cli.summary import ArraySummary

if TYPE_CHECKING:
    from rich.text import Text

_MOST_COLUMNS: Final = 32
_MOST_ROWS: Final = 10
_LEAST: Final = 8
"""How many pixels an image has at least in either direction."""

_SHADES: Final = " ░▒▓█"


def as_image(value: Any) -> Any:
    """A value, if it is an image: an array of bytes, of two dimensions, or of three with the colours in the last."""
    value = value.sample if isinstance(value, ArraySummary) else value
    shape, dtype = getattr(value, "shape", None), str(getattr(value, "dtype", ""))
    if not isinstance(shape, tuple) or dtype != "uint8":
        return None
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))
    return value if is_image and min(shape[:2]) >= _LEAST else None


def thumbnail(image: Any, columns: int, *, in_colour: bool) -> Text:
    """An image as text.

    Args:
        image: The array.
        columns: How many columns there are at the most.
        in_colour: Whether there are colours; else it is shades.
    """
    from rich.text import Text

    height, width = image.shape[:2]
    wide = max(1, min(_MOST_COLUMNS, columns, width))
    high = max(1, min(_MOST_ROWS, round(wide * height / width / 2)))
    rows = [row * height // (2 * high) for row in range(2 * high)]
    pixels = [[_colour(image[row, column * width // wide]) for column in range(wide)] for row in rows]
    text = Text()
    for above, below in zip(pixels[::2], pixels[1::2], strict=True):
        for upper, lower in zip(above, below, strict=True):
            if in_colour:
                text.append("▀", f"rgb({','.join(map(str, upper))}) on rgb({','.join(map(str, lower))})")
            else:
                text.append(_SHADES[(sum(upper) + sum(lower)) * (len(_SHADES) - 1) // (6 * 255)])
        text.append("\n")
    text.right_crop(1)
    return text


def _colour(pixel: Any) -> tuple[int, int, int]:
    if getattr(pixel, "ndim", 0) == 0:
        return (int(pixel),) * 3
    red, green, blue = map(int, pixel[:3])
    return red, green, blue
