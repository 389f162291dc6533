"""What is made of the nodes when a run starts: instances, generators, iterators."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from noob_cli.context import RunnerContext
from noob_cli.graph.graph import GraphNode
from noob_cli.nodes.interface import interface_of
from noob_cli.nodes.kinds import Making, Role
from noob_cli.teardown import Lifetimes
from noob_cli.tube import Tube


def start_node(node: GraphNode, tube: Tube, context: RunnerContext, lifetimes: Lifetimes) -> Callable[..., Any] | None:
    """Make what a node needs, and run its methods for the start.

    Args:
        node: The node.
        tube: Its tube, for the values of inputs in its params.
        context: What its `init` may ask for.
        lifetimes: Gets what has to be ended.

    Returns:
        What is called to run the node, or to draw from it; None if that is the code itself.
    """
    making = node.kind.making
    if making is Making.nothing:
        return None
    params = tube.resolved(dict(node.params))
    if making is Making.instance:
        return _start_instance(node, params, context, lifetimes)
    made = node.kind.code(**params)
    return _drawing(node, made, lifetimes)


def _start_instance(
    node: GraphNode, params: dict[str, Any], context: RunnerContext, lifetimes: Lifetimes
) -> Callable[..., Any]:
    if node.kind.is_node_class:
        params = {"id": node.id, "spec": node.spec, "stateful": node.stateful, **params}
    instance = node.kind.code(**params)
    for name in node.kind.init:
        method = getattr(instance, name)
        parameter = interface_of(method).context
        method(**({parameter: context} if parameter else {}))
    for name in reversed(node.kind.deinit):
        lifetimes.add(f"the node '{node.id}'", _without_arguments(getattr(instance, name)))
    method = getattr(instance, str(node.kind.method))
    if node.kind.role is Role.source:
        return _drawing(node, method(), lifetimes)
    bound: Callable[..., Any] = method
    return bound


def _drawing(node: GraphNode, made: Any, lifetimes: Lifetimes) -> Callable[[], Any]:
    iterator = iter(made)
    if inspect.isgenerator(iterator):
        lifetimes.add(f"the generator of the node '{node.id}'", _without_arguments(iterator.close))
    draw: Callable[[], Any] = iterator.__next__
    return draw


def _without_arguments(method: Callable[[], object]) -> Callable[..., object]:
    """A method as an end, which is told of the error under way and does not need to know it."""
    return lambda *_: method()
