"""Values as a page shows them: numbers, texts, tables, series and pictures, all of them cut where they are long."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, Final

from noob_cli.drawing.places import ROOM_AT_EDGE
from noob_cli.raised import name_of
from noob_cli.summary import ArraySummary, is_array
from noob_cli.view.picture import picture_of
from noob_cli.wording import count_of, short_repr

Display = dict[str, Any]
"""What a page shows of a value: its `kind`, a line of `text`, and what that kind needs besides."""

_MOST_LETTERS: Final = 2000
_MOST_ROWS: Final = 10
_MOST_COLUMNS: Final = 8
_MOST_POINTS: Final = 120
_MOST_IN_ROW: Final = 8
"""How many numbers beside each other are shown as such, and not as a line or as a picture."""

_LARGE: Final = 10**300
"""From here on a number is none that can be drawn."""


def display(value: object) -> Display:
    """What a page shows of a value; of what can't be shown, what it is.

    Args:
        value: The value.
    """
    try:
        return _display(value)
    except Exception:
        return {"kind": "text", "text": short_repr(value)}
    except BaseException:
        return {"kind": "text", "text": f"<{name_of(value)}, which can't be shown>"}


def _display(value: Any) -> Display:
    if type(value) in (int, float) or _is_number_of_numpy(value):
        return _number(value)
    if isinstance(value, str):
        whole = value if len(value) <= _MOST_LETTERS else f"{value[:_MOST_LETTERS]}…"
        return {"kind": "text", "text": short_repr(value), "whole": whole, "size": count_of(len(value), "letter")}
    if is_array(value):
        value = ArraySummary(value)
    if isinstance(value, ArraySummary):
        return _array(value) | {"short": "\N{MULTIPLICATION SIGN}".join(map(str, value.shape))}
    if isinstance(value, Mapping) and value:
        return _counted(_pairs(value.items(), len(value), short_repr(value)), count_of(len(value), "key"))
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.repr]
        pairs = ((name, getattr(value, name)) for name in names)
        return _pairs(pairs, len(names), short_repr(value)) | {"short": name_of(value)}
    if isinstance(value, list | tuple) and value:
        return _counted(_sequence(value), count_of(len(value), "item"))
    return {"kind": "text", "text": short_repr(value)}


def _counted(shown: Display, count: str) -> Display:
    """What is shown of values, with what stands on an edge: how many there are, if there is no room for them."""
    return shown if len(shown["text"]) <= ROOM_AT_EDGE else {**shown, "short": count}


def _is_number_of_numpy(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return (
        getattr(value, "shape", None) == () and getattr(dtype, "kind", None) in ("i", "u", "f") and not is_array(value)
    )


def _number(value: Any) -> Display:
    is_large = type(value) is int and abs(value) >= _LARGE
    number = math.inf if is_large else float(value)
    text = short_repr(value) if is_large else short_repr(int(value)) if number.is_integer() else f"{number:.6g}"
    return {"kind": "number", "text": text, "number": number if math.isfinite(number) else None}


def _array(array: ArraySummary) -> Display:
    text = f"{array.dtype} {' by '.join(map(str, array.shape)) or 'scalar'}"
    if array.bounds is not None:
        low, mean, high = array.bounds
        text += f", {low:.4g} … {high:.4g}, mean {mean:.4g}"
    if array.sample is None:
        return {"kind": "text", "text": text}
    numbers = array.sample
    if numbers.ndim < 3 and max(array.shape) <= _MOST_IN_ROW:
        rows = [[short_repr(cell) for cell in row] for row in numbers.reshape(-1, array.shape[-1]).tolist()]
        return {"kind": "table", "text": text, "columns": [], "rows": rows}
    if numbers.ndim == 1:
        return {"kind": "series", "text": text, "points": _points(numbers.astype(float).tolist())}
    height, width = array.shape[:2]
    return {"kind": "picture", "text": text, "source": picture_of(numbers), "width": width, "height": height}


def _pairs(items: Iterable[tuple[Any, Any]], size: int, text: str) -> Display:
    rows = [
        [key if isinstance(key, str) else short_repr(key), short_repr(value)]
        for key, value in islice(items, _MOST_ROWS)
    ]
    return {"kind": "table", "text": text, "columns": [], "rows": rows, "size": _beyond(size, _MOST_ROWS, "entries")}


def _sequence(values: Sequence[Any]) -> Display:
    text = short_repr(values)
    if all(type(value) in (int, float) for value in values):
        if len(values) <= _MOST_IN_ROW:
            return {"kind": "table", "text": text, "columns": [], "rows": [list(map(short_repr, values))]}
        return {"kind": "series", "text": text, "points": _points(values), "size": f"{len(values)} numbers"}
    first = list(islice(values, _MOST_ROWS))
    size = _beyond(len(values), _MOST_ROWS, "rows")
    if all(isinstance(value, Mapping) for value in first):
        columns = list(dict.fromkeys(key for row in first for key in row))[:_MOST_COLUMNS]
        rows = [[short_repr(row[key]) if key in row else "" for key in columns] for row in first]
        names = [key if isinstance(key, str) else short_repr(key) for key in columns]
        return {"kind": "table", "text": text, "columns": names, "rows": rows, "size": size}
    return {
        "kind": "table",
        "text": text,
        "columns": [],
        "rows": [[short_repr(value)] for value in first],
        "size": size,
    }


def _beyond(size: int, most: int, noun: str) -> str:
    return f"{most} of {size} {noun}" if size > most else ""


def _points(numbers: Sequence[Any]) -> list[float | None]:
    step = max(-(-len(numbers) // _MOST_POINTS), 1)
    return [float(number) if abs(number) < _LARGE else None for number in numbers[::step]]
