"""The loops that maps make: which nodes run once per item, of which maps, and in which pass over the items.

The *level* of a node is the maps around it, from the outermost in. A node that needs an item of a map and also what a
`gather` made of all items runs in a later *pass* over the items. The *frame* of a node is its level with the passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from noob_cli.graph.graph import Argument, Graph, GraphNode
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, ITEMS
from noob_cli.specification.reference import Reference

MOST_NESTED = 100
"""How deep maps may be nested."""

Level = tuple[str, ...]
"""The maps around a node, the outermost first."""

Frame = tuple[tuple[str, int], ...]
"""The same, each with the pass over its items in which the node runs."""


class Loops(NamedTuple):
    """The loops of a tube.

    Args:
        levels: For each node, the maps around it.
        closes: The maps that gathers close, by gather.
        frames: For each node, the maps around it and the pass of each in which it runs.
        unnested: The nodes that depend on maps which are not nested, each with two of their arguments that show it.
        too_deep: The first node with more maps around it than there may be; the rest is not known then.
    """

    levels: Mapping[str, Level]
    closes: Mapping[str, str]
    frames: Mapping[str, Frame]
    unnested: Mapping[str, tuple[Argument, Argument]]
    too_deep: str | None = None

    def level_of(self, graph: Graph, reference: Reference) -> Level:
        """The maps around an event: more than around its node for an item, fewer for what closes a map."""
        return _event_level(graph, self.levels, self.closes, reference)

    def frame_of(self, graph: Graph, reference: Reference) -> Frame:
        """The frame in which an event is there: within the loop for an item, outside of it for what closes a map."""
        frame = self.frames[reference.owner]
        if graph.nodes[reference.owner].kind.role is Role.map and reference.name == ITEMS:
            return (*frame, (reference.owner, 0))
        closed = self.closes.get(reference.owner)
        return frame if closed is None else frame[: [name for name, _ in frame].index(closed)]


def find_loops(graph: Graph, order: list[str], before: Mapping[str, set[str]]) -> Loops:
    """The loops of a tube.

    Args:
        graph: The tube.
        order: Its nodes, each behind those whose signals it takes and those that have their turn before it.
        before: For each node, the nodes that have their turn before it.
    """
    levels: dict[str, Level] = {}
    closes: dict[str, str] = {}
    unnested: dict[str, tuple[Argument, Argument]] = {}
    for name in order:
        node = graph.nodes[name]
        deepest: Argument | None = None
        level: Level = ()
        for argument in _looping_arguments(node):
            needed = _event_level(graph, levels, closes, argument.reference)
            if level[: len(needed)] != needed and needed[: len(level)] != level and deepest is not None:
                unnested[name] = (deepest, argument)
            if len(needed) > len(level):
                level, deepest = needed, argument
        if len(level) > MOST_NESTED:
            return Loops(levels, closes, {}, unnested, too_deep=name)
        levels[name] = level
        closed = _closed_map(graph, node, level)
        if closed is not None:
            closes[name] = closed
    frames = _frames(graph, order, before, levels, closes)
    return Loops(levels, closes, frames, unnested)


def _looping_arguments(node: GraphNode) -> list[Argument]:
    """The arguments that say in which loop a node is; a `return` stands outside of every loop."""
    if node.kind.role is Role.return_:
        return []
    return [argument for argument in node.arguments if argument.reference.is_signal]


def _event_level(graph: Graph, levels: Mapping[str, Level], closes: Mapping[str, str], reference: Reference) -> Level:
    level = levels.get(reference.owner, ())
    node = graph.nodes.get(reference.owner)
    if node is None:
        return ()
    if node.kind.role is Role.map and reference.name == ITEMS:
        return (*level, node.id)
    if node.id in closes:
        return level[: level.index(closes[node.id])]
    return level


def _closed_map(graph: Graph, gather: GraphNode, level: Level) -> str | None:
    """The map around a gather whose number of items is its `n`."""
    if gather.kind.role is not Role.gather:
        return None
    for argument in gather.arguments:
        owner, name = argument.reference.owner, argument.reference.name
        if argument.parameter == COUNT and name == COUNT and owner in level and owner in graph.nodes:
            return owner
    return None


Loop = tuple[Frame, str]
"""The loop over the items of a map, in a frame."""


def _frames(
    graph: Graph,
    order: list[str],
    before: Mapping[str, set[str]],
    levels: Mapping[str, Level],
    closes: Mapping[str, str],
) -> dict[str, Frame]:
    """The frame of each node.

    From the first node to the last it is kept which pass of which loop has to be through before a node runs; a node
    that is in that loop itself runs in a later pass. Behind the last node of a loop that is not needed any more.
    """
    last = {map_: place for place, name in enumerate(order) for map_ in levels[name]}
    frames: dict[str, Frame] = {}
    through: dict[str, dict[Loop, int]] = {}
    for place, name in enumerate(order):
        needed: dict[Loop, int] = {}
        shared: dict[Loop, int] = {}
        for earlier in before[name]:
            for loop, number in through[earlier].items():
                if last.get(loop[1], -1) >= place:
                    needed[loop] = max(needed.get(loop, 0), number)
            for loop, number, has_left in _loops_of(graph, earlier, frames[earlier], closes):
                if has_left:
                    needed[loop] = max(needed.get(loop, 0), number + 1)
                else:
                    shared[loop] = max(shared.get(loop, 0), number)
        frame: Frame = ()
        for map_ in levels[name]:
            loop = (frame, map_)
            frame = (*frame, (map_, max(needed.get(loop, 0), shared.pop(loop, 0))))
        for loop, number in shared.items():
            needed[loop] = max(needed.get(loop, 0), number + 1)
        frames[name] = frame
        through[name] = needed
    return frames


def _loops_of(graph: Graph, name: str, frame: Frame, closes: Mapping[str, str]) -> Iterator[tuple[Loop, int, bool]]:
    """The loops that a node is in, the pass of each, and whether what it emits has left the loop."""
    has_left = False
    for depth, (map_, number) in enumerate(frame):
        has_left = has_left or closes.get(name) == map_
        yield (frame[:depth], map_), number, has_left
    if graph.nodes[name].kind.role is Role.map:
        yield (frame, name), 0, False
