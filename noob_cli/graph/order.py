"""The order in which the nodes of an epoch have their turn: fixed by the file."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from noob_cli.graph.graph import Graph

Vertex = TypeVar("Vertex", bound=Hashable)


def suppliers(graph: Graph) -> dict[str, set[str]]:
    """For each node, the nodes whose signals it takes."""
    return {name: {supplier.id for supplier in graph.suppliers(node)} for name, node in graph.nodes.items()}


def predecessors(graph: Graph) -> dict[str, set[str]]:
    """For each node, the nodes that have their turn before it.

    Those are the nodes whose signals it takes, and, if it stores a carried asset, the readers of that asset, which
    are to see the value from the epoch's start. A source is drawn first, whoever reads what it stores.
    """
    before = suppliers(graph)
    for asset in graph.assets.values():
        storing = graph.storing(asset)
        if storing is not None and not storing.is_source:
            before[storing.id] |= {node.id for node in graph.readers(asset.id)} - {storing.id}
    return before


def execution_order(graph: Graph, before: Mapping[str, set[str]]) -> list[str]:
    """The names of the nodes in the order of their turns, as if there were no loops.

    Sources come first, in the order of the file; then again and again the first node in the file whose predecessors
    have all had their turn. Nodes on a cycle have none.

    Args:
        graph: The tube.
        before: The predecessors of each node.
    """
    places = {name: (not node.is_source, node.place, name) for name, node in graph.nodes.items()}
    return topological_order(before, places.__getitem__)


def topological_order(before: Mapping[Vertex, set[Vertex]], priority: Callable[[Vertex], object]) -> list[Vertex]:
    """A topological order of vertices: each is behind those that it waits for (Kahn's algorithm).

    Args:
        before: For each vertex, those that it waits for.
        priority: By this, the least of those that wait for nothing any more comes next; different for each.

    Returns:
        The vertices, without those that wait for each other, and for those.
    """
    after: dict[Vertex, list[Vertex]] = {}
    for vertex, earlier in before.items():
        for predecessor in earlier:
            after.setdefault(predecessor, []).append(vertex)
    waiting = {vertex: len(earlier) for vertex, earlier in before.items()}
    ready: list[Any] = [(priority(vertex), vertex) for vertex, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, vertex = heapq.heappop(ready)
        order.append(vertex)
        for successor in after.get(vertex, ()):
            waiting[successor] -= 1
            if waiting[successor] == 0:
                heapq.heappush(ready, (priority(successor), successor))
    return order


def cyclic_components(before: Mapping[Vertex, set[Vertex]]) -> list[list[Vertex]]:
    """The strongly connected components that have a cycle in them (Tarjan's algorithm), in the order of the mapping.

    The vertices of each wait for each other, or for themselves.
    """
    number: dict[Vertex, int] = {}
    lowest: dict[Vertex, int] = {}
    open_vertices: dict[Vertex, None] = {}
    components: list[set[Vertex]] = []
    for start in before:
        waiting = [] if start in number else [(start, iter(before[start]))]
        while waiting:
            name, earlier = waiting[-1]
            if name not in number:
                number[name] = lowest[name] = len(number)
                open_vertices[name] = None
            predecessor = next(earlier, None)
            if predecessor is None:
                waiting.pop()
                if waiting:
                    around = waiting[-1][0]
                    lowest[around] = min(lowest[around], lowest[name])
                if lowest[name] == number[name]:
                    components.append(set(_closed(open_vertices, name)))
            elif predecessor not in number:
                waiting.append((predecessor, iter(before.get(predecessor, ()))))
            elif predecessor in open_vertices:
                lowest[name] = min(lowest[name], number[predecessor])
    return _in_order(before, components)


def _closed(open_vertices: dict[Vertex, None], first: Vertex) -> Iterator[Vertex]:
    """Take away the vertices from one on, in the order in which they were met."""
    while first in open_vertices:
        name, _ = open_vertices.popitem()
        yield name


def _in_order(before: Mapping[Vertex, set[Vertex]], groups: list[set[Vertex]]) -> list[list[Vertex]]:
    """The groups with a cycle in them."""
    cyclic = [group for group in groups if len(group) > 1 or any(name in before.get(name, ()) for name in group)]
    which = {name: at for at, group in enumerate(cyclic) for name in group}
    ordered: dict[int, list[Vertex]] = {}
    for name in before:
        if name in which:
            ordered.setdefault(which[name], []).append(name)
    return list(ordered.values())


def shortest_cycle(before: Mapping[str, set[str]], start: str) -> list[str] | None:
    """The shortest way from a node back to itself, in the order in which values flow; None if there is none."""
    path = shortest_path(before, start, start)
    return None if path is None else path[:-1]


def shortest_path(before: Mapping[str, set[str]], first: str, last: str) -> list[str] | None:
    """The shortest way on which a value flows from one node to another, both included.

    Args:
        before: For each node, those that are before it.
        first: Where it begins.
        last: Where it ends.

    Returns:
        The nodes on the way; None if there is none.
    """
    came_to: dict[str, str] = {}
    edge: Sequence[str] = [last]
    while edge:
        further = []
        for name in edge:
            for earlier in sorted(before.get(name, ())):
                if earlier not in came_to:
                    came_to[earlier] = name
                    further.append(earlier)
        if first in came_to:
            path = [first]
            while path[-1] != last or len(path) == 1:
                path.append(came_to[path[-1]])
            return path
        edge = further
    return None
