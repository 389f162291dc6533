"""Rules on the order of nodes: no node waits for itself, and readers of a carried asset come before it is stored."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.check.finding import Finding
from noob_cli.graph.graph import Graph
from noob_cli.graph.order import (
    execution_order,
    on_cycles,
    predecessors,
    shortest_cycle,
    shortest_path,
    suppliers,
)


def check_cycles(graph: Graph) -> Iterator[Finding]:
    """G012: nodes that wait for each other's signals."""
    before = suppliers(graph)
    seen: set[str] = set()
    for name in on_cycles(before):
        if name in seen:
            continue
        cycle = shortest_cycle(before, name)
        if cycle is None:
            continue
        seen.update(cycle)
        way = " → ".join([*cycle, cycle[0]])
        yield Finding(
            "G012",
            f"these nodes wait for each other: {way}",
            ("nodes", name),
            hint="to carry a value into the next epoch, store it in an asset with 'depends'",
            at_key=True,
            related=tuple((f"'{each}' is here", ("nodes", each)) for each in cycle[1:]),
        )


def check_carried_readers(graph: Graph) -> Iterator[Finding]:
    """A004: a node reads a carried asset but needs the signal, directly or not, that is stored in it."""
    before = suppliers(graph)
    for asset in graph.assets.values():
        storing = graph.storing(asset)
        if storing is None or storing.is_source:
            continue
        for reader in graph.readers(asset.id):
            path = None if reader is storing else shortest_path(before, storing.id, reader.id)
            if path is not None:
                yield Finding(
                    "A004",
                    f"'{reader.id}' reads the asset '{asset.id}' and needs what '{storing.id}' emits, which is "
                    f"stored in it: {' → '.join(path)}",
                    ("nodes", reader.id),
                    hint=f"readers see the value from the epoch's start: take '{asset.spec.depends}' instead",
                    at_key=True,
                    related=((f"'{storing.id}' is here", ("nodes", storing.id)),),
                )


def check_order(graph: Graph) -> Iterator[Finding]:
    """A005: the readers of several carried assets would each have to come before the other."""
    before = suppliers(graph)
    if on_cycles(before):
        return
    placed = set(execution_order(graph))
    before = predecessors(graph)
    for name in graph.nodes:
        if name not in placed:
            cycle = shortest_cycle(before, name)
            if cycle is not None:
                way = " → ".join([*cycle, cycle[0]])
                message = f"no order of these nodes lets each read its asset before it is stored: {way}"
                yield Finding("A005", message, ("nodes", name), at_key=True)
                return
