"""The layout of a drawing by the package graphlay, where Graphviz isn't installed."""

from __future__ import annotations

from typing import Any

from noob_cli.drawing.description import Drawing
from noob_cli.drawing.places import (
    GROUP_PAD,
    Area,
    Places,
    Point,
    Route,
    box_size,
    ends_of,
    in_direction,
    label_size,
    title_size,
)
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
}


def places_by_graphlay(drawing: Drawing) -> Places:
    """Where graphlay puts what is drawn.

    Args:
        drawing: What is drawn.

    Raises:
        InputError: It isn't installed.
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
    for edge in drawing.edges:
        width, height = label_size(edge)
        space = {"label_size": {"width": width, "height": height}} if edge.label else {}
        graph.edge(*ends_of(edge), **space)
    layout = graphlay.layout(graph, options=_OPTIONS)
    return _places(drawing, layout)


def _inside(graph: Any, group: str | None) -> dict[str, Any]:
    return {} if group is None else {"parent": graph.ids.index(group)}


def _places(drawing: Drawing, layout: Any) -> Places:
    low, high = layout.bounds["min"], layout.bounds["max"]
    areas = {}
    for key, each in zip(layout.ids, layout.nodes, strict=True):
        width, height = each["size"]["width"], each["size"]["height"]
        x, y = each["center"]["x"] - low["x"] - width / 2, each["center"]["y"] - low["y"] - height / 2
        areas[key] = Area(x, y, width, height)

    def at(place: Any) -> Point:
        return Point(place["x"] - low["x"], place["y"] - low["y"])

    routes: list[Route | None] = []
    for edge, each in zip(drawing.edges, layout.edges, strict=True):
        points = [at(place) for place in each["points"]]
        label = at(each["label_anchor"]) if each["label_anchor"] else None
        routes.append(Route(in_direction(edge, points), False, label) if points else None)
    groups = {group.key: areas.pop(group.key) for group in drawing.groups}
    return Places(high["x"] - low["x"], high["y"] - low["y"], areas, groups, routes)
