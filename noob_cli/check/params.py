"""Rules on params: the fixed arguments fit what makes a node, or is called, and what makes an asset."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from noob_cli.advice import REMOVE, REMOVE_IT, Action, Advice, Change
from noob_cli.assets.asset import is_asset_class, parameters_of
from noob_cli.check.finding import Finding
from noob_cli.check.slots import (
    gap,
    misplaced,
    missing_arguments,
    not_meant,
    positions_of,
    second_ones,
    severity_of_unknown,
    severity_of_unknown_in,
    unknown_names,
)
from noob_cli.check.values import described
from noob_cli.code.interface import NOTHING, Interface, Param, interface_of, params_of
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.graph.graph import Argument, Graph, GraphAsset, GraphNode
from noob_cli.nodes.kinds import Making, Role
from noob_cli.specification.reference import input_named
from noob_cli.spelling import suggest
from noob_cli.wording import listing

_GIVEN_TO_NODE_CLASSES = ("id", "spec", "enabled", "stateful")


def check_params(graph: Graph) -> Iterator[Finding]:
    """G006 to G008 for the params of nodes: those that the code does not take, lacks, or gets from `depends` too."""
    for node in graph.nodes.values():
        yield from _wrong_params(node)


def check_asset_params(graph: Graph) -> Iterator[Finding]:
    """G006 and G007 for assets: params that the code of an asset does not take, and those it lacks."""
    for asset in graph.assets.values():
        yield from _wrong_asset_params(asset, parameters_of(asset.code))
        yield from _wrong_asset_methods(asset)


def check_start_methods(graph: Graph) -> Iterator[Finding]:
    """G006 for `init` and `deinit` of nodes: they are given the runner's context, and nothing else."""
    for node in graph.nodes.values():
        for name in (*node.kind.init, *node.kind.deinit):
            interface = _method(node.kind.cls, name)
            missing = [*interface.missing(()), *interface.never_filled(interface.context)]
            if missing:
                hint = "nothing can give it: give it a default"
                yield missing_arguments(f"{node.callee}.{name}", missing, node.path, hint)


def _method(cls: Any, name: str) -> Interface:
    """What a method of a class takes when it is called on an instance."""
    is_bound = isinstance(inspect.getattr_static(cls, name), staticmethod | classmethod)
    return interface_of(getattr(cls, name), bound=not is_bound)


def _wrong_params(node: GraphNode) -> Iterator[Finding]:
    path = (*node.path, "params")
    params = node.spec.params or {}
    if node.kind.role is Role.return_:
        for name in params:
            message = f"a 'return' node takes no params, found '{name}'"
            hint = Advice("remove it: what it returns is given in 'depends'", REMOVE)
            yield Finding("G007", message, (*path, name), hint, at_key=True)
        return
    kind, parameters, declared = node.callee, node.kind.parameters, node.declared
    is_call = node.kind.making is Making.nothing
    severity = severity_of_unknown_in(node) if is_call else severity_of_unknown(*_names_in_making(node), parameters)
    yield from _unknown_params(kind, declared, parameters, path, severity, node.kind.interface)
    yield from _given_twice(declared, path)
    yield from _gaps(declared, parameters, path, node.arguments if node.kind.is_one_call else ())
    if node.kind.is_one_call:
        yield from _not_used(node, path)
    if node.kind.making is not Making.nothing:
        yield from _not_there_yet(node)
    if not is_call or parameters is not node.kind.interface:
        yield from _missing_params(node)


def _not_used(node: GraphNode, path: DocumentPath) -> Iterator[Finding]:
    """G008: a param that `depends` gives as well."""
    in_depends = {argument.means for argument in node.arguments}
    for param in node.declared:
        if param.means in in_depends:
            message = f"{_called(param)} is given in 'depends' as well, which holds: this param is not used"
            hint = Advice("remove one of the two", REMOVE)
            yield Finding("G008", message, (*path, param.key), hint, at_key=True, severity=Severity.warning)


def _given_twice(params: Sequence[Param], path: DocumentPath) -> Iterator[Finding]:
    """G005: an argument that is given by its name and by its position."""
    for param, first in second_ones(params):
        yield Finding(
            "G005",
            f"the argument {_called(param)} is given a second time",
            (*path, param.key),
            hint=Advice("give it by its name or by its position", REMOVE),
            at_key=True,
            related=(("the first is here", (*path, first.key)),),
        )


def _gaps(
    params: Sequence[Param], parameters: Interface, path: DocumentPath, arguments: Sequence[Argument] = ()
) -> Iterator[Finding]:
    """G007: an argument that can be given by position only, while one before it is not given."""
    supplied = {param.slot for param in params} | {argument.slot for argument in arguments}
    for param in params:
        if not _is_too_far(param, parameters):
            yield from gap("G007", param.slot, supplied, parameters, (*path, param.key), (*path[:-1], "depends"))


def _is_too_far(param: Param, parameters: Interface) -> bool:
    return isinstance(param.key, int) and param.parameter is None and not parameters.any_positions


def _called(param: Param) -> str:
    """An argument in words: its name where it has one, and its position where that is how the file gives it."""
    position = f"position {param.key}" if isinstance(param.key, int) else ""
    name = "" if param.parameter is None else f"'{param.parameter}'"
    return f"{name} ({position})" if name and position else name or position


def _missing_params(node: GraphNode) -> Iterator[Finding]:
    parameters = node.kind.parameters
    missing, unknown = _names_in_making(node)
    missing = not_meant(missing, [*unknown, *misplaced(node)], parameters.slots)
    if missing:
        hint = "give it in 'params'"
        yield missing_arguments(node.callee, missing, node.path, hint, parameters.may_fill)


def _names_in_making(node: GraphNode) -> tuple[list[str], list[str]]:
    """The names that what makes a node lacks, and those that it is given and does not have."""
    parameters, declared = node.kind.parameters, node.declared
    supplied = {
        *(param.parameter for param in declared),
        *(argument.parameter for argument in node.arguments if node.kind.is_one_call),
        *(_GIVEN_TO_NODE_CLASSES if node.kind.is_node_class else ()),
        *misplaced(node),
    }
    return parameters.missing(supplied), [] if parameters.any_names else unknown_names(declared, parameters.slots)


def _not_there_yet(node: GraphNode) -> Iterator[Finding]:
    """What is made at the start can't be given what belongs to an epoch, nor the context that `init` may ask for."""
    for name in node.kind.parameters.never_filled():
        message = f"'{name}' of '{node.callee}' can't be filled: this is called once, before the first epoch"
        hint = "give it a default, or ask for it in the process method, or, for a RunnerContext, in 'init' or 'deinit'"
        if node.kind.making is Making.generator:
            hint = "give it a default, or write a class that asks for it in a process method that yields"
        yield Finding("G006", message, node.path, hint, at_key=True)


def _wrong_asset_params(asset: GraphAsset, parameters: Interface) -> Iterator[Finding]:
    path = (*asset.path, "params")
    params = asset.spec.params or {}
    slots = parameters.slots
    unknown: Sequence[str] = ()
    if isinstance(params, list):
        places = [slot for slot in slots.values() if slot.by_position]
        if len(params) > len(places) and not parameters.any_positions:
            message = f"{positions_of(asset.spec.type_, parameters)}, found {len(params)}"
            yield Finding("G007", message, path, _parameters_hint(slots, (*path, len(places))))
        missing = parameters.missing({slot.name for slot in places[: len(params)]})
    else:
        declared = params_of(params, parameters)
        missing = parameters.missing({param.parameter for param in declared})
        unknown = [] if parameters.any_names else unknown_names(declared, slots)
        severity = severity_of_unknown(missing, unknown, parameters)
        yield from _unknown_params(asset.spec.type_, declared, parameters, path, severity)
        yield from _given_twice(declared, path)
        yield from _gaps(declared, parameters, path)
    missing = not_meant(missing, unknown, slots)
    if missing:
        hint = "give it in 'params'"
        yield missing_arguments(asset.spec.type_, missing, asset.path, hint, parameters.may_fill)
    yield from _needed_by_asset(asset.spec.type_, parameters.never_filled(), asset)


def _wrong_asset_methods(asset: GraphAsset) -> Iterator[Finding]:
    """G006 for the `init` and the `deinit` of a subclass of `Asset`, which are given nothing."""
    if is_asset_class(asset.code):
        for name in ("init", "deinit"):
            interface = _method(asset.code, name)
            needed = [*interface.missing(()), *interface.never_filled()]
            yield from _needed_by_asset(f"{asset.spec.type_}.{name}", needed, asset)


def _needed_by_asset(code: str, needed: Sequence[str], asset: GraphAsset) -> Iterator[Finding]:
    if needed:
        yield missing_arguments(code, needed, asset.path, "nothing can give it: give it a default")


def _unknown_params(
    kind: str,
    params: Iterable[Param],
    parameters: Interface,
    path: DocumentPath,
    severity: Severity,
    calls: Interface = NOTHING,
) -> Iterator[Finding]:
    """G007: params that the code does not take.

    Args:
        kind: What the code is called.
        params: What is given.
        parameters: What the code takes.
        path: Where the params are.
        severity: How bad it is to give a name that does not exist.
        calls: What is taken with every call, if that is something else.
    """
    for param in params:
        if param.key in parameters.slots or isinstance(param.key, int):
            wrong, how_bad = _wrong_param(kind, param, parameters), Severity.error
        else:
            wrong, how_bad = _unknown_param(kind, param, parameters, severity, calls), severity
        if wrong is not None:
            message, hint = wrong
            yield Finding("G007", message, (*path, param.key), hint, at_key=True, severity=how_bad)


def _parameters_hint(names: Collection[str], at: DocumentPath | None = None) -> str:
    text = f"remove what it does not take: its parameters are {listing(list(names))}" if names else "remove it"
    return Advice(text, Change(Action.remove, at=at))


def _wrong_param(kind: str, param: Param, parameters: Interface) -> tuple[str, str | None] | None:
    """Why the code does not take a param in the way it is given, and what to do; None if it does."""
    key, slots = param.key, parameters.slots
    if isinstance(key, int):
        if not _is_too_far(param, parameters):
            return None
        return f"{positions_of(kind, parameters)}, this is number {key + 1}", _parameters_hint(slots)
    if slots[key].by_name:
        return None
    position = parameters.position(key)
    return f"'{kind}' takes '{key}' by position only", Advice(
        f"give it by its position: '{position}: {_value(param)}'", Change(Action.replace, str(position), key)
    )


def _unknown_param(
    kind: str, param: Param, parameters: Interface, severity: Severity, calls: Interface
) -> tuple[str, str | None] | None:
    """Why the code does not take a param of some name, and what to do; None if it does."""
    name = str(param.key)
    if name in parameters.injected:
        return f"'{name}' of '{kind}' is filled by the runner and can't be given", REMOVE_IT
    if parameters.any_names:
        return None
    ignores = " and ignores it" if severity is Severity.warning else ""
    hint = suggest(name, parameters.slots, "parameters")
    if name in calls.slots:
        moved = [Change(Action.move, "depends")] if input_named(param.value) is not None else []
        hint = Advice("it is a slot: give it in 'depends'", *moved)
    return f"'{kind}' takes no '{name}'{ignores}", hint


def _value(param: Param) -> str:
    value = param.value
    return value if isinstance(value, str) and len(value) <= 40 else described(value)
