"""Lowering maps and gathers: loops over the items of a map, and what is collected in them or over epochs."""

from __future__ import annotations

from noob_cli.graph.graph import GraphNode
from noob_cli.graph.loops import Frame
from noob_cli.nodes.special import CONCURRENCY, COUNT, FLATTEN, ITEMS, TRIGGER
from noob_cli.plan.lowering.assets import node_assets
from noob_cli.plan.lowering.scope import Scope, scoped, when
from noob_cli.plan.lowering.storing import Storing
from noob_cli.plan.place import Place
from noob_cli.plan.plan import GATHER
from noob_cli.plan.steps import Append, Collected, Push, Step, TakeItems
from noob_cli.plan.values import Expression, Variable
from noob_cli.specification.reference import Reference


def take_items(scope: Scope, storing: Storing, node: GraphNode, frame: Frame) -> None:
    """The turn of a map itself."""
    place, reference = scope.node_place(node), Reference(node.id, COUNT)
    number = None
    if reference in scope.read or scope.is_known(reference):
        number = scope.signals[reference]
    items = Variable(scope.context.names.new(f"{scope.wanted(node.id)}_items"))
    scope.frames.define((node.id, "items"), items, frame)
    assets = node_assets(scope, node)
    value = scope.argument(node, "value", frame, assets)
    assert value is not None
    checks = storing.checks(node, f"the map '{scope.qualified(node.id)}'", [value])
    scope.add(frame, *scoped(place, assets, [*checks, TakeItems(place, value, items, number)]))


def open_loop(scope: Scope, node: GraphNode, inner: Frame) -> Variable:
    """Begin a loop over the items of a map.

    Args:
        scope: The tube.
        node: The map.
        inner: The frame of the loop.

    Returns:
        What holds the items.
    """
    frame = inner[:-1]
    items = scope.frames.read((node.id, "items"), frame)
    # A node that ends the tube in this loop leaves fewer of them for the next.
    scope.frames.define((node.id, "items"), items, frame)
    item = Reference(node.id, ITEMS)
    is_read = item in scope.read or scope.is_known(item)
    target = scope.signals[item] if is_read else None
    at_once = scope.tube.resolved((node.spec.params or {}).get(CONCURRENCY))
    scope.context.has_concurrency |= at_once is not None
    scope.frames.open_loop(inner, scope.node_place(node), items, target, item, at_once)
    return items


def closing(scope: Scope, name: str, inner: Frame) -> list[GraphNode]:
    """The gathers that close a map with the end of a loop over its items."""
    return [
        node
        for node in scope.nodes
        if scope.loops.closes.get(node.id) == name and scope.loops.frames[node.id][: len(inner)] == inner
    ]


def gather(scope: Scope, storing: Storing, node: GraphNode, frame: Frame) -> None:
    """The turn of a gather: it collects what it gets, and emits over epochs; what closes a map emits behind it."""
    place = scope.node_place(node)
    is_last = scope.flushing == (node.id,)
    assets = {} if is_last else node_assets(scope, node)
    value, number, trigger = (
        None if is_last else scope.argument(node, slot, frame, assets) for slot in ("value", COUNT, TRIGGER)
    )
    taken = [variable for variable in (value, number, trigger) if variable is not None]
    checks = storing.checks(node, f"the gather '{scope.qualified(node.id)}'", taken)
    params = scope.tube.resolved(node.spec.params or {})
    flatten = bool(params.get(FLATTEN, False))
    if node.id in scope.loops.closes:
        level = len(scope.frame_of(Reference(node.id, "value")))
        name = f"{scope.wanted(node.id)}_all"
        collected = scope.frames.collect_events((node.id, "collected"), name, frame, level, place)
        if value is not None:
            append = append_event(place, collected, value, flatten)
            scope.add(frame, *scoped(place, assets, [*checks, *append]))
        return
    count: Expression | None = number
    if count is None and COUNT in params:
        count = scope.constant(params[COUNT], f"{scope.wanted(node.id)}_n")
    (target,) = scope.output(node).variables
    key = (GATHER, scope.qualified(node.id))
    kept = scope.context.keep_undoable(key, f"{scope.wanted(node.id)}_kept", grows=True)
    push = Push(place, kept, value, count, trigger, target, flatten=flatten, flush=is_last)
    scope.add(frame, *scoped(place, assets, [*checks, push]))


def close(scope: Scope, node: GraphNode, items: Variable, frame: Frame) -> bool:
    """A gather emits what was collected of all items, when they are through; whether anybody wants that."""
    target = scope.output(node).variables[0]
    if target is not None:
        params = scope.tube.resolved(node.spec.params or {})
        values = scope.frames.collected((node.id, "collected"))
        place = scope.node_place(node)
        scope.add(frame, Collected(place, values, items, target, bool(params.get(FLATTEN, False))))
    return target is not None


def append_event(place: Place, target: Variable, value: Variable, flatten: bool = False) -> list[Step]:
    """The steps that append a value to a list, if there is one in this epoch."""
    return [*when(place, [value] if value.optional else [], [Append(place, value, target, flatten)], [])]
