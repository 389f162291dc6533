"""Cutting an epoch into stages: regions, which can be done for many epochs at once, and segments, which keep the order.

A run is then `segment 0 | region 1 | segment 1 | region 2 | segment 2 ...`. Segment 0 takes inputs and draws from
sources; a segment is done for one epoch after the other, a region for several at once. What touches the same thing that
lives longer than an epoch is in one segment, together with what lies between and depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.effects import Unit, effects_of
from noob_cli.plan.hoisting import HoistedCheck, hoisted
from noob_cli.plan.place import Place
from noob_cli.plan.placing import Placing
from noob_cli.plan.plan import Plan
from noob_cli.plan.serial_sections import members_of, serial_sections
from noob_cli.plan.steps import Body, Call, Collected, Inline, Push, Return, Scoped, Step, TakeItems

_OF_NODES = (Call, Collected, Inline, Push, Return, TakeItems)
"""What a node does itself: to check what others get of its values is none of that."""


class Stage(NamedTuple):
    """A region, where steps are done for several epochs at once, and the segment behind it, where they are not.

    Args:
        region: What is done for several epochs at once.
        segment: What is done for one epoch after the other.
        held_back: For each step of the segment, by its place in the plan, why it can't be in a region.
        stores: The names of the state that changes at the end of the segment, before the epoch has succeeded.
        is_loop: Whether the region is a loop over the items of a map, which is done for chunks of them.
        is_within: Whether it belongs to the stage before it: no other epoch comes there until one is through here.
    """

    region: tuple[Unit, ...]
    segment: tuple[Unit, ...]
    held_back: Mapping[int, str]
    stores: frozenset[str] = frozenset()
    is_loop: bool = False
    is_within: bool = False

    @property
    def in_order(self) -> dict[Place, str | None]:
        """The nodes of the segment, each with the first reason that it can't be in a region; None if it has none."""
        reasons: dict[Place, str | None] = {}
        for unit in self.segment:
            place = unit.step.place
            is_of_node = unit.effects.keeps or any(isinstance(step, _OF_NODES) for step in unit.step.walk())
            if place is not None and is_of_node:
                reasons.setdefault(place, self.held_back.get(unit.at))
        return reasons


class Stages(NamedTuple):
    """The stages that an epoch goes through.

    Args:
        stages: The stages, in order. The region of the first is empty: an epoch begins by drawing from sources.
        is_whole: Whether the region of the last is all of the epoch but its inputs and sources: what lives as long as
            the epoch is made there, too.
        assets: What lives as long as the epoch, if anything does.
    """

    stages: tuple[Stage, ...]
    is_whole: bool
    assets: Scoped | None

    @property
    def units(self) -> Iterator[Unit]:
        """All steps, stage by stage."""
        return (unit for stage in self.stages for unit in (*stage.region, *stage.segment))

    @property
    def regions(self) -> list[int]:
        """The numbers of the stages that have a region."""
        return [number for number, stage in enumerate(self.stages) if stage.region]

    @property
    def first_early(self) -> int | None:
        """The number of the first stage that stores something before the epoch has succeeded; None if none does."""
        return next((number for number, stage in enumerate(self.stages) if stage.stores), None)

    def place_of(self, name: str) -> int:
        """The place in the plan of the step that calls a node, or a nested tube; -1 if there is none.

        Args:
            name: The name of the node, or that of the counter of the nested tube.
        """
        for unit in self.units:
            for part in unit.step.walk():
                if isinstance(part, Body) and part.counter == name:
                    return unit.at
                if isinstance(part, Call | TakeItems) and part.place.name == name:
                    return unit.at
        return -1


def partition(plan: Plan, *, goes_on: bool, may_be_whole: bool = True) -> Stages:
    """The stages of a plan.

    What a failed epoch has stored in carried assets, or collected, is undone. In a run that goes on after such epochs
    it waits, with all that needs it, until the epoch has succeeded: nothing runs ahead of it. In a run that stops at
    the first, it is stored early, at the end of its segment, and other steps of the epoch are done behind that for
    several epochs at once. If one of these fails all the same, what was stored is put back to what it was before the
    epoch, and the epochs behind it go through that segment once more, with what they had when they came there the first
    time. So that this makes no difference:

    - Only what can be put back is stored early: the values of carried assets, and what a `gather` has collected, of the
      tube itself. The first segment that stores early does nothing else, and what else keeps something (class nodes,
      nested tubes, assets of the run) behind that waits for the end of the epoch: it is called once.
    - What is stored is compared with what others get of the epoch when it is stored, as far as that is there. What a
      node makes of it later is not: it has got a copy if it got it.
    - Steps behind it are done for epochs in which an earlier step is going to fail; those keep nothing.

    In any run, what holds something back until the run has ended waits for the end of the epoch, too: it has nothing of
    an epoch that is behind the end.

    Args:
        plan: The plan.
        goes_on: Whether the run goes on after epochs that fail.
        may_be_whole: Whether all of an epoch may be done in one region, and what lives as long as it is made there.
    """
    early = set() if goes_on else _may_be_early(plan)
    while True:
        stages = _cut(plan, early, may_be_whole)
        stored_early = {name for stage in stages.stages for name in stage.stores}
        if stored_early == early:
            return stages
        early = stored_early


def joined(stage: Stage, behind: Stage) -> Stage:
    """A stage whose segment also does all that is done behind it.

    Args:
        stage: The stage.
        behind: The next, whose region calls nothing.
    """
    units = (*stage.segment, *behind.region, *behind.segment)
    held_back = {**stage.held_back, **behind.held_back}
    return _sorted(stage._replace(segment=units, held_back=held_back, stores=stage.stores | behind.stores))


def _may_be_early(plan: Plan) -> set[str]:
    """The names of what can be put back as it was before an epoch."""
    body = plan.body
    carried = {asset.current for asset in body.carried if asset.pending is not None}
    gathers = {part.kept for step in body.steps for part in step.walk(Inline) if isinstance(part, Push)}
    return (carried | gathers) - ({body.result.name} if body.result is not None else set())


def _cut(plan: Plan, early: Collection[str], may_be_whole: bool) -> Stages:
    assets, steps = _epoch(plan.body)
    carried = [asset for asset in plan.body.carried if asset.pending is not None]
    units, checks = _units(steps, plan, early)
    is_free = not carried and not any(unit.effects.keeps for unit in units) and not _returns_lasting(plan)
    if (is_free and (may_be_whole or assets is None)) or not units:
        last = Stage(tuple(units), (), {})
        return Stages((_EMPTY, last) if any(unit.effects.calls for unit in units) else (_merged(last),), True, assets)
    reasons = {unit.at: next(iter(unit.effects.keeps.values())) for unit in units if unit.effects.keeps}
    takers = None if assets is None else dict(_takers(units, assets))
    for at, reason in ({} if takers is None else takers).items():
        reasons.setdefault(at, reason)
    last_barrier = max((unit.at for unit in units if not unit.effects.runs_ahead), default=-1)
    sections = serial_sections(units, plan, early, checks.values(), takers)
    members = members_of(units, sections, plan, reasons, last_barrier)
    placing = Placing(units, sections, members)
    at_the_end = set() if assets is None else {asset.target.name for asset in assets.assets}
    units += _placed(checks, placing, plan, at_the_end)
    stages = []
    for number in range(placing.last + 1):
        region = tuple(unit for unit in units if placing.regions.get(unit.at) == number)
        segment = tuple(unit for unit in units if placing.segments.get(unit.at) == number)
        held_back = {unit.at: reasons[unit.at] for unit in segment if unit.at in reasons}
        stages.append(_sorted(Stage(region, segment, held_back, placing.stores[number])))
    return Stages(tuple(_without_idle(stages)), False, assets)


_EMPTY = Stage((), (), {})


def _epoch(body: Body) -> tuple[Scoped | None, Sequence[Step]]:
    """What lives as long as an epoch, and the steps that are done meanwhile."""
    if len(body.steps) == 1 and isinstance(body.steps[0], Scoped) and body.steps[0].place.kind == "asset":
        return body.steps[0], body.steps[0].steps
    return None, body.steps


def _returns_lasting(plan: Plan) -> bool:
    """Whether an epoch returns what lives longer than it."""
    return plan.body.result is not None and plan.body.result.name in plan.lasting_names


def _takers(units: Iterable[Unit], assets: Scoped) -> Iterator[tuple[int, str]]:
    """The places of the steps that take what lives as long as the epoch, each with why it is held back."""
    names = {asset.target.name: asset.place.name for asset in assets.assets}
    for unit in units:
        for name in sorted(unit.effects.takes & names.keys())[:1]:
            yield unit.at, f"takes the asset '{names[name]}', which lives as long as the epoch"


def _units(steps: Iterable[Step], plan: Plan, early: Collection[str]) -> tuple[list[Unit], dict[int, HoistedCheck]]:
    """The steps of an epoch, and the alias checks of what is stored early, by their places in the plan."""
    pending = {
        asset.pending.name for asset in plan.body.carried if asset.pending is not None and asset.current in early
    }
    places: list[int] = []
    left: list[Step] = []
    checks: dict[int, HoistedCheck] = {}
    at = 0
    for step, checks_in_step in hoisted(steps, pending):
        checks |= dict(enumerate(checks_in_step, at))
        at += len(checks_in_step)
        if step is not None:
            places.append(at)
            left.append(step)
            at += 1
    pairs = zip(places, left, effects_of(left, plan), strict=True)
    return [Unit(at, step, effects) for at, step, effects in pairs], checks


def _placed(
    checks: Mapping[int, HoistedCheck], placing: Placing, plan: Plan, at_the_end: Collection[str]
) -> Iterator[Unit]:
    """The alias checks of what is stored early, where it is stored; what lives as long as an epoch is not there yet."""
    stored_as = {asset.pending.name: asset.current for asset in plan.body.carried if asset.pending is not None}
    for at, check in checks.items():
        name = stored_as[check.isolate.held.variables[0].name]
        stage = next((number for number, names in placing.stores.items() if name in names), placing.last)
        missing = {*placing.not_yet_there(stage, at), *(at_the_end if stage < placing.last else ())}
        if check.isolate.received.receiver is not None:
            # Who has got it by then, and is done with it, is not compared: that would have to be handed over for it.
            missing |= check.names - placing.still_taken(stage, at) - placing.taken_for(plan.body.result)
        step = check.limited(missing)
        if step is not None:
            placing.segments[at] = stage
            yield Unit(at, step, *effects_of([step], plan))


def _without_idle(stages: Iterable[Stage]) -> list[Stage]:
    """Stages whose regions call code of the user's: what is done in no time stays where the order is kept.

    But for the first that stores early, if others come behind it.
    """
    kept: list[Stage] = []
    is_early = False
    for stage in stages:
        is_idle = not any(unit.effects.calls for unit in stage.region)
        if not kept:
            kept.append(_merged(stage))
        elif not is_idle:
            kept.append(stage)
        elif stage.stores and not is_early:
            kept.append(_merged(stage))
        else:
            kept[-1] = joined(kept[-1], stage)
        is_early = is_early or bool(stage.stores)
    if len(kept) > 1 and not kept[-1].region:
        *kept, before, last = kept
        kept.append(joined(before, last))
    # At the end, the epoch has succeeded.
    kept[-1] = kept[-1]._replace(stores=frozenset())
    return kept


def _merged(stage: Stage) -> Stage:
    """A stage with what is in its region done in its segment."""
    return _sorted(stage._replace(region=(), segment=(*stage.region, *stage.segment)))


def _sorted(stage: Stage) -> Stage:
    return stage._replace(segment=tuple(sorted(stage.segment, key=lambda unit: unit.at)))
