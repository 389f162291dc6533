"""Rules on `map` and `gather`: maps that nest, gathers with one mode, loops that do not wait for each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noob_cli.advice import TRUE_OR_FALSE, Action, Advice, Change, add
from noob_cli.check.concurrency import wrong_number
from noob_cli.check.finding import Finding, missing_in, places_of
from noob_cli.diagnostics import DocumentPath
from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.graph.loops import MOST_NESTED
from noob_cli.graph.schedule import Schedule
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, FLATTEN, FLUSH, TRIGGER
from noob_cli.specification.reference import input_named


def check_loops(graph: Graph, schedule: Schedule, wrong: Collection[str]) -> Iterator[Finding]:
    """G013, G014 and Y007: maps that are not nested, loops that wait for each other, and maps nested too deeply.

    What waits for itself, and what comes after that, is shown by the rules on cycles.

    Args:
        graph: The tube.
        schedule: Its turns.
        wrong: The nodes with which something is wrong already.
    """
    deep = schedule.loops.too_deep
    if deep is not None:
        message = f"more than {MOST_NESTED} maps are nested here"
        yield Finding("Y007", message, ("nodes", deep), "gather the items of some of them first", at_key=True)
        return
    # Of these it is not known in which loop they are meant to be.
    unknown = set(wrong)
    for name in schedule.order:
        node = graph.nodes[name]
        owners = [argument.reference.owner for argument in node.arguments if argument.reference.is_signal]
        if any(owner in unknown or owner not in graph.nodes for owner in owners):
            unknown.add(name)
        elif name in schedule.loops.unnested and name not in unknown:
            unknown.add(name)
            yield _apart(graph, schedule, name)
    for units in [] if unknown else schedule.stuck:
        waiting = {unit if isinstance(unit, str) else unit[0] for unit in units}
        names = sorted(waiting, key=lambda name: graph.nodes[name].place)
        yield Finding(
            "G014",
            f"loops take their turn as a whole, and these wait for each other: {', '.join(names)}",
            ("nodes", names[0]),
            hint="put what they do into one loop, or take a signal instead of an asset in one of them",
            at_key=True,
            related=places_of(names[1:]),
        )


def _apart(graph: Graph, schedule: Schedule, name: str) -> Finding:
    one, other = schedule.loops.unnested[name]
    maps = [schedule.loops.level_of(graph, argument.reference)[-1] for argument in (one, other)]
    return Finding(
        "G013",
        f"'{name}' depends on items of the maps '{maps[0]}' and '{maps[1]}', which are not nested",
        other.dependency.path,
        hint="gather the items of one of them first, or put one map behind the other",
        related=places_of(maps),
    )


def check_gathers(graph: Graph) -> Iterator[Finding]:
    """G015: a gather that is told to emit in two ways or in none, or with something else than a number."""
    for node in graph.nodes.values():
        if node.kind.role is Role.gather:
            yield from _wrong_gather(node)


def _wrong_gather(node: GraphNode) -> Iterator[Finding]:
    slots = {argument.parameter for argument in node.arguments}
    params = node.spec.params or {}
    has_number = COUNT in slots or COUNT in params
    if has_number and TRIGGER in slots:
        message = "a 'gather' emits every 'n' values or when its 'trigger' comes, found both"
        hint = Advice("remove one of them", *(Change(Action.remove, at=path) for path in _told_by(node)))
        yield Finding("G015", message, node.path, hint, at_key=True)
    elif not has_number and TRIGGER not in slots and node.arguments and not _is_told_wrongly(node):
        yield Finding(
            "G015",
            "a 'gather' needs to be told when to emit",
            node.path,
            hint=Advice(
                "give it the param 'n', the slot 'n', or the slot 'trigger'",
                add(COUNT, "2", at=(*node.path, "params")),
                Change(Action.give, TRIGGER),
            ),
            at_key=True,
            explains=missing_in(node.path),
            explained_by=((*node.path, "params"), ("extends",)),
        )
    yield from wrong_number("G015", node, COUNT)
    for switch in (FLATTEN, FLUSH):
        value = params.get(switch, False)
        if input_named(value) is None and not isinstance(value, bool):
            message = f"'{switch}' is true or false, found {value!r}"
            yield Finding("G015", message, (*node.path, "params", switch), TRUE_OR_FALSE)


def _told_by(node: GraphNode) -> Iterator[DocumentPath]:
    """Where a gather is told when to emit."""
    if COUNT in (node.spec.params or {}):
        yield (*node.path, "params", COUNT)
    arguments = (argument for argument in node.arguments if argument.parameter in (COUNT, TRIGGER))
    yield from (argument.dependency.path for argument in arguments)


def check_flushing(graph: Graph, schedule: Schedule, wrong: Collection[str]) -> Iterator[Finding]:
    """G018: what would get a last epoch, and is in a loop or draws its values.

    Args:
        graph: The tube.
        schedule: Its turns.
        wrong: The nodes with which something is wrong already.
    """
    flushing = [node for node in graph.nodes.values() if flushes(node)]
    if flushing:
        # Of what is behind something wrong it is not known in which loop it is meant to be.
        unknown = set(wrong)
        for name in schedule.order:
            if any(supplier.id in unknown for supplier in graph.suppliers(graph.nodes[name])):
                unknown.add(name)
        flushing = [node for node in flushing if node.id not in unknown]
    levels = schedule.loops.levels
    for node in flushing:
        if node.kind.role is Role.source:
            message = f"'{node.id}' is a source, and has the flush method '{node.kind.flush}'"
            hint = "let it give what is left before it ends"
        elif levels.get(node.id):
            message = f"{_flushing(node)} in the loop of '{levels[node.id][-1]}'"
            hint = "let a node behind the loop hold back, and flush, what has to wait"
        else:
            continue
        path = (*node.path, "params", FLUSH) if node.kind.role is Role.gather else node.path
        yield Finding("G018", f"{message}: there is no last epoch for that", path, hint=hint, at_key=True)


def _flushing(node: GraphNode) -> str:
    if node.kind.role is Role.gather:
        return "'flush' is given to a gather"
    if node.kind.role is Role.tube:
        return f"'{node.id}' has '{node.kind.flush}', which is flushed when the run has ended, and is called"
    return f"'{node.id}' has the flush method '{node.kind.flush}', and is"


def flushes(node: GraphNode) -> bool:
    """Whether a node gets a last epoch, or one that is in the tube that it is."""
    if node.kind.role is Role.gather:
        return (node.spec.params or {}).get(FLUSH, False) is not False
    return node.kind.flush is not None


def _is_told_wrongly(node: GraphNode) -> bool:
    """Whether a gather is given something that it does not take: that was meant to say when it emits."""
    interface, params = node.kind.interface, node.spec.params or {}
    slots = [argument.slot for argument in node.arguments]
    return any(slot not in interface.slots for slot in slots if slot != 0) or any(
        name not in node.kind.parameters.slots for name in params
    )
