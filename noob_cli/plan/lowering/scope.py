"""One tube while it is lowered: its nodes, and what holds their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial
from typing import Any

from noob_cli.code.looking import attribute
from noob_cli.graph.finish import finish_of
from noob_cli.graph.graph import Graph, GraphAsset, GraphNode
from noob_cli.graph.loops import Frame, Loops
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.own_events import may_make_events
from noob_cli.nodes.special import ITEMS
from noob_cli.plan.lowering.context import LoweringContext
from noob_cli.plan.lowering.growing_steps import GrowingSteps
from noob_cli.plan.place import Place, place_in
from noob_cli.plan.plan import EPOCH, OVER
from noob_cli.plan.steps import OpenAsset, Scoped, Step, When
from noob_cli.plan.values import Constant, CurrentEpoch, Output, Variable
from noob_cli.specification.input import InputScope
from noob_cli.specification.reference import Reference
from noob_cli.tube import Tube

LITERALS = (int, str, bool, bytes, type(None))
"""Types whose values stand in the code as they are."""


class Scope:
    """One tube while it is lowered: its nodes that run, and what holds their values.

    Args:
        tube: The tube.
        disabled: The nodes that don't run.
        context: What it has in common with the tubes around it.
        around: The names of the nodes around it, if it is nested.
        flushing: In a last epoch, the node that is flushed, or the nested tube that it is in, then its name there.

    Attributes:
        nodes: The nodes that run, in the order of their turns.
        frames: The steps as they grow.
        signals: What holds each signal.
        events: What holds the event of each signal, input or asset whose event a node takes.
        epochs: What holds the epochs of events that nodes may have made themselves.
        inputs: What holds each input that is taken.
        assets: What holds the object of each asset of an epoch or a run.
        asset_order: The place of each asset in the file.
        read: The signals, inputs and assets that something reads.
        taken: The nodes from whose signals something takes.
        counter: What counts its epochs.
        over: What says that it has ended.
    """

    def __init__(
        self,
        tube: Tube,
        disabled: Collection[str],
        context: LoweringContext,
        around: tuple[str, ...] = (),
        flushing: tuple[str, ...] = (),
    ) -> None:
        self.tube = tube
        self.graph: Graph = tube.graph
        self.disabled = disabled
        self.context = context
        self.around = around
        self.flushing = flushing
        self.schedule = tube.schedule
        self.loops = self.schedule.loops
        order = list(self.schedule.nodes())
        self.finish = finish_of(tube.graph, order, disabled)
        context.finish[self.qualified()] = self.finish
        self.running = _nodes_that_run(self.graph, order, disabled, self.loops, flushing)
        self.nodes = [self.graph.nodes[name] for name in self.running]
        self.frames = GrowingSteps(context.names)
        self.signals: dict[Reference, Variable] = {}
        self.events: dict[Reference, Variable] = {}
        self.epochs: dict[Reference, Variable] = {}
        self.inputs: dict[str, Variable] = {}
        self.assets: dict[str, Variable] = {}
        self.asset_order = {name: at for at, name in enumerate(self.graph.assets)}
        self.making_events = {node.id for node in self.nodes if may_make_events(node.kind)}
        self.stored_from: dict[str, list[GraphAsset]] = {}
        for asset in self.graph.assets.values():
            if asset.stored is not None:
                self.stored_from.setdefault(asset.stored.owner, []).append(asset)
        stored = {asset.stored for asset in self.graph.assets.values() if asset.stored}
        called = [node for node in self.nodes if not node.is_called_at_start]
        self.read = {argument.reference for node in called for argument in node.arguments} | stored
        # Who runs the outermost tube draws from nothing that it returns.
        takers = [node for node in called if around or node.kind.role is not Role.return_]
        self.taken = {argument.reference.owner for node in takers for argument in node.arguments}
        self.taken |= {reference.owner for reference in stored}
        self._with_events = {
            argument.reference
            for node in self.nodes
            if node.kind.interface.events is not None
            for argument in node.arguments
        }
        self._place_in_document = cache(partial(place_in, tube.document))
        if context.options.timing:
            context.timed |= {self.qualified(node.id) for node in self.nodes if node.kind.role is not Role.return_}
        self.counter = context.keep((EPOCH, self.qualified()), self.wanted("epoch"))
        self.over = context.keep((OVER, self.qualified()), self.wanted("over"))
        self._name_signals()

    # Names and places

    def qualified(self, name: str = "") -> str:
        """The name of a node or an asset with those of the nodes around its tube; of the tube itself, without one."""
        return ".".join([*self.around, name] if name else self.around)

    def wanted(self, name: str) -> str:
        """What a value is to be called in the generated code."""
        return "_".join([*self.around, name])

    def place(self, kind: str, name: str, *path: str) -> Place:
        """The place of something in the tube's file."""
        return self._place_in_document(kind, self.qualified(name), path)

    def node_place(self, node: GraphNode) -> Place:
        """The place of a node in the tube's file."""
        return self.place("node", node.id, *map(str, node.path))

    def asset_place(self, asset: GraphAsset) -> Place:
        """The place of an asset in the tube's file."""
        return self.place("asset", asset.id, *map(str, asset.path))

    # Values

    def _name_signals(self) -> None:
        """Signals get their names first, so that they are called as the file calls their nodes."""
        for node in self.nodes:
            if node.kind.role is Role.return_:
                continue
            signals = node.kind.interface.signals
            for signal in signals:
                is_only = len(signals) == 1 or (node.kind.role is Role.map and signal.name == ITEMS)
                wanted = self.wanted(node.id if is_only else f"{node.id}_{signal.name}")
                name = self.context.names.new(wanted, f"{wanted}_value")
                self.define(Reference(node.id, signal.name), Variable(name, optional=True))

    def define(self, reference: Reference, variable: Variable) -> None:
        """Say what holds a signal."""
        self.signals[reference] = variable
        self.frames.define(reference, variable, self.frame_of(reference))

    def define_event(self, reference: Reference, variable: Variable, frame: Frame) -> None:
        """Say what holds the event of a signal, an input or an asset."""
        self.events[reference] = variable
        self.frames.define(("event", reference), variable, frame)

    def frame_of(self, reference: Reference) -> Frame:
        """The loops in which a signal is emitted."""
        return self.loops.frame_of(self.graph, reference)

    def value(
        self, reference: Reference, frame: Frame, assets: Mapping[str, OpenAsset] | None = None
    ) -> Variable | None:
        """What holds the value of a reference in a frame; None if there never is one."""
        if reference.is_input:
            return self.inputs.get(reference.name)
        if reference.is_asset:
            if assets is not None and reference.name in assets:
                return assets[reference.name].target
            return self.assets.get(reference.name)
        return self.frames.read(reference, frame) if reference in self.signals else None

    def argument(self, node: GraphNode, slot: str, frame: Frame, assets: Mapping[str, OpenAsset]) -> Variable | None:
        """What holds the value that a slot gets in a frame; None if there never is one."""
        for argument in node.arguments:
            if argument.parameter == slot:
                return self.value(argument.reference, frame, assets)
        return None

    def constant(self, value: Any, *wanted: str) -> Constant:
        """A fixed value."""
        if type(value) in LITERALS:
            return Constant(value)
        return Constant(value, self.context.bind_value(value, *wanted))

    def epoch_in(self, frame: Frame) -> CurrentEpoch:
        """The epoch; in a loop, that of the item under way."""
        return CurrentEpoch(self.counter, self.frames.items_around(frame))

    def output(self, node: GraphNode) -> Output:
        """Where the result of a node goes."""
        variables = []
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            variables.append(self.signals[reference] if self.is_wanted(reference) else None)
        several = len(variables) > 1
        named = several and node.id in self.making_events
        names = tuple(signal.name for signal in node.kind.interface.signals) if named else ()
        return Output(tuple(variables), several, names)

    def has_event_taken(self, reference: Reference) -> bool:
        """Whether a node takes the event of a signal, an input or an asset."""
        return reference in self._with_events

    def is_watched(self, reference: Reference) -> bool:
        """Whether somebody wants the event of a signal."""
        return self.context.options.notifying or self.has_event_taken(reference)

    def is_known(self, reference: Reference) -> bool:
        """Whether somebody besides the tube's own nodes gets to know what a signal emits."""
        return self.is_watched(reference) or self.context.options.showing

    def is_wanted(self, reference: Reference) -> bool:
        """Whether anything looks at what a signal emits."""
        return reference in self.read or self.is_known(reference) or self.context.options.timing

    # Steps

    def add(self, frame: Frame, *steps: Step) -> None:
        """Add steps to those of an epoch, or of an item of a loop."""
        self.frames.add(frame, *steps)


def when(place: Place, needs: Sequence[Variable], steps: Sequence[Step], silent: Sequence[Variable]) -> Sequence[Step]:
    """Steps that need values; steps that need none are done in any case.

    Args:
        place: Who needs them.
        needs: The values.
        steps: The steps.
        silent: What gets no event if one of the values is not there.
    """
    needs = tuple(dict.fromkeys(needs))
    return [When(place, needs, tuple(steps), tuple(silent))] if needs else steps


def scoped(place: Place, assets: Mapping[str, OpenAsset], steps: Sequence[Step]) -> Sequence[Step]:
    """Steps that are done while assets live, if there are any.

    Args:
        place: Who takes them.
        assets: The assets.
        steps: The steps.
    """
    return [Scoped(place, tuple(assets.values()), tuple(steps))] if assets else steps


def own_name(code: Any) -> list[str]:
    """The name that the code gives itself, if it does."""
    name = attribute(code, "__name__")
    return [name] if type(name) is str and name.isidentifier() else []


def _nodes_that_run(
    graph: Graph,
    order: Sequence[str],
    disabled: Collection[str],
    loops: Loops,
    flushing: Sequence[str],
) -> dict[str, GraphNode]:
    """The nodes in order, without those that never run.

    Those are the disabled ones, those that need their signals, and those in the loop of a map that never runs, but for
    a gather that closes a map around it. In a last epoch sources and process-scoped inputs emit nothing, and what is
    flushed needs nothing; a gather then keeps a value for which nothing says that it is to be emitted.
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
        node, level = graph.nodes[name], loops.levels[name]
        if name in loops.closes:
            level = level[: level.index(loops.closes[name]) + 1]
        needed = [argument.reference for argument in node.arguments if not argument.optional]
        if not never.isdisjoint(level) or any(reference.owner in never for reference in needed):
            never.add(name)
            continue
        stops = any
        if node.kind.role is Role.gather:
            needed, stops = [argument.reference for argument in node.arguments], all
        are_silent = (
            reference.name in silent_inputs if reference.is_input else reference.owner in silent for reference in needed
        )
        if not silent.isdisjoint(level) or stops(are_silent):
            silent.add(name)
    return {name: graph.nodes[name] for name in order if name not in never and name not in silent}
