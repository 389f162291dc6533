"""Lowering events: those that callbacks get, and those that nodes take or have made themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noob_cli.graph.graph import GraphNode
from noob_cli.graph.loops import Frame
from noob_cli.plan.lowering.scope import Scope, when
from noob_cli.plan.lowering.storing import Storing
from noob_cli.plan.steps import Record, Step, TakeOut
from noob_cli.plan.values import CurrentEpoch, Variable
from noob_cli.specification.reference import Reference


def taken_out(scope: Scope, node: GraphNode, frame: Frame) -> Iterator[TakeOut]:
    """What takes the values out of events that a node may have made itself."""
    if node.id not in scope.making_events:
        return
    for signal in node.kind.interface.signals:
        reference = Reference(node.id, signal.name)
        if scope.is_wanted(reference):
            value = scope.signals[reference]
            target = None
            if scope.is_watched(reference):
                target = Variable(scope.context.names.new(f"{value.name}_epoch"))
                scope.epochs[reference] = target
            yield TakeOut(scope.node_place(node), node.id, value, scope.epoch_in(frame), target)


def records(
    scope: Scope, storing: Storing, node: GraphNode, frame: Frame, names: Collection[str] | None
) -> Iterator[Step]:
    """The events of what a node emits, where somebody wants them.

    Args:
        scope: The tube.
        storing: What its epochs store.
        node: The node.
        frame: The loops in which it has its turn.
        names: The signals; None for all.
    """
    place = scope.node_place(node)
    for signal in node.kind.interface.signals:
        reference = Reference(node.id, signal.name)
        if not scope.is_watched(reference) or (names is not None and signal.name not in names):
            continue
        value = scope.signals[reference]
        target = None
        if scope.has_event_taken(reference):
            target = Variable(scope.context.names.new(f"{value.name}_event"), optional=True)
            scope.define_event(reference, target, scope.frame_of(reference))
        checks = storing.checks_for_callbacks(node, value) if scope.context.options.listening else ()
        epoch = scope.epochs.get(reference) or scope.epoch_in(frame)
        record = Record(place, node.id, signal.name, epoch, value, target, scope.context.options.notifying)
        yield from when(place, [value] if value.optional else [], [*checks, record], [target] if target else [])


def input_events(scope: Scope, node: GraphNode, frame: Frame) -> Iterator[Record]:
    """The events of the inputs and assets that a node takes, where it wants them."""
    if node.kind.interface.events is None:
        return
    for argument in node.arguments:
        reference = argument.reference
        if reference.is_signal or reference in scope.events:
            continue
        value = scope.value(reference, frame)
        if value is not None:
            target = Variable(scope.context.names.new(f"{value.name}_event"))
            scope.define_event(reference, target, frame)
            place = scope.node_place(node)
            epoch = CurrentEpoch(scope.counter)
            yield Record(place, reference.owner, reference.name, epoch, value, target, notify=False)
