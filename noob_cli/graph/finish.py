"""When a tube has ended: which nodes are finished once some of its sources have nothing more to give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, TRIGGER


class NodeFinish(NamedTuple):
    """When a node of a tube is finished.

    Args:
        node: Its name.
        with_any: The nodes of which it needs each, so that it is finished with the first of them.
        with_all: The nodes with sources behind them that supply it, with the last of which it is finished.
        suppliers: All nodes that supply it.
        ends_alone: Whether it may end while its tube goes on: a source, or a nested tube.
    """

    node: str
    with_any: frozenset[str]
    with_all: frozenset[str]
    suppliers: tuple[str, ...]
    ends_alone: bool


class Finish(NamedTuple):
    """Decides whether a tube has ended.

    Args:
        nodes: Its nodes in the order of their turns, each with when it is finished.
        disabled: Those of them that don't run.
        sinks: The enabled nodes on which, directly or not, no enabled node depends.
        deciding: Those of them that have to be finished for the tube to have ended: the ones with a source behind
            them, or all.
    """

    nodes: tuple[NodeFinish, ...]
    disabled: frozenset[str]
    sinks: tuple[str, ...]
    deciding: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the tube has no nodes at all."""
        return not self.nodes

    def has_ended(self, ended: Collection[str]) -> bool:
        """Whether every sink with a source behind it is finished, or every sink needs a disabled node.

        Args:
            ended: The sources and nested tubes that have ended; any other node among them has ended the tube.

        Returns:
            True if the run is over; False as well if there is no source at all.
        """
        if ended and any(node.node in ended and not node.ends_alone for node in self.nodes):
            return True
        finished = self.finished(ended)
        return all(sink in finished for sink in self.deciding)

    def finished(self, ended: Collection[str]) -> set[str]:
        """The nodes that are finished once these sources have ended."""
        finished: set[str] = set()
        for node in self.nodes:
            is_cut_off = not node.with_any.isdisjoint(finished) or (node.with_all and node.with_all <= finished)
            if is_cut_off or node.node in ended or node.node in self.disabled:
                finished.add(node.node)
        return finished

    def cut_off_by(self) -> dict[str, str]:
        """The sinks that never run, each with the disabled node that it needs."""
        finished = self.finished(())
        suppliers = {node.node: node.suppliers for node in self.nodes}
        cut_off: dict[str, str] = {}
        for sink in self.sinks:
            if sink in finished:
                name = sink
                while name not in self.disabled:
                    name = next(supplier for supplier in suppliers[name] if supplier in finished)
                cut_off[sink] = name
        return cut_off


def finish_of(graph: Graph, order: Iterable[str], disabled: Collection[str]) -> Finish:
    """What decides whether a tube has ended.

    Args:
        graph: The tube.
        order: Its nodes in the order of their turns.
        disabled: The nodes that don't run.
    """
    nodes = [graph.nodes[name] for name in order]
    suppliers = {node.id: tuple(supplier.id for supplier in graph.suppliers(node)) for node in nodes}
    behind_sources: set[str] = set()
    for node in nodes:
        if node.is_source or not behind_sources.isdisjoint(suppliers[node.id]):
            behind_sources.add(node.id)
    sinks = _enabled_sinks(nodes, suppliers, disabled)
    return Finish(
        tuple(_node_finish(node, suppliers[node.id], behind_sources) for node in nodes),
        frozenset(disabled),
        sinks,
        tuple(sink for sink in sinks if sink in behind_sources) or sinks,
    )


def _node_finish(node: GraphNode, suppliers: tuple[str, ...], behind_sources: Collection[str]) -> NodeFinish:
    """A node is cut off if a required slot, or all slots with sources behind them, get nothing any more."""
    ends_alone = node.is_source or node.kind.role is Role.tube
    signals = [argument for argument in node.arguments if argument.reference.is_signal]
    if node.kind.role is Role.gather:
        # What is collected is emitted as long as something can ask for it.
        asking = [argument.reference.owner for argument in signals if argument.parameter in (COUNT, TRIGGER)]
        if asking:
            return NodeFinish(node.id, frozenset(asking), frozenset(), suppliers, ends_alone)
    required = frozenset(argument.reference.owner for argument in signals if not argument.optional)
    fed = frozenset(argument.reference.owner for argument in signals).intersection(behind_sources)
    return NodeFinish(node.id, required, fed, suppliers, ends_alone)


def _enabled_sinks(
    nodes: Sequence[GraphNode], suppliers: dict[str, tuple[str, ...]], disabled: Collection[str]
) -> tuple[str, ...]:
    needed: set[str] = set()
    for node in reversed(nodes):
        if node.id in needed or node.id not in disabled:
            needed.update(suppliers[node.id])
    return tuple(node.id for node in nodes if node.id not in disabled and node.id not in needed)
