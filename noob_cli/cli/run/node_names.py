"""The names of the nodes of a tube, as a run tells of them."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.loading.loaded import Loaded
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
