"""The layout of a drawing by the package graphlay, where Graphviz isn't installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

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
    title_size,
)
from noob_cli.errors import InputError
from noob_cli.extras import import_extra

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
        width, height = box_size(box)
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
    ways = list(zip(bundles, layout.edges, strict=True))
    corners = [layout.bounds["min"], layout.bounds["max"], *_corners_of_labels(ways)]
    xs, ys = ([corner[axis] for corner in corners] for axis in ("x", "y"))

    def at(place: Any) -> Point:
        return Point(place["x"] - min(xs), place["y"] - min(ys))

    areas = {}
    for key, node in zip(layout.ids, layout.nodes, strict=True):
        width, height = node["size"]["width"], node["size"]["height"]
        center = at(node["center"])
        areas[key] = Area(center.x - width / 2, center.y - height / 2, width, height)

    def route(way: Any) -> Route | None:
        label = at(way["label_anchor"]) if way["label_anchor"] else None
        return Route([at(place) for place in way["points"]], False, label) if way["points"] else None

    routes = routes_of(drawing, ((bundle, route(way)) for bundle, way in ways))
    groups = {group.key: areas.pop(group.key) for group in drawing.groups}
    return Places(max(xs) - min(xs), max(ys) - min(ys), areas, groups, routes)


def _corners_of_labels(ways: Iterable[tuple[Bundle, Any]]) -> Iterator[dict[str, float]]:
    """The bounds of a layout are without the labels."""
    for bundle, way in ways:
        middle = way["label_anchor"]
        for side in (-0.5, 0.5) if middle else ():
            yield {"x": middle["x"] + side * bundle.width, "y": middle["y"] + side * bundle.height}
