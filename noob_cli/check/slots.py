"""Rules on slots: what a node is given fits what its code takes."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from noob_cli.check.finding import Finding
from noob_cli.diagnostics import DocumentPath, Severity, suggest
from noob_cli.graph.graph import Argument, Graph, GraphAsset, GraphNode
from noob_cli.nodes.interface import Interface, interface_of
from noob_cli.nodes.kinds import Making, Role
from noob_cli.spec.reference import inputs_in, parse_reference

_GIVEN_TO_NODE_CLASSES = ("id", "spec", "enabled", "stateful")


def check_references(graph: Graph) -> Iterator[Finding]:
    """G001 to G003: a `depends` names a node, signal, input or asset that does not exist."""
    for node in graph.nodes.values():
        for argument in node.arguments:
            yield from unknown_reference(graph, argument.reference, argument.dependency.path)


def unknown_reference(graph: Graph, reference: Any, path: DocumentPath) -> Iterator[Finding]:
    """What is wrong with a reference, if anything: the entry or the signal that it names does not exist."""
    owner, name = reference.owner, reference.name
    if reference.is_input:
        if name not in graph.inputs and ("input", name) not in graph.broken:
            yield Finding("G003", f"there is no input '{name}'", path, suggest(name, graph.inputs, "inputs"))
    elif reference.is_asset:
        if name not in graph.assets and ("assets", name) not in graph.broken:
            yield Finding("G003", f"there is no asset '{name}'", path, suggest(name, graph.assets, "assets"))
    elif ("nodes", owner) in graph.broken:
        return
    elif owner not in graph.nodes:
        yield Finding("G001", f"there is no node '{owner}'", path, suggest(owner, graph.nodes, "nodes"))
    elif graph.nodes[owner].kind.role is Role.return_:
        message = f"'{owner}' is a 'return' node: what it takes can be used by others, itself not"
        yield Finding("G002", message, path)
    elif graph.nodes[owner].kind.interface.signal(name) is None:
        signals = [signal.name for signal in graph.nodes[owner].kind.interface.signals]
        message = f"the node '{owner}' has no signal '{name}'"
        yield Finding("G002", message, path, suggest(name, signals, "signals"))


def check_slots(graph: Graph) -> Iterator[Finding]:
    """G004 to G008: slots that don't exist or are given twice, arguments that are missing or passed twice."""
    for node in graph.nodes.values():
        if node.kind.role is Role.return_:
            yield from _wrong_return(node)
        elif node.kind.role is Role.source or (node.kind.making is Making.iterator):
            yield from _wrong_source(node)
        else:
            yield from _unknown_slots(node)
            yield from _slots_given_twice(node)
            yield from _missing_slots(node)
        yield from _wrong_params(node)


def check_asset_params(graph: Graph, parameters: Mapping[str, Interface]) -> Iterator[Finding]:
    """G006 and G007 for assets: params that the code of an asset does not take, and those it lacks.

    Args:
        graph: The tube.
        parameters: What the code of each asset takes.
    """
    for asset in graph.assets.values():
        yield from _wrong_asset_params(asset, parameters[asset.id])


def check_returns(graph: Graph) -> Iterator[Finding]:
    """G010: a second `return` node."""
    returns = [node for node in graph.nodes.values() if node.kind.role is Role.return_]
    for second in returns[1:]:
        first = returns[0]
        yield Finding(
            "G010",
            f"a tube has one 'return' node: '{first.id}' is one already",
            second.path,
            hint="put what both return into one",
            at_key=True,
            related=((f"'{first.id}' is here", first.path),),
        )


def check_param_inputs(graph: Graph) -> Iterator[Finding]:
    """I001 and I002: a param or `enabled` names an input that does not exist, or one that comes with every epoch."""
    for node in graph.nodes.values():
        for name, path in node.inputs_in_params():
            yield from _wrong_input(graph, name, path)
        if isinstance(node.spec.enabled, str):
            yield from _wrong_enabled(graph, node.spec.enabled, (*node.path, "enabled"))
    for asset in graph.assets.values():
        for name, path in inputs_in(asset.spec.params, (*asset.path, "params")):
            yield from _wrong_input(graph, name, path)


def _wrong_input(graph: Graph, name: str, path: DocumentPath) -> Iterator[Finding]:
    if ("input", name) in graph.broken:
        return
    if name not in graph.inputs:
        yield Finding("I001", f"there is no input '{name}'", path, suggest(name, graph.inputs, "inputs"))
    elif graph.inputs[name].scope.value == "process":
        message = f"the input '{name}' has scope 'process': it comes with every epoch and can't be used here"
        yield Finding("I002", message, path, hint="take it in 'depends', or give it scope 'tube'")


def _wrong_enabled(graph: Graph, text: str, path: DocumentPath) -> Iterator[Finding]:
    reference = parse_reference(text)
    if not reference.is_input:
        yield Finding("K003", f"'enabled' is true, false or an 'input.name', found '{text}'", path)
    else:
        yield from _wrong_input(graph, reference.name, path)


def _wrong_return(node: GraphNode) -> Iterator[Finding]:
    """G009: a `return` that takes values both with names and without, takes nothing, or the same name twice."""
    dependencies = [argument.dependency for argument in node.arguments]
    if not dependencies:
        yield Finding("G009", "a 'return' node needs 'depends': what it returns", node.path, at_key=True)
    named = [each for each in dependencies if each.named]
    if named and len(named) != len(dependencies):
        message = "a 'return' takes all its values with names, and returns a dict, or all without, and returns a list"
        yield Finding("G009", message, (*node.path, "depends"))
    for each in named:
        if isinstance(each.slot, int):
            yield Finding("G009", f"a key of 'return' is a name, found {each.slot}", each.path, at_key=True)
    yield from _slots_given_twice(node)


def _wrong_source(node: GraphNode) -> Iterator[Finding]:
    """G011: a generator is drawn from and takes nothing."""
    if node.arguments:
        yield Finding(
            "G011",
            f"'{node.spec.type_}' is a generator: it is called once, with 'params', and takes no 'depends'",
            (*node.path, "depends"),
            hint="to emit several values for each call, return a list and put a 'map' behind it",
            at_key=True,
        )


def _unknown_slots(node: GraphNode) -> Iterator[Finding]:
    interface = node.kind.interface
    for argument in node.arguments:
        slot = argument.dependency.slot
        if isinstance(slot, int):
            if argument.parameter is None and not interface.any_positions:
                count = sum(slot.by_position for slot in interface.slots.values())
                message = f"'{node.spec.type_}' takes {count} positional arguments, this is number {slot + 1}"
                yield Finding("G004", message, argument.dependency.path, _slots_hint(interface))
            else:
                yield from _gap(node, argument)
        elif slot in interface.slots:
            yield from _gap(node, argument)
        elif not interface.any_names:
            if slot in (interface.epoch, interface.events, interface.context):
                message = f"'{slot}' of '{node.spec.type_}' is filled by the runner and can't be given"
                yield Finding("G004", message, argument.dependency.path, at_key=True)
            else:
                message = f"'{node.spec.type_}' has no slot '{slot}'"
                hint = suggest(slot, interface.slots, "slots")
                yield Finding("G004", message, argument.dependency.path, hint, at_key=True)


def _slots_given_twice(node: GraphNode) -> Iterator[Finding]:
    """G005: a slot that two items of `depends` give, by name or by position."""
    first: dict[object, Argument] = {}
    for argument in node.arguments:
        slot = argument.parameter if argument.parameter is not None else argument.slot
        if slot in first:
            path = argument.dependency.path
            yield Finding(
                "G005",
                f"the slot '{slot}' is given a second time",
                path,
                hint="a slot takes one value",
                at_key=True,
                related=(("the first is here", first[slot].dependency.path),),
            )
        first.setdefault(slot, argument)


def _missing_slots(node: GraphNode) -> Iterator[Finding]:
    """G006: an argument that the code can't be called without, and that nothing supplies."""
    interface = node.kind.interface
    given = {argument.parameter for argument in node.arguments}
    fixed = node.params if node.kind.making is Making.nothing else {}
    missing = [
        slot.name
        for slot in interface.slots.values()
        if slot.required and slot.name not in given and slot.name not in fixed
    ]
    if missing:
        yield _missing(
            node.spec.type_,
            missing,
            node.path,
            "'depends' or 'params'" if node.kind.making is Making.nothing else "'depends'",
        )


def _wrong_params(node: GraphNode) -> Iterator[Finding]:
    """G007 and G008: params that the code does not take, lacks, or gets from `depends` too."""
    path = (*node.path, "params")
    params = node.spec.params or {}
    if node.kind.role is Role.return_:
        for name in params:
            yield Finding(
                "G007",
                f"a 'return' node takes no params, found '{name}'",
                (*path, name),
                at_key=True,
            )
        return
    given = {argument.parameter for argument in node.arguments}
    if node.kind.making is Making.nothing:
        for name in params:
            if name in given:
                message = f"'{name}' is given in 'depends' as well, which holds: this param is not used"
                yield Finding("G008", message, (*path, name), at_key=True, severity=Severity.warning)
        yield from _unknown_params(node.spec.type_, params, node.kind.parameters, path)
        if node.kind.role is Role.tube:
            yield from _missing_params(node, params)
        return
    parameters = node.kind.parameters
    yield from _unknown_params(node.spec.type_, params, parameters, path)
    yield from _not_there_yet(node, parameters)
    yield from _missing_params(node, [*params, *(_GIVEN_TO_NODE_CLASSES if node.kind.is_node_class else ())])


def check_start_methods(graph: Graph) -> Iterator[Finding]:
    """G006 for `init` and `deinit`: they are given the runner's context, and nothing else."""
    for node in graph.nodes.values():
        for name in (*node.kind.init, *node.kind.deinit):
            static = isinstance(inspect.getattr_static(node.kind.code, name), staticmethod | classmethod)
            interface = interface_of(getattr(node.kind.code, name), bound=not static)
            missing = [slot.name for slot in interface.slots.values() if slot.required]
            if missing:
                yield _missing(f"{node.spec.type_}.{name}", missing, node.path, "no way: give it a default")


def _missing_params(node: GraphNode, supplied: Collection[str]) -> Iterator[Finding]:
    slots = node.kind.parameters.slots.values()
    missing = [slot.name for slot in slots if slot.required and slot.name not in supplied]
    if missing:
        yield _missing(node.spec.type_, missing, node.path, "'params'")


def _not_there_yet(node: GraphNode, parameters: Interface) -> Iterator[Finding]:
    """What is made at the start can't be given what belongs to an epoch, nor the context that `init` may ask for."""
    for name in (parameters.epoch, parameters.events, parameters.context):
        if name is not None:
            message = f"'{name}' of '{node.spec.type_}' can't be filled: this is called once, before the first epoch"
            hint = "ask for it in the process method, or, for a RunnerContext, in 'init'"
            yield Finding("G006", message, node.path, hint, at_key=True)


def _wrong_asset_params(asset: GraphAsset, parameters: Interface) -> Iterator[Finding]:
    path = (*asset.path, "params")
    params = asset.spec.params or {}
    slots = list(parameters.slots.values())
    if isinstance(params, list):
        places = [slot for slot in slots if slot.by_position]
        if len(params) > len(places) and not parameters.any_positions:
            message = f"'{asset.spec.type_}' takes {len(places)} positional arguments, found {len(params)}"
            yield Finding("G007", message, path)
        supplied = {slot.name for slot in places[: len(params)]}
    else:
        yield from _unknown_params(asset.spec.type_, params, parameters, path)
        supplied = set(params)
    missing = [slot.name for slot in slots if slot.required and slot.name not in supplied]
    if missing:
        yield _missing(asset.spec.type_, missing, asset.path, "'params'")


def _unknown_params(
    kind: str, params: Mapping[str, Any], parameters: Interface, path: DocumentPath
) -> Iterator[Finding]:
    for name in params:
        if not isinstance(name, str):
            yield Finding("G007", f"the name of a param is a word, found {name!r}", (*path, name), at_key=True)
        elif name in (parameters.epoch, parameters.events, parameters.context):
            message = f"'{name}' of '{kind}' is filled by the runner and can't be given"
            yield Finding("G007", message, (*path, name), at_key=True)
        elif name in parameters.slots:
            if not parameters.slots[name].by_name:
                message = f"'{kind}' takes '{name}' by position only: params are given by name"
                hint = "give it in 'depends'"
                yield Finding("G007", message, (*path, name), hint, at_key=True)
        elif not parameters.any_names:
            hint = suggest(name, parameters.slots, "parameters")
            yield Finding("G007", f"'{kind}' takes no '{name}'", (*path, name), hint, at_key=True)


def _missing(kind: str, missing: list[str], path: DocumentPath, where: str) -> Finding:
    names = ", ".join(f"'{name}'" for name in missing)
    verb = "is" if len(missing) == 1 else "are"
    return Finding(
        "G006",
        f"'{kind}' needs {names}, which {verb} not given",
        path,
        f"give it in {where}",
        at_key=True,
    )


def _slots_hint(interface: Interface) -> str | None:
    return f"its slots: {', '.join(interface.slots)}" if interface.slots else "it takes no arguments"


def _gap(node: GraphNode, argument: Argument) -> Iterator[Finding]:
    """An argument that can be given by position only, while one before it is not given."""
    slot = argument.slot
    if isinstance(slot, int) and slot > 0 and all(each.slot != slot - 1 for each in node.arguments):
        message = f"position {slot} is given, but not position {slot - 1}"
        yield Finding("G004", message, argument.dependency.path, at_key=True)
