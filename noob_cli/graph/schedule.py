"""The turns of an epoch: nodes and loops, each loop with turns of its own, in the order that the file fixes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from noob_cli.graph.graph import Graph
from noob_cli.graph.loops import Frame, Loops, find_loops
from noob_cli.graph.order import cyclic_components, execution_order, predecessors, topological_order
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import Role
from noob_cli.struct import Struct, field

Scheduled = str | tuple[str, int]
"""What has a turn: a node, or a pass over the items of a map."""


class Turn(NamedTuple):
    """The turn of a node, or of a loop.

    Args:
        node: The node; None for a loop.
        loop: The map and the pass over its items; None for a node.
        begins: Whether the map itself has its turn first, and reads its items.
        body: The turns inside of the loop, for each item.
    """

    node: str | None = None
    loop: tuple[str, int] | None = None
    begins: bool = False
    body: tuple[Turn, ...] = ()


class Schedule(Struct):
    """Who has a turn when, in an epoch.

    Args:
        loops: The loops of the tube.
        order: The nodes, each behind those that it waits for; those are left out that wait for each other.
        turns: The turns, in order.
        stuck: Groups of loops and nodes that wait for each other, so that none of them can have a turn.
    """

    loops: Loops
    order: list[str]
    turns: tuple[Turn, ...] = ()
    stuck: list[list[Scheduled]] = field(factory=list)

    def nodes(self) -> Iterator[str]:
        """The nodes in the order of their turns; a map before what is in its loop."""
        return _nodes_of(self.turns)


def make_schedule(graph: Graph) -> Schedule:
    """The turns of an epoch of a tube whose nodes do not wait for each other.

    Sources come first, in the order of the file; then again and again the first in the file whose predecessors have
    all had their turn. A loop takes its turn as one node, at the place of its map, a further pass at that of the first
    node in it.
    """
    before = predecessors(graph)
    order = execution_order(graph, before)
    before = {name: before[name] for name in order}
    loops = find_loops(graph, order, before)
    if loops.too_deep is not None:
        return Schedule(loops, order)
    return _Scheduler(graph, loops, order, before).schedule()


class _Scheduler:
    """Finds the turns: where the ways to two nodes part, one unit waits for the other."""

    def __init__(self, graph: Graph, loops: Loops, order: list[str], before: Mapping[str, set[str]]) -> None:
        self._graph = graph
        self._schedule = Schedule(loops, order)
        self._places: dict[Frame, dict[Scheduled, tuple[bool, int]]] = {(): {}}
        self._before: dict[Frame, dict[Scheduled, set[Scheduled]]] = {}
        for name in order:
            self._place(name)
        for name in order:
            for earlier in before[name]:
                self._connect(earlier, name)

    def schedule(self) -> Schedule:
        self._schedule.turns = self._turns(())
        return self._schedule

    def _way(self, name: str) -> tuple[Scheduled, ...]:
        """The loops that a node is in, from the outermost in, and then itself; a map is in the loop that it makes."""
        itself: Scheduled = (name, 0) if self._graph.nodes[name].kind.role is Role.map else name
        return (*self._schedule.loops.frames[name], itself)

    def _place(self, name: str) -> None:
        node = self._graph.nodes[name]
        way = self._way(name)
        for depth, unit in enumerate(way):
            frame: Frame = way[:depth]  # type: ignore[assignment]
            known = self._places.setdefault(frame, {})
            is_own = depth == len(way) - 1
            place = (not (node.is_source and is_own), node.place)
            if is_own and not isinstance(unit, str):
                known[unit] = place
                self._places.setdefault(way, {})  # type: ignore[arg-type]
            elif unit not in known or (not self._begins(unit, frame) and place < known[unit]):
                known[unit] = place

    def _connect(self, earlier: str, later: str) -> None:
        """Let the unit that one node is in come before the unit that another is in, where their ways part."""
        one, other = self._way(earlier), self._way(later)
        for depth, (first, second) in enumerate(zip(one, other, strict=False)):
            if first != second:
                units = self._before.setdefault(one[:depth], {})  # type: ignore[arg-type]
                units.setdefault(second, set()).add(first)
                return

    def _turns(self, frame: Frame) -> tuple[Turn, ...]:
        places = self._places.get(frame, {})
        known = self._before.get(frame, {})
        before = {unit: known.get(unit, set()) for unit in places}
        turns = {
            unit: self._turn(unit, frame) for unit in topological_order(before, lambda unit: (*places[unit], unit))
        }
        self._schedule.stuck += cyclic_components(
            {unit: earlier for unit, earlier in before.items() if unit not in turns}
        )
        return tuple(turns.values())

    def _turn(self, unit: Scheduled, frame: Frame) -> Turn:
        if isinstance(unit, str):
            return Turn(node=unit)
        return Turn(loop=unit, begins=self._begins(unit, frame), body=self._turns((*frame, unit)))

    def _begins(self, unit: Scheduled, frame: Frame) -> bool:
        """Whether a loop is the one that its map makes itself, and no further pass."""
        return not isinstance(unit, str) and unit[1] == 0 and self._schedule.loops.frames[unit[0]] == frame


def _nodes_of(turns: tuple[Turn, ...]) -> Iterator[str]:
    for turn in turns:
        if turn.node is not None:
            yield turn.node
        elif turn.loop is not None:
            if turn.begins:
                yield turn.loop[0]
            yield from _nodes_of(turn.body)
