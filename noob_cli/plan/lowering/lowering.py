"""Lowering: from the graph of a tube to its plan. Nested tubes are lowered into the plan of the tube around them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from types import BuiltinFunctionType, MappingProxyType
from typing import Any, NamedTuple

from noob_cli.assets.registry import Opening
from noob_cli.code.behind import Manner, expected_of
from noob_cli.code.looking import attribute, is_class
from noob_cli.graph.finish import finish_of
from noob_cli.graph.graph import Argument, Graph, GraphAsset, GraphNode
from noob_cli.graph.loops import Frame
from noob_cli.graph.schedule import Turn
from noob_cli.nodes.kinds import Making, Role
from noob_cli.nodes.methods import called_method
from noob_cli.nodes.operators import sign_of
from noob_cli.nodes.own_events import may_make_events
from noob_cli.nodes.special import COUNT, FLATTEN, ITEMS, TRIGGER
from noob_cli.plan.ending import may_end
from noob_cli.plan.holding import Holding, nodes_in
from noob_cli.plan.keys import ASSET, EPOCH, GATHER, OVER, SOURCE, STORED_AT
from noob_cli.plan.lowering.context import LoweringContext
from noob_cli.plan.lowering.frames import Frames
from noob_cli.plan.passes.coroutines import join_coroutines
from noob_cli.plan.place import Place, place_in
from noob_cli.plan.plan import LookedAt, MakerOf, OfAsset, OfCode, OfNode, Plan, ValidatorOf
from noob_cli.plan.steps import (
    Append,
    Body,
    Call,
    Carried,
    Collected,
    Draw,
    DrawNested,
    Look,
    Nested,
    OpenAsset,
    Push,
    Record,
    Return,
    Scoped,
    Step,
    Store,
    TakeInput,
    TakeItems,
    TakeOut,
)
from noob_cli.plan.values import Constant, CurrentEpoch, Events, Expression, Keyword, Output, Variable
from noob_cli.specification.asset import AssetScope
from noob_cli.specification.input import InputScope
from noob_cli.specification.reference import Reference
from noob_cli.tube import Tube

_FEW = 8
"""Up to how many sources of a tube it is known of each, from the start, whether the tube ends with it."""

_EXACT_SCHEMAS = ("bool", "float", "int", "str")
"""The types of input that pydantic makes an instance of itself, and of no subclass."""

_LITERALS = (int, str, bool, bytes, type(None))


def lower(
    tube: Tube,
    disabled: Collection[str] = (),
    listening: bool = False,
    tracing: bool = False,
    undoing: bool = False,
    timing: bool = False,
    ended: Mapping[str, Collection[str]] = MappingProxyType({}),
    flushing: str | None = None,
) -> Plan:
    """The plan of a tube.

    Args:
        tube: The tube, its inputs given.
        disabled: The nodes that don't run.
        listening: Whether callbacks want the events.
        tracing: Whether events, and the making and ending of assets, are told as they happen, to who keeps nothing.
        undoing: Whether a failed epoch also undoes what was changed in place in carried assets.
        timing: Whether the calls of nodes are measured.
        ended: The nodes that have ended, for the tube and those nested in it, by name.
        flushing: The node that is flushed in the epoch, which is a last one; else None.
    """
    shared = LoweringContext(listening, tracing, undoing, timing, ended)
    body = _Lowering(tube, disabled, shared, flushing=tuple(flushing.split(".")) if flushing else ()).body()
    return Plan(
        tube.name,
        body,
        tuple(shared.state),
        frozenset(tube.graph.inputs),
        tube.graph.return_node is not None,
        shared.bindings,
        shared.notifying,
        tracing,
        frozenset(shared.timed),
        shared.finish,
        shared.awaits,
        flushing=flushing,
    )


class Refilled(NamedTuple):
    """What a source has emitted, or a record has brought: it may be filled again when the epoch is over.

    Args:
        place: The source or the input.
        value: What holds it.
        unless: What it is if nobody has given it anew.
    """

    place: Place
    value: Variable
    unless: Variable | None = None


class _Lowering:
    """Lowers one tube.

    Args:
        tube: The tube.
        disabled: The nodes that don't run.
        shared: What it has in common with the tubes around it.
        around: The names of the nodes around it, if it is nested.
        given: For a nested tube, what it is given for each of its process-scoped inputs.
        levels: For a nested tube, what is stored in the tubes around it.
        refilled: For a nested tube, what may be refilled around it.
        is_repeated: Whether it may be called several times in an epoch.
        flushing: In a last epoch, the node that is flushed, or the nested tube that it is in, then its name there.
    """

    def __init__(
        self,
        tube: Tube,
        disabled: Collection[str],
        shared: LoweringContext,
        around: tuple[str, ...] = (),
        given: Mapping[str, Variable] | None = None,
        levels: tuple[tuple[Holding, str], ...] = (),
        refilled: Sequence[Refilled] = (),
        is_repeated: bool = False,
        flushing: tuple[str, ...] = (),
    ) -> None:
        self._tube = tube
        self._place_at = cache(partial(place_in, tube.document))
        self._graph = tube.graph
        self._shared = shared
        self._around = around
        self._given = given
        self._flushing = flushing
        self._disabled = disabled
        self._schedule = tube.schedule
        self._loops = self._schedule.loops
        order = list(self._schedule.nodes())
        self._finish = finish_of(tube.graph, order, disabled)
        shared.finish[".".join(around)] = self._finish
        self._running = _nodes_that_run(self._graph, order, disabled, self._loops.levels, flushing)
        self._frames = Frames(shared.names)
        self._returned_signals: dict[str, Variable] = {}
        self._holding = Holding(shared.names, levels)
        self._is_repeated = is_repeated
        self._repeated: dict[str, Variable] = {}
        self._signals: dict[Reference, Variable] = {}
        self._events: dict[Reference, Variable] = {}
        self._epochs: dict[Reference, Variable] = {}
        self._inputs: dict[str, Variable] = {}
        self._assets: dict[str, Variable] = {}
        self._asset_order = {name: at for at, name in enumerate(self._graph.assets)}
        self._drawn: list[Variable] = []
        self._refilled: list[Refilled] = []
        self._refilled_around = refilled
        self._bodies: dict[str, tuple[_Lowering, Body]] = {}
        nodes = [self._graph.nodes[name] for name in self._running]
        self._nodes = nodes
        self._making_events = {node.id for node in nodes if may_make_events(node.kind)}
        self._stored_from: dict[str, list[GraphAsset]] = {}
        for asset in self._graph.assets.values():
            if asset.stored is not None:
                self._stored_from.setdefault(asset.stored.owner, []).append(asset)
        called = [node for node in nodes if not node.is_called_at_start]
        self._read = {argument.reference for node in called for argument in node.arguments}
        self._read |= {asset.stored for asset in self._graph.assets.values() if asset.stored}
        # Who runs the outermost tube draws from nothing that it returns.
        takers = [node for node in called if around or node.kind.role is not Role.return_]
        self._taken = {argument.reference.owner for node in takers for argument in node.arguments}
        self._taken |= {asset.stored.owner for asset in self._graph.assets.values() if asset.stored}
        self._with_events = {
            argument.reference
            for node in nodes
            if node.kind.interface.events is not None
            for argument in node.arguments
        }
        if shared.timing:
            shared.timed |= {self._qualified(node.id) for node in nodes if node.kind.role is not Role.return_}
        name = "_".join(around)
        self._counter = shared.keep((EPOCH, self._qualified()), f"{name}_epoch" if name else "epoch")
        self._over = shared.keep((OVER, self._qualified()), f"{name}_over" if name else "over")

    def body(self) -> Body:
        """What happens in an epoch of the tube."""
        self._name_values()
        inputs = list(self._take_inputs())
        if self._given is None:
            self._refilled += self._brought(inputs)
        carried = list(self._carried())
        self._pending = {each.asset: each.pending for each in carried if each.pending is not None}
        assets = list(self._process_assets())
        draws = () if self._flushing else tuple(self._draws())
        self._take_turns(self._schedule.turns, ())
        result = self._returned()
        self._look_at_what_may_be_refilled()
        steps, carried = self._stored_directly(self._frames.steps(join_coroutines), carried)
        return Body(
            self._qualified(),
            self._counter,
            self._over,
            bool(draws) or (not self._flushing and self._can_end(steps)),
            tuple(inputs),
            draws,
            tuple(assets),
            (
                *(self._pending[name] for name in self._stored_in_loops()),
                *self._holding.kept_of_nested,
                *(self._shared.redrawn.values() if self._given is None else ()),
            ),
            steps,
            tuple(map(self._kept, carried)),
            result,
            self._holding.lookup,
        )

    def _can_end(self, steps: Iterable[Step]) -> bool:
        """Whether a tube that draws nothing can be over when it has its turn.

        It can be if it has ended before, or if it is called again in the epoch in which one of its nodes ends it; so it
        can if a tube in it does.
        """
        path = self._qualified()
        if any(body.can_end for _, body in self._bodies.values()):
            return True
        return self._finish.has_ended(self._shared.ended.get(path, ())) or (self._is_repeated and may_end(steps))

    # Names

    def _qualified(self, name: str = "") -> str:
        """The name of a node or an asset with those of the nodes around its tube."""
        return ".".join([*self._around, name] if name else self._around)

    def _wanted(self, name: str) -> str:
        return "_".join([*self._around, name])

    def _place(self, what: str, name: str, *path: str) -> Place:
        return self._place_at(what, self._qualified(name), path)

    def _node_place(self, node: GraphNode) -> Place:
        return self._place("node", node.id, *map(str, node.path))

    def _asset_place(self, asset: GraphAsset) -> Place:
        return self._place("asset", asset.id, *map(str, asset.path))

    def _name_values(self) -> None:
        """Give names to signals first, so that they are called as the file calls their nodes."""
        for node in self._nodes:
            if node.kind.role is Role.return_:
                continue
            signals = node.kind.interface.signals
            for signal in signals:
                is_only = len(signals) == 1 or (node.kind.role is Role.map and signal.name == ITEMS)
                wanted = self._wanted(node.id if is_only else f"{node.id}_{signal.name}")
                name = self._shared.names.new(wanted, f"{wanted}_value")
                self._define(Reference(node.id, signal.name), Variable(name, optional=True))

    def _define(self, reference: Reference, variable: Variable) -> None:
        """Say what holds a signal."""
        self._signals[reference] = variable
        self._frames.define(reference, variable, self._frame_of(reference))

    def _frame_of(self, reference: Reference) -> Frame:
        return self._loops.frame_of(self._graph, reference)

    # Inputs and assets

    def _take_inputs(self) -> Iterator[TakeInput]:
        """The inputs that come with every epoch, which are validated in any case, and the others that nodes take."""
        taken = {each.name for each in self._read if each.is_input}
        for name, spec in self._graph.inputs.items():
            if self._flushing if spec.scope is InputScope.process else name not in taken:
                continue
            wanted = self._wanted(name)
            given = None if self._given is None else self._given.get(name)
            adapter = self._tube.adapters[name]
            schema = adapter.core_schema
            exact = schema["type"] if schema["type"] in _EXACT_SCHEMAS and len(schema) == 1 else None
            if given is not None and spec.required and self._tube.takes_anything(name):
                self._inputs[name] = Variable(given.name)
                continue
            variable = Variable(self._shared.names.new(wanted, f"{wanted}_input"))
            self._inputs[name] = variable
            default: Constant | None = None
            fresh = False
            if spec.scope is InputScope.tube:
                default = self._constant(self._tube.input[name], f"{variable.name}_given")
            elif not spec.required:
                fresh = type(self._tube.defaults[name]) not in _LITERALS
                value = spec.default if fresh else self._tube.defaults[name]
                default = self._constant(value, f"{variable.name}_given")
            # What comes from a record is validated before anything is made, so that its error can be told later.
            place = self._place("input", name, "input", name)
            yield TakeInput(
                place,
                variable,
                self._shared.bind(ValidatorOf(place.name, spec.type_), f"validate_{wanted}"),
                default,
                given,
                fresh=fresh,
                exact=exact,
            )

    def _carried(self) -> Iterator[Carried]:
        """The runner-scoped assets get their names; those that a signal is stored in are carried."""
        for asset in self._graph.assets.values():
            if asset.scope is not AssetScope.runner:
                continue
            qualified, wanted = self._qualified(asset.id), self._wanted(asset.id)
            stored = asset.stored
            if stored is None:
                name = self._shared.bind(OfAsset(qualified), wanted, f"{wanted}_asset")
                self._assets[asset.id] = Variable(name)
                continue
            keep = self._shared.keep_undoable if self._around else self._shared.keep
            key, names = (ASSET, qualified), (wanted, f"{wanted}_asset")
            if self._shared.undoing and self._may_change(asset):
                name = self._shared.keep_undoable(key, *names, copied=self._asset_place(asset))
            else:
                name = keep(key, *names)
            stored_at = keep((STORED_AT, qualified), f"{name}_stored_at")
            self._assets[asset.id] = Variable(name)
            pending = None
            if stored in self._signals:
                pending = Variable(self._shared.names.new(f"next_{name}"), optional=True)
                self._holding.add_own(qualified, self._qualified(str(stored)), stored.owner, pending)
            yield Carried(asset.id, name, stored_at, pending)

    def _may_change(self, asset: GraphAsset) -> bool:
        """Whether a node gets the asset's object; what is only returned is not changed."""
        return any(asset.id in node.takes("assets") for node in self._nodes if node.kind.role is not Role.return_)

    def _process_assets(self) -> Iterator[OpenAsset]:
        """The process-scoped assets that an enabled node takes, in the order of the file."""
        enabled = (node for node in self._graph.nodes.values() if node.id not in self._disabled)
        taken = {name for node in enabled for name in node.takes("assets")}
        for asset in self._graph.assets.values():
            if asset.scope is AssetScope.process and asset.id in taken:
                step = self._open(asset)
                self._assets[asset.id] = step.target
                yield step

    def _open(self, asset: GraphAsset) -> OpenAsset:
        wanted = self._wanted(asset.id)
        target = Variable(self._shared.names.new(wanted, f"{wanted}_asset"))
        registry = self._tube.assets
        opening = registry.opening(asset.id)
        self._shared.awaits |= opening is Opening.unknown
        maker = registry.maker(asset.id)
        binding = MakerOf(self._qualified(asset.id), str(asset.spec.type_))
        make = self._shared.bind_code(maker, binding, *_own_name(maker), f"make_{wanted}")
        end = None if opening is Opening.plain else self._shared.names.new(f"end_{wanted}")
        return OpenAsset(self._asset_place(asset), target, make, end, opening, registry.enter(asset.id))

    def _node_assets(self, node: GraphNode) -> dict[str, OpenAsset]:
        """The node-scoped assets that a node takes, in the order of the file."""
        taken = [self._graph.assets[name] for name in dict.fromkeys(node.takes("assets"))]
        taken.sort(key=lambda asset: self._asset_order[asset.id])
        return {asset.id: self._open(asset) for asset in taken if asset.scope is AssetScope.node}

    # Turns

    def _take_turns(self, turns: Iterable[Turn], frame: Frame) -> None:
        for turn in turns:
            if turn.node is not None:
                if turn.node in self._running:
                    self._take_turn(self._graph.nodes[turn.node], frame)
            elif turn.loop is not None:
                self._loop(turn, turn.loop, frame)

    def _take_turn(self, node: GraphNode, frame: Frame) -> None:
        role = node.kind.role
        if role is Role.return_:
            return
        if role is Role.call and self._flushing == (node.id,):
            self._add(frame, self._flush(node))
        elif role is Role.call:
            self._add(frame, *self._input_events(node, frame), self._call(node, frame))
        elif role is Role.gather:
            self._gather(node, frame)
            if node.id in self._loops.closes:
                return
        elif role is Role.tube:
            self._add(frame, self._nested(node, frame))
        self._add(frame, *self._taken_out(node, frame))
        self._emitted(node, frame)

    def _emitted(self, node: GraphNode, frame: Frame, names: Collection[str] | None = None) -> None:
        """What follows when a node has emitted: values are stored, and events made."""
        self._add(frame, *self._stores(node, frame, names))
        self._hold(node, names)
        self._add(frame, *self._records(node, frame, names))

    def _loop(self, turn: Turn, loop: tuple[str, int], frame: Frame) -> None:
        name, _ = loop
        if name not in self._running:
            return
        inner = (*frame, loop)
        node = self._graph.nodes[name]
        place = self._node_place(node)
        item = Reference(name, ITEMS)
        if not frame:
            self._hold_all_in(loop)
        if turn.begins:
            self._take_items(node, frame, place)
        items = self._frames.read((name, "items"), frame)
        read = item in self._read or self._is_watched(item)
        self._frames.open_loop(inner, place, items, self._signals[item] if read else None, item)
        if turn.begins:
            self._emitted(node, inner, [ITEMS])
        self._take_turns(turn.body, inner)
        for gather in self._nodes:
            if self._loops.closes.get(gather.id) == name and self._loops.frames[gather.id][: len(inner)] == inner:
                self._close(gather, items, frame)

    def _take_items(self, node: GraphNode, frame: Frame, place: Place) -> None:
        """The turn of a map itself."""
        reference = Reference(node.id, COUNT)
        number = None
        if reference in self._read or self._is_watched(reference):
            number = self._signals[reference]
        items = Variable(self._shared.names.new(f"{self._wanted(node.id)}_items"))
        self._frames.define((node.id, "items"), items, frame)
        assets = self._node_assets(node)
        value = self._argument(node, "value", frame, assets)
        assert value is not None
        isolates = self._isolates(node, f"the map '{self._qualified(node.id)}'", [value])
        self._add_scoped(frame, place, assets, *isolates, TakeItems(place, value, items, number))
        self._emitted(node, frame, [COUNT])

    def _add(self, frame: Frame, *steps: Step) -> None:
        self._frames.add(frame, *steps)

    def _add_scoped(self, frame: Frame, place: Place, assets: Mapping[str, OpenAsset], *steps: Step) -> None:
        """Add steps of a node that takes node-scoped assets, if it does."""
        opened = tuple(assets.values())
        self._add(frame, *([Scoped(place, opened, steps)] if opened else steps))

    # Calls

    def _draws(self) -> Iterator[Draw | DrawNested]:
        """What is drawn; a nested tube has its turn with the sources, and each of them stores before the next."""
        for node in self._nodes:
            if node.is_source:
                draw = self._draw(node)
                if isinstance(draw, Draw):
                    emitted = [each for each in draw.output.variables if each is not None]
                    self._drawn += emitted
                    self._refilled += [Refilled(draw.place, each) for each in emitted]
                yield draw
                self._hold(node)
        self._holding.forget()

    def _draw(self, node: GraphNode) -> Draw | DrawNested:
        # With many sources, that is looked at when one ends.
        sources = sum(each.is_source for each in self._nodes)
        ends = sources <= _FEW and self._finish.has_ended([node.id])
        if node.kind.role is Role.tube:
            _, body = self._nested_body(node, {}, ())
            return DrawNested(self._node_place(node), body.counter, body.over, body.draws, ends)
        is_count = node.kind.code is itertools.count
        # It does nothing but add; what `depends` gives is not known.
        if ends and is_count and not node.arguments:
            params = self._tube.resolved(dict(node.params)).values()
            if all(type(each) in (int, float) for each in params):
                reference = Reference(node.id, "value")
                self._define(reference, Variable(self._signals[reference].name))
        wanted = self._wanted(node.id)
        source = self._shared.keep((SOURCE, self._qualified(node.id)), f"{wanted}_source")
        self._shared.awaits |= node.kind.coroutine
        return Draw(self._node_place(node), source, self._output(node), ends, node.kind.coroutine, not is_count)

    def _call(self, node: GraphNode, frame: Frame) -> Call:
        assets = self._node_assets(node)
        by_name: dict[str, Expression] = {}
        by_position: dict[int, Expression] = {}
        omitted: set[str] = set()
        needs: list[Variable] = []
        values: list[Variable] = []
        for argument in node.arguments:
            variable = self._value(argument.reference, frame, assets)
            if variable is None:
                if not argument.omitted:
                    _put(argument, Constant(None), by_position, by_name)
                continue
            values.append(variable)
            if variable.optional and not argument.optional:
                needs.append(variable)
                variable = Variable(variable.name)
            if argument.omitted and variable.optional:
                omitted.add(str(argument.slot))
            _put(argument, variable, by_position, by_name)
        for slot, expression in self._fixed_arguments(node, frame):
            if isinstance(slot, int):
                by_position[slot] = expression
            else:
                by_name[slot] = expression
            # What stands for an input may be what an asset is to store.
            if isinstance(expression, Constant) and expression.name and isinstance(node.params.get(slot), str):
                values.append(Variable(expression.name))
        positional = tuple(_in_positions(node, by_position, by_name))
        are_operands = not by_name and all(isinstance(each, Variable) and not each.optional for each in positional)
        self._shared.awaits |= node.kind.coroutine
        sign = sign_of(node.kind.code, len(positional)) if are_operands else None
        return Call(
            self._node_place(node),
            self._function(node) if sign is None else sign,
            positional,
            tuple(itertools.starmap(Keyword, by_name.items())),
            frozenset(omitted),
            tuple(dict.fromkeys(needs)),
            self._output(node),
            tuple(assets.values()),
            self._isolates(node, f"the node '{self._qualified(node.id)}'", values),
            node.kind.coroutine,
            self._stored_in(node),
            self._qualified(node.id) if node.stateful else None,
            is_operator=sign is not None,
        )

    def _flush(self, node: GraphNode) -> Call:
        """The call of a class node in its last epoch."""
        assert node.kind.flush is not None
        assert node.kind.cls is not None
        expected, interface = called_method(node.kind.cls, node.kind.flush)
        epoch = interface.epoch
        is_awaited = expected.manner is Manner.coroutine
        self._shared.awaits |= is_awaited
        wanted = f"{self._wanted(node.id)}_{node.kind.flush}"
        return Call(
            self._node_place(node),
            self._shared.bind(OfNode(self._qualified(node.id), flush=True), wanted),
            named=() if epoch is None else (Keyword(epoch, CurrentEpoch(self._counter)),),
            output=self._output(node),
            awaited=is_awaited,
            stored_in=self._stored_in(node),
            keeps=self._qualified(node.id) if node.stateful else None,
        )

    def _stored_in(self, node: GraphNode) -> frozenset[str]:
        """The carried assets that a node stores in, by the names that their readers take them by."""
        return frozenset(
            self._assets[asset.id].name for asset in self._stored_from.get(node.id, ()) if asset.id in self._pending
        )

    def _fixed_arguments(self, node: GraphNode, frame: Frame) -> Iterator[tuple[str | int, Expression]]:
        """What a call gets besides the values of its slots: params, the epoch, the events."""
        if node.kind.is_one_call:
            for slot, value in node.params.items():
                yield slot, self._constant(self._tube.resolved(value), f"{self._wanted(node.id)}_{slot}")
        interface = node.kind.interface
        if interface.epoch is not None:
            yield interface.epoch, self._epoch_in(frame)
        if interface.events is not None:
            events = [
                (str(each.parameter or each.slot), self._frames.read(("event", each.reference), frame))
                for each in node.arguments
                if each.reference in self._events
            ]
            given = {each.slot: str(each.parameter) for each in node.arguments if isinstance(each.slot, int)}
            yield interface.events, Events(tuple(events), tuple(given[at] for at in sorted(given)))

    def _function(self, node: GraphNode) -> str:
        """The name of what is called: the function itself, or a method of the instance that is made at the start."""
        looked_at = self._looked_at(node)
        if node.kind.making is not Making.nothing:
            wanted = f"{self._wanted(node.id)}_{node.kind.method or 'call'}"
            return self._shared.bind(OfNode(self._qualified(node.id), looked_at), wanted)
        binding = OfCode(self._qualified(node.id), str(node.spec.type_), looked_at)
        return self._shared.bind_code(
            node.kind.code, binding, *_own_name(node.kind.code), f"call_{self._wanted(node.id)}"
        )

    def _looked_at(self, node: GraphNode) -> LookedAt | None:
        """What is looked for in the first value of a node: what nobody could draw from, or await."""
        is_plain_call = node.kind.making is Making.nothing
        makes_none = is_plain_call and (is_class(node.kind.code) or type(node.kind.code) is BuiltinFunctionType)
        if node.kind.coroutine or makes_none or node.id in self._taken:
            return None
        is_generator = not node.arguments or expected_of(node.kind.code).draws
        return LookedAt.generators if is_generator else LookedAt.coroutines

    def _output(self, node: GraphNode) -> Output:
        variables = []
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            variables.append(self._signals[reference] if self._is_wanted(reference) else None)
        several = len(variables) > 1
        named = several and node.id in self._making_events
        names = tuple(each.name for each in node.kind.interface.signals) if named else ()
        return Output(tuple(variables), several, names)

    def _is_watched(self, reference: Reference) -> bool:
        return self._shared.notifying or reference in self._with_events

    def _is_wanted(self, reference: Reference) -> bool:
        """Whether anything looks at what a signal emits."""
        return reference in self._read or self._is_watched(reference) or self._shared.timing

    def _value(
        self, reference: Reference, frame: Frame, assets: Mapping[str, OpenAsset] | None = None
    ) -> Variable | None:
        """What holds the value of a reference in a frame; None if there never is one."""
        if reference.is_input:
            return self._inputs.get(reference.name)
        if reference.is_asset:
            if assets is not None and reference.name in assets:
                return assets[reference.name].target
            return self._assets.get(reference.name)
        return self._frames.read(reference, frame) if reference in self._signals else None

    def _argument(self, node: GraphNode, slot: str, frame: Frame, assets: Mapping[str, OpenAsset]) -> Variable | None:
        """What holds the value that a slot gets in a frame; None if there never is one."""
        for argument in node.arguments:
            if argument.parameter == slot:
                return self._value(argument.reference, frame, assets)
        return None

    # Gathers

    def _gather(self, node: GraphNode, frame: Frame) -> None:
        place = self._node_place(node)
        is_last = self._flushing == (node.id,)
        assets = {} if is_last else self._node_assets(node)
        value = None if is_last else self._argument(node, "value", frame, assets)
        taken = [] if is_last else [self._argument(node, slot, frame, assets) for slot in ("value", COUNT, TRIGGER)]
        isolates = self._isolates(
            node, f"the gather '{self._qualified(node.id)}'", [each for each in taken if each is not None]
        )
        params = self._tube.resolved(node.spec.params or {})
        if node.id in self._loops.closes:
            level = len(self._frame_of(Reference(node.id, "value")))
            name = f"{self._wanted(node.id)}_all"
            collected = self._frames.collect_events((node.id, "collected"), name, frame, level, place)
            if value is not None:
                append = Append(place, collected, value, flatten=bool(params.get(FLATTEN, False)))
                self._add_scoped(frame, place, assets, *isolates, append)
            return
        wanted = self._wanted(node.id)
        number: Expression | None = self._argument(node, COUNT, frame, assets)
        if number is None and COUNT in params:
            number = self._constant(params[COUNT], f"{wanted}_n")
        (target,) = self._output(node).variables
        kept = self._shared.keep_undoable((GATHER, self._qualified(node.id)), f"{wanted}_kept", grows=True)
        self._add_scoped(
            frame,
            place,
            assets,
            *isolates,
            Push(
                place,
                kept,
                value,
                number,
                self._argument(node, TRIGGER, frame, assets),
                target,
                flatten=bool(params.get(FLATTEN, False)),
                flush=is_last,
            ),
        )

    def _close(self, gather: GraphNode, items: Variable, frame: Frame) -> None:
        """A gather emits what was collected of all items, when they are through."""
        target = self._output(gather).variables[0]
        params = self._tube.resolved(gather.spec.params or {})
        values = self._frames.collected((gather.id, "collected"))
        if target is not None:
            place = self._node_place(gather)
            flatten = bool(params.get(FLATTEN, False))
            self._add(frame, Collected(place, target, values, items, flatten))
            self._emitted(gather, frame)

    # Nested tubes

    def _nested_body(self, node: GraphNode, given: Mapping[str, Variable], frame: Frame) -> tuple[_Lowering, Body]:
        if node.id not in self._bodies:
            tube = self._tube.children[node.id]
            lowering = _Lowering(
                tube,
                tube.disabled,
                self._shared,
                (*self._around, node.id),
                given,
                self._holding.levels(node.id),
                (*self._refilled_around, *self._refilled),
                is_repeated=self._is_repeated or bool(frame),
                flushing=self._flushing[1:] if self._flushing[:1] == (node.id,) else (),
            )
            self._bodies[node.id] = (lowering, lowering.body())
        return self._bodies[node.id]

    def _nested(self, node: GraphNode, frame: Frame) -> Nested:
        given: dict[str, Variable] = {}
        needs: list[Variable] = []
        is_last = self._flushing[:1] == (node.id,)
        assets = {} if is_last else self._node_assets(node)
        for argument in () if is_last else node.arguments:
            variable = self._value(argument.reference, frame, assets)
            if variable is not None:
                given[str(argument.parameter)] = variable
                if variable.optional and not argument.optional:
                    needs.append(variable)
        lowering, body = self._nested_body(node, given, frame)
        results: list[Variable | None] = []
        outputs: list[Variable] = []
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            value = lowering.returned.get(signal.name)
            is_kept = value is not None and value.name in {each.current for each in body.carried}
            is_there = value is not None and not (value.optional or needs or body.can_end or is_kept)
            if value is not None and is_there and not self._shared.timing:
                # What it returns in any case is its signal.
                self._define(reference, value)
                continue
            if self._is_wanted(reference):
                results.append(value)
                outputs.append(self._signals[reference])
        place = self._node_place(node)
        isolates: tuple[Look, ...] = ()
        if lowering.is_repeated and not node.is_source:
            isolates = self._holding.isolates(place, nodes_in(node.id), None, self._drawn_in(lowering))
        is_drawn = node.is_source and not self._flushing
        return Nested(
            place,
            tuple(dict.fromkeys(needs)),
            tuple(assets.values()),
            isolates,
            body.replace(draws=()) if is_drawn else body,
            tuple(results),
            tuple(outputs),
            is_drawn,
        )

    # Storing

    def _hold(self, node: GraphNode, names: Collection[str] | None = None) -> None:
        """From here on, what a node has emitted is to be stored."""
        for asset in self._stored_from.get(node.id, ()):
            pending = self._pending.get(asset.id)
            assert asset.stored is not None
            if pending is not None and (names is None or asset.stored.name in names):
                self._holding.store(pending)
        if node.kind.role is Role.tube:
            self._holding.store_nested(node.id)

    def _hold_all_in(self, loop: tuple[str, int]) -> None:
        """What stands anywhere in a loop may have stored for the item before."""
        for name in self._stored_in_loops():
            stored = self._graph.assets[name].stored
            if stored is not None and self._frame_of(stored)[0] == loop:
                self._holding.store(self._pending[name])
        for node in self._nodes:
            if node.kind.role is Role.tube and self._loops.frames[node.id][:1] == (loop,):
                names = _carried_in(self._tube.children[node.id], self._qualified(node.id))
                self._holding.will_store_nested(node.id, list(names))

    def _kept(self, carried: Carried) -> Carried:
        """What is carried in a nested tube, with what those around it know it by."""
        stored = self._graph.assets[carried.asset].stored
        if carried.pending is None:
            return carried
        asset, signal = self._qualified(carried.asset), self._qualified(str(stored))
        return carried.replace(kept=self._holding.kept(asset, signal, Variable(carried.current)))

    def _look_at_what_may_be_refilled(self) -> None:
        """At the end, what sources have emitted, or the record has brought, is looked for in what is to be stored."""
        for each in (*self._refilled_around, *self._refilled):
            self._add((), *self._holding.looks(each.place, None, None, [each.value], unless=each.unless))
        for name, (lowering, _) in self._bodies.items():
            if not self._holding.is_empty:
                place = self._node_place(self._graph.nodes[name])
                self._add((), *self._holding.looks(place, nodes_in(name), None, self._drawn_in(lowering)))

    def _brought(self, inputs: Iterable[TakeInput]) -> Iterator[Refilled]:
        """What comes with the record; what is given once does not."""
        for each in inputs:
            name = str(each.place.path[-1])
            unless = None
            if self._graph.inputs[name].scope is InputScope.tube and each.default and each.default.name:
                unless = Variable(each.default.name)
            yield Refilled(self._place("input", name, "input", name), each.target, unless)

    def _drawn_in(self, lowering: _Lowering) -> list[Variable]:
        """What the sources of a nested tube have made, looked for from outside."""
        drawn = lowering.drawn
        self._shared.redrawn |= {each.name: each for each in drawn}
        return drawn

    @property
    def is_repeated(self) -> bool:
        """For a nested tube: whether it may be called several times in an epoch."""
        return self._is_repeated

    @property
    def drawn(self) -> list[Variable]:
        """For a nested tube: what its sources, and those of the tubes in it, have made in a call."""
        return [*self._drawn, *(each for lowering, _ in self._bodies.values() for each in lowering.drawn)]

    def _stored_directly(
        self, steps: tuple[Step, ...], carried: Sequence[Carried]
    ) -> tuple[tuple[Step, ...], list[Carried]]:
        """What nobody gets afterwards, and comes once, is stored from the signal itself.

        Unless that is what another asset carries, which then changes at the same time.
        """
        found: list[Carried] = []
        changing = {each.current for each in carried}
        direct: set[str] = set()
        for each in carried:
            stored, pending = self._graph.assets[each.asset].stored, each.pending
            if pending is None or stored is None or self._frame_of(stored):
                found.append(each)
            elif self._holding.is_compared(pending) or self._signals[stored].name in changing:
                found.append(each.replace(pending=Variable(pending.name, self._signals[stored].optional)))
            else:
                direct.add(pending.name)
                found.append(each.replace(pending=self._signals[stored]))
        return tuple(step for step in steps if not (isinstance(step, Store) and step.pending.name in direct)), found

    def _stores(self, node: GraphNode, frame: Frame, names: Collection[str] | None) -> Iterator[Store]:
        for asset in self._stored_from.get(node.id, ()):
            stored, pending = asset.stored, self._pending.get(asset.id)
            if stored is not None and pending is not None and (names is None or stored.name in names):
                yield Store(self._node_place(node), self._signals[stored], pending, repeated=bool(frame))

    def _stored_in_loops(self) -> list[str]:
        """The assets that may be stored several times in an epoch, or not at all."""
        return [
            asset.id
            for asset in self._graph.assets.values()
            if asset.id in self._pending and asset.stored is not None and self._frame_of(asset.stored)
        ]

    def _isolates(self, node: GraphNode, receiver: str, values: Sequence[Variable]) -> tuple[Look, ...]:
        """The stored values that have to be looked after before a node gets its arguments.

        Those are the ones that were stored before it in the epoch, here, in a nested tube, or around this one.
        """
        several = [each for each in values if each.name in self._repeated]
        shared = list(dict.fromkeys(Variable(each.name) for each in values if each not in several))
        among = [self._repeated[each.name] for each in several]
        return self._holding.isolates(self._node_place(node), node.id, receiver, shared, among)

    # Events

    def _epoch_in(self, frame: Frame) -> CurrentEpoch:
        """The epoch; in a loop, that of the item under way."""
        return CurrentEpoch(self._counter, self._frames.items_around(frame))

    def _taken_out(self, node: GraphNode, frame: Frame) -> Iterator[TakeOut]:
        """What takes the values out of events that a node may have made itself."""
        if node.id not in self._making_events:
            return
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            if self._is_wanted(reference):
                value = self._signals[reference]
                target = None
                if self._is_watched(reference):
                    target = Variable(self._shared.names.new(f"{value.name}_epoch"))
                    self._epochs[reference] = target
                yield TakeOut(self._node_place(node), node.id, value, self._epoch_in(frame), target)

    def _records(self, node: GraphNode, frame: Frame, names: Collection[str] | None) -> Iterator[Record]:
        """The events of what a node emits, where somebody wants them."""
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            if not self._is_watched(reference) or (names is not None and signal.name not in names):
                continue
            value = self._signals[reference]
            target = None
            if reference in self._with_events:
                target = Variable(self._shared.names.new(f"{value.name}_event"), optional=True)
                self._events[reference] = target
                self._frames.define(("event", reference), target, self._frame_of(reference))
            isolates: tuple[Look, ...] = ()
            if self._shared.listening:
                # What the node has stored is stored already.
                isolates = self._holding.isolates(self._node_place(node), None, "a callback", [Variable(value.name)])
            yield Record(
                self._node_place(node),
                node.id,
                signal.name,
                self._epochs.get(reference) or self._epoch_in(frame),
                value,
                target,
                self._shared.notifying,
                isolates,
            )

    def _input_events(self, node: GraphNode, frame: Frame) -> Iterator[Record]:
        """The events of the inputs and assets that a node takes, where it wants them."""
        if node.kind.interface.events is None:
            return
        for argument in node.arguments:
            reference = argument.reference
            if reference.is_signal or reference in self._events:
                continue
            value = self._value(reference, frame)
            if value is not None:
                target = Variable(self._shared.names.new(f"{value.name}_event"))
                self._events[reference] = target
                self._frames.define(("event", reference), target, frame)
                yield Record(
                    self._node_place(node),
                    reference.owner,
                    reference.name,
                    CurrentEpoch(self._counter),
                    value,
                    target,
                    notify=False,
                )

    # Returning

    @property
    def returned(self) -> Mapping[str, Variable]:
        """For a nested tube: what holds the value of each of its signals."""
        return self._returned_signals

    def _returned(self) -> Variable | None:
        """The `return` node has its turn when all others had theirs, so that it gets what they made of their values."""
        node = self._graph.return_node
        if node is None or node.id not in self._running:
            return None
        assets = self._node_assets(node)
        place = self._node_place(node)
        values: list[tuple[Argument, Variable]] = []
        for argument in node.arguments:
            variable = self._returned_value(argument.reference, assets, place)
            if variable is not None:
                values.append((argument, variable))
        named = any(argument.dependency.named for argument in node.arguments)
        variables = tuple(variable for _, variable in values)
        nested = self._given is not None
        if nested and named:
            self._returned_signals = {str(argument.slot): variable for argument, variable in values}
        optional = any(variable.optional for variable in variables)
        wanted = self._wanted(node.id)
        # What a nested tube returns goes on to the nodes around it. In a list it would not be seen there, and if the
        # tube is called again before they have it, its next call is not to change it for them.
        is_list = not (isinstance(node.spec.depends, str) or named)
        isolates: tuple[Look, ...] = ()
        if not nested or is_list or self._is_repeated:
            isolates = self._isolates(node, f"the '{self._qualified(node.id)}' node", variables)
        single = isinstance(node.spec.depends, str)
        if single and variables and not (assets or isolates):
            (target,) = variables
            if nested:
                self._returned_signals = {"value": target}
            return target
        target = Variable(self._shared.names.new(wanted, f"{wanted}_result"), optional or not values)
        if nested and not named:
            self._returned_signals = {"value": target}
        self._add(
            (),
            Return(
                place,
                target,
                tuple(str(argument.slot) for argument, _ in values) if named else None,
                variables,
                single=single,
                assets=tuple(assets.values()),
                isolates=isolates,
            ),
        )
        return target

    def _returned_value(self, reference: Reference, assets: Mapping[str, OpenAsset], place: Place) -> Variable | None:
        """What is returned of a signal: a list, if it can be emitted more than once."""
        if not reference.is_signal or reference not in self._signals:
            return self._value(reference, (), assets)
        frame = self._frame_of(reference)
        value = self._signals[reference]
        if not frame:
            return value
        values = self._frames.collect_events(("returned", reference), f"{value.name}_all", frame, 0, place)
        self._add(frame, Append(place, values, value))
        target = Variable(self._shared.names.new(f"{value.name}_returned"), optional=True)
        self._add((), Collected(place, target, values, None))
        self._repeated[target.name] = values
        return target

    def _constant(self, value: Any, *wanted: str) -> Constant:
        if type(value) in _LITERALS:
            return Constant(value)
        return Constant(value, self._shared.bind_value(value, *wanted))


def _carried_in(tube: Tube, around: str) -> Iterator[tuple[str, str]]:
    """The assets of a nested tube that a signal is stored in, and the signals, and those of the tubes in it."""
    for asset in tube.graph.assets.values():
        if asset.stored is not None:
            yield f"{around}.{asset.id}", f"{around}.{asset.stored}"
    for name, child in tube.children.items():
        yield from _carried_in(child, f"{around}.{name}")


def _nodes_that_run(
    graph: Graph,
    order: Sequence[str],
    disabled: Collection[str],
    levels: Mapping[str, Sequence[str]],
    flushing: Sequence[str],
) -> dict[str, GraphNode]:
    """The nodes in order, without those that never run.

    Those are the disabled ones, those that need their signals, and those in the loop of a map that never runs. In a
    last epoch sources and process-scoped inputs emit nothing, and what is flushed needs nothing; a gather then keeps a
    value for which nothing says that it is to be emitted.
    """
    never: set[str] = set(disabled)
    silent: set[str] = set()
    silent_inputs: set[str] = set()
    if flushing:
        silent = {node.id for node in graph.nodes.values() if node.is_source and node.id != flushing[0]}
        silent_inputs = {name for name, spec in graph.inputs.items() if spec.scope is InputScope.process}
    for name in order:
        if name in flushing[:1]:
            continue
        node = graph.nodes[name]
        needed = [each.reference for each in node.arguments if not each.optional]
        if not never.isdisjoint(levels[name]) or any(each.owner in never for each in needed):
            never.add(name)
            continue
        stops = any
        if node.kind.role is Role.gather:
            needed, stops = [each.reference for each in node.arguments], all
        are_silent = (each.name in silent_inputs if each.is_input else each.owner in silent for each in needed)
        if not silent.isdisjoint(levels[name]) or stops(are_silent):
            silent.add(name)
    return {name: graph.nodes[name] for name in order if name not in never and name not in silent}


def _put(
    argument: Argument,
    value: Expression,
    by_position: dict[int, Expression],
    by_name: dict[str, Expression],
) -> None:
    if isinstance(argument.slot, int):
        by_position[argument.slot] = value
    else:
        by_name[argument.slot] = value


def _in_positions(
    node: GraphNode, by_position: dict[int, Expression], by_name: dict[str, Expression]
) -> Iterator[Expression]:
    """The positional arguments of a call, among them what the runner gives that stands before one of them."""
    interface = node.kind.interface
    injected = {name for name in (interface.epoch, interface.events) if name is not None}
    left = [by_position[at] for at in sorted(by_position)]
    for name in interface.positions:
        if name in injected and (left or name in interface.only_by_position):
            yield by_name.pop(name)
        elif name not in injected and left:
            yield left.pop(0)
        elif not injected & interface.only_by_position:
            return
    yield from left


def _own_name(code: Any) -> list[str]:
    """The name that the code gives itself, if it does."""
    name = attribute(code, "__name__")
    return [name] if type(name) is str and name.isidentifier() else []
