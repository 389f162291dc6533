"""Rules on params: the fixed arguments fit what makes a node, or is called, and what makes an asset."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from noob_cli.check.finding import Finding
from noob_cli.check.slots import misplaced, missing_arguments, not_meant
from noob_cli.diagnostics import DocumentPath, Severity, suggest
from noob_cli.graph.graph import Graph, GraphAsset, GraphNode
from noob_cli.nodes.interface import NOTHING, Interface, interface_of
from noob_cli.nodes.kinds import Making, Role

_GIVEN_TO_NODE_CLASSES = ("id", "spec", "enabled", "stateful")


def check_params(graph: Graph) -> Iterator[Finding]:
    """G006 to G008 for the params of nodes: those that the code does not take, lacks, or gets from `depends` too."""
    for node in graph.nodes.values():
        yield from _wrong_params(node)


def check_asset_params(graph: Graph, parameters: Mapping[str, Interface]) -> Iterator[Finding]:
    """G006 and G007 for assets: params that the code of an asset does not take, and those it lacks.

    Args:
        graph: The tube.
        parameters: What the code of each asset takes.
    """
    for asset in graph.assets.values():
        yield from _wrong_asset_params(asset, parameters[asset.id])


def check_start_methods(graph: Graph) -> Iterator[Finding]:
    """G006 for `init` and `deinit`: they are given the runner's context, and nothing else."""
    for node in graph.nodes.values():
        for name in (*node.kind.init, *node.kind.deinit):
            static = isinstance(inspect.getattr_static(node.kind.code, name), staticmethod | classmethod)
            interface = interface_of(getattr(node.kind.code, name), bound=not static)
            missing = [slot.name for slot in interface.slots.values() if slot.required]
            if missing:
                hint = "nothing can give it: give it a default"
                yield missing_arguments(f"{node.spec.type_}.{name}", missing, node.path, hint)


def _wrong_params(node: GraphNode) -> Iterator[Finding]:
    path = (*node.path, "params")
    params = node.spec.params or {}
    if node.kind.role is Role.return_:
        for name in params:
            message = f"a 'return' node takes no params, found '{name}'"
            yield Finding("G007", message, (*path, name), hint="what it returns is given in 'depends'", at_key=True)
        return
    kind, parameters = node.spec.type_, node.kind.parameters
    yield from _unknown_params(kind, params, parameters, path, node.kind.interface)
    if node.kind.making is Making.nothing:
        yield from _not_used(node, path)
    else:
        yield from _not_there_yet(node)
    if node.kind.making is not Making.nothing or parameters is not node.kind.interface:
        yield from _missing_params(node)


def _not_used(node: GraphNode, path: DocumentPath) -> Iterator[Finding]:
    """G008: a param that `depends` gives as well."""
    given = {argument.parameter for argument in node.arguments}
    for name in node.spec.params or {}:
        if name in given:
            message = f"'{name}' is given in 'depends' as well, which holds: this param is not used"
            hint = "remove one of the two"
            yield Finding("G008", message, (*path, name), hint, at_key=True, severity=Severity.warning)


def _missing_params(node: GraphNode) -> Iterator[Finding]:
    if node.kind.role is Role.source and node.arguments:
        # It was meant to be given what `depends` gives.
        return
    slots = node.kind.parameters.slots
    given = [*(node.spec.params or {}), *(_GIVEN_TO_NODE_CLASSES if node.kind.is_node_class else ())]
    missing = [slot.name for slot in slots.values() if slot.required and slot.name not in given]
    missing = [name for name in missing if name not in misplaced(node)]
    missing = not_meant(missing, [name for name in node.spec.params or {} if name not in slots], slots)
    if missing:
        yield missing_arguments(node.spec.type_, missing, node.path, "give it in 'params'")


def _not_there_yet(node: GraphNode) -> Iterator[Finding]:
    """What is made at the start can't be given what belongs to an epoch, nor the context that `init` may ask for."""
    parameters = node.kind.parameters
    for name in (parameters.epoch, parameters.events, parameters.context):
        if name is not None:
            message = f"'{name}' of '{node.spec.type_}' can't be filled: this is called once, before the first epoch"
            hint = "ask for it in the process method, or, for a RunnerContext, in 'init'"
            yield Finding("G006", message, node.path, hint, at_key=True)


def _wrong_asset_params(asset: GraphAsset, parameters: Interface) -> Iterator[Finding]:
    path = (*asset.path, "params")
    params = asset.spec.params or {}
    slots = parameters.slots
    unknown: Iterable[str] = ()
    if isinstance(params, list):
        places = [slot for slot in slots.values() if slot.by_position]
        if len(params) > len(places) and not parameters.any_positions:
            arguments = f"{len(places)} positional argument{'' if len(places) == 1 else 's'}"
            message = f"'{asset.spec.type_}' takes {arguments}, found {len(params)}"
            yield Finding("G007", message, path, hint=f"its parameters: {', '.join(slots)}" if slots else None)
        supplied = {slot.name for slot in places[: len(params)]}
    else:
        yield from _unknown_params(asset.spec.type_, params, parameters, path)
        supplied = set(params)
        unknown = [name for name in params if name not in slots]
    missing = [slot.name for slot in slots.values() if slot.required and slot.name not in supplied]
    missing = not_meant(missing, list(unknown), slots)
    if missing:
        yield missing_arguments(asset.spec.type_, missing, asset.path, "give it in 'params'")


def _unknown_params(
    kind: str, params: Mapping[str, Any], parameters: Interface, path: DocumentPath, calls: Interface = NOTHING
) -> Iterator[Finding]:
    """G007: params that the code does not take.

    Args:
        kind: What the code is called.
        params: What is given.
        parameters: What the code takes.
        path: Where the params are.
        calls: What is taken with every call, if that is something else.
    """
    for name in params:
        if name in (parameters.epoch, parameters.events, parameters.context):
            message = f"'{name}' of '{kind}' is filled by the runner and can't be given"
            yield Finding("G007", message, (*path, name), hint="remove it", at_key=True)
        elif name in parameters.slots:
            if not parameters.slots[name].by_name:
                message = f"'{kind}' takes '{name}' by position only: params are given by name"
                yield Finding("G007", message, (*path, name), hint="give it in 'depends'", at_key=True)
        elif not parameters.any_names:
            is_slot = name in calls.slots
            hint = "it is a slot: give it in 'depends'" if is_slot else suggest(name, parameters.slots, "parameters")
            yield Finding("G007", f"'{kind}' takes no '{name}'", (*path, name), hint, at_key=True)
