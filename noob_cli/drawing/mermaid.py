"""A tube as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from noob_cli.drawing.describing import drawing_of
from noob_cli.drawing.description import Boxes, BoxKind, Drawable, Drawing, EdgeKind, Groups
from noob_cli.printable import one_line

_SHAPES = {BoxKind.input: ('(["', '"])'), BoxKind.asset: ('[("', '")]')}
_NODE = ('["', '"]')


def mermaid(tube: Drawable) -> str:
    """A tube as a Mermaid flowchart.

    Args:
        tube: The tube.
    """
    drawing = drawing_of(tube)
    return "\n".join(["flowchart TD", *_inside(drawing.boxes_of, drawing.groups_of, None), *_edges(drawing)]) + "\n"


def _inside(boxes: Boxes, groups: Groups, group: str | None, indent: str = "    ") -> Iterator[str]:
    for box in boxes.get(group, ()):
        left, right = _SHAPES.get(box.kind, _NODE)
        yield f"{indent}{box.key}{left}{'<br/>'.join(map(_escaped, (box.title, box.detail, *box.notes)))}{right}"
    for inner in groups.get(group, ()):
        yield f'{indent}subgraph {inner.key}["{_escaped(inner.title)}"]'
        yield from _inside(boxes, groups, inner.key, f"{indent}    ")
        yield f"{indent}end"


def _edges(drawing: Drawing) -> Iterator[str]:
    for edge in drawing.edges:
        line = "-->" if edge.kind is EdgeKind.value else "-.->"
        label = f'|"{_escaped(edge.label)}"|' if edge.label else ""
        yield f"    {edge.start} {line}{label} {edge.end}"


def _escaped(text: str) -> str:
    """A text that can stand in quotes in Mermaid, which knows the entities of HTML, and others that begin with `#`."""
    return escape(one_line(text).replace("#", "#35;"), quote=False).replace('"', "&quot;")
