"""The layout of a drawing by the package graphlay, where Graphviz isn't installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from noob_cli.drawing.clearing import Way, with_clear_labels
from noob_cli.drawing.description import Drawing
from noob_cli.drawing.places import (
    GROUP_PAD,
    Area,
    Bundle,
    Places,
    Point,
    Route,
    box_size,
    bundles_of,
    routes_of,
    title_area,
    title_size,
)
from noob_cli.errors import InputError
from noob_cli.extras import import_extra

_Place = TypeVar("_Place", Point, Area)

_OPTIONS = {
    "direction": "topbottom",
    "spacing": {
        "layer_gap": 36.0,
        "node_gap": 26.0,
        "dummy_gap": 18.0,
        "isolated_gap": 26.0,
        "compound_padding": GROUP_PAD,
        "compound_header": 18.0,
    },
    # A label is on its line, or beside it, and not where there is more room.
    "tuning": {"labels": {"side_steps": [1.0, 1.0, 1.0, 1.0]}},
}


def places_by_graphlay(drawing: Drawing) -> Places:
    """Where graphlay puts what is drawn.

    Args:
        drawing: What is drawn.

    Raises:
        InputError: It isn't installed, or does not do it.
    """
    graphlay = import_extra("graphlay", "draw", "a drawing, where the program 'dot' of Graphviz isn't installed,")
    graph = graphlay.Graph()
    for group in drawing.groups:
        width, height = title_size(group)
        graph.node(
            group.key, width=width + 2 * GROUP_PAD, height=height + 2 * GROUP_PAD, **_inside(graph, group.around)
        )
    for box in drawing.boxes:
        width, height = box_size(box, drawing)
        graph.node(box.key, width=width, height=height, **_inside(graph, box.group))
    bundles = bundles_of(drawing)
    for bundle in bundles:
        space = {"label_size": {"width": bundle.width, "height": bundle.height}} if bundle.height else {}
        graph.edge(bundle.upper, bundle.lower, **space)
    try:
        layout = graphlay.layout(graph, options=_OPTIONS)
    except graphlay.GraphlayError as error:
        raise InputError(f"the package graphlay has not laid out the drawing: {error}") from error
    return _places(drawing, bundles, layout)


def _inside(graph: Any, group: str | None) -> dict[str, Any]:
    return {} if group is None else {"parent": graph.ids.index(group)}


def _places(drawing: Drawing, bundles: Sequence[Bundle], layout: Any) -> Places:
    """Where all of a drawing is, moved so that nothing is left of or above the corner."""
    areas = {}
    for key, node in zip(layout.ids, layout.nodes, strict=True):
        width, height = node["size"]["width"], node["size"]["height"]
        center = _point(node["center"])
        areas[key] = Area(center.x - width / 2, center.y - height / 2, width, height)
    groups = {group.key: areas.pop(group.key) for group in drawing.groups}
    titles = [title_area(group, groups[group.key]) for group in drawing.groups]
    ways = with_clear_labels([*zip(bundles, map(_route, layout.edges), strict=True)], [*areas.values(), *titles])
    corners = [*map(_point, layout.bounds.values()), *_corners_of_labels(ways)]
    left, top = min(corner.x for corner in corners), min(corner.y for corner in corners)
    right, bottom = max(corner.x for corner in corners), max(corner.y for corner in corners)

    def moved(place: _Place) -> _Place:
        return place._replace(x=place.x - left, y=place.y - top)

    def moved_route(route: Route) -> Route:
        label = None if route.label is None else moved(route.label)
        return route._replace(points=[*map(moved, route.points)], label=label)

    return Places(
        right - left,
        bottom - top,
        {key: moved(area) for key, area in areas.items()},
        {key: moved(area) for key, area in groups.items()},
        routes_of(drawing, ((bundle, None if route is None else moved_route(route)) for bundle, route in ways)),
    )


def _point(place: Any) -> Point:
    return Point(place["x"], place["y"])


def _route(way: Any) -> Route | None:
    label = _point(way["label_anchor"]) if way["label_anchor"] else None
    return Route([*map(_point, way["points"])], False, label) if way["points"] else None


def _corners_of_labels(ways: Iterable[Way]) -> Iterator[Point]:
    """The bounds of a layout are without the labels."""
    for bundle, route in ways:
        if route is not None and route.label is not None:
            for side in (-0.5, 0.5):
                yield Point(route.label.x + side * bundle.width, route.label.y + side * bundle.height)
