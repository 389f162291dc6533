"""Which steps may say that a run, or a nested tube, is to end, and which loops they leave then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from noob_cli.plan.steps import Call, Loop, Scoped, Step, TakeItems, Together


def may_end(steps: Iterable[Step]) -> bool:
    """Whether one of these steps, or of those in them, may end their tube; a tube nested in it ends by itself."""
    for step in steps:
        match step:
            case TakeItems():
                return True
            case Call() if step.may_end:
                return True
            case Together() if may_end(step.calls):
                return True
            case Loop() if may_end(step.body):
                return True
            case Scoped() if may_end(step.steps):
                return True
    return False


def passes(steps: Iterable[Step]) -> Counter[str]:
    """How often the items of each map are gone through, by the name of what holds them."""
    return Counter(_loops_in(steps))


def _loops_in(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Loop):
            yield step.items.name
            yield from _loops_in(step.body)
