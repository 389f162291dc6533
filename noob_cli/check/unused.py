"""Rules on what nothing takes. They are asked of tubes only in which nothing else is wrong.

What seems unused in another tube may be what is missing elsewhere in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noob_cli.advice import REMOVE, Advice
from noob_cli.check.finding import Finding
from noob_cli.diagnostics import Severity
from noob_cli.graph.graph import Graph
from noob_cli.specification.asset import AssetScope
from noob_cli.specification.reference import ASSETS, INPUT, Reference, inputs_in, parse_reference


def check_unused(graph: Graph, passed_over: Collection[Reference]) -> Iterator[Finding]:
    """A003, I004, A006 and A007: assets and inputs that nothing takes, and what says nothing of one.

    Args:
        graph: The tube.
        passed_over: The inputs and assets that are named where nothing is read.
    """
    yield from _unused_assets(graph, passed_over)
    yield from _unused_inputs(graph, passed_over)
    yield from _carried_without_state(graph)
    yield from _checkpoint_without_effect(graph)


def _unused_assets(graph: Graph, passed_over: Collection[Reference]) -> Iterator[Finding]:
    """A003: an asset that no node takes, so that a process- or node-scoped one is never made."""
    for asset in graph.assets.values():
        if not graph.readers(asset.id) and Reference(ASSETS, asset.id) not in passed_over:
            message = f"no node takes the asset '{asset.id}'"
            hint = Advice(f"take it in a node's 'depends' as 'assets.{asset.id}', or remove it", REMOVE)
            yield Finding("A003", message, asset.path, hint, at_key=True, severity=Severity.warning)


def _carried_without_state(graph: Graph) -> Iterator[Finding]:
    """A006: a carried asset that is said to keep nothing."""
    for asset in graph.assets.values():
        if asset.stored is not None and asset.spec.stateful is False:
            message = f"the asset '{asset.id}' is carried, so that its users run in the order of the epochs"
            hint = Advice("remove 'stateful: false'", REMOVE)
            yield Finding("A006", message, (*asset.path, "stateful"), hint, severity=Severity.warning)


def _checkpoint_without_effect(graph: Graph) -> Iterator[Finding]:
    """A007: an asset that says whether checkpoints hold it, and of which that is known."""
    for asset in graph.assets.values():
        if asset.spec.checkpoint is None:
            continue
        if asset.scope is not AssetScope.runner:
            message = f"the asset '{asset.id}' has scope '{asset.scope.value}', and ends before a checkpoint is saved"
        elif asset.stored is not None:
            message = f"the asset '{asset.id}' is carried, and what it carries is in every checkpoint"
        else:
            continue
        hint = Advice("remove 'checkpoint'", REMOVE)
        yield Finding("A007", message, (*asset.path, "checkpoint"), hint, severity=Severity.warning)


def _unused_inputs(graph: Graph, passed_over: Collection[Reference]) -> Iterator[Finding]:
    """I004: an input that nothing uses."""
    used = {reference.name for reference in passed_over if reference.is_input}
    for node in graph.nodes.values():
        used.update(node.takes(INPUT))
        used.update(name for name, _ in node.inputs_in_params())
        if isinstance(node.spec.enabled, str):
            used.add(parse_reference(node.spec.enabled).name)
    for asset in graph.assets.values():
        used.update(name for name, _ in inputs_in(asset.spec.params))
    for name in graph.inputs:
        if name not in used:
            message = f"nothing uses the input '{name}'"
            hint = Advice(f"take it as 'input.{name}' in a 'depends' or in 'params', or remove it", REMOVE)
            yield Finding("I004", message, (INPUT, name), hint, at_key=True, severity=Severity.warning)
