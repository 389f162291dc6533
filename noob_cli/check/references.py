"""Rules on references: the nodes, signals, inputs and assets that are named exist, and can be used there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from noob_cli.advice import Action, Advice, Change, add, did_you_mean, write
from noob_cli.check.finding import Finding, missing_in, signals_of
from noob_cli.diagnostics import DocumentPath
from noob_cli.graph.graph import Graph, GraphAsset, GraphNode
from noob_cli.names import is_reference
from noob_cli.nodes.kinds import Role
from noob_cli.specification.input import InputSpecification
from noob_cli.specification.reference import (
    ASSETS,
    INPUT,
    NOUNS,
    Reference,
    input_named,
    inputs_in,
    parse_reference,
    texts_in,
)
from noob_cli.spelling import nearest, suggest

_ARGUMENT = 4
"""How many steps lead to a param of an entry."""


def check_references(graph: Graph) -> Iterator[Finding]:
    """G001 to G003: a `depends` names a node, signal, input or asset that does not exist."""
    for node in graph.nodes.values():
        for argument in node.arguments:
            yield from _unknown(graph, argument.reference, argument.dependency.path)


def check_stored_signals(graph: Graph) -> Iterator[Finding]:
    """A002: an asset's `depends` names something that is not the signal of a node."""
    for asset in graph.assets.values():
        stored = asset.stored
        if stored is None:
            continue
        path = (*asset.path, "depends")
        if not stored.is_signal:
            message = f"what is stored in an asset is the signal of a node, found '{stored}'"
            named = _named(graph, stored)
            yield Finding("A002", message, path, hint="name a 'node.signal'", explained_by=(named,))
            continue
        storing = graph.storing(asset)
        if storing is not None and storing.kind.role is Role.return_:
            message = f"'{stored.owner}' is a 'return' node and has no signal that could be stored"
            yield Finding("A002", message, path, _instead_of_return(storing))
        else:
            yield from _unknown(graph, stored, path)


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


def check_broken_entries(graph: Graph, data: Any) -> Iterator[Finding]:
    """G001 to G003, I001 and I002 for the entries that something else is wrong with, as far as they can be read.

    Args:
        graph: The tube.
        data: The document that describes it.
    """
    for section, name in sorted(graph.broken, key=str):
        entries = data.get(section)
        entry = entries.get(name) if isinstance(entries, dict) else None
        if section == INPUT or not isinstance(entry, dict):
            continue
        for text, path in texts_in(entry.get("depends"), (section, name, "depends")):
            if is_reference(text):
                yield from _unknown(graph, parse_reference(text), path)
        enabled = entry.get("enabled")
        if isinstance(enabled, str) and input_named(enabled) is not None:
            yield from _wrong_enabled(graph, enabled, (section, name, "enabled"))
        for text, path in inputs_in(_without_tubes(entry.get("params")), (section, name, "params")):
            yield from _wrong_input(graph, text, path)


def _without_tubes(params: Any) -> Any:
    """Params without those that are tubes: these have inputs of their own."""
    if not isinstance(params, dict):
        return params
    return {
        key: value
        for key, value in params.items()
        if key != "tube" and not (isinstance(value, dict) and "nodes" in value)
    }


def without_references(graph: Graph, paths: Collection[DocumentPath]) -> Graph:
    """A graph without the references at some places, so that what is wrong with them is not said in other ways too.

    Args:
        graph: The graph.
        paths: Where the references stand. A source has none in any case that is not there when the run starts.
    """
    nodes = {}
    for name, node in graph.nodes.items():
        kept = tuple(argument for argument in node.arguments if argument.dependency.path not in paths)
        if node.kind.role is Role.source:
            kept = tuple(argument for argument in kept if graph.spec.is_there_at_start(argument.reference))
        nodes[name] = node if len(kept) == len(node.arguments) else node._replace(arguments=kept)
    assets = {name: _without_stored(asset, paths) for name, asset in graph.assets.items()}
    return graph.replace(nodes=nodes, assets=assets)


def _without_stored(asset: GraphAsset, paths: Collection[DocumentPath]) -> GraphAsset:
    if (*asset.path, "depends") not in paths:
        return asset
    return asset._replace(spec=asset.spec.model_copy(update={"depends": None}))


def _unknown(graph: Graph, reference: Reference, path: DocumentPath) -> Iterator[Finding]:
    """What is wrong with a reference, if anything: the entry or the signal that it names does not exist."""
    section, entry = named = _named(graph, reference)
    node = graph.nodes.get(entry)
    if named in graph.broken:
        return
    if section != "nodes":
        if not _exists(graph, named):
            hint = _elsewhere(graph, entry, section) or suggest(entry, graph.names[section], f"{NOUNS[section]}s")
            yield _unknown_entry("G003", graph, named, path, hint)
    elif node is None:
        yield _unknown_entry("G001", graph, named, path, _hint_for_node(graph, reference))
    elif node.kind.role is Role.return_:
        message = f"'{entry}' is a 'return' node and has no signal that others could take"
        yield Finding("G002", message, path, _instead_of_return(node))
    elif node.kind.interface.signal(reference.name) is None:
        signals = [signal.name for signal in node.kind.interface.signals]
        message = f"the node '{entry}' has no signal '{reference.name}'"
        hint = suggest(reference.name, signals, "signals")
        if signals == ["value"] and not hint.startswith("did you mean"):
            hint = Advice(f"{hint}{_how_to_name(reference.name, node)}", *hint.changes)
        yield Finding("G002", message, path, hint, explained_by=(signals_of(node.path),))


def _how_to_name(signal: str, node: GraphNode) -> str:
    """How a node may come to have a signal of some name, behind a hint at those that it has."""
    if node.kind.role is Role.tube:
        return f"; a tube names others in the 'depends' of its 'return': [{{{signal}: node.signal}}]"
    if node.kind.role in (Role.source, Role.call):
        return f'; a function names others in its return annotation: Annotated[..., Name("{signal}")]'
    return ""


def _wrong_input(graph: Graph, name: str, path: DocumentPath) -> Iterator[Finding]:
    if (INPUT, name) in graph.broken:
        return
    if name not in graph.inputs:
        hint = suggest(name, graph.names[INPUT], "inputs")
        yield _unknown_entry("I001", graph, (INPUT, name), path, hint)
    elif graph.inputs[name].scope.value == "process":
        message = f"the input '{name}' has scope 'process': it comes with every epoch and can't be used here"
        yield Finding("I002", message, path, _hint_for_epochs(graph.inputs[name], path))


def _hint_for_epochs(spec: InputSpecification, path: DocumentPath) -> str:
    """What to do about an input that comes with every epoch where that can't be used."""
    is_argument = path[0] == "nodes" and path[2] == "params" and len(path) == _ARGUMENT
    in_depends = Advice("take it in 'depends'", *([Change(Action.move, "depends")] if is_argument else []))
    if spec.record:
        return in_depends
    change = add("scope", "tube", at=(INPUT, spec.id))
    return Advice(f"{in_depends}, or give it scope 'tube'", *in_depends.changes, change)


def _wrong_enabled(graph: Graph, text: str, path: DocumentPath) -> Iterator[Finding]:
    reference = parse_reference(text)
    if not reference.is_input:
        hint = _meant_section(graph, reference) or "to decide it in an epoch, let the node before it return 'NoEvent'"
        yield Finding("K003", f"'enabled' is true, false or an 'input.name', found '{text}'", path, hint)
    else:
        yield from _wrong_input(graph, reference.name, path)


def _named(graph: Graph, reference: Reference) -> tuple[str, str]:
    """The section and the entry that a reference names. An entry may have the name of a section, which is wrong."""
    if reference.is_signal or ("nodes", reference.owner) in graph.broken:
        return "nodes", reference.owner
    return reference.owner, reference.name


def _exists(graph: Graph, named: tuple[str, str]) -> bool:
    section, entry = named
    return entry in {INPUT: graph.inputs, ASSETS: graph.assets, "nodes": graph.nodes}[section] or named in graph.broken


def _unknown_entry(code: str, graph: Graph, named: tuple[str, str], path: DocumentPath, hint: str) -> Finding:
    """What is wrong with a reference to an entry, if nothing is with its name, its section, or what is extended."""
    section, entry = named
    # An entry whose name can't be written in a reference may be called nearly the same there.
    meant = nearest(entry, graph.broken_names[section])
    near = [] if meant is None else [(section, meant)]
    explained_by = (named, (section,), ("extends",), missing_in(()), *near)
    return Finding(code, f"there is no {NOUNS[section]} '{entry}'", path, hint, explained_by=explained_by)


def _hint_for_node(graph: Graph, reference: Reference) -> str:
    owner = reference.owner
    meant = _meant_section(graph, reference) or _elsewhere(graph, owner, "nodes")
    if meant is not None:
        return meant
    hint = suggest(owner, graph.names["nodes"], "nodes")
    # Its signal may have the same name.
    return Advice(hint, *(write(f"{change.text}.{reference.name}") for change in hint.changes))


def _meant_section(graph: Graph, reference: Reference) -> str | None:
    """A hint at `input.x` or `assets.x` for what is written much like it."""
    sections = [section for section in (INPUT, ASSETS) if _exists(graph, (section, reference.name))]
    meant = nearest(reference.owner, tuple(sections))
    return None if meant is None else did_you_mean(f"{meant}.{reference.name}", str(reference))


def _elsewhere(graph: Graph, name: str, section: str) -> str | None:
    """A hint at an input or an asset for something of that name in another section."""
    for other in (INPUT, ASSETS):
        if other != section and _exists(graph, (other, name)):
            named = f"{other}.{name}"
            return Advice(f"the {NOUNS[other]} of that name is '{named}'", write(named))
    return None


def _instead_of_return(node: GraphNode) -> str | None:
    taken = [str(argument.reference) for argument in node.arguments]
    text = f"take '{taken[0]}', which it returns" if len(taken) == 1 else "take one of the signals that it returns"
    return Advice(text, *map(write, taken))
