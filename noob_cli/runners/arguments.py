"""What a node, an asset or an input was called with when it failed: looked up then, so that a run pays nothing."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from noob_cli.events import NoEvent
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, TRIGGER
from noob_cli.plan.part import Part
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Append, Call, Push, Return, TakeInput, TakeItems
from noob_cli.plan.values import Expression, Variable
from noob_cli.secret_inputs import MASKED
from noob_cli.tube import Tube

_VALUE = "value"
"""The slot of the special nodes."""


def params_of(place: Place, tube: Tube) -> Mapping[str, Any]:
    """What the file gives to a node or an asset.

    Args:
        place: The node or asset; it may be one of a nested tube.
        tube: The tube that is run.
    """
    tube, name = tube_around(place.name, tube)
    params: Any = None
    if place.kind == "asset":
        params = tube.graph.assets[name].spec.params
    elif place.kind == "node" and tube.graph.nodes[name].kind.role is not Role.tube:
        params = dict(tube.graph.nodes[name].params)
    by_name = params if isinstance(params, dict) else {str(at): value for at, value in enumerate(params or ())}
    return {str(key): tube.masked(value) for key, value in by_name.items()}


def values_of(place: Place, tube: Tube, plan: Plan, frame: FrameType) -> Mapping[str, Any]:
    """What the slots of a node got.

    Args:
        place: The node, or the input of a nested tube.
        tube: The tube that is run.
        plan: Its plan.
        frame: Where the generated code stood.
    """
    names = ChainMap(frame.f_locals, frame.f_globals)
    values: dict[str, Any] = {}
    for step in plan.body.walk():
        if getattr(step, "place", None) == place:
            for slot, expression in _read_by(step, tube):
                if isinstance(expression, Variable) and names.get(expression.name, NoEvent) is not NoEvent:
                    values[slot] = names[expression.name]
    return values | dict.fromkeys(values.keys() & _secrets_of(place, tube), MASKED)


def _secrets_of(place: Place, tube: Tube) -> set[str]:
    """The slots of a node, or the input of a nested tube, whose values are not shown."""
    tube, name = tube_around(place.name, tube)
    return set(tube.secret_slots(tube.graph.nodes[name])) if place.kind == "node" else {name} & tube.secrets


def _read_by(step: Part, tube: Tube) -> Iterator[tuple[str, Expression | None]]:
    """What a step gives to the node, by slot."""
    match step:
        case Call():
            yield from zip(_positions(step, tube), step.positional, strict=False)
            yield from step.named
        case TakeItems() | Append():
            yield _VALUE, step.value
        case Push():
            yield from ((_VALUE, step.value), (COUNT, step.number), (TRIGGER, step.trigger))
        case Return():
            keys = step.keys or ([_VALUE] if step.single else map(str, range(len(step.values))))
            yield from zip(keys, step.values, strict=True)
        case TakeInput():
            yield step.place.name.rpartition(".")[2], step.supplied


def _positions(step: Call, tube: Tube) -> Iterator[str]:
    """The names of the positional arguments of a call; numbers for those that have none."""
    tube, name = tube_around(step.place.name, tube)
    names = tube.graph.nodes[name].kind.interface.positions
    for at in range(len(step.positional)):
        yield names[at] if at < len(names) else str(at)


def tube_around(qualified: str, tube: Tube) -> tuple[Tube, str]:
    """The tube that something stands in, and its name there.

    Args:
        qualified: Its name, with those of the nodes around it.
        tube: The tube that is run.
    """
    *around, name = qualified.split(".")
    for node in around:
        tube = tube.children[node]
    return tube, name
