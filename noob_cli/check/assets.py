"""Rules on assets: each is read by something."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noob_cli.check.finding import Finding
from noob_cli.diagnostics import Severity
from noob_cli.graph.graph import Graph
from noob_cli.specification.reference import ASSETS, Reference


def check_unused_assets(graph: Graph, passed_over: Collection[Reference]) -> Iterator[Finding]:
    """A003: an asset that no node takes, so that a process- or node-scoped one is never made.

    Args:
        graph: A tube in which nothing is wrong: what is unused may otherwise be what is missing elsewhere.
        passed_over: What is named where nothing is read.
    """
    for asset in graph.assets.values():
        if not graph.readers(asset.id) and Reference(ASSETS, asset.id) not in passed_over:
            message = f"no node takes the asset '{asset.id}'"
            hint = f"take it in a node's 'depends' as 'assets.{asset.id}', or remove it"
            yield Finding("A003", message, asset.path, hint, at_key=True, severity=Severity.warning)
