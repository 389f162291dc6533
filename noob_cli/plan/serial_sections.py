"""Serial sections: the stretches of a plan in which epochs keep their order, and the steps that are done in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.effects import Unit
from noob_cli.plan.hoisting import HoistedCheck
from noob_cli.plan.plan import OfNode, Plan
from noob_cli.plan.steps import Call, Carried, Push


class SerialSection(NamedTuple):
    """A stretch of the plan in which epochs keep their order.

    Args:
        first: Where it begins.
        last: Where it ends; behind the last step, if that is the end of the epoch.
        stores: The names of what is stored at its end, before the epoch has succeeded.
    """

    first: int
    last: int
    stores: frozenset[str]


def serial_sections(
    units: Sequence[Unit],
    plan: Plan,
    early: Collection[str],
    checks: Iterable[HoistedCheck],
    takers: Iterable[int] | None,
) -> list[SerialSection]:
    """The stretches from the first to the last step that touches the same; those that overlap are one.

    Args:
        units: The steps of an epoch.
        plan: The plan.
        early: The names of what may be stored before the epoch has succeeded.
        checks: The alias checks of that.
        takers: Where those steps are that take what lives as long as the epoch; None if nothing does.
    """
    end = units[-1].at + 1
    touched: defaultdict[str, list[int]] = defaultdict(list)
    for unit in units:
        waits = any(_is_undone(part, early) or _holds_back(part, plan) for part in unit.step.walk())
        for name in unit.effects.keeps:
            touched[name] += [unit.at, end] if waits else [unit.at]
    for carried in plan.body.carried:
        if carried.pending is not None:
            writes = [unit.at for unit in units if carried.pending.name in unit.effects.writes]
            touched[carried.current] += writes if carried.current in early else [end]
    for together in _stored_together(plan, checks):
        places = [at for name in together for at in touched[name]]
        touched |= dict.fromkeys(together, places)
    if plan.body.result is not None and plan.body.result.name in plan.lasting_names:
        # It is looked at when the epoch has ended, and has to be what it was then.
        touched[plan.body.result.name].append(end)
    if takers is not None:
        # If that can't be made, nothing of the epoch is done that can't be put back.
        keeping = (at for name, places in touched.items() if name not in early for at in places)
        touched["the epoch"] = [*takers, *keeping, end]
    if barriers := [unit.at for unit in units if not unit.effects.runs_ahead]:
        # What may end the run lets nothing before it be done for later epochs.
        touched["the end"] += [0, *barriers]
    first_early = min((at for name in early for at in touched[name]), default=end)
    for name, places in touched.items():
        if name not in early and max(places) >= first_early:
            # It can't be put back, so that it waits until the epoch has succeeded.
            places.append(end)
    return _joined(touched, early, end)


def _is_undone(part: object, early: Collection[str]) -> bool:
    """Whether what a step changes is undone if its epoch fails, and is not put back in any other way."""
    return isinstance(part, Carried) or (isinstance(part, Push) and part.kept not in early)


def _holds_back(part: object, plan: Plan) -> bool:
    """Whether a step calls what holds something back: it would have it when an epoch before has ended the run."""
    binding = plan.bindings.get(part.function) if isinstance(part, Call) else None
    return isinstance(binding, OfNode) and binding.holds_back


def _stored_together(plan: Plan, checks: Iterable[HoistedCheck]) -> Iterable[list[str]]:
    """The assets that are stored from one signal: they hold one object."""
    for check in checks:
        pending = check.stored
        yield [
            asset.current for asset in plan.body.carried if asset.pending is not None and asset.pending.name in pending
        ]


def _joined(touched: Mapping[str, list[int]], early: Collection[str], end: int) -> list[SerialSection]:
    sections: list[SerialSection] = []
    for first, last, name in sorted((min(places), max(places), name) for name, places in touched.items() if places):
        stores = frozenset({name} & set(early))
        if sections and first <= sections[-1].last:
            section = sections.pop()
            first, last, stores = section.first, max(section.last, last), section.stores | stores
        sections.append(SerialSection(first, last, stores))
    return [section._replace(stores=frozenset()) if section.last == end else section for section in sections]


def members_of(
    units: Sequence[Unit], sections: Sequence[SerialSection], plan: Plan, reasons: dict[int, str], last_barrier: int
) -> dict[int, int]:
    """The number of the serial section of each step that is in one: what keeps something there, and what needs that.

    Where something is stored early, only those are that it needs, too: what else fails puts it back.

    Args:
        units: The steps of an epoch.
        sections: The sections.
        plan: The plan.
        reasons: Why steps are held back, by their place in the plan; gets more.
        last_barrier: The place of the last step that may end the run in the middle of an epoch.
    """
    members: dict[int, int] = {}
    for number, section in enumerate(sections):
        inside = [unit for unit in units if section.first <= unit.at <= section.last]
        keeping = {unit.at for unit in inside if unit.at in reasons}
        givers: dict[str, str] = {}
        joining: dict[int, str] = {}
        for unit in inside:
            before = sorted(unit.effects.takes & givers.keys())
            if unit.at <= last_barrier:
                joining[unit.at] = "what comes behind it may end the run in the middle of an epoch"
            elif unit.at in keeping or before:
                joining[unit.at] = f"needs what {givers[before[0]]} gives" if before else ""
            if unit.at in joining:
                givers |= dict.fromkeys(unit.effects.writes | unit.effects.changes, str(unit.step.place))
        if section.stores:
            needed = _needed(inside, keeping, _pending(plan, section))
            joining = {at: reason for at, reason in joining.items() if at in needed}
        for at, reason in joining.items():
            reasons.setdefault(at, reason)
            members[at] = number
    return members


def _pending(plan: Plan, section: SerialSection) -> set[str]:
    """The names of what is to be stored at the end of a section."""
    carried = (asset for asset in plan.body.carried if asset.current in section.stores)
    return {asset.pending.name for asset in carried if asset.pending is not None}


def _needed(inside: Sequence[Unit], keeping: Collection[int], stored: Iterable[str]) -> set[int]:
    """The places of the steps that keep something, or that what is stored needs."""
    names = set(stored)
    needed: set[int] = set()
    for unit in reversed(inside):
        if unit.at in keeping or unit.effects.writes & names:
            needed.add(unit.at)
            names |= unit.effects.takes
    return needed
