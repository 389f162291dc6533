"""Rules on what is said of a node's calls: `retry`, `timeout` and `rate` need calls of which it can be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from noob_cli.check.finding import Finding
from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.nodes.kinds import Role
from noob_cli.specification.node import ABOUT_CALLS

_NO_CALLS: Mapping[Role, tuple[str, str]] = MappingProxyType(
    {
        Role.source: ("is drawn from", "put it on a node behind it; a source that has failed has ended"),
        Role.tube: ("is a tube, which has no calls but those of its nodes", "put it on the nodes in it"),
        Role.map: ("is a 'map', which calls nothing", "put it on a node of its loop"),
        Role.gather: ("is a 'gather', which calls nothing", "put it on a node behind it"),
        Role.return_: ("is a 'return', which calls nothing", "put it on the nodes whose signals it returns"),
    }
)
"""Why there is no call of a node, by what that does, and what to do."""


def check_calls(graph: Graph) -> Iterator[Finding]:
    """G021 and G022: `retry`, `timeout` or `rate` of what is not called, a timeout of what can't be cancelled."""
    for node in graph.nodes.values():
        said = [key for key in ABOUT_CALLS if getattr(node.spec, key) is not None]
        if node.kind.role is not Role.call:
            yield from (_without_calls(node, key) for key in said)
        elif "timeout" in said and not node.kind.coroutine:
            yield _not_cancelled(node)


def _without_calls(node: GraphNode, key: str) -> Finding:
    why, hint = _NO_CALLS[node.kind.role]
    message = f"'{key}' is about the calls of a node, and '{node.id}' {why}"
    return Finding("G021", message, (*node.path, key), hint, at_key=True)


def _not_cancelled(node: GraphNode) -> Finding:
    message = f"'{node.spec.type_}' is no coroutine function, and nothing else can be cancelled when its time is over"
    hint = "make it 'async def', or give what it waits for a timeout there, as in 'urlopen(url, timeout=5)'"
    return Finding("G022", message, (*node.path, "timeout"), hint)
