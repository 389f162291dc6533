"""Where a layout puts what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from noob_cli.drawing.description import Box, BoxKind, Drawing, Edge, EdgeKind, Group
from noob_cli.named_tuple import NamedTuple
from noob_cli.printable import one_line

TITLE, DETAIL, LABEL = 13.0, 11.0, 10.5
"""The sizes of letters: the name of a box, what is below it, and what stands beside an edge."""

LETTER = 0.61
"""How wide a letter of a font with letters of one width is, for its size."""

LINE = 1.4
"""How high a line is, for the size of its letters."""

PAD_X, PAD_Y = 10.0, 6.0
"""What is free around the text of a box."""

ROOM_IN_BOX, ROOM_AT_EDGE = 15, 11
"""How many letters there is room for in a box, and beside an edge, for what is known of a run."""

GROUP_PAD = 14.0
"""What is free around the boxes of a group."""

_MOST_CELLS = 48


class Point(NamedTuple):
    """A place.

    Args:
        x: From the left.
        y: From the top.
    """

    x: float
    y: float


class Area(NamedTuple):
    """A rectangle.

    Args:
        x: Its left side.
        y: Its upper side.
        width: How wide it is.
        height: How high it is.
    """

    x: float
    y: float
    width: float
    height: float


class Route(NamedTuple):
    """The way of an edge.

    Args:
        points: From the box where it begins to the box where it ends.
        curved: Whether they are the control points of cubic Bézier curves; else of a polyline.
        label: The middle of its label.
    """

    points: Sequence[Point]
    curved: bool
    label: Point | None


class Places(NamedTuple):
    """Where everything is.

    Args:
        width: How wide the drawing is.
        height: How high it is.
        boxes: By key.
        groups: By key.
        routes: Those of the edges, in their order; None for one that has none.
    """

    width: float
    height: float
    boxes: Mapping[str, Area]
    groups: Mapping[str, Area]
    routes: Sequence[Route | None]


def shown_text(text: str) -> str:
    """A text in one line, cut where it is long."""
    line = one_line(text)
    return line if cell_len(line) <= _MOST_CELLS else f"{set_cell_size(line, _MOST_CELLS - 1).rstrip()}…"


def text_size(text: str, letters: float) -> tuple[float, float]:
    """How wide and how high a line is."""
    return cell_len(shown_text(text)) * LETTER * letters, LINE * letters


def box_size(box: Box, drawing: Drawing) -> tuple[float, float]:
    """How wide and how high a box of a drawing is."""
    lines = [text_size(box.title, TITLE), *(text_size(line, DETAIL) for line in (box.detail, *box.notes))]
    if has_badge(box, drawing):
        lines.append(text_size("0" * ROOM_IN_BOX, LABEL))
    return max(width for width, _ in lines) + 2 * PAD_X, sum(height for _, height in lines) + 2 * PAD_Y


def has_badge(box: Box, drawing: Drawing) -> bool:
    """Whether a box of a drawing has room for how often it was called, and how long that took."""
    return drawing.has_room and box.kind not in (BoxKind.input, BoxKind.asset, BoxKind.return_)


def label_size(edge: Edge, drawing: Drawing) -> tuple[float, float]:
    """How wide and how high what stands beside an edge of a drawing is: its label, and the room below it."""
    lines = [edge.label] if edge.label else []
    if drawing.has_room:
        lines.append("0" * ROOM_AT_EDGE)
    sizes = [text_size(line, LABEL) for line in lines]
    return max((width for width, _ in sizes), default=0.0), sum(height for _, height in sizes)


def title_size(group: Group) -> tuple[float, float]:
    """How wide and how high the title of a group is."""
    return text_size(group.title, DETAIL)


def title_area(group: Group, area: Area) -> Area:
    """Where the title of a group is.

    Args:
        group: The group.
        area: Where it is itself.
    """
    return Area(area.x + 8, area.y + 4, *title_size(group))


class Bundle(NamedTuple):
    """Edges of one kind between the same boxes: they are one line, with a label for each.

    Args:
        edges: Their numbers in the drawing.
        upper: The box at the upper end: what is stored in an asset goes back up to it.
        lower: The box at the lower end.
        is_upwards: Whether they go from the lower end to the upper one.
        width: How wide their labels are.
        height: How high all of these are.
    """

    edges: tuple[int, ...]
    upper: str
    lower: str
    is_upwards: bool
    width: float
    height: float


def bundles_of(drawing: Drawing) -> list[Bundle]:
    """The lines of a drawing.

    Args:
        drawing: What is drawn.
    """
    lines: dict[tuple[str, str, EdgeKind], list[int]] = {}
    for number, edge in enumerate(drawing.edges):
        lines.setdefault((edge.start, edge.end, edge.kind), []).append(number)
    bundles = []
    for (start, end, kind), numbers in lines.items():
        sizes = [label_size(drawing.edges[number], drawing) for number in numbers]
        width, height = max((width for width, _ in sizes), default=0.0), sum(height for _, height in sizes)
        is_upwards = kind is EdgeKind.stored
        upper, lower = (end, start) if is_upwards else (start, end)
        bundles.append(Bundle(tuple(numbers), upper, lower, is_upwards, width, height))
    return bundles


def routes_of(drawing: Drawing, ways: Iterable[tuple[Bundle, Route | None]]) -> list[Route | None]:
    """The ways of all edges.

    Args:
        drawing: What is drawn.
        ways: Those of its lines, from the upper to the lower end; None for one that has none.
    """
    routes: list[Route | None] = [None] * len(drawing.edges)
    for bundle, way in ways:
        if way is None:
            continue
        points = way.points[::-1] if bundle.is_upwards else way.points
        y = 0.0 if way.label is None else way.label.y - bundle.height / 2
        for number in bundle.edges:
            label = None
            _, height = label_size(drawing.edges[number], drawing)
            if way.label is not None and height:
                label = Point(way.label.x, y + height / 2)
                y += height
            routes[number] = Route(points, way.curved, label)
    return routes
