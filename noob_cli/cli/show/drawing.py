"""The graph of a tube as text: a tree for the terminal, Mermaid, and Graphviz dot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from noob_cli.named_tuple import NamedTuple
from noob_cli.printable import one_line, printable
from noob_cli.specification.reference import Reference
from noob_cli.tube import Tube


class Shape(Enum):
    """What a box in a drawing stands for."""

    node = "node"
    input = "input"
    asset = "asset"


class Box(NamedTuple):
    """Something in a drawing.

    Args:
        key: What it is called in the drawing, different for each.
        name: Its name.
        detail: What it is: its type, and for an asset its scope.
        shape: What it stands for.
    """

    key: str
    name: str
    detail: str
    shape: Shape


class Arrow(NamedTuple):
    """A value on its way.

    Args:
        start: The key of the box it comes from.
        end: The key of the box it goes to.
        signal: The name of the signal.
        slot: The slot that gets it; None for an asset that it is stored in, where it arrives in the next epoch.
    """

    start: str
    end: str
    signal: str
    slot: str | None = None

    @property
    def label(self) -> str:
        """The signal, and the slot that gets it."""
        return self.signal if self.slot is None else f"{self.signal} → {self.slot}"


@dataclass
class Drawing:
    """What there is to be drawn of a tube.

    Args:
        name: The tube's name.
        key: What it is called in the drawing.
        boxes: Its nodes, inputs and assets, in the order of the file.
        arrows: The values that go from one to another.
        nested: The tubes that are nodes of it, by the key of the node.
    """

    name: str
    key: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    nested: dict[str, Drawing] = field(default_factory=dict)


def drawing_of(tube: Tube, prefix: str = "") -> Drawing:
    """What there is to be drawn of a tube.

    Args:
        tube: The tube.
        prefix: What all keys begin with, for a nested tube.
    """
    drawing = Drawing(tube.name, prefix or "tube")
    for name, spec in tube.graph.inputs.items():
        drawing.boxes.append(Box(_key(prefix, "input", name), f"input.{name}", spec.type_, Shape.input))
    for name, asset in tube.graph.assets.items():
        detail = f"{asset.spec.type_}, scope {asset.scope.value}"
        drawing.boxes.append(Box(_key(prefix, "assets", name), f"assets.{name}", detail, Shape.asset))
        if asset.stored is not None:
            start, end = _key(prefix, "nodes", asset.stored.owner), _key(prefix, "assets", name)
            drawing.arrows.append(Arrow(start, end, asset.stored.name))
    for name, node in tube.graph.nodes.items():
        key = _key(prefix, "nodes", name)
        off = "" if node.spec.enabled is True else ", disabled" if node.spec.enabled is False else ", optional"
        drawing.boxes.append(Box(key, name, f"{node.spec.type_}{off}", Shape.node))
        for argument in node.arguments:
            slot = str(argument.parameter or argument.slot)
            drawing.arrows.append(Arrow(_start(prefix, argument.reference), key, argument.reference.name, slot))
        if name in tube.children:
            drawing.nested[key] = drawing_of(tube.children[name], f"{key}_")
    return drawing


def draw_mermaid(drawing: Drawing) -> str:
    """A drawing as a Mermaid flowchart."""
    return "\n".join(["flowchart TD", *_mermaid_lines(drawing, "    ")]) + "\n"


def draw_dot(drawing: Drawing) -> str:
    """A drawing as a Graphviz digraph."""
    head = [f"digraph {_quoted(drawing.name)} {{", "    node [fontname=sans];", "    edge [fontname=sans];"]
    return "\n".join([*head, *_dot_lines(drawing, "    "), "}"]) + "\n"


def draw_tree(drawing: Drawing) -> str:
    """A drawing as a tree: below each node what it takes, and where that comes from."""
    return "\n".join(map(one_line, [drawing.name, *_tree_lines(drawing, "")])) + "\n"


_MERMAID_SHAPES = {Shape.node: ('["', '"]'), Shape.input: ('(["', '"])'), Shape.asset: ('[("', '")]')}
_DOT_SHAPES = {Shape.node: "box", Shape.input: "ellipse", Shape.asset: "cylinder"}


def _mermaid_lines(drawing: Drawing, indent: str) -> Iterator[str]:
    for box in drawing.boxes:
        left, right = _MERMAID_SHAPES[box.shape]
        yield f"{indent}{box.key}{left}{_escaped(box.name)}<br/>{_escaped(box.detail)}{right}"
    for arrow in drawing.arrows:
        line = "-.->" if arrow.slot is None else "-->"
        yield f'{indent}{arrow.start} {line}|"{_escaped(arrow.label)}"| {arrow.end}'
    for key, nested in drawing.nested.items():
        yield f'{indent}subgraph {nested.key}tube["{_escaped(nested.name)}"]'
        yield from _mermaid_lines(nested, f"{indent}    ")
        yield f"{indent}end"
        yield f"{indent}{key} --- {nested.key}tube"


def _dot_lines(drawing: Drawing, indent: str) -> Iterator[str]:
    for box in drawing.boxes:
        label = _quoted(f"{box.name}\n{box.detail}")
        yield f"{indent}{_quoted(box.key)} [label={label}, shape={_DOT_SHAPES[box.shape]}];"
    for arrow in drawing.arrows:
        style = ", style=dashed" if arrow.slot is None else ""
        yield f"{indent}{_quoted(arrow.start)} -> {_quoted(arrow.end)} [label={_quoted(arrow.label)}{style}];"
    for key, nested in drawing.nested.items():
        yield f"{indent}subgraph {_quoted(f'cluster_{nested.key}')} {{"
        yield f"{indent}    label={_quoted(f'{nested.name}')};"
        yield from _dot_lines(nested, f"{indent}    ")
        yield f"{indent}}}"
        if nested.boxes:
            yield f"{indent}{_quoted(key)} -> {_quoted(nested.boxes[0].key)} [style=dotted, arrowhead=none];"


def _tree_lines(drawing: Drawing, indent: str) -> Iterator[str]:
    names = {box.key: box.name for box in drawing.boxes}
    shown = [box for box in drawing.boxes if box.shape is not Shape.input]
    for place, box in enumerate(shown):
        last = place == len(shown) - 1
        yield f"{indent}{'└── ' if last else '├── '}{box.name} ({box.detail})"
        below = indent + ("    " if last else "│   ")
        arrows = [arrow for arrow in drawing.arrows if arrow.end == box.key]
        nested = drawing.nested.get(box.key)
        for number, arrow in enumerate(arrows):
            end = number == len(arrows) - 1 and nested is None
            source = names.get(arrow.start, arrow.start)
            value = source if source.startswith(("input.", "assets.")) else f"{source}.{arrow.signal}"
            text = f"next epoch: {value}" if arrow.slot is None else f"{arrow.slot}: {value}"
            yield f"{below}{'└── ' if end else '├── '}{text}"
        if nested is not None:
            yield f"{below}└── {nested.name}"
            yield from _tree_lines(nested, f"{below}    ")


def _key(prefix: str, kind: str, name: str) -> str:
    return f"{prefix}{kind}_{name}"


def _start(prefix: str, reference: Reference) -> str:
    kind = reference.owner if not reference.is_signal else "nodes"
    return _key(prefix, kind, reference.name if not reference.is_signal else reference.owner)


def _escaped(text: str) -> str:
    """A text that can stand in quotes in Mermaid, which knows the entities of HTML."""
    return one_line(text).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
