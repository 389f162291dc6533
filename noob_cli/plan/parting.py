"""Stages between which the items of a map are handed out: each part of them goes its own way through the loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from noob_cli.plan.blocks import Unit
from noob_cli.plan.effects import effects_of
from noob_cli.plan.items_at_once import why_in_order
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.reserved_names import NUMBERS
from noob_cli.plan.stages import Stage, Stages, joined, partition
from noob_cli.plan.steps import For, Items
from noob_cli.plan.values import Variable


def around_loops(plan: Plan) -> Stages | None:
    """The stages of a plan that are cut further around loops over items; None if it has none, or awaits something.

    They are for a few epochs: nothing is stored before these have succeeded, and what lives as long as an epoch is made
    where the order is kept.

    Args:
        plan: The plan.
    """
    has_loops = not plan.awaits and any(_is_over_items(part) for part in plan.body.walk())
    return partition(plan, goes_on=True, may_be_whole=False) if has_loops else None


def parted(plan: Plan, stages: Stages) -> Stages | None:
    """The stages of a plan with those loops over items alone in their regions of which the items can be handed out.

    A loop between steps that are in one segment stays between them: what comes behind it is done before another epoch
    comes to what is done before it.

    Args:
        plan: The plan.
        stages: Its stages, as `around_loops` gives them.

    Returns:
        The stages; None if there is no such loop.
    """
    cut: list[Stage] = []
    for stage in stages.stages:
        for part in _parts(stage, stages, plan):
            if cut and not any(unit.effects.calls for unit in part.region):
                cut[-1] = joined(cut[-1], part)
            else:
                cut.append(part)
    if not any(stage.is_loop for stage in cut):
        return None
    if cut[1].is_within:
        # Epochs are drawn, whatever others are at.
        cut.insert(0, Stage((), (), {}))
    return stages._replace(stages=tuple(cut), is_whole=False)


def bound_of(stage: Stage) -> int | None:
    """For how many epochs, or parts of them, a region may be done at once; None if nothing bounds that.

    Each is done for one item of a map at a time.

    Args:
        stage: The stage.
    """
    bounds = [part.at_once for unit in stage.region for part in unit.step.walk() if isinstance(part, For)]
    return min((bound for bound in bounds if bound is not None), default=None)


def loops_over_items(plan: Plan, stages: Stages) -> Iterator[tuple[Place, str | None]]:
    """The maps that are in no other, and call something for their items, each with why those are not handed out.

    Args:
        plan: The plan.
        stages: Its stages, as `around_loops` gives them.
    """
    for stage in stages.stages:
        for unit in (*stage.region, *stage.segment):
            if unit.step.place is not None and _is_loop(unit):
                yield unit.step.place, _why_not_apart(unit, stage, stages, plan)


def _parts(stage: Stage, stages: Stages, plan: Plan) -> Iterator[Stage]:
    """What a stage does before each of its loops, the loop, and what it does behind the last."""

    def loops_in(units: Iterable[Unit]) -> list[Unit]:
        return [unit for unit in units if _is_loop(unit) and _why_not_apart(unit, stage, stages, plan) is None]

    apart, within = loops_in(stage.region), loops_in(stage.segment)
    *before, region = _between(stage.region, apart)
    segment, *behind = _between(stage.segment, within)
    for units, loop in zip(before, apart, strict=True):
        yield Stage(units, (), {})
        yield Stage((_numbered(loop, plan),), (), {}, is_loop=True)
    yield stage._replace(region=region, segment=segment)
    for loop, units in zip(within, behind, strict=True):
        yield Stage((_numbered(loop, plan),), units, {}, is_loop=True, is_within=True)


def _between(units: Iterable[Unit], loops: Sequence[Unit]) -> Iterator[tuple[Unit, ...]]:
    """The steps before, between and behind loops."""
    found: list[Unit] = []
    for unit in units:
        if unit in loops:
            yield tuple(found)
            found = []
        else:
            found.append(unit)
    yield tuple(found)


def _is_over_items(part: object) -> bool:
    return isinstance(part, For) and isinstance(part.over, Items)


def _is_loop(unit: Unit) -> bool:
    return _is_over_items(unit.step) and unit.effects.calls


def _why_not_apart(loop: Unit, stage: Stage, stages: Stages, plan: Plan) -> str | None:
    """Why a loop can't be done for each item by itself, in words; None if it can."""
    why = why_in_order(loop.step, plan, {})
    if why is not None or loop in stage.region:
        return why
    if any(not unit.effects.runs_ahead for unit in stage.segment):
        return stage.held_back.get(loop.at, "it comes behind what may end the run in the middle of an epoch")
    if stages.assets is not None and stage is stages.stages[-1]:
        return stage.held_back.get(loop.at, "what lives as long as the epoch is there meanwhile")
    return None


def _numbered(unit: Unit, plan: Plan) -> Unit:
    """A loop that gets the numbers of the items beside them: a part of them doesn't know how many come before it."""
    loop = unit.step
    if not (isinstance(loop, For) and isinstance(loop.over, Items) and loop.number is not None):
        return unit
    over = loop.over._replace(beside=(*loop.over.beside, Variable(NUMBERS)))
    step = loop.replace(over=over, targets=(*loop.targets, Variable(loop.number)), number=None)
    (effects,) = effects_of([step], plan)
    return Unit(unit.at, step, effects)
