"""What there is to be drawn of a tube: boxes, groups of boxes, and the edges between boxes. All formats show this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Protocol, TypeVar

from noob_cli.graph.graph import Graph
from noob_cli.graph.schedule import Schedule
from noob_cli.named_tuple import NamedTuple

_Item = TypeVar("_Item")


class Drawable(Protocol):
    """What a drawing needs to know of a tube: a `Tube`, or whatever else has these."""

    @property
    def name(self) -> str:
        """What the tube is called."""

    @property
    def graph(self) -> Graph:
        """Its nodes, assets and inputs."""

    @property
    def schedule(self) -> Schedule:
        """Who has a turn when, and which loops there are."""

    @property
    def children(self) -> Mapping[str, Drawable]:
        """The tubes that are nodes of it."""


class BoxKind(Enum):
    """What a box stands for."""

    input = "input"
    asset = "asset"
    source = "source"
    call = "call"
    return_ = "return"
    map = "map"
    gather = "gather"
    tube = "tube"
    """A nested tube that is not unfolded."""


class Box(NamedTuple):
    """An input, an asset or a node.

    Args:
        key: What it is called in the drawing, different for each.
        name: Its name; what is in a nested tube has the names of the nodes around it before it (`short.mean`).
        title: The name as it is in its tube: `mean`, `input.width`, `assets.window`.
        kind: What it stands for.
        detail: What it is: its type, and for an asset its scope.
        notes: What else the file says of it, a line each: constant params, a default.
        signals: What a node emits.
        slots: What it takes.
        disabled: Whether the file says that it does not run.
        group: The key of the group that it is in; None if it is in none.
    """

    key: str
    name: str
    title: str
    kind: BoxKind
    detail: str
    notes: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    disabled: bool = False
    group: str | None = None


class Group(NamedTuple):
    """Boxes that belong together: what is done for each item of a map, or a nested tube.

    Args:
        key: What it is called in the drawing.
        name: The name of the map, or of the node that is a tube, with the names of the nodes around it.
        title: What it is, in words.
        is_loop: Whether it is the loop of a map; else it is a nested tube.
        around: The key of the group that it is in.
        disabled: Whether the file says that the nested tube does not run.
    """

    key: str
    name: str
    title: str
    is_loop: bool
    around: str | None = None
    disabled: bool = False


Boxes = dict[str | None, list[Box]]
"""The boxes of each group, by its key; None has those that are in none."""

Groups = dict[str | None, list[Group]]
"""The groups in each group, likewise."""


class EdgeKind(Enum):
    """How a value gets from one box to another."""

    value = "value"
    """It is emitted, and taken in the same epoch; or it is an input, or an asset."""
    stored = "stored"
    """It is stored in an asset, where it is in the next epoch."""
    param = "param"
    """It is an input that is given once, as a param."""


class Edge(NamedTuple):
    """A value on its way.

    Args:
        start: The key of the box that it comes from.
        end: The key of the box that gets it.
        source: Where it comes from: `multiply.value`, `input.factor`.
        target: Where it goes to: `return.product`, `assets.total`.
        kind: How it gets there.
        label: What is written beside it.
    """

    start: str
    end: str
    source: str
    target: str
    kind: EdgeKind
    label: str

    @property
    def name(self) -> str:
        """What it is called: `multiply.value->return.product`."""
        return f"{self.source}->{self.target}"


class Drawing(NamedTuple):
    """All that there is to be drawn of a tube.

    Args:
        name: The tube's name.
        boxes: Its inputs, assets and nodes, and those of nested tubes, each section in the order of the file.
        groups: Its loops and nested tubes, each behind the group that it is in.
        edges: The values that go from one box to another.
        has_room: Whether there is room for what is known of a run, at each node and at each edge.
    """

    name: str
    boxes: tuple[Box, ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]
    has_room: bool = False

    @property
    def boxes_of(self) -> Boxes:
        """The boxes of each group, by its key; None has those that are in none."""
        return _by(self.boxes, lambda box: box.group)

    @property
    def groups_of(self) -> Groups:
        """The groups in each group, likewise."""
        return _by(self.groups, lambda group: group.around)


def _by(items: Iterable[_Item], key: Callable[[_Item], str | None]) -> dict[str | None, list[_Item]]:
    parts: dict[str | None, list[_Item]] = {}
    for item in items:
        parts.setdefault(key(item), []).append(item)
    return parts
