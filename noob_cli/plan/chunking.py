"""Stages for handing out the items of a map in chunks, each of which goes its own way through the loop."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.effects import Unit, effects_of
from noob_cli.plan.items_at_once import why_in_order
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.reserved_names import NUMBERS
from noob_cli.plan.stages import Stage, Stages, joined, partition
from noob_cli.plan.steps import For, Items
from noob_cli.plan.values import Variable


class ItemLoop(NamedTuple):
    """A map that is in no other, and calls something for its items.

    Args:
        unit: Its loop, as a step of the epoch.
        place: The map.
        why_whole: Why its items are not handed out, in words; None if they are.
    """

    unit: Unit
    place: Place
    why_whole: str | None


def around_loops(plan: Plan) -> Stages | None:
    """The stages of a plan that are cut further around loops over items.

    They are for a few epochs: nothing is stored before these have succeeded, and what lives as long as an epoch is made
    where the order is kept.

    Args:
        plan: The plan.

    Returns:
        The stages; None if the plan has no such loop, or awaits something.
    """
    has_loops = not plan.awaits and any(_is_over_items(part) for part in plan.body.walk())
    return partition(plan, goes_on=True, may_be_whole=False) if has_loops else None


def item_loops(plan: Plan, stages: Stages) -> Iterator[ItemLoop]:
    """The loops of a plan whose items could be handed out, each with the reason if they can't.

    Args:
        plan: The plan.
        stages: Its stages, as `around_loops` gives them.
    """
    for stage in stages.stages:
        for unit in (*stage.region, *stage.segment):
            place = unit.step.place
            if place is not None and _is_over_items(unit.step) and unit.effects.calls:
                yield ItemLoop(unit, place, _why_whole(unit, stage, stages, plan))


def chunked(plan: Plan, stages: Stages, loops: Iterable[ItemLoop]) -> Stages | None:
    """The stages of a plan in which each loop whose items are handed out is alone in a region.

    A loop between steps that are in one segment stays between them: what comes behind it is done before another epoch
    comes to what is done before it.

    Args:
        plan: The plan.
        stages: Its stages, as `around_loops` gives them.
        loops: Its loops, as `item_loops` gives them.

    Returns:
        The stages; None if no items are handed out.
    """
    places = {loop.unit.at for loop in loops if loop.why_whole is None}
    if not places:
        return None
    cut: list[Stage] = []
    for stage in stages.stages:
        for piece in _split(stage, places, plan):
            if cut and not any(unit.effects.calls for unit in piece.region):
                cut[-1] = joined(cut[-1], piece)
            else:
                cut.append(piece)
    if cut[1].is_within:
        # Epochs are drawn, whatever others are at.
        cut.insert(0, Stage((), (), {}))
    return stages._replace(stages=tuple(cut), is_whole=False)


def bound_of(stage: Stage) -> int | None:
    """For how many epochs, or chunks of items, a region may be done at once; None if nothing bounds that.

    Each is done for one item of a map at a time.

    Args:
        stage: The stage.
    """
    bounds = [part.at_once for unit in stage.region for part in unit.step.walk() if isinstance(part, For)]
    return min((bound for bound in bounds if bound is not None), default=None)


def _split(stage: Stage, places: Collection[int], plan: Plan) -> Iterator[Stage]:
    """A stage as several: what it does before each of the loops at these places, the loop, and what comes behind."""
    before_segment = [unit for unit in stage.region if unit.at in places]
    within_segment = [unit for unit in stage.segment if unit.at in places]
    *before, region = _between(stage.region, before_segment)
    segment, *behind = _between(stage.segment, within_segment)
    for units, loop in zip(before, before_segment, strict=True):
        yield Stage(units, (), {})
        yield Stage((_numbered(loop, plan),), (), {}, is_loop=True)
    yield stage._replace(region=region, segment=segment)
    for loop, units in zip(within_segment, behind, strict=True):
        yield Stage((_numbered(loop, plan),), units, {}, is_loop=True, is_within=True)


def _between(units: Iterable[Unit], loops: Collection[Unit]) -> Iterator[tuple[Unit, ...]]:
    """The steps before, between and behind loops."""
    others: list[Unit] = []
    for unit in units:
        if unit in loops:
            yield tuple(others)
            others = []
        else:
            others.append(unit)
    yield tuple(others)


def _is_over_items(part: object) -> bool:
    return isinstance(part, For) and isinstance(part.over, Items)


def _why_whole(loop: Unit, stage: Stage, stages: Stages, plan: Plan) -> str | None:
    """Why the items of a loop are not handed out, in words; None if they are."""
    why = why_in_order(loop.step, plan, {})
    if why is not None or loop in stage.region:
        return why
    # That it is done in order is no reason: so are loops whose items are handed out in the middle of an epoch.
    if any(not unit.effects.runs_ahead for unit in stage.segment):
        behind = "it comes behind what may end the run in the middle of an epoch"
        return behind if loop.effects.runs_ahead else stage.held_back.get(loop.at, behind)
    if stages.assets is not None and stage is stages.stages[-1]:
        names = {asset.target.name: asset.place.name for asset in stages.assets.assets}
        taken = sorted(names[name] for name in loop.effects.takes & names.keys())
        if taken:
            return f"takes the asset '{taken[0]}', which lives as long as the epoch"
        return f"it is done while the asset '{min(names.values())}' is there, which lives as long as the epoch"
    return None


def _numbered(unit: Unit, plan: Plan) -> Unit:
    """A loop that gets the numbers of the items beside them: a chunk doesn't know how many come before it."""
    loop = unit.step
    if not (isinstance(loop, For) and isinstance(loop.over, Items) and loop.number is not None):
        return unit
    over = loop.over._replace(beside=(*loop.over.beside, Variable(NUMBERS)))
    step = loop.replace(over=over, targets=(*loop.targets, Variable(loop.number)), number=None)
    (effects,) = effects_of([step], plan)
    return Unit(unit.at, step, effects)
