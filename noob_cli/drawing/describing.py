"""From a tube to the description of its drawing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from noob_cli.drawing.description import Box, BoxKind, Drawable, Drawing, Edge, EdgeKind, Group
from noob_cli.graph.graph import Argument, GraphAsset, GraphNode
from noob_cli.names import DEFAULT_SIGNAL
from noob_cli.nodes.kinds import Role
from noob_cli.secret_inputs import MASKED, is_secret
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import ASSETS, INPUT, Reference, input_named, inputs_in
from noob_cli.wording import short_repr

_TUBE = "tube"
"""The param of a nested tube that says which tube it is."""


def drawing_of(tube: Drawable, folded: Collection[str] = ()) -> Drawing:
    """What there is to be drawn of a tube.

    Args:
        tube: The tube.
        folded: The names of nested tubes that are one box each; all others are unfolded.
    """
    drawn = _Drawn(folded)
    _TubePart(drawn, tube).draw()
    return Drawing(tube.name, tuple(drawn.boxes), tuple(drawn.groups), tuple(drawn.edges))


def slot_of(argument: Argument) -> str:
    """What the slot of an argument is called: by its parameter, or else by its position."""
    return str(argument.slot if argument.parameter is None else argument.parameter)


class _Drawn:
    """What has been drawn so far of a tube and of those nested in it."""

    def __init__(self, folded: Collection[str]) -> None:
        self.folded = folded
        self.boxes: list[Box] = []
        self.groups: list[Group] = []
        self.edges: list[Edge] = []
        self.titles: dict[str, str] = {}
        self._keys: set[str] = set()

    def box(self, name: str, title: str, kind: BoxKind, detail: str, **more: Any) -> str:
        key = self._key(name if kind in (BoxKind.input, BoxKind.asset) else f"node_{name}")
        self.boxes.append(Box(key, name, title, kind, detail, **more))
        self.titles[key] = title
        return key

    def group(self, name: str, title: str, is_loop: bool, around: str | None, disabled: bool = False) -> str:
        key = self._key(f"in_{name}")
        self.groups.append(Group(key, name, title, is_loop, around, disabled))
        return key

    def _key(self, name: str) -> str:
        key = name.replace(".", "_")
        while key in self._keys:
            key += "_"
        self._keys.add(key)
        return key


class _TubePart:
    """The part of a drawing that one tube is.

    Args:
        drawn: The whole.
        tube: The tube.
        prefix: What stands before the names of what is in it.
        group: The key of the group that it is in.
        around: The inputs of the tubes around it by name, each by the key of its box and its name in the drawing.
        params: What it is given as the params of its node.
    """

    def __init__(
        self,
        drawn: _Drawn,
        tube: Drawable,
        prefix: str = "",
        group: str | None = None,
        around: Mapping[str, tuple[str, str]] | None = None,
        params: Mapping[Any, Any] | None = None,
    ) -> None:
        self._drawn = drawn
        self._tube = tube
        self._prefix = prefix
        self._group = group
        self._around = around or {}
        self._params = params or {}
        self._starts: dict[Reference, str] = {}
        self._nested: dict[str, _TubePart] = {}
        self._boxes: dict[str, str] = {}

    def draw(self) -> None:
        """Draw all of it."""
        graph = self._tube.graph
        for name, spec in graph.inputs.items():
            self._draw_input(name, spec)
        for name, asset in graph.assets.items():
            self._draw_asset(name, asset)
        loops = self._draw_loops()
        for name, node in graph.nodes.items():
            level = self._tube.schedule.loops.levels[name]
            group = loops[level[-1]] if level else self._group
            if name in self._tube.children and self._prefix + name not in self._drawn.folded:
                self._draw_nested(node, group)
            else:
                self._boxes[name] = self._draw_node(node, group)
        for node in graph.nodes.values():
            self._connect_node(node)
        for asset in graph.assets.values():
            self._connect_asset(asset)

    def _draw_input(self, name: str, spec: InputSpecification) -> None:
        title = f"{INPUT}.{name}"
        detail = spec.type_ if spec.scope is InputScope.tube else f"{spec.type_}, with every epoch"
        given = {"given": self._params[name]} if name in self._params else {}
        default = {"default": spec.default} if "default" in spec.model_fields_set else {}
        notes = tuple(_constants(given or default, secret=is_secret(name)))
        key = self._drawn.box(self._prefix + title, title, BoxKind.input, detail, notes=notes, group=self._group)
        self._starts[Reference(INPUT, name)] = key
        if spec.scope is InputScope.tube and name not in self._params and name in self._around:
            start, source = self._around[name]
            target = f"{self._prefix}{name}"
            self._drawn.edges.append(Edge(start, key, source, target, EdgeKind.param, ""))

    def _draw_asset(self, name: str, asset: GraphAsset) -> None:
        title = f"{ASSETS}.{name}"
        self._starts[Reference(ASSETS, name)] = self._drawn.box(
            self._prefix + title,
            title,
            BoxKind.asset,
            f"{asset.spec.type_}, scope {asset.scope.value}",
            notes=tuple(_constants(_items(asset.spec.params))),
            group=self._group,
        )

    def _draw_loops(self) -> dict[str, str]:
        """A group for each loop, by its map, from the outermost in."""
        levels = self._tube.schedule.loops.levels
        keys: dict[str, str] = {}
        loops = dict.fromkeys(name for node in self._tube.graph.nodes for name in levels[node])
        for name in sorted(loops, key=lambda name: len(levels[name])):
            around = keys[levels[name][-1]] if levels[name] else self._group
            keys[name] = self._drawn.group(self._prefix + name, f"for each item of {name}", True, around)
        return keys

    def _draw_node(self, node: GraphNode, group: str | None) -> str:
        return self._drawn.box(
            self._prefix + node.id,
            node.id,
            BoxKind(node.kind.role.value),
            f"{_what(node, self._tube.children)}{_switched(node.spec)}",
            notes=tuple(_constants(_params_of(node))),
            signals=tuple(signal.name for signal in node.kind.interface.signals),
            slots=tuple(dict.fromkeys(map(slot_of, node.arguments))),
            disabled=node.spec.enabled is False,
            group=group,
        )

    def _draw_nested(self, node: GraphNode, group: str | None) -> None:
        name, child = self._prefix + node.id, self._tube.children[node.id]
        title = f"{node.id}: the tube {child.name}{_switched(node.spec)}"
        key = self._drawn.group(name, title, False, group, disabled=node.spec.enabled is False)
        own = {
            input_: (self._starts[Reference(INPUT, input_)], f"{self._prefix}{INPUT}.{input_}")
            for input_, spec in self._tube.graph.inputs.items()
            if spec.scope is InputScope.tube
        }
        part = _TubePart(self._drawn, child, f"{name}.", key, {**self._around, **own}, _params_of(node))
        part.draw()
        self._nested[node.id] = part

    def _connect_node(self, node: GraphNode) -> None:
        name = self._prefix + node.id
        for argument in node.arguments:
            slot = slot_of(argument)
            label = _label(argument.reference, slot, node)
            self._connect(argument.reference, self._end(node.id, slot), f"{name}.{slot}", EdgeKind.value, label)
        switches = {"enabled": node.spec.enabled} if node.id in self._boxes else {}
        for key, value in {**switches, **_params_of(node)}.items():
            self._connect_param(value, self._end(node.id, str(key)), f"{name}.{key}")

    def _connect_asset(self, asset: GraphAsset) -> None:
        name, end = f"{self._prefix}{ASSETS}.{asset.id}", self._starts[Reference(ASSETS, asset.id)]
        if asset.stored is not None:
            signal = () if asset.stored.name == DEFAULT_SIGNAL else (asset.stored.name,)
            self._connect(asset.stored, end, name, EdgeKind.stored, ", ".join([*signal, "next epoch"]))
        for key, value in _items(asset.spec.params).items():
            self._connect_param(value, end, f"{name}.{key}")

    def _connect_param(self, value: Any, end: str, target: str) -> None:
        label = target.rpartition(".")[2]
        for name in dict.fromkeys(name for name, _ in inputs_in(value)):
            self._connect(Reference(INPUT, name), end, target, EdgeKind.param, label)

    def _connect(self, reference: Reference, end: str, target: str, kind: EdgeKind, label: str) -> None:
        start = self._start(reference)
        if start is not None:
            source = f"{self._prefix}{reference}"
            is_said = label == self._drawn.titles[end].rpartition(".")[2]
            self._drawn.edges.append(Edge(start, end, source, target, kind, "" if is_said else label))

    def _start(self, reference: Reference) -> str | None:
        """The box that a value comes from; None for a nested tube that returns nothing."""
        if not reference.is_signal:
            return self._starts[reference]
        nested = self._nested.get(reference.owner)
        if nested is None:
            return self._boxes[reference.owner]
        returned = nested._tube.graph.return_node
        return None if returned is None else nested._boxes[returned.id]

    def _end(self, node: str, slot: str) -> str:
        """The box that gets what a slot, or a param, of a node gets."""
        nested = self._nested.get(node)
        return self._boxes[node] if nested is None else nested._starts[Reference(INPUT, slot)]


def _what(node: GraphNode, children: Mapping[str, Drawable]) -> str:
    return f"the tube {children[node.id].name}" if node.id in children else node.spec.type_


def _switched(spec: NodeSpecification) -> str:
    return "" if spec.enabled is True else ", disabled" if spec.enabled is False else ", optional"


def _params_of(node: GraphNode) -> dict[Any, Any]:
    """The params of a node, without a tube that stands in them."""
    params = _items(node.spec.params)
    return {key: value for key, value in params.items() if node.kind.role is not Role.tube or key != _TUBE}


def _items(params: Mapping[Any, Any] | list[Any] | None) -> dict[Any, Any]:
    return dict(params.items() if isinstance(params, Mapping) else enumerate(params or ()))


def _constants(params: Mapping[Any, Any], secret: bool = False) -> Iterator[str]:
    """The params that are no inputs, a line each."""
    for key, value in params.items():
        if input_named(value) is None:
            shown = repr(MASKED) if (secret or is_secret(str(key))) and value is not None else short_repr(value)
            yield f"{key}: {shown}"


def _label(reference: Reference, slot: str, node: GraphNode) -> str:
    """The signal, unless a node has only that one, and the slot, unless it has no name that tells something."""
    signal = reference.name if reference.is_signal and reference.name != DEFAULT_SIGNAL else ""
    is_told = slot.isdecimal() or (slot == DEFAULT_SIGNAL and node.kind.role in (Role.map, Role.gather, Role.return_))
    return " → ".join(dict.fromkeys(part for part in (signal, "" if is_told else slot) if part))
