"""Lowering: from the graph of a tube to its plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from noob_cli.assets.registry import Opening
from noob_cli.graph.finish import Finish
from noob_cli.graph.graph import Argument, GraphAsset, GraphNode
from noob_cli.graph.order import execution_order
from noob_cli.nodes.kinds import Making, Role
from noob_cli.plan.naming import Naming
from noob_cli.plan.steps import (
    Binding,
    Call,
    Carried,
    Constant,
    CurrentEpoch,
    Draw,
    Events,
    Expression,
    Fixed,
    Isolate,
    OfAsset,
    OfNode,
    OpenAsset,
    Output,
    Place,
    Plan,
    Record,
    Return,
    Step,
    Store,
    TakeInput,
    Variable,
)
from noob_cli.spec.asset import AssetScope
from noob_cli.spec.input import InputScope
from noob_cli.spec.reference import Reference
from noob_cli.tube import Tube

RUNTIME_NAMES = (
    "NoEvent",
    "Epoch",
    "TubeExhaustedError",
    "adopt",
    "commit",
    "count",
    "copied",
    "emit",
    "end_all",
    "end_epoch",
    "enter",
    "epoch",
    "error",
    "event_of",
    "events",
    "failed",
    "given",
    "inputs",
    "islice",
    "missing_input",
    "notify",
    "over",
    "present",
    "process",
    "records",
    "restore",
    "result",
    "results",
    "run",
    "save",
    "saved",
    "several",
    "silent",
    "source_ended",
    "state",
    "stream",
    "tube",
    "unknown_inputs",
    "values",
)
"""Names that the generated code uses itself."""

_PLAIN = (int, str, bool, bytes, type(None))


def lower(tube: Tube, disabled: Collection[str] = (), listening: bool = False) -> Plan:
    """The plan of a tube.

    Args:
        tube: The tube, its inputs given.
        disabled: The nodes that don't run.
        listening: Whether callbacks want the events.
    """
    return _Lowering(tube, disabled, listening).plan()


@dataclass(frozen=True)
class _Storing:
    """A carried asset whose signal has been emitted by the steps so far."""

    asset: str
    signal: Reference
    pending: Variable


class _Lowering:
    def __init__(self, tube: Tube, disabled: Collection[str], listening: bool) -> None:
        self._tube = tube
        self._graph = tube.graph
        self._listening = listening
        self._order = execution_order(tube.graph)
        self._finish = Finish(tube.graph, self._order, disabled)
        self._running = self._nodes_that_run(disabled)
        self._names = Naming(RUNTIME_NAMES)
        self._bindings: dict[str, Binding] = {}
        self._names_of_objects: dict[int, str] = {}
        self._signals: dict[Reference, Variable] = {}
        self._events: dict[Reference, Variable] = {}
        self._inputs: dict[str, Variable] = {}
        self._assets: dict[str, Variable] = {}
        self._stored: list[_Storing] = []
        self._read = {each.reference for name in self._running for each in self._graph.nodes[name].arguments}
        self._read |= {asset.stored for asset in self._graph.assets.values() if asset.stored}
        self._with_events = {
            each.reference
            for name in self._running
            if self._graph.nodes[name].kind.interface.events is not None
            for each in self._graph.nodes[name].arguments
        }

    def plan(self) -> Plan:
        nodes = [self._graph.nodes[name] for name in self._running]
        self._name_values(nodes)
        inputs = self._take_inputs()
        carried = self._carried(nodes)
        process_assets = self._process_assets(nodes)
        draws: list[Step] = []
        steps: list[Step] = []
        result: Variable | None = None
        for node in nodes:
            if node.is_source:
                draws += [self._draw(node), *self._stores(node), *self._records(node)]
                continue
            if node.kind.role is Role.return_:
                returned = self._return(node)
                result = returned.target
                steps.append(returned)
            else:
                steps += [
                    *self._input_events(node),
                    self._call(node),
                    *self._stores(node),
                    *self._records(node),
                ]
        return Plan(
            self._tube.name,
            tuple(inputs),
            frozenset(self._graph.inputs),
            tuple(draws),
            tuple(process_assets),
            tuple(steps),
            tuple(carried),
            result,
            self._graph.return_node is not None,
            self._bindings,
            self._listening,
            self._finish.has_ended,
        )

    def _nodes_that_run(self, disabled: Collection[str]) -> list[str]:
        """The nodes in order, without those that never run: the disabled ones, and those that need their signals."""
        silent: set[str] = set(disabled)
        for name in self._order:
            for each in self._graph.nodes[name].arguments:
                if not each.optional and each.reference.owner in silent:
                    silent.add(name)
        return [name for name in self._order if name not in silent]

    def _name_values(self, nodes: Sequence[GraphNode]) -> None:
        """Give names to signals first, so that they are called as the file calls their nodes."""
        for node in nodes:
            if node.kind.role is Role.return_:
                continue
            signals = node.kind.interface.signals
            for signal in signals:
                wanted = [node.id] if len(signals) == 1 else [f"{node.id}_{signal.name}"]
                name = self._names.new(*wanted, f"{wanted[0]}_value")
                self._signals[Reference(node.id, signal.name)] = Variable(name, optional=True)

    def _take_inputs(self) -> list[TakeInput]:
        """The inputs that nodes take; each has a value before any record is there."""
        taken = dict.fromkeys(each.name for each in self._read if each.is_input)
        steps = []
        for name in [each for each in self._graph.inputs if each in taken]:
            spec = self._graph.inputs[name]
            variable = Variable(self._names.new(name, f"input_{name}"))
            self._inputs[name] = variable
            default = None
            if spec.scope is InputScope.tube or not spec.required:
                value = self._tube.input.get(name, spec.default)
                default = self._constant(value, f"{variable.name}_given")
            validate = self._tube.adapters[name].validator.validate_python
            validator = self._bind_name(Fixed(validate), f"validate_{name}")
            place = Place("input", name, ("input", name))
            steps.append(TakeInput(place, variable, validator, default))
        return steps

    def _carried(self, nodes: Sequence[GraphNode]) -> list[Carried]:
        carried = []
        running = {node.id for node in nodes}
        for asset in self._graph.assets.values():
            if asset.scope is not AssetScope.runner:
                continue
            name = self._bind_name(OfAsset(asset.id), asset.id, f"asset_{asset.id}")
            self._assets[asset.id] = Variable(name)
            stored = asset.stored
            if stored is None:
                continue
            pending = None
            if stored.owner in running:
                pending = Variable(self._names.new(f"next_{asset.id}"), optional=True)
            stored_at = self._names.new(f"{asset.id}_stored_at")
            carried.append(Carried(asset.id, Variable(name), stored_at, pending))
        self._pending = {each.asset: each.pending for each in carried if each.pending}
        return carried

    def _process_assets(self, nodes: Sequence[GraphNode]) -> list[OpenAsset]:
        """The process-scoped assets that an enabled node takes, in the order of the file."""
        taken = {name for node in nodes for name in node.takes("assets")}
        opened = []
        for asset in self._graph.assets.values():
            if asset.scope is AssetScope.process and asset.id in taken:
                step = self._open(asset)
                self._assets[asset.id] = step.target
                opened.append(step)
        return opened

    def _open(self, asset: GraphAsset) -> OpenAsset:
        target = Variable(self._names.new(asset.id, f"asset_{asset.id}"))
        registry = self._tube.assets
        opening = registry.opening(asset.id)
        make = self._bind(registry.maker(asset.id), *_own_name(registry.maker(asset.id)), f"make_{asset.id}")
        end = None if opening is Opening.plain else self._names.new(f"end_{asset.id}")
        return OpenAsset(Place("asset", asset.id, asset.path), target, make, end, opening)

    def _draw(self, node: GraphNode) -> Draw:
        source = self._bind_name(OfNode(node.id), f"next_{node.id}", f"draw_{node.id}")
        return Draw(_place(node), source, self._output(node), self._finish.has_ended([node.id]))

    def _call(self, node: GraphNode) -> Call:
        function = self._function(node)
        assets = self._node_assets(node)
        local = {**self._assets, **{step.place.name: step.target for step in assets}}
        positional: dict[int, Expression] = {}
        named: list[tuple[str, Expression]] = []
        omitted: list[tuple[str, Variable]] = []
        needs: list[Variable] = []
        values: list[Variable] = []
        for argument in node.arguments:
            variable = self._value(argument.reference, local)
            if variable is None:
                if not argument.omitted:
                    self._place_argument(argument, Constant(None), positional, named)
                continue
            values.append(variable)
            if variable.optional and not argument.optional:
                needs.append(variable)
                variable = Variable(variable.name)
            if argument.omitted and variable.optional:
                omitted.append((str(argument.slot), variable))
            else:
                self._place_argument(argument, variable, positional, named)
        named += self._fixed_arguments(node)
        return Call(
            _place(node),
            function,
            tuple(positional[at] for at in sorted(positional)),
            tuple(named),
            tuple(omitted),
            tuple(dict.fromkeys(needs)),
            self._output(node),
            tuple(assets),
            self._isolates(f"the node '{node.id}'", values),
        )

    def _place_argument(
        self,
        argument: Argument,
        value: Expression,
        positional: dict[int, Expression],
        named: list[tuple[str, Expression]],
    ) -> None:
        if isinstance(argument.slot, int):
            positional[argument.slot] = value
        else:
            named.append((argument.slot, value))

    def _fixed_arguments(self, node: GraphNode) -> list[tuple[str, Expression]]:
        """What a call gets besides the values of its slots: params, the epoch, the events."""
        found: list[tuple[str, Expression]] = []
        if node.kind.making is Making.nothing:
            for name, value in node.params.items():
                found.append((name, self._constant(self._tube.resolved(value), f"{node.id}_{name}")))
        interface = node.kind.interface
        if interface.epoch is not None:
            found.append((interface.epoch, CurrentEpoch()))
        if interface.events is not None:
            events = [
                (str(each.parameter or each.slot), self._events[each.reference])
                for each in node.arguments
                if each.reference in self._events
            ]
            found.append((interface.events, Events(tuple(events))))
        return found

    def _function(self, node: GraphNode) -> str:
        """The name of what is called: the function itself, or a method of the instance that is made at the start."""
        if node.kind.making is Making.instance:
            return self._bind_name(OfNode(node.id), f"{node.id}_{node.kind.method}")
        code = node.kind.code
        return self._bind(code, *_own_name(code), f"call_{node.id}")

    def _node_assets(self, node: GraphNode) -> list[OpenAsset]:
        """The node-scoped assets that a node takes, in the order of the file."""
        taken = node.takes("assets")
        return [
            self._open(asset)
            for asset in self._graph.assets.values()
            if asset.scope is AssetScope.node and asset.id in taken
        ]

    def _stores(self, node: GraphNode) -> Iterable[Store]:
        for asset in self._graph.assets.values():
            stored = asset.stored
            pending = self._pending.get(asset.id)
            if stored is not None and stored.owner == node.id and pending is not None:
                yield Store(_place(node), self._signals[stored], pending)
                self._stored.append(_Storing(asset.id, stored, pending))

    def _isolates(self, receiver: str, values: Sequence[Variable]) -> tuple[Isolate, ...]:
        if not values:
            return ()
        shared = tuple(dict.fromkeys(Variable(each.name) for each in values))
        return tuple(Isolate(each.asset, str(each.signal), each.pending, receiver, shared) for each in self._stored)

    def _return(self, node: GraphNode) -> Return:
        assets = self._node_assets(node)
        local = {**self._assets, **{step.place.name: step.target for step in assets}}
        found = [(each, self._value(each.reference, local)) for each in node.arguments]
        values = [(argument, value) for argument, value in found if value is not None]
        named = any(argument.dependency.named for argument in node.arguments)
        variables = tuple(value for _, value in values)
        optional = any(value.optional for value in variables)
        target = Variable(self._names.new(node.id, f"return_{node.id}"), optional or not values)
        return Return(
            _place(node),
            target,
            tuple(str(argument.slot) for argument, _ in values) if named else None,
            variables,
            single=isinstance(node.spec.depends, str),
            assets=tuple(assets),
            isolates=self._isolates(f"the '{node.id}' node", variables),
        )

    def _records(self, node: GraphNode) -> list[Record]:
        """The events of what a node emits, where somebody wants them."""
        records = []
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            wanted = reference in self._with_events
            if not (wanted or self._listening):
                continue
            value = self._signals[reference]
            target = None
            if wanted:
                target = Variable(self._names.new(f"{value.name}_event"), optional=True)
                self._events[reference] = target
            isolates = self._isolates("a callback", [value]) if self._listening else ()
            records.append(Record(_place(node), node.id, signal.name, value, target, self._listening, isolates))
        return records

    def _input_events(self, node: GraphNode) -> list[Record]:
        """The events of the inputs and assets that a node takes, where it wants them."""
        records: list[Record] = []
        if node.kind.interface.events is None:
            return records
        for argument in node.arguments:
            reference = argument.reference
            value = self._value(reference, self._assets)
            if not reference.is_signal and reference not in self._events and value is not None:
                target = Variable(self._names.new(f"{value.name}_event"))
                self._events[reference] = target
                records.append(Record(_place(node), reference.owner, reference.name, value, target, notify=False))
        return records

    def _value(self, reference: Reference, assets: dict[str, Variable]) -> Variable | None:
        """What holds the value of a reference; None if there never is one."""
        if reference.is_input:
            return self._inputs[reference.name]
        if reference.is_asset:
            return assets.get(reference.name)
        return self._signals.get(reference)

    def _output(self, node: GraphNode) -> Output:
        signals = [Reference(node.id, signal.name) for signal in node.kind.interface.signals]
        wanted = [each in self._read or each in self._with_events or self._listening for each in signals]
        variables = [self._signals[each] if needed else None for each, needed in zip(signals, wanted, strict=True)]
        return Output(tuple(variables), several=len(signals) > 1)

    def _constant(self, value: Any, *wanted: str) -> Constant:
        if isinstance(value, _PLAIN) and type(value) in _PLAIN:
            return Constant(value)
        return Constant(value, self._bind(value, *wanted))

    def _bind(self, value: Any, *wanted: str) -> str:
        """The name of an object; one that has a name already keeps it."""
        if id(value) not in self._names_of_objects:
            self._names_of_objects[id(value)] = self._bind_name(Fixed(value), *wanted)
        return self._names_of_objects[id(value)]

    def _bind_name(self, binding: Binding, *wanted: str) -> str:
        name = self._names.new(*wanted)
        self._bindings[name] = binding
        return name


def _place(node: GraphNode) -> Place:
    return Place("node", node.id, node.path)


def _own_name(code: Any) -> list[str]:
    """The name that the code gives itself, if it does."""
    name = getattr(code, "__name__", None)
    return [name] if isinstance(name, str) and name.isidentifier() else []
