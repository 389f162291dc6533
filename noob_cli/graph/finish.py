"""When a tube has ended: which nodes are finished once some of its sources have nothing more to give."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, TRIGGER


class Finish:
    """Decides whether a tube has ended.

    Args:
        graph: The tube.
        order: Its nodes in the order of their turns.
        disabled: The nodes that don't run.
    """

    def __init__(self, graph: Graph, order: Sequence[str], disabled: Collection[str]) -> None:
        self._graph = graph
        self._order = [graph.nodes[name] for name in order]
        self._disabled = disabled
        self._behind_sources = self._nodes_behind_sources()
        self._sinks = self._enabled_sinks()

    @property
    def is_empty(self) -> bool:
        """Whether the tube has no nodes at all."""
        return not self._order

    def has_ended(self, ended: Collection[str]) -> bool:
        """Whether every sink with a source behind it is finished, or every sink needs a disabled node.

        Args:
            ended: The sources and nested tubes that have ended; any other node among them has ended the tube.

        Returns:
            True if the run is over; False as well if there is no source at all.
        """
        if any(not self._ends_alone(self._graph.nodes[name]) for name in ended):
            return True
        finished = self.finished(ended)
        fed = [sink for sink in self._sinks if sink in self._behind_sources]
        return all(sink in finished for sink in fed or self._sinks)

    def finished(self, ended: Collection[str]) -> set[str]:
        """The nodes that are finished once these sources have ended."""
        finished: set[str] = set()
        for node in self._order:
            if node.id in self._disabled or node.id in ended or self._is_cut_off(node, finished):
                finished.add(node.id)
        return finished

    def cut_off_by(self) -> dict[str, str]:
        """The sinks that never run, each with the disabled node that it needs."""
        finished = self.finished(())
        return {sink: self._disabled_behind(sink, finished) for sink in self._sinks if sink in finished}

    def _disabled_behind(self, name: str, finished: Collection[str]) -> str:
        while name not in self._disabled:
            name = next(each.id for each in self._graph.suppliers(self._graph.nodes[name]) if each.id in finished)
        return name

    def _is_cut_off(self, node: GraphNode, finished: Collection[str]) -> bool:
        """Whether a required slot, or all slots with sources behind them, get nothing any more."""
        signals = [each for each in node.arguments if each.reference.is_signal]
        if node.kind.role is Role.gather:
            # What is collected is emitted as long as something can ask for it.
            asking = [each for each in signals if each.parameter in (COUNT, TRIGGER)]
            if asking:
                return any(each.reference.owner in finished for each in asking)
        if any(not each.optional and each.reference.owner in finished for each in signals):
            return True
        fed = {each.reference.owner for each in signals} & self._behind_sources
        return bool(fed) and all(owner in finished for owner in fed)

    def _ends_alone(self, node: GraphNode) -> bool:
        return node.is_source or node.kind.role is Role.tube

    def _nodes_behind_sources(self) -> set[str]:
        """The sources, and the nodes that have one behind them."""
        found: set[str] = set()
        for node in self._order:
            if node.is_source or any(each.id in found for each in self._graph.suppliers(node)):
                found.add(node.id)
        return found

    def _enabled_sinks(self) -> list[str]:
        """The enabled nodes on which, directly or not, no enabled node depends."""
        needed: set[str] = set()
        for node in reversed(self._order):
            if node.id in needed or node.id not in self._disabled:
                needed |= {each.id for each in self._graph.suppliers(node)}
        return [node.id for node in self._order if node.id not in self._disabled and node.id not in needed]
