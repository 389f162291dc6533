"""The graph of a tube: nodes, the arguments they are called with, assets and inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import count
from typing import Any

from noob_cli.code.interface import Param, interface_of, params_of
from noob_cli.diagnostics import DocumentPath
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import Making, NodeKind, Role
from noob_cli.specification.asset import AssetScope, AssetSpecification
from noob_cli.specification.input import InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import (
    ASSETS,
    INPUT,
    Dependency,
    Reference,
    dependencies_of,
    inputs_in,
    parse_reference,
)
from noob_cli.specification.tube import TubeSpecification
from noob_cli.spelling import Names
from noob_cli.struct import Struct, field


class Argument(NamedTuple):
    """What one slot of a node gets.

    Args:
        slot: How it is given: the parameter's name, or its position.
        parameter: The name of the parameter; None for one of any number of positions.
        dependency: What the file says.
        optional: Whether the node runs although there is no value.
        omitted: Whether an optional slot without a value is left out of the call, instead of given its default None.
    """

    slot: str | int
    parameter: str | None
    dependency: Dependency
    optional: bool = False
    omitted: bool = False

    @property
    def reference(self) -> Reference:
        """The signal, input or asset that it gets."""
        return self.dependency.reference

    @property
    def means(self) -> str | int:
        """What it has in common with whatever else gives the same argument."""
        return self.slot if self.parameter is None else self.parameter


class Edge(NamedTuple):
    """What a slot of a node is connected to.

    Example:
        >>> [edge.target_slot for edge in tube.edges if edge.source_node == "input"]
        ['left']

    Args:
        source_node: The node that emits; `input` or `assets` for theirs.
        source_signal: Its signal.
        target_node: The node that takes it.
        target_slot: The slot: its name, or its position; None for the only one where `depends` is no list.
        required: Whether the node does not run without it.
    """

    source_node: str
    source_signal: str
    target_node: str
    target_slot: str | int | None
    required: bool = True


class GraphNode(NamedTuple):
    """A node whose code is known.

    Args:
        id: Its name.
        spec: What the file says of it.
        kind: What its code turned out to be.
        place: Where it stands in the file, among the nodes.
        arguments: What its slots get.
    """

    id: str
    spec: NodeSpecification
    kind: NodeKind
    place: int
    arguments: tuple[Argument, ...] = ()

    @property
    def path(self) -> DocumentPath:
        """Where it is in the document."""
        return ("nodes", self.id)

    @property
    def callee(self) -> str:
        """What it calls, as the file names it."""
        tube = (self.spec.params or {}).get("tube") if self.spec.type_ == "tube" else None
        return tube if isinstance(tube, str) else self.spec.type_

    @property
    def is_source(self) -> bool:
        """Whether it draws its values."""
        return self.kind.role is Role.source or self.kind.draws

    @property
    def stateful(self) -> bool:
        """Whether its result depends on the order of its calls."""
        return self.kind.stateful if self.spec.stateful is None else self.spec.stateful

    @property
    def per_worker(self) -> bool:
        """Whether there may be an instance for each of those who work at several epochs at once."""
        kind = self.kind
        if kind.making is not Making.instance or self.stateful or kind.is_drawn or kind.flush is not None:
            return False
        return all(interface_of(getattr(kind.code, name)).context is None for name in (*kind.init, *kind.deinit))

    @property
    def declared(self) -> list[Param]:
        """The fixed arguments that the file gives."""
        params = self.spec.params or {}
        positions: set[int] = set()
        if params and self.kind.is_one_call:
            positions = {argument.slot for argument in self.arguments if isinstance(argument.slot, int)}
        return params_of(params, self.kind.parameters, positions)

    @property
    def params(self) -> Mapping[str | int, Any]:
        """What the code is made with at the start, or the fixed arguments of its calls that no slot supplies.

        They are given by name, or by position.
        """
        supplied = {argument.means for argument in self.arguments} if self.kind.is_one_call else set()
        return {param.slot: param.value for param in self.declared if param.means not in supplied}

    @property
    def is_called_at_start(self) -> bool:
        """Whether it is a generator, which is called once with its arguments, and then drawn from."""
        return self.kind.role is Role.source and self.kind.making is Making.generator

    def inputs_in_params(self) -> list[tuple[str, DocumentPath]]:
        """The inputs that its params name, each with where it stands. A tube that stands in them has its own."""
        params = self.spec.params or {}
        if self.kind.role is Role.tube:
            params = {name: value for name, value in params.items() if name != "tube"}
        return inputs_in(params, (*self.path, "params"))

    def takes(self, owner: str) -> list[str]:
        """The names of the inputs, the assets, or a node's signals that it takes."""
        return [argument.reference.name for argument in self.arguments if argument.reference.owner == owner]


class GraphAsset(NamedTuple):
    """An asset whose code is known.

    Args:
        id: Its name.
        spec: What the file says of it.
        code: What its `type` names.
    """

    id: str
    spec: AssetSpecification
    code: Any

    @property
    def path(self) -> DocumentPath:
        """Where it is in the document."""
        return ("assets", self.id)

    @property
    def stored(self) -> Reference | None:
        """The signal that is stored in the asset at the end of an epoch; None if it is not carried."""
        return None if self.spec.depends is None else parse_reference(self.spec.depends)

    @property
    def scope(self) -> AssetScope:
        """How long an object of it lives."""
        return self.spec.scope

    @property
    def per_worker(self) -> bool:
        """Whether there may be an object for each of those who work at several epochs at once."""
        return self.scope is AssetScope.runner and self.stored is None and self.spec.stateful is False


class Graph(Struct):
    """A tube whose code is known.

    Args:
        nodes: By name, in the order of the file. Those whose code could not be found are not among them.
        assets: By name, in the order of the file, likewise.
        inputs: By name.
        broken: The nodes and assets left out, as document paths.
        spec: What the file says.
    """

    nodes: Mapping[str, GraphNode] = field(factory=dict)
    assets: Mapping[str, GraphAsset] = field(factory=dict)
    inputs: Mapping[str, InputSpecification] = field(factory=dict)
    broken: frozenset[DocumentPath] = frozenset()
    spec: TubeSpecification = field(factory=TubeSpecification)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What the slots of its nodes are connected to, in the order of the file."""
        return tuple(
            Edge(
                *argument.reference,
                node.id,
                None if isinstance(node.spec.depends, str) else argument.slot,
                not argument.optional,
            )
            for node in self.nodes.values()
            for argument in node.arguments
        )

    @property
    def has_source(self) -> bool:
        """Whether one of its nodes draws its values."""
        return any(node.is_source for node in self.nodes.values())

    def suppliers(self, node: GraphNode) -> list[GraphNode]:
        """The nodes whose signals a node takes, each once."""
        owners = dict.fromkeys(argument.reference.owner for argument in node.arguments if argument.reference.is_signal)
        return [self.nodes[owner] for owner in owners if owner in self.nodes]

    def readers(self, asset: str) -> list[GraphNode]:
        """The nodes that take an asset, in the order of the file."""
        return self._readers.get(asset, [])

    def storing(self, asset: GraphAsset) -> GraphNode | None:
        """The node whose signal is stored in an asset."""
        return None if asset.stored is None else self.nodes.get(asset.stored.owner)

    @cached_property
    def names(self) -> Mapping[str, Names]:
        """The names of the entries of each section, of those as well in which something is wrong."""
        whole = {INPUT: self.inputs, ASSETS: self.assets, "nodes": self.nodes}
        return {section: Names([*entries, *self.broken_names[section]]) for section, entries in whole.items()}

    @cached_property
    def broken_names(self) -> Mapping[str, Names]:
        """The names of the entries of each section in which something is wrong."""
        broken: dict[str, list[str]] = {INPUT: [], ASSETS: [], "nodes": []}
        for section, name in self.broken:
            broken[str(section)].append(str(name))
        return {section: Names(sorted(names)) for section, names in broken.items()}

    @cached_property
    def _readers(self) -> dict[str, list[GraphNode]]:
        readers: dict[str, list[GraphNode]] = {}
        for node in self.nodes.values():
            for asset in dict.fromkeys(node.takes("assets")):
                readers.setdefault(asset, []).append(node)
        return readers

    @property
    def return_node(self) -> GraphNode | None:
        """The node that says what an epoch returns; None if there is none."""
        return next((node for node in self.nodes.values() if node.kind.role is Role.return_), None)


def build_graph(
    spec: TubeSpecification, kinds: Mapping[str, NodeKind], codes: Mapping[str, Any], broken: frozenset[DocumentPath]
) -> Graph:
    """The graph of a tube.

    Args:
        spec: What the file says.
        kinds: What the code of each node turned out to be; nodes that are not there are broken.
        codes: What the `type` of each asset names, likewise.
        broken: Entries that could not even be read.
    """
    nodes = {
        name: _node(place, name, node, kinds[name])
        for place, (name, node) in enumerate(spec.nodes.items())
        if name in kinds
    }
    assets = {name: GraphAsset(name, asset, codes[name]) for name, asset in spec.assets.items() if name in codes}
    without_code = {("nodes", name) for name in spec.nodes if name not in kinds}
    without_code |= {("assets", name) for name in spec.assets if name not in codes}
    return Graph(nodes, assets, spec.input, broken | without_code, spec)


def _node(place: int, name: str, spec: NodeSpecification, kind: NodeKind) -> GraphNode:
    dependencies = dependencies_of(spec.depends, ("nodes", name, "depends"))
    if kind.role is Role.return_:
        named = any(dependency.named for dependency in dependencies)
        arguments = [_returned(dependency, named) for dependency in dependencies]
    else:
        arguments = [_argument(dependency, kind) for dependency in dependencies]
    return GraphNode(name, spec, kind, place, tuple(_without_gaps(arguments, kind)))


def _returned(dependency: Dependency, named: bool) -> Argument:
    """A dict has what was emitted; a list, or a single value, needs all of it."""
    return Argument(dependency.slot, str(dependency.slot), dependency, optional=named)


def _argument(dependency: Dependency, kind: NodeKind) -> Argument:
    slot, interface = dependency.slot, kind.interface
    if isinstance(slot, int):
        parameter = interface.positional(slot)
        if parameter is None:
            return Argument(slot, None, dependency)
        # What is given by position is required, but for a gather, which has its own rule.
        optional = kind.role is Role.gather and parameter.optional
        return Argument(slot, parameter.name, dependency, optional)
    parameter = interface.slots.get(slot)
    if parameter is None:
        return Argument(slot, slot, dependency, optional=interface.readable, omitted=interface.readable)
    place = slot if parameter.by_name else interface.position(slot)
    return Argument(place, slot, dependency, optional=parameter.optional)


def _without_gaps(arguments: list[Argument], kind: NodeKind) -> Iterator[Argument]:
    """Positional arguments behind a position that is not given are given by name, where that is possible."""
    positions = {argument.slot for argument in arguments}
    first_gap = next(position for position in count() if position not in positions)
    for argument in arguments:
        slot = argument.slot
        gap = isinstance(slot, int) and slot > first_gap
        parameter = kind.interface.slots.get(argument.parameter or "")
        if gap and parameter is not None and parameter.by_name:
            yield argument._replace(slot=parameter.name)
        else:
            yield argument
