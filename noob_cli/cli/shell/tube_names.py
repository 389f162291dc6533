"""The names of what is in a tube, as a run tells of it: in a nested one, with those of the nodes around."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.loading.loaded import Loaded
from noob_cli.specification.asset import AssetScope
from noob_cli.specification.input import InputScope
from noob_cli.tube import Tube


def node_names(tube: Tube | Loaded, around: str = "") -> Iterator[str]:
    """The names of the nodes of a tube; those of a nested one come after the node that it is.

    Args:
        tube: The tube.
        around: What the names begin with.
    """
    for name in tube.graph.nodes:
        yield around + name
        if name in tube.children:
            yield from node_names(tube.children[name], f"{around}{name}.")


def value_names(tube: Tube | Loaded, around: str = "") -> Iterator[str]:
    """The names of all that may be watched.

    Args:
        tube: The tube.
        around: What the names begin with.
    """
    graph = tube.graph
    for name, node in graph.nodes.items():
        # What an epoch returns is one value, whatever it has in it.
        signals = ["value"] if node is graph.return_node else [signal.name for signal in node.kind.interface.signals]
        yield from (f"{around}{name}.{signal}" for signal in signals)
        if name in tube.children:
            yield from value_names(tube.children[name], f"{around}{name}.")
    yield from (f"{around}assets.{name}" for name, asset in graph.assets.items() if asset.scope is AssetScope.runner)
    yield from (f"{around}input.{name}" for name, spec in graph.inputs.items() if spec.scope is InputScope.process)
