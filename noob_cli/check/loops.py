"""Rules on `map` and `gather`: maps that nest, gathers with one mode, loops that do not wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.check.finding import Finding
from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.graph.order import execution_order
from noob_cli.graph.schedule import make_schedule
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, FLATTEN, TRIGGER
from noob_cli.spec.reference import input_named


def check_loops(graph: Graph) -> Iterator[Finding]:
    """G013 and G014: a node that depends on maps which are not nested, and loops that wait for each other."""
    if len(execution_order(graph)) < len(graph.nodes):
        # What waits for itself is shown by the rules on cycles.
        return
    schedule = make_schedule(graph)
    for name, (one, other) in schedule.loops.apart.items():
        maps = [schedule.loops.level_of(graph, each.reference)[-1] for each in (one, other)]
        yield Finding(
            "G013",
            f"'{name}' depends on items of the maps '{maps[0]}' and '{maps[1]}', which are not nested",
            other.dependency.path,
            hint="gather the items of one of them first, or put one map behind the other",
            related=tuple((f"'{each}' is here", ("nodes", each)) for each in maps),
        )
    if schedule.stuck and not schedule.loops.apart:
        names = [unit if isinstance(unit, str) else unit[0] for unit in schedule.stuck]
        yield Finding(
            "G014",
            f"loops take their turn as a whole, and these wait for each other: {', '.join(dict.fromkeys(names))}",
            ("nodes", names[0]),
            at_key=True,
        )


def check_gathers(graph: Graph) -> Iterator[Finding]:
    """G015: a gather that is told to emit in two ways or in none, or with something else than a number."""
    for node in graph.nodes.values():
        if node.kind.role is Role.gather:
            yield from _wrong_gather(node)


def _wrong_gather(node: GraphNode) -> Iterator[Finding]:
    given = {argument.parameter for argument in node.arguments}
    params = node.spec.params or {}
    has_number = COUNT in given or COUNT in params
    if has_number and TRIGGER in given:
        message = "a 'gather' emits every 'n' values or when its 'trigger' comes, found both"
        yield Finding("G015", message, node.path, hint="remove one of them", at_key=True)
    elif not has_number and TRIGGER not in given:
        hint = "give it the param 'n', the slot 'n', or the slot 'trigger'"
        yield Finding("G015", "a 'gather' needs to be told when to emit", node.path, hint, at_key=True)
    number = params.get(COUNT, 1)
    if input_named(number) is None and not (type(number) is int and number > 0):
        message = f"'n' is a whole number from 1 on, found {number!r}"
        yield Finding("G015", message, (*node.path, "params", COUNT))
    flatten = params.get(FLATTEN, False)
    if input_named(flatten) is None and not isinstance(flatten, bool):
        yield Finding("G015", f"'flatten' is true or false, found {flatten!r}", (*node.path, "params", FLATTEN))
