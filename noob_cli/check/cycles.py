"""Rules on the order of nodes: no node waits for itself, and readers of a carried asset come before it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from noob_cli.advice import Advice, write
from noob_cli.check.finding import Finding, places_of
from noob_cli.graph.graph import Graph
from noob_cli.graph.order import cyclic_components, predecessors, shortest_cycle, shortest_path, suppliers
from noob_cli.graph.schedule import Schedule
from noob_cli.specification.reference import ASSETS, Reference
from noob_cli.wording import listing

_SHORTEST_OF_SEVERAL = 2
"""How many nodes there are on a cycle at least, if none of them waits for itself."""

_MOST_STEPS = 1_000_000
"""How many steps are made to find the shortest of all cycles, about."""


def check_cycles(graph: Graph) -> Iterator[Finding]:
    """G012: nodes that wait for each other's signals."""
    for cycle in _cycles(suppliers(graph)):
        yield Finding(
            "G012",
            f"{'these nodes wait for each other' if len(cycle) > 1 else 'this node waits for itself'}: {_way(cycle)}",
            ("nodes", cycle[0]),
            hint="to carry a value into the next epoch, store it in an asset with 'depends'",
            at_key=True,
            related=places_of(cycle[1:]),
        )


def check_carried_readers(graph: Graph, schedule: Schedule) -> Iterator[Finding]:
    """A004 and A005: carried assets whose readers can't all run before they are stored.

    Args:
        graph: The tube.
        schedule: Its turns, as far as there are any.
    """
    if len(schedule.order) == len(graph.nodes):
        # There is an order in which they can; to look for each of them would take long.
        return
    behind = _readers_behind(graph)
    yield from _needing_what_is_stored(graph, behind)
    yield from _wanting_it_both_ways(graph, behind)


_Behind = Mapping[tuple[str, str], tuple[list[str], list[str]]]
"""By storing node and reader: the assets, and the way on which the reader needs what the storing node emits."""


def _needing_what_is_stored(graph: Graph, behind: _Behind) -> Iterator[Finding]:
    """A004: a node reads a carried asset but needs the signal, directly or not, that is stored in it."""
    before = suppliers(graph)
    for (storing, reader), (assets, way) in behind.items():
        if shortest_path(before, reader, storing) is not None:
            # They wait for each other, which is shown for itself.
            continue
        yield Finding(
            "A004",
            f"'{reader}' reads the asset{'s' if len(assets) > 1 else ''} {listing(assets)} and needs what '{storing}' "
            f"emits, which is stored in {'them' if len(assets) > 1 else 'it'}: {' → '.join(way)}",
            ("nodes", reader),
            hint=_instead_of(graph, assets[0], reader),
            at_key=True,
            related=places_of([storing]),
        )


def _instead_of(graph: Graph, asset: str, reader: str) -> str:
    """A hint at the signal that a reader can take instead of the asset that stores it."""
    stored = str(graph.assets[asset].stored)
    taken = Reference(ASSETS, asset)
    places = (argument.dependency.path for argument in graph.nodes[reader].arguments if argument.reference == taken)
    text = f"readers see the value from the epoch's start: take '{stored}' instead"
    return Advice(text, *(write(stored, path) for path in places))


def _wanting_it_both_ways(graph: Graph, behind: _Behind) -> Iterator[Finding]:
    """A005: the readers of several carried assets would each have to come before the other."""
    before = predecessors(graph)
    # What waits for itself, or needs what is stored in what it reads, is shown by the rules above.
    for storing, reader in behind:
        before[storing].discard(reader)
    for component in cyclic_components(suppliers(graph)):
        before.update({name: set() for name in component})
    for cycle in _cycles(before):
        yield Finding(
            "A005",
            f"no order of these nodes lets each read its asset before it is stored: {_way(cycle)}",
            ("nodes", cycle[0]),
            hint="let one of them take the signal that is stored instead of the asset",
            at_key=True,
            related=places_of(cycle[1:]),
        )


def _readers_behind(graph: Graph) -> _Behind:
    before = suppliers(graph)
    behind: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for asset in graph.assets.values():
        storing = graph.storing(asset)
        if storing is None or storing.is_source:
            continue
        for reader in graph.readers(asset.id):
            pair = storing.id, reader.id
            if pair in behind:
                behind[pair][0].append(asset.id)
                continue
            way = None if reader is storing else shortest_path(before, *pair)
            if way is not None:
                behind[pair] = ([asset.id], way)
    return behind


def _cycles(before: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """The shortest cycle among the nodes of each group that wait for each other, from its first node in the file on."""
    for component in cyclic_components(before):
        alone = next((name for name in component if name in before[name]), None)
        yield _shortest(before, component) if alone is None else [alone]


def _shortest(before: Mapping[str, set[str]], component: Sequence[str]) -> list[str]:
    inside = {name: before[name].intersection(component) for name in component}
    shortest: list[str] = []
    for start in component[: max(1, _MOST_STEPS // len(component))]:
        cycle = shortest_cycle(inside, start)
        if cycle is not None and (not shortest or len(cycle) < len(shortest)):
            shortest = cycle
        if len(shortest) == _SHORTEST_OF_SEVERAL:
            break
        # What is left are the cycles on which it is not.
        del inside[start]
    return shortest


def _way(cycle: Sequence[str]) -> str:
    return " → ".join([*cycle, cycle[0]])
