"""The stages of a tube as text: what is done in order, what for several epochs at once, and what holds a step back."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.plan.parting import can_be_handed_out
from noob_cli.plan.plan import Plan
from noob_cli.plan.stages import Stage, partition
from noob_cli.plan.steps import Body, Call, Collected, DrawNested, Inline, Push, Return, TakeItems

_WIDTH = 12

_SHOWN = (Call, Collected, Inline, Push, Return, TakeItems)
"""What a node does that has a line."""


def draw_stages(plan: Plan) -> str:
    """The stages of a plan.

    Args:
        plan: The plan.
    """
    stages = partition(plan, goes_on=plan.awaits).stages
    lines = [_line("in order", name, why) for name, why in _taken(plan.body)]
    for stage in stages:
        names = dict.fromkeys(unit.step.place.name for unit in stage.region if unit.step.place is not None)
        lines += [_line("at once", ", ".join(names))] if names else []
        loops = (unit.step.place for unit in stage.region if can_be_handed_out(unit, plan))
        lines += [_line("items", place.name, "several workers may have a part each") for place in loops if place]
        lines += [_line("in order", name, why) for name, why in _in_order(stage)]
    if all(not stage.region for stage in stages):
        lines.append("nothing can be done for several epochs at once")
    return "\n".join([*lines, ""])


def _taken(around: Body | DrawNested) -> Iterator[tuple[str, str]]:
    if isinstance(around, Body):
        yield from ((step.place.reference, "comes with the epoch") for step in around.inputs)
    for draw in around.draws:
        yield draw.place.name, "is a source"


def _in_order(stage: Stage) -> Iterator[tuple[str, str]]:
    """The nodes of a segment, each with the first reason that it is there."""
    reasons: dict[str, str] = {}
    for unit in stage.segment:
        does_something = any(isinstance(step, _SHOWN) for step in unit.step.walk())
        if unit.step.place is not None and does_something:
            reasons.setdefault(unit.step.place.name, stage.held_back.get(unit.at, "calls nothing that takes time"))
    yield from reasons.items()


def _line(how: str, what: str, why: str = "") -> str:
    return f"{how:<{_WIDTH}}{what}" + (f": {why}" if why else "")
