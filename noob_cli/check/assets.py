"""Rules on assets: what is stored in them exists, and each is read by something."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.check.finding import Finding
from noob_cli.check.slots import unknown_reference
from noob_cli.diagnostics import Severity
from noob_cli.graph.graph import Graph
from noob_cli.nodes.kinds import Role


def check_stored_signals(graph: Graph) -> Iterator[Finding]:
    """A002: an asset's `depends` names something that is not the signal of a node."""
    for asset in graph.assets.values():
        stored = asset.stored
        if stored is None:
            continue
        path = (*asset.path, "depends")
        if not stored.is_signal:
            message = f"what is stored in an asset is the signal of a node, found '{stored}'"
            yield Finding("A002", message, path, hint="name a 'node.signal'")
            continue
        storing = graph.storing(asset)
        if storing is not None and storing.kind.role is Role.return_:
            message = f"'{stored.owner}' is a 'return' node: what it takes can be stored, itself not"
            yield Finding("A002", message, path)
        else:
            yield from unknown_reference(graph, stored, path)


def check_unused_assets(graph: Graph) -> Iterator[Finding]:
    """A003: an asset that no node takes, so that a process- or node-scoped one is never made."""
    if graph.broken:
        return
    for asset in graph.assets.values():
        if not graph.readers(asset.id):
            message = f"no node takes the asset '{asset.id}'"
            hint = f"take it in a node's 'depends' as 'assets.{asset.id}', or remove it"
            yield Finding("A003", message, asset.path, hint, at_key=True, severity=Severity.warning)
