"""Whether two values are alike, for which nothing but what they are made of may speak."""

from __future__ import annotations

import pickle
from typing import Any

from noob_cli.pickling import pickled


def copied_by_pickle(value: object) -> bytes | None:
    """A value as bytes that it can be made of again; None if there are none."""
    data = _pickled(value)
    if data is None:
        return None
    try:
        pickle.loads(data)
    except Exception:
        return None
    return data


def is_alike(value: Any, other: Any) -> bool:
    """Whether two values are alike: as bytes, by what they say themselves, or part by part if they say nothing.

    What can't be pickled is held for alike.

    Args:
        value: A value.
        other: The other one.
    """
    try:
        return _is_alike(value, other, {})
    except Exception:
        return False


def _is_alike(value: Any, other: Any, compared: dict[tuple[int, int], Any]) -> bool:
    if value is other or _pickled(value) == _pickled(other):
        return True
    if type(value) is type(other):
        pair = id(value), id(other)
        if pair in compared:
            # One of them is within itself.
            return True
        compared[pair] = value, other
        if isinstance(value, list | tuple) and len(value) == len(other):
            return all(_is_alike(*items, compared) for items in zip(value, other, strict=True))
        if isinstance(value, dict) and value.keys() == other.keys():
            return all(_is_alike(value[key], other[key], compared) for key in value)
        kind: Any = type(value)
        if kind.__eq__ is object.__eq__:
            # The same pickle has other bytes where texts are one object, or sets have another order.
            return _is_alike(_parts(value), _parts(other), compared)
    return bool(value == other)


def _parts(value: Any) -> list[Any]:
    """What pickle makes an object of."""
    reduced = value.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    if isinstance(reduced, str):
        return [reduced]
    return [*reduced[:3], *(None if items is None else list(items) for items in reduced[3:5])]


def _pickled(value: object) -> bytes | None:
    """A value as bytes; None if it can't be pickled."""
    try:
        return pickled(value)
    except Exception:
        return None
