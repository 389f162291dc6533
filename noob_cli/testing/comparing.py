"""Comparing results with what was expected."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from noob_cli.named_tuple import NamedTuple
from noob_cli.results.json_values import JsonEncoder
from noob_cli.wording import shortened

TOLERANCE: Final = 1e-9
"""By how much of itself a number with a fraction may differ: more than computers do that add in another order."""

_MOST_SHOWN: Final = 300


class Difference(NamedTuple):
    """Where two values differ.

    Args:
        path: The keys and indices that lead there.
        expected: What was expected there, as JSON; None if nothing was.
        found: What is there, as JSON; None if nothing is.
    """

    path: tuple[str | int, ...]
    expected: str | None
    found: str | None


def as_written(value: Any) -> Any:
    """A value as it is after it was written as JSON, and read again.

    Args:
        value: Anything.
    """
    return json.loads(JsonEncoder(_said_to_nobody).encode(value))


def first_difference(expected: Any, found: Any, path: tuple[str | int, ...] = ()) -> Difference | None:
    """Where two values that were read from JSON differ first.

    Args:
        expected: What should be there.
        found: What there is.
        path: The keys and indices that lead to them.

    Returns:
        None if they don't, but for the last digits of numbers with a fraction.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            if key not in expected or key not in found:
                return Difference((*path, key), _shown_in(expected, key), _shown_in(found, key))
            if difference := first_difference(expected[key], found[key], (*path, key)):
                return difference
        return None
    if isinstance(expected, list) and isinstance(found, list):
        for at, (one, other) in enumerate(zip(expected, found, strict=False)):
            if difference := first_difference(one, other, (*path, at)):
                return difference
        if len(expected) == len(found):
            return None
        at = min(len(expected), len(found))
        return Difference((*path, at), *(shown(items[at]) if at < len(items) else None for items in (expected, found)))
    return None if _is_same(expected, found) else Difference(path, shown(expected), shown(found))


def shown(value: Any) -> str:
    """A value as JSON, for a message."""
    return shortened(json.dumps(value, ensure_ascii=False), _MOST_SHOWN)


def _shown_in(mapping: dict[str, Any], key: str) -> str | None:
    return shown(mapping[key]) if key in mapping else None


def _is_same(expected: Any, found: Any) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return expected == found or math.isclose(expected, found, rel_tol=TOLERANCE)
    return type(expected) is type(found) and bool(expected == found)


def _said_to_nobody(message: str) -> None:
    """What is lossy in a result is told when that is written."""
