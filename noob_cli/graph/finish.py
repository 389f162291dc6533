"""When a tube has ended: which nodes are finished once some of its sources have nothing more to give."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from noob_cli.graph.graph import Graph, GraphNode


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
        depended_on = {each.id for node in self._order for each in graph.suppliers(node)}
        self._sinks = [name for name in order if name in self._behind_sources and name not in depended_on]

    def has_ended(self, ended: Collection[str]) -> bool:
        """Whether every sink with a source behind it is finished.

        Args:
            ended: The sources that have ended.

        Returns:
            True if the run is over; False as well if there is no source at all.
        """
        if not self._sinks:
            return False
        finished = self.finished(ended)
        return all(sink in finished for sink in self._sinks)

    def finished(self, ended: Collection[str]) -> set[str]:
        """The nodes that are finished once these sources have ended."""
        finished: set[str] = set()
        for node in self._order:
            if node.id in self._disabled or node.id in ended or self._is_cut_off(node, finished):
                finished.add(node.id)
        return finished

    def _is_cut_off(self, node: GraphNode, finished: Collection[str]) -> bool:
        """Whether a required slot, or all slots with sources behind them, get nothing any more."""
        signals = [each for each in node.arguments if each.reference.is_signal]
        if any(not each.optional and each.reference.owner in finished for each in signals):
            return True
        fed = {each.reference.owner for each in signals} & self._behind_sources
        return bool(fed) and all(owner in finished for owner in fed)

    def _nodes_behind_sources(self) -> set[str]:
        """The sources, and the nodes that have one behind them."""
        found: set[str] = set()
        for node in self._order:
            if node.is_source or any(each.id in found for each in self._graph.suppliers(node)):
                found.add(node.id)
        return found
