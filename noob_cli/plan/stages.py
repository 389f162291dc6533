"""Cutting an epoch into stages: regions, which can be done for many epochs at once, and segments, which keep the order.

A run is then `segment 0 | region 1 | segment 1 | region 2 | segment 2 ...`. Segment 0 takes inputs and draws from
sources; a segment is done for one epoch after the other, a region for several at once. What touches the same thing that
lives longer than an epoch is in one segment, together with what lies between and depends on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.effects import Effects, effects_of
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Body, Carried, Push, Scoped, Step


class Unit(NamedTuple):
    """A step of an epoch, as something that is done in one place.

    Args:
        at: Its place in the plan.
        step: The step.
        effects: What it reads, writes and keeps.
    """

    at: int
    step: Step
    effects: Effects


class Stage(NamedTuple):
    """A region, and the segment behind it.

    Args:
        region: What is done for several epochs at once.
        segment: What is done for one epoch after the other.
        held_back: For each step of the segment, by its place in the plan, why it can't be in a region.
    """

    region: tuple[Unit, ...]
    segment: tuple[Unit, ...]
    held_back: Mapping[int, str]


class Stages(NamedTuple):
    """An epoch in stages.

    Args:
        stages: The stages; the region of the first is empty, since that begins with what is drawn.
        is_whole: Whether the region of the last is all of the epoch but its inputs and sources: what lives as long as
            the epoch is made there, too.
        assets: What lives as long as the epoch, if anything does.
    """

    stages: tuple[Stage, ...]
    is_whole: bool
    assets: Scoped | None


def partition(plan: Plan) -> Stages:
    """The stages of a plan.

    A run may go on after a failed epoch. What the epoch has stored or collected is undone then, so that nothing may run
    ahead of it until the epoch has succeeded.

    Args:
        plan: The plan.
    """
    assets, steps = _epoch(plan.body)
    pairs = zip(steps, effects_of(steps, plan), strict=True)
    units = [Unit(at, step, effects) for at, (step, effects) in enumerate(pairs)]
    stored = [carried for carried in plan.body.carried if carried.pending is not None]
    is_whole = not stored and not any(unit.effects.keeps for unit in units) and not _returns_lasting(plan)
    if is_whole:
        last = Stage(tuple(units), (), {})
        return Stages((_EMPTY, last) if any(unit.effects.calls for unit in units) else (_merged(last),), True, assets)
    reasons = {unit.at: next(iter(unit.effects.keeps.values())) for unit in units if unit.effects.keeps}
    takers = set()
    if assets is not None:
        epoch_assets = {asset.target.name: asset.place.name for asset in assets.assets}
        for unit in units:
            for name in sorted(unit.effects.takes & epoch_assets.keys()):
                takers.add(unit.at)
                reasons.setdefault(unit.at, f"takes the asset '{epoch_assets[name]}', which lives as long as the epoch")
    barriers = [unit.at for unit in units if not unit.effects.runs_ahead]
    blocks = _blocks(units, takers, stored, assets is not None, barriers)
    members = _members(units, blocks, reasons, max(barriers, default=-1))
    return Stages(_stages(units, blocks, members, reasons), False, assets)


_EMPTY = Stage((), (), {})


def _epoch(body: Body) -> tuple[Scoped | None, Sequence[Step]]:
    """What lives as long as an epoch, and the steps that are done meanwhile."""
    if len(body.steps) == 1 and isinstance(body.steps[0], Scoped) and body.steps[0].place.what == "asset":
        return body.steps[0], body.steps[0].steps
    return None, body.steps


def _returns_lasting(plan: Plan) -> bool:
    """Whether an epoch returns what lives longer than it."""
    return plan.body.result is not None and plan.body.result.name in plan.lasting_names


class _Block(NamedTuple):
    """A stretch of the plan in which epochs keep their order.

    Args:
        first: Where it begins.
        last: Where it ends; behind the last step, if that is the end of the epoch.
    """

    first: int
    last: int


def _blocks(
    units: Sequence[Unit],
    takers: Iterable[int],
    stored: Iterable[Carried],
    has_assets: bool,
    barriers: Sequence[int],
) -> list[_Block]:
    """The stretches from the first to the last step that touches the same; those that overlap are one."""
    end = len(units)
    touched: defaultdict[str, list[int]] = defaultdict(list)
    for unit in units:
        for name in unit.effects.keeps:
            touched[name].append(unit.at)
            if any(_is_undone(part) for part in unit.step.walk()):
                touched[name].append(end)
    for carried in stored:
        touched[carried.current].append(end)
    if has_assets:
        touched["the epoch"] += [*takers, end]
    if barriers:
        # What may end the run lets nothing before it be done for later epochs.
        touched["the end"] += [0, *barriers]
    blocks: list[_Block] = []
    for first, last in sorted((min(places), max(places)) for places in touched.values()):
        if blocks and first <= blocks[-1].last:
            blocks[-1] = _Block(blocks[-1].first, max(blocks[-1].last, last))
        else:
            blocks.append(_Block(first, last))
    return blocks


def _is_undone(part: object) -> bool:
    """Whether what a step changes is undone if its epoch fails."""
    return isinstance(part, Push | Carried)


def _members(
    units: Sequence[Unit], blocks: Sequence[_Block], reasons: dict[int, str], last_barrier: int
) -> dict[int, int]:
    """The steps that are in a block, each with its number: those that keep something, and those that need theirs."""
    members: dict[int, int] = {}
    for number, block in enumerate(blocks):
        givers: dict[str, str] = {}
        for unit in units[block.first : block.last + 1]:
            before = sorted(unit.effects.takes & givers.keys())
            if unit.at <= last_barrier:
                reasons.setdefault(unit.at, "what comes behind it may end the run in the middle of an epoch")
            elif unit.at not in reasons and before:
                reasons[unit.at] = f"needs what {givers[before[0]]} gives"
            if unit.at in reasons:
                members[unit.at] = number
                givers |= dict.fromkeys(unit.effects.writes | unit.effects.changes, str(unit.step.place))
    return members


def _stages(
    units: Sequence[Unit],
    blocks: Sequence[_Block],
    members: Mapping[int, int],
    reasons: Mapping[int, str],
) -> tuple[Stage, ...]:
    """The steps of blocks become segments, in the order of the plan, and all others are in the regions between."""
    regions: dict[int, int] = {}
    segments: dict[int, int] = {}
    from_region: dict[str, int] = {}
    from_segment: dict[str, int] = {}
    number = 0
    for index in range(len(blocks) + 1):
        first = 0 if index == 0 else blocks[index - 1].last + 1
        last = blocks[index].last if index < len(blocks) else len(units)
        span = units[first : last + 1]
        for unit in span:
            if unit.at not in members:
                takes = unit.effects.takes
                after = [from_segment[name] + 1 for name in takes if name in from_segment]
                region = max([1, *after, *(from_region[name] for name in takes if name in from_region)])
                regions[unit.at] = region
                from_region |= dict.fromkeys(unit.effects.writes, region)
        inside = [unit for unit in span if unit.at in members]
        number = max([number, *(regions[unit.at] for unit in span if unit.at in regions)])
        for unit in inside:
            segments[unit.at] = number
            from_segment |= dict.fromkeys(unit.effects.writes | unit.effects.changes, number)
    stages = []
    for stage in range(max([number, *regions.values()], default=0) + 1):
        region_units = tuple(unit for unit in units if regions.get(unit.at) == stage)
        segment_units = tuple(unit for unit in units if segments.get(unit.at) == stage)
        held_back = {unit.at: reasons[unit.at] for unit in segment_units}
        stages.append(Stage(region_units, segment_units, held_back))
    return tuple(_without_idle(stages))


def _without_idle(stages: Iterable[Stage]) -> list[Stage]:
    """Stages whose regions call code of the user's: what is done in no time stays where the order is kept."""
    kept: list[Stage] = []
    for stage in stages:
        if kept and not any(unit.effects.calls for unit in stage.region):
            stage = _merged(stage)
            kept[-1] = _merged(
                Stage((), (*kept[-1].segment, *stage.segment), {**kept[-1].held_back, **stage.held_back}),
                kept[-1].region,
            )
        else:
            kept.append(_merged(stage) if not kept else stage)
    return kept


def _merged(stage: Stage, region: tuple[Unit, ...] = ()) -> Stage:
    """A stage with what is in its region done in its segment."""
    segment = sorted((*stage.region, *stage.segment), key=lambda unit: unit.at)
    return Stage(region, tuple(segment), stage.held_back)
