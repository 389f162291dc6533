"""A tube in the language of Graphviz, for whoever wants to lay it out in their own way."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.drawing.describing import drawing_of
from noob_cli.drawing.description import Boxes, BoxKind, Drawable, Drawing, EdgeKind, Groups
from noob_cli.printable import printable

_SHAPES = {BoxKind.input: "ellipse", BoxKind.asset: "cylinder"}
_STYLES = {EdgeKind.value: "", EdgeKind.stored: "dashed", EdgeKind.param: "dotted"}


def dot(tube: Drawable) -> str:
    """A tube as a Graphviz digraph.

    Args:
        tube: The tube.
    """
    drawing = drawing_of(tube)
    head = [f"digraph {_quoted(drawing.name)} {{", "    node [fontname=sans];", "    edge [fontname=sans];"]
    return "\n".join([*head, *_inside(drawing.boxes_of, drawing.groups_of, None), *_edges(drawing), "}"]) + "\n"


def _inside(boxes: Boxes, groups: Groups, group: str | None, indent: str = "    ") -> Iterator[str]:
    for box in boxes.get(group, ()):
        label = _quoted("\n".join([box.title, box.detail, *box.notes]))
        yield f"{indent}{_quoted(box.key)} [label={label}, shape={_SHAPES.get(box.kind, 'box')}];"
    for inner in groups.get(group, ()):
        style = "dashed" if inner.is_loop else "solid"
        yield f"{indent}subgraph {_quoted(f'cluster_{inner.key}')} {{"
        yield f"{indent}    label={_quoted(inner.title)}; style={style};"
        yield from _inside(boxes, groups, inner.key, f"{indent}    ")
        yield f"{indent}}}"


def _edges(drawing: Drawing) -> Iterator[str]:
    for edge in drawing.edges:
        values = {"label": _quoted(edge.label) if edge.label else "", "style": _STYLES[edge.kind]}
        attributes = ", ".join(f"{name}={value}" for name, value in values.items() if value)
        yield f"    {_quoted(edge.start)} -> {_quoted(edge.end)}{f' [{attributes}]' if attributes else ''};"


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
