"""The stages of a tube as text: what is done in order, what for several epochs at once, and what holds a step back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

from noob_cli.plan.chunking import around_loops, item_loops
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.passes.passes import APART
from noob_cli.plan.stages import partition
from noob_cli.plan.steps import Body, DrawNested
from noob_cli.tube import Tube

_WIDTH = 12
_IN_ORDER, _AT_ONCE = "in order", "at once"
_CHEAP = "calls nothing that takes time"
_ITEMS_APART = "several workers may have a part each"


class StageFacts(TypedDict):
    """What is done in order, for several epochs at once, or for the items of a map apart, and why."""

    how: str
    nodes: list[str]
    why: str | None


def stage_facts(tube: Tube) -> list[StageFacts]:
    """The stages of a tube, in the order in which an epoch goes through them.

    Args:
        tube: The tube, its inputs given.
    """
    plan = lower(tube, tube.disabled, LoweringOptions(passes=APART))
    facts = [_fact(_IN_ORDER, name, why) for name, why in _taken(plan.body)]
    for stage in partition(plan, goes_on=False).stages:
        names = dict.fromkeys(unit.step.place.name for unit in stage.region if unit.step.place is not None)
        facts += [StageFacts(how=_AT_ONCE, nodes=list(names), why=None)] if names else []
        facts += [_fact(_IN_ORDER, place.name, why or _CHEAP) for place, why in stage.in_order.items()]
    # A loop with several passes over the items is said once.
    around = around_loops(plan)
    loops = () if around is None else item_loops(plan, around)
    for name, why in dict.fromkeys((loop.place.name, loop.why_whole) for loop in loops):
        facts.append(_fact("items", name, _ITEMS_APART if why is None else f"one worker has all: {why}"))
    return facts


def stage_lines(facts: Sequence[StageFacts]) -> Iterator[str]:
    """Stages as text, a line each.

    Args:
        facts: The stages.
    """
    for fact in facts:
        yield f"{fact['how']:<{_WIDTH}}{', '.join(fact['nodes'])}" + (f": {fact['why']}" if fact["why"] else "")
    if all(fact["how"] != _AT_ONCE for fact in facts):
        yield "nothing can be done for several epochs at once"


def _taken(around: Body | DrawNested) -> Iterator[tuple[str, str]]:
    if isinstance(around, Body):
        yield from ((step.place.reference, "comes with the epoch") for step in around.inputs)
    for draw in around.draws:
        yield draw.place.name, "is a source"


def _fact(how: str, name: str, why: str) -> StageFacts:
    return StageFacts(how=how, nodes=[name], why=why)
