"""Rules on the `concurrency` of a map: it is a number, and there is something that can be done at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.advice import REMOVE_IT, Advice, add, respelled
from noob_cli.check.finding import Finding, places_of
from noob_cli.diagnostics import Severity
from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.graph.schedule import Schedule
from noob_cli.nodes.kinds import Making, Role
from noob_cli.nodes.special import CONCURRENCY, NUMBER_FROM_1, is_number_from_1
from noob_cli.specification.asset import AssetScope
from noob_cli.specification.reference import input_named


def wrong_number(code: str, node: GraphNode, param: str) -> Iterator[Finding]:
    """A param that is no number from 1 on."""
    number = (node.spec.params or {}).get(param, 1)
    if input_named(number) is None and not is_number_from_1(number):
        message = f"'{param}' is {NUMBER_FROM_1}, found {number!r}"
        hint = Advice("write a number, or an 'input.name'", *respelled(number, is_number_from_1))
        yield Finding(code, message, (*node.path, "params", param), hint)


def check_concurrency_values(graph: Graph) -> Iterator[Finding]:
    """G019: a map that is told with something else than a number how many items may be under way."""
    for node in graph.nodes.values():
        if node.kind.role is Role.map:
            yield from wrong_number("G019", node, CONCURRENCY)


def check_concurrency(graph: Graph, schedule: Schedule) -> Iterator[Finding]:
    """G020: a map whose items are done one after the other, although it has a `concurrency`.

    Args:
        graph: The tube.
        schedule: Its turns, in all of which nothing is wrong.
    """
    maps = [node for node in graph.nodes.values() if node.kind.role is Role.map]
    for node in [] if graph.broken else maps:
        if CONCURRENCY in (node.spec.params or {}):
            # It has an effect if it has one in some pass over the items.
            reasons = [next(_reasons(node, number, graph, schedule), None) for number in _passes(node, schedule)]
            if None not in reasons and reasons[0] is not None:
                yield _without_effect(node, reasons[0])


def _passes(around: GraphNode, schedule: Schedule) -> list[int]:
    """The passes over the items of a map."""
    frames = schedule.loops.frames.values()
    return sorted({0, *(number for frame in frames for name, number in frame if name == around.id)})


_Reason = tuple[str, str, list[tuple[str, str]]]
"""Why items are done one after the other, what to do, and the entries of the file that it is about."""


def _without_effect(node: GraphNode, reason: _Reason) -> Finding:
    what, hint, entries = reason
    return Finding(
        "G020",
        f"'{CONCURRENCY}' has no effect: {what}",
        (*node.path, "params", CONCURRENCY),
        hint=hint,
        at_key=True,
        severity=Severity.warning,
        related=places_of(name for section, name in entries if section == "nodes"),
        explained_by=tuple((*entry, "stateful") for entry in entries),
    )


def _reasons(around: GraphNode, number: int, graph: Graph, schedule: Schedule) -> Iterator[_Reason]:
    """Why a pass over the items of a map is done for one after the other."""
    loops = schedule.loops
    loop = [graph.nodes[name] for name in schedule.order if (around.id, number) in loops.frames.get(name, ())]
    for asset in graph.assets.values():
        if asset.stored is not None and (around.id, number) in loops.frame_of(graph, asset.stored):
            entries = [("nodes", asset.stored.owner), ("assets", asset.id)]
            what = f"the asset '{asset.id}' stores '{asset.stored}' of each item"
            yield what, "let it store what is gathered of all items", entries
    for node in loop:
        for what, hint, asset_ids in _keeps(node, graph, schedule):
            yield f"'{node.id}' {what}", hint, [("nodes", node.id), *(("assets", name) for name in asset_ids)]
    if not loop:
        yield f"nothing takes the items of '{around.id}'", REMOVE_IT, []


def keeps_something(graph: Graph, schedule: Schedule) -> bool:
    """Whether a tube keeps something from one of its epochs to the next, or something in it asks for its epoch."""
    if any(asset.stored is not None for asset in graph.assets.values()):
        return True
    lasting = {
        asset.id
        for asset in graph.assets.values()
        if asset.scope is AssetScope.runner and asset.spec.stateful is not False
    }
    return any(
        node.is_source
        or node.kind.interface.epoch is not None
        or not lasting.isdisjoint(node.takes("assets"))
        or any(_keeps_itself(node, schedule))
        for node in graph.nodes.values()
    )


def _keeps(node: GraphNode, graph: Graph, schedule: Schedule) -> Iterator[tuple[str, str, list[str]]]:
    """What keeps in order the items for which a node is called, what to do, and the assets that it is about."""
    for what, hint in _keeps_itself(node, schedule):
        yield what, hint, []
    for name in node.takes("assets"):
        asset = graph.assets[name]
        if asset.stored is not None:
            yield (
                f"takes the asset '{name}', which is carried from epoch to epoch",
                "take it outside of the loop",
                [name],
            )
        elif asset.scope is not AssetScope.node and asset.spec.stateful is not False:
            text = f"say 'stateful: false' of '{name}', if what its users get doesn't depend on who used it before"
            hint = Advice(text, add("stateful", "false", at=asset.path))
            yield f"takes the asset '{name}', which all items share", hint, [name]


def _keeps_itself(node: GraphNode, schedule: Schedule) -> Iterator[tuple[str, str]]:
    """The same, as far as it is about the node alone."""
    role = node.kind.role
    if role is Role.tube:
        if node.stateful:
            yield "is a tube that keeps something, or asks for its epoch", "put its nodes into the loop"
    elif role is Role.gather and node.id not in schedule.loops.closes:
        yield "collects over epochs", "let it take the 'n' of the map, or put it behind the loop"
    elif role is Role.call and node.stateful:
        change = add("stateful", "false", at=node.path)
        yield "keeps something from one call to the next", Advice("say 'stateful: false' of it, if it doesn't", change)
    elif node.kind.making is Making.instance and not node.per_worker:
        yield "has one instance for the whole run", "put what it flushes, or does with the run, behind the loop"
    if node.kind.interface.events is not None:
        yield "takes events, which are counted", "let it take values, and the epoch"
