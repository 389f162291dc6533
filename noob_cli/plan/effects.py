"""The effects of steps: the values that each reads and writes, and what it touches that lives longer than an epoch.

What touches nothing else than values can be done for several epochs at once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.liveness import live_in
from noob_cli.plan.part import Part
from noob_cli.plan.plan import ASSET, OfAsset, OfNode, Plan
from noob_cli.plan.steps import Body, Call, Carried, Draw, Inline, Push, Record, Step, TakeItems


class Effects(NamedTuple):
    """What a step reads, writes and keeps.

    Args:
        takes: The values that are live into it: it reads them, and does not write them itself before.
        writes: The values that it writes.
        changes: The values that it may change in place: all that a stateful node gets.
        keeps: What it touches that lives longer than an epoch, by name, each with the reason in words.
        runs_ahead: Whether steps before it may be done for later epochs meanwhile: not if it draws from a source, which
            may end the run.
        calls: Whether it calls code of the user's.
    """

    takes: frozenset[str]
    writes: frozenset[str]
    changes: frozenset[str]
    keeps: Mapping[str, str]
    runs_ahead: bool
    calls: bool


class Unit(NamedTuple):
    """A step of an epoch with its effects, for those who cut epochs into stages.

    Args:
        at: Its place among the steps of the epoch, counted from 0.
        step: The step.
        effects: What it reads, writes and keeps.
    """

    at: int
    step: Step
    effects: Effects


def may_end(steps: Iterable[Step]) -> bool:
    """Whether one of these steps, or of those in them, may end their tube; a tube nested in it ends by itself."""
    parts = (part for step in steps for part in step.walk(Inline))
    return any(isinstance(part, TakeItems | Call) for part in parts)


def effects_of(steps: Iterable[Step], plan: Plan) -> Iterator[Effects]:
    """The effects of each of the steps of an epoch, with all that they hold.

    Args:
        steps: The steps.
        plan: The plan that they are of.
    """
    shared = dict(_shared(plan))
    return (_effects_of(step, plan, shared) for step in steps)


def _effects_of(step: Step, plan: Plan, shared: Mapping[str, str]) -> Effects:
    parts = list(step.walk())
    read = {name for part in parts for name in part.names("Reads", "Changes")}
    writes = frozenset(name for part in parts for name in part.names("Writes", "Changes"))
    keeps = dict(pair for part in parts for pair in _kept_by(part, read, plan))
    keeps |= {name: reason for name, reason in shared.items() if name in read or name in writes}
    keeping = (part for part in parts if isinstance(part, Call) and part.keeps is not None)
    changes = frozenset(name for part in keeping for name in part.names("Reads"))
    draws = any(isinstance(part, Draw) for part in parts)
    calls = any(isinstance(part, Call) and not part.is_operator for part in parts)
    return Effects(frozenset(live_in(step)), writes, changes, keeps, not draws, calls)


def _kept_by(part: Part, read: Container[str], plan: Plan) -> Iterator[tuple[str, str]]:
    """What a part of a step keeps from one epoch to the next, each with the reason in words."""
    match part:
        case Draw():
            yield part.source, f"draws from '{part.place.name}'"
        case Call() if part.keeps is not None:
            yield f"node {part.keeps}", f"'{part.keeps}' keeps something from one call to the next"
        case Call() if isinstance(node := plan.bindings.get(part.function), OfNode) and not node.per_worker:
            yield f"node {part.place.name}", f"'{part.place.name}' has one instance for the whole run"
        case Push():
            yield part.kept, f"'{part.place.name}' collects over epochs"
        case Record():
            yield part.ids, "its events are counted, for a node or a callback that gets them"
        case Body():
            # One that a node ends for the rest of an epoch is told of at its end.
            if part.can_end and not part.ends_within:
                yield part.over, f"the tube '{part.tube}' may come to its end"
            if part.counter in read:
                # If nothing asks for the number, who keeps the order may add up how often it was called.
                yield part.counter, f"something in the tube '{part.tube}' asks for the number of its epoch"
        case Carried():
            yield part.current, f"carries the asset '{part.asset}' of a nested tube"


def _shared(plan: Plan) -> Iterator[tuple[str, str]]:
    """The assets of a run, by the names that they are taken by, each with why its users can't run ahead."""
    for state in plan.state:
        kind, name = state.key
        if kind == ASSET:
            yield state.name, f"takes the asset '{name}', which is carried from epoch to epoch"
    for name, binding in plan.bindings.items():
        if isinstance(binding, OfAsset) and not binding.per_worker:
            yield name, f"takes the asset '{binding.asset}', which lives as long as the run"
