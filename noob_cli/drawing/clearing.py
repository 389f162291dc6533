"""Labels out of each other's way, and out of the way of boxes, where a layout has not seen to that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot

from noob_cli.drawing.places import Area, Bundle, Point, Route

_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
"""Where along its line a label may be."""

_BESIDE = (0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0)
"""How far beside its line its middle may be, for its width."""

Way = tuple[Bundle, Route | None]
"""A line, and its way; None if it has none."""


def with_clear_labels(ways: Sequence[Way], taken: Sequence[Area]) -> list[Way]:
    """The ways of lines, with labels moved along or beside them that would be on each other, or on something else.

    Args:
        ways: The ways.
        taken: Where there is something else.
    """
    taken = [*taken]
    cleared = [*ways]
    # Short lines first: on a long one there are more places.
    for at in sorted(range(len(ways)), key=lambda at: _length(ways[at][1])):
        bundle, route = ways[at]
        if route is not None and route.label is not None:
            label = _clear(bundle, route.points, route.label, taken)
            cleared[at] = bundle, route._replace(label=label)
            taken.append(_area(bundle, label))
    return cleared


def _length(route: Route | None) -> float:
    points = () if route is None else route.points
    return sum(hypot(after.x - before.x, after.y - before.y) for before, after in pairwise(points))


def _clear(bundle: Bundle, points: Sequence[Point], label: Point, taken: Sequence[Area]) -> Point:
    """The first of the places for a label that is free, or else where least is covered."""
    best, least = label, _covered(_area(bundle, label), taken)
    for place in _places(bundle, points):
        if not least:
            break
        covered = _covered(_area(bundle, place), taken)
        if covered < least:
            best, least = place, covered
    return best


def _places(bundle: Bundle, points: Sequence[Point]) -> Iterator[Point]:
    for beside in _BESIDE:
        for along in _ALONG:
            x, y = _at(points, along)
            yield Point(x + beside * bundle.width, y)


def _at(points: Sequence[Point], along: float) -> Point:
    """The place on a polyline that is so far along it, of its length."""
    parts = [(before, after, hypot(after.x - before.x, after.y - before.y)) for before, after in pairwise(points)]
    left = along * sum(length for _, _, length in parts)
    for before, after, length in parts:
        if length and left <= length:
            share = left / length
            return Point(before.x + share * (after.x - before.x), before.y + share * (after.y - before.y))
        left -= length
    return points[-1]


def _area(bundle: Bundle, middle: Point) -> Area:
    return Area(middle.x - bundle.width / 2, middle.y - bundle.height / 2, bundle.width, bundle.height)


def _covered(area: Area, taken: Sequence[Area]) -> float:
    """How much is in one place with an area."""
    return sum(_common(area, other) for other in taken)


def _common(one: Area, other: Area) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(width, 0.0) * max(height, 0.0)
