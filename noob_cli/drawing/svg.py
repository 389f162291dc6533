"""A tube as SVG: one picture, light or dark as the reader's screen is, in which a page finds each node and edge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape
from math import hypot
from pathlib import Path

from noob_cli.drawing.describing import drawing_of
from noob_cli.drawing.description import Box, BoxKind, Drawable, Drawing, Edge, EdgeKind, Group
from noob_cli.drawing.graphviz import GraphvizError, find_dot, places_by_dot
from noob_cli.drawing.layered import places_by_graphlay
from noob_cli.drawing.places import (
    DETAIL,
    LABEL,
    LINE,
    PAD_X,
    PAD_Y,
    TITLE,
    Area,
    Places,
    Point,
    Route,
    has_badge,
    label_size,
    shown_text,
    text_size,
    title_area,
)
from noob_cli.errors import InputError
from noob_cli.printable import printable

_MARGIN = 12.0
_ARROW = 8.0
_BREADTH = 0.4
"""Half of the breadth of an arrow's head, for its length."""

_HOW = {EdgeKind.value: "", EdgeKind.stored: ", in the next epoch", EdgeKind.param: ", as a param"}
"""What is read out of an edge besides its ends."""

_STYLE = Path(__file__).with_name("svg.css")


def svg(tube: Drawable, *, folded: Collection[str] = (), has_room: bool = False) -> str:
    """A tube as SVG.

    Each node is a `<g class="box KIND" data-node="NAME">`, inputs and assets likewise (`input.NAME`, `assets.NAME`); a
    loop is a `<g class="group loop" data-loop="MAP">`, an unfolded nested tube a `<g class="group tube"
    data-node="NAME">`; an edge is a `<g class="edge KIND" data-edge="node.signal->node.slot">` that names its boxes in
    `data-from` and `data-to`; its label is in a `<g class="beside" data-beside="...">`, above all lines. What is in a
    nested tube has the names of the nodes around it before its own: `short.mean`. The colours are CSS variables
    (`--noob-ink`, `--noob-ground` and so on), which a page may set.

    Args:
        tube: The tube.
        folded: The names of nested tubes that are one box each; all others are unfolded.
        has_room: Whether there are a `<text class="badge">` in each node that is called, and a `<text class="last">` at
            each edge, which are empty, for what is known of a run.

    Returns:
        An `<svg>` element, with all that it needs in it.

    Raises:
        InputError: Neither Graphviz nor the package graphlay is there to lay it out.
    """
    drawing = drawing_of(tube, folded)._replace(has_room=has_room)
    return "\n".join(_svg_lines(drawing, laid_out(drawing))) + "\n"


def laid_out(drawing: Drawing) -> Places:
    """Where what is drawn is put: by `dot` where Graphviz is installed, else by graphlay.

    Args:
        drawing: What is drawn.

    Raises:
        InputError: Neither is there, or neither can do it.
    """
    dot = find_dot()
    if dot is None:
        return places_by_graphlay(drawing)
    try:
        return places_by_dot(drawing, dot)
    except GraphvizError as failed:
        try:
            return places_by_graphlay(drawing)
        except InputError as missing:
            raise InputError(f"'{dot}' has not laid out the drawing: {failed}; and {missing.message}") from failed


def escaped(text: str) -> str:
    """A text that can stand in an element or an attribute; what UTF-8 does not have is written as its escape.

    Args:
        text: The text, of one line or several.
    """
    return escape(printable(text).encode("utf-8", "backslashreplace").decode())


def _svg_lines(drawing: Drawing, places: Places) -> Iterator[str]:
    width, height = places.width + 2 * _MARGIN, places.height + 2 * _MARGIN
    size = f'viewBox="0 0 {_number(width)} {_number(height)}" width="{_number(width)}" height="{_number(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" class="noob-graph" {size} role="group">'
    yield f"<title>{escaped(f'the tube {drawing.name}')}</title>"
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>"
    yield f'<rect class="ground" width="{_number(width)}" height="{_number(height)}"/>'
    yield f'<g transform="translate({_number(_MARGIN)} {_number(_MARGIN)})">'
    for group in drawing.groups:
        yield from _group_lines(group, places.groups[group.key])
    # Texts are above the lines, which may cross them.
    names = {box.key: box.name for box in drawing.boxes}
    routed = [(edge, route) for edge, route in zip(drawing.edges, places.routes, strict=True) if route is not None]
    for edge, route in routed:
        yield from _edge_lines(edge, route, names)
    for edge, route in routed:
        if route.label is not None:
            yield from _label_lines(edge, route.label, names, drawing)
    for group in drawing.groups:
        area = title_area(group, places.groups[group.key])
        place = _at(area.x, area.y + DETAIL)
        yield f'<text class="group-title" {place}>{escaped(shown_text(group.title))}</text>'
    for box in drawing.boxes:
        yield from _box_lines(box, places.boxes[box.key], drawing)
    yield "</g>"
    yield "</svg>"


def _group_lines(group: Group, area: Area) -> Iterator[str]:
    data = "data-loop" if group.is_loop else "data-node"
    classes = f"group {'loop' if group.is_loop else 'tube'}{' disabled' if group.disabled else ''}"
    yield f'<g class="{classes}" {data}="{escaped(group.name)}">'
    yield f"<title>{escaped(group.title)}</title>"
    yield f'<rect class="area" {_rectangle(area)} rx="8"/>'
    yield "</g>"


def _box_lines(box: Box, area: Area, drawing: Drawing) -> Iterator[str]:
    classes = f"box {box.kind.value}{' disabled' if box.disabled else ''}"
    attributes = f'tabindex="0" role="img" aria-label="{escaped(_spoken(box))}"'
    yield f'<g class="{classes}" data-node="{escaped(box.name)}" {attributes}>'
    yield f"<title>{escaped(chr(10).join([box.name, box.detail, *box.notes]))}</title>"
    radius = area.height / 2 if box.kind is BoxKind.input else 5
    yield f'<rect class="shape" {_rectangle(area)} rx="{_number(min(radius, 14))}"/>'
    y = area.y + PAD_Y
    below = [(line, "detail", DETAIL) for line in (box.detail, *box.notes)]
    for text, kind, letters in [(box.title, "title", TITLE), *below]:
        yield f'<text class="{kind}" {_at(area.x + PAD_X, y + letters)}>{escaped(shown_text(text))}</text>'
        y += LINE * letters
    if has_badge(box, drawing):
        yield f'<text class="badge" {_at(area.x + PAD_X, y + LABEL)}/>'
    yield "</g>"


def _spoken(box: Box) -> str:
    """What is read out of a box."""
    takes = f", takes {', '.join(box.slots)}" if box.slots else ""
    emits = f", emits {', '.join(box.signals)}" if box.signals else ""
    return f"{box.name}, {', '.join([box.detail, *box.notes])}{takes}{emits}"


def _edge_lines(edge: Edge, route: Route, names: Mapping[str, str]) -> Iterator[str]:
    attributes = f'role="img" aria-label="{escaped(f"{edge.source} to {edge.target}{_HOW[edge.kind]}")}"'
    yield f'<g class="edge {edge.kind.value}" data-edge="{escaped(edge.name)}" {_ends(edge, names)} {attributes}>'
    yield f"<title>{escaped(f'{edge.source} → {edge.target}')}</title>"
    yield f'<path class="line" d="{_path(route)}"/>'
    yield f'<path class="head" d="{_head(route)}"/>'
    yield "</g>"


def _label_lines(edge: Edge, middle: Point, names: Mapping[str, str], drawing: Drawing) -> Iterator[str]:
    width, height = label_size(edge, drawing)
    area = Area(middle.x - width / 2, middle.y - height / 2, width, height)
    yield f'<g class="beside" data-beside="{escaped(edge.name)}" {_ends(edge, names)}>'
    if edge.label:
        wide, high = text_size(edge.label, LABEL)
        yield f'<rect class="ground" {_rectangle(Area(middle.x - wide / 2, area.y, wide, high))}/>'
        place = _at(middle.x, area.y + high / 2 + LABEL / 3)
        yield f'<text class="label" {place}>{escaped(shown_text(edge.label))}</text>'
    if drawing.has_room:
        yield f'<text class="last" {_at(middle.x, area.y + area.height - LINE * LABEL / 2 + LABEL / 3)}/>'
    yield "</g>"


def _ends(edge: Edge, names: Mapping[str, str]) -> str:
    return f'data-from="{escaped(names[edge.start])}" data-to="{escaped(names[edge.end])}"'


def _path(route: Route) -> str:
    first, *others = (f"{_number(point.x)} {_number(point.y)}" for point in route.points)
    return f"M{first}{'C' if route.curved else 'L'}{' '.join(others)}"


def _head(route: Route) -> str:
    """The head of an arrow: a triangle at the end of its way, in the direction in which that arrives."""
    end = route.points[-1]
    before = next((point for point in reversed(route.points) if point != end), Point(end.x, end.y - 1))
    length = hypot(end.x - before.x, end.y - before.y)
    x, y = (end.x - before.x) / length, (end.y - before.y) / length
    corners = (
        end,
        Point(end.x - (x + y * _BREADTH) * _ARROW, end.y - (y - x * _BREADTH) * _ARROW),
        Point(end.x - (x - y * _BREADTH) * _ARROW, end.y - (y + x * _BREADTH) * _ARROW),
    )
    return f"M{'L'.join(f'{_number(corner.x)} {_number(corner.y)}' for corner in corners)}Z"


def _rectangle(area: Area) -> str:
    return f'{_at(area.x, area.y)} width="{_number(area.width)}" height="{_number(area.height)}"'


def _at(x: float, y: float) -> str:
    return f'x="{_number(x)}" y="{_number(y)}"'


def _number(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
