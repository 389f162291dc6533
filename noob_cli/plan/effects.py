"""What a step of an epoch touches besides the values of that epoch, so that it can't be done for several at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from noob_cli.plan.keys import ASSET
from noob_cli.plan.part import Part
from noob_cli.plan.passes.uses import taken
from noob_cli.plan.plan import OfAsset, OfNode, Plan
from noob_cli.plan.steps import Body, Call, Carried, Draw, Push, Record, Step


class Effects(NamedTuple):
    """What a step reads, writes and keeps.

    Args:
        takes: The values that it needs from before.
        writes: The values that it gives.
        keeps: What it touches that lives longer than an epoch, each with the reason in words.
        runs_ahead: Whether what comes before it may be done for later epochs meanwhile: not if it may end the run.
        calls: Whether it calls code of the user's.
    """

    takes: frozenset[str]
    writes: frozenset[str]
    keeps: Mapping[str, str]
    runs_ahead: bool
    calls: bool


def effects_of(step: Step, plan: Plan) -> Effects:
    """The effects of one of the steps of an epoch.

    Args:
        step: The step, with all that it holds.
        plan: The plan that it is of.
    """
    parts = list(step.walk())
    names = {name for part in parts for name in part.names("Reads", "Writes", "Changes")}
    writes = frozenset(name for part in parts for name in part.names("Writes", "Changes"))
    keeps = dict(pair for part in parts for pair in _kept_by(part, step, plan))
    keeps |= {name: reason for name, reason in _shared(plan) if name in names}
    draws = any(isinstance(part, Draw) for part in parts)
    calls = any(isinstance(part, Call) and not part.is_operator for part in parts)
    return Effects(frozenset(taken(step)), writes, keeps, not draws, calls)


def _kept_by(part: Part, step: Step, plan: Plan) -> Iterator[tuple[str, str]]:
    """What a part of a step keeps from one epoch to the next, each with the reason in words."""
    match part:
        case Draw():
            yield part.source, f"draws from '{part.place.name}'"
        case Call() if part.keeps is not None:
            yield f"node {part.keeps}", f"'{part.keeps}' keeps something from one call to the next"
        case Call() if isinstance(plan.bindings.get(part.function), OfNode):
            yield f"node {part.place.name}", f"'{part.place.name}' has one instance for the whole run"
        case Push():
            yield part.kept, f"'{part.place.name}' collects over epochs"
        case Record():
            yield part.ids, "its events are counted, for a node or a callback that gets them"
        case Body():
            if part.can_end:
                yield part.over, f"the tube '{part.tube}' may come to its end"
            if part.counter in _read_in(step):
                # If nothing asks for the number, who keeps the order may add up how often it was called.
                yield part.counter, f"something in the tube '{part.tube}' asks for the number of its epoch"
        case Carried():
            yield part.current, f"carries the asset '{part.asset}' of a nested tube"


def _read_in(step: Step) -> set[str]:
    return {name for part in step.walk() for name in part.names("Reads", "Changes")}


def _shared(plan: Plan) -> Iterator[tuple[str, str]]:
    """The assets of a run, by the names that they are taken by, each with why its users can't run ahead."""
    for state in plan.state:
        kind, name = state.key
        if kind == ASSET:
            yield state.name, f"takes the asset '{name}', which is carried from epoch to epoch"
    for name, binding in plan.bindings.items():
        if isinstance(binding, OfAsset):
            yield name, f"takes the asset '{binding.asset}', which lives as long as the run"
