"""Stages between which the items of a map are handed out: each part of them goes its own way through the loop."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.plan.blocks import Unit
from noob_cli.plan.effects import effects_of
from noob_cli.plan.items_at_once import why_in_order
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.reserved_names import NUMBERS
from noob_cli.plan.stages import Stage, Stages
from noob_cli.plan.steps import For, Items
from noob_cli.plan.values import Variable


def parted(plan: Plan, stages: Stages) -> Stages | None:
    """The stages of a plan with those loops over items alone in their regions of which the items can be handed out.

    Args:
        plan: The plan.
        stages: Its stages in a run that goes on after epochs that fail: they are for a few epochs, so that nothing is
            stored before these have succeeded.

    Returns:
        The stages; None if there is no such loop.
    """
    if stages.is_whole and stages.assets is not None:
        # What lives as long as the epoch is made and ended where that is done, as a whole.
        return None
    cut: list[Stage] = []
    for stage in stages.stages:
        for part in _parts(stage, plan):
            if cut and not any(unit.effects.calls for unit in part.region):
                cut[-1] = _joined(cut[-1], part)
            else:
                cut.append(part)
    if not any(stage.is_loop for stage in cut):
        return None
    return stages._replace(stages=tuple(cut), is_whole=False)


def bound_of(stage: Stage) -> int | None:
    """For how many epochs, or parts of them, a region may be done at once; None if nothing bounds that.

    Each is done for one item of a map at a time.

    Args:
        stage: The stage.
    """
    bounds = [part.at_once for unit in stage.region for part in unit.step.walk() if isinstance(part, For)]
    return min((bound for bound in bounds if bound is not None), default=None)


def _parts(stage: Stage, plan: Plan) -> Iterator[Stage]:
    """What a region does before each of its loops, the loop, and what it does behind the last, with the segment."""
    before: list[Unit] = []
    for unit in stage.region:
        if _can_be_handed_out(unit, plan):
            yield Stage(tuple(before), (), {})
            yield Stage((_numbered(unit, plan),), (), {}, is_loop=True)
            before = []
        else:
            before.append(unit)
    yield stage._replace(region=tuple(before))


def _joined(stage: Stage, behind: Stage) -> Stage:
    """A stage whose segment also does what is done behind it in no time, and in order."""
    segment = sorted((*stage.segment, *behind.region, *behind.segment), key=lambda unit: unit.at)
    return stage._replace(segment=tuple(segment), held_back={**stage.held_back, **behind.held_back})


def loops_over_items(plan: Plan, stages: Stages) -> Iterator[tuple[Place, str | None]]:
    """The maps that are in no other, and call something for their items, each with why those are not handed out.

    Args:
        plan: The plan.
        stages: Its stages in a run that goes on after epochs that fail.
    """
    for stage in stages.stages:
        for unit in (*stage.region, *stage.segment):
            if unit.step.place is not None and _is_loop(unit):
                why = why_in_order(unit.step, plan, {})
                if why is None and unit in stage.segment:
                    why = stage.held_back.get(unit.at, "it comes behind what keeps the order")
                if why is None and stages.is_whole and stages.assets is not None:
                    why = "what lives as long as the epoch is made and ended where all of it is done"
                yield unit.step.place, why


def _is_loop(unit: Unit) -> bool:
    return isinstance(unit.step, For) and isinstance(unit.step.over, Items) and unit.effects.calls


def _can_be_handed_out(unit: Unit, plan: Plan) -> bool:
    """Whether a step is a loop that can be done for each item by itself."""
    return _is_loop(unit) and why_in_order(unit.step, plan, {}) is None


def _numbered(unit: Unit, plan: Plan) -> Unit:
    """A loop that gets the numbers of the items beside them: a part of them doesn't know how many come before it."""
    loop = unit.step
    if not (isinstance(loop, For) and isinstance(loop.over, Items) and loop.number is not None):
        return unit
    over = loop.over._replace(beside=(*loop.over.beside, Variable(NUMBERS)))
    step = loop.replace(over=over, targets=(*loop.targets, Variable(loop.number)), number=None)
    (effects,) = effects_of([step], plan)
    return Unit(unit.at, step, effects)
