"""The last epochs of a run: each node that holds values back until the end gets one of its own, to emit them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noob_cli.graph.graph import GraphNode
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import FLUSH
from noob_cli.tube import Tube


class Flushing(NamedTuple):
    """A node with a last epoch of its own.

    Args:
        node: Its name, with those of the nodes that its tube is nested in.
        is_gather: Whether it is a `gather`, which needs no epoch if it holds nothing.
    """

    node: str
    is_gather: bool


def has_last_epochs(tube: Tube) -> bool:
    """Whether something in a tube may get a last epoch."""
    nodes = tube.graph.nodes.values()
    return any(_flushes(node, tube) for node in nodes) or any(map(has_last_epochs, tube.children.values()))


def last_epochs(tube: Tube, disabled: Collection[str], around: str = "") -> Iterator[Flushing]:
    """The nodes with a last epoch of their own, in the order of those: a nested tube's at its place.

    Args:
        tube: The tube.
        disabled: Its nodes that don't run.
        around: The name of the node that it is, with a dot behind it; empty for the tube that is run.
    """
    if not has_last_epochs(tube):
        return
    for name in tube.schedule.nodes():
        node = tube.graph.nodes[name]
        if name in disabled:
            continue
        if node.kind.role is Role.tube:
            child = tube.children[name]
            yield from last_epochs(child, child.disabled, f"{around}{name}.")
        elif _flushes(node, tube):
            yield Flushing(around + name, node.kind.role is Role.gather)


def _flushes(node: GraphNode, tube: Tube) -> bool:
    if node.kind.role is Role.gather:
        return bool(tube.resolved(node.spec.params or {}).get(FLUSH, False))
    return node.kind.flush is not None
