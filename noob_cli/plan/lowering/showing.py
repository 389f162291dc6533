"""Lowering what is shown to who watches the run: the values of signals, of inputs, and what an epoch returns."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noob_cli.graph.graph import GraphNode
from noob_cli.plan.lowering.scope import Scope, when
from noob_cli.plan.place import Place
from noob_cli.plan.steps import Show, Step
from noob_cli.plan.values import Variable
from noob_cli.specification.input import InputScope
from noob_cli.specification.reference import Reference


def signals_shown(scope: Scope, node: GraphNode, names: Collection[str] | None) -> Iterator[Step]:
    """What a node emits.

    Args:
        scope: The tube.
        node: The node.
        names: The signals; None for all.
    """
    for signal in node.kind.interface.signals if scope.context.options.showing else ():
        if names is None or signal.name in names:
            value = scope.signals[Reference(node.id, signal.name)]
            yield from _shown(scope, scope.node_place(node), f"{node.id}.{signal.name}", value)


def inputs_shown(scope: Scope) -> Iterator[Step]:
    """The inputs that come with an epoch."""
    for name, value in scope.inputs.items() if scope.context.options.showing else ():
        if scope.graph.inputs[name].scope is InputScope.process:
            yield from _shown(scope, scope.place("input", name, "input", name), f"input.{name}", value)


def result_shown(scope: Scope, result: Variable | None) -> Iterator[Step]:
    """What an epoch returns.

    Args:
        scope: The tube.
        result: What holds it; None if it never returns anything.
    """
    node = scope.graph.return_node
    if scope.context.options.showing and node is not None and result is not None:
        yield from _shown(scope, scope.node_place(node), f"{node.id}.value", result)


def _shown(scope: Scope, place: Place, name: str, value: Variable) -> Iterator[Step]:
    names = scope.context.names
    wanted = scope.wanted(name.replace(".", "_"))
    last, count = names.new(f"{wanted}_shown"), names.new(f"{wanted}_times")
    scope.context.shown[scope.qualified(name)] = last, count
    yield from when(place, [value] if value.optional else [], [Show(place, value, last, count)], [])
