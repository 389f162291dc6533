"""Lowering the `return` node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from noob_cli.graph.graph import Argument
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.lowering.assets import node_assets
from noob_cli.plan.lowering.loops import append_event
from noob_cli.plan.lowering.scope import Scope, scoped, when
from noob_cli.plan.lowering.storing import Storing
from noob_cli.plan.place import Place
from noob_cli.plan.steps import AliasCheck, Collected, OpenAsset, Return, Step
from noob_cli.plan.values import Variable
from noob_cli.specification.reference import Reference


class Returned(NamedTuple):
    """What an epoch returns.

    Args:
        value: What holds it; None if it never returns anything.
        signals: For a nested tube, what holds the value of each of its signals, by name.
    """

    value: Variable | None = None
    signals: Mapping[str, Variable] = MappingProxyType({})


def returned(scope: Scope, storing: Storing, is_repeated: bool) -> Returned:
    """Lower the `return` node, which has its turn behind all others: it gets what they have made of their values.

    Args:
        scope: The tube.
        storing: What its epochs store.
        is_repeated: Whether it is nested, and may be called several times in an epoch.
    """
    node = scope.graph.return_node
    if node is None or node.id not in scope.running:
        return Returned()
    assets = node_assets(scope, node)
    place = scope.node_place(node)
    values: list[tuple[Argument, Variable]] = []
    for argument in node.arguments:
        variable = _returned_value(scope, storing, argument.reference, assets, place)
        if variable is not None:
            values.append((argument, variable))
    is_dict = any(argument.dependency.named for argument in node.arguments)
    is_single = isinstance(node.spec.depends, str)
    variables = tuple(variable for _, variable in values)
    is_nested = bool(scope.around)
    # What a nested tube returns goes on to the nodes around it. In a list it would not be seen there, and if the
    # tube is called again before they have it, its next call is not to change it for them.
    checks: tuple[AliasCheck, ...] = ()
    if not is_nested or is_repeated or not (is_single or is_dict):
        checks = storing.checks(node, f"the '{scope.qualified(node.id)}' node", variables)
    # What a carried asset holds is another object when the epoch has succeeded.
    is_kept = bool(checks) and any(argument.reference.is_asset for argument, _ in values)
    if is_single and variables and not (assets or is_kept):
        (value,) = variables
        scope.add((), *_checks(place, value, checks))
        return Returned(value, {"value": value})
    optional = [variable for variable in variables if variable.optional]
    wanted = scope.wanted(node.id)
    name = scope.context.names.new(wanted, f"{wanted}_result")
    target = Variable(name, bool(optional) or not values)
    keys = tuple(str(argument.slot) for argument, _ in values) if is_dict else None
    # Nothing is made for a list that lacks something.
    needs = optional if assets and not is_dict else []
    result = Return(place, keys, variables, target, single=is_single)
    if needs:
        result = result.replace(values=tuple(Variable(variable.name) for variable in variables), target=Variable(name))
    steps = [result, *_checks(place, result.target, checks)]
    scope.add((), *when(place, needs, scoped(place, assets, steps), [target]))
    by_key = {str(argument.slot): variable for argument, variable in values}
    return Returned(target, by_key if is_dict else {"value": target})


def _checks(place: Place, result: Variable, checks: Sequence[AliasCheck]) -> Sequence[Step]:
    """The alias checks of what is returned, if it is there."""
    return when(place, [result] if result.optional else [], checks, []) if checks else []


def _returned_value(
    scope: Scope, storing: Storing, reference: Reference, assets: Mapping[str, OpenAsset], place: Place
) -> Variable | None:
    """What is returned of a signal: a list, if it can be emitted more than once."""
    if not reference.is_signal or reference not in scope.signals:
        return scope.value(reference, (), assets)
    frame = scope.frame_of(reference)
    value = scope.signals[reference]
    if not frame:
        return value
    values = scope.frames.collect_events(("returned", reference), f"{value.name}_all", frame, 0, place)
    scope.add(frame, *append_event(place, values, value))
    target = Variable(scope.context.names.new(f"{value.name}_returned"), optional=True)
    scope.add((), Collected(place, values, None, target))
    storing.repeated[target.name] = values
    return target
