"""Which steps may say that a run, or a nested tube, is to end, and which loops they leave then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from noob_cli.plan.steps import Append, Call, Loop, Nested, Step, TakeItems


def may_end(steps: Iterable[Step], but: Iterable[Step] = ()) -> bool:
    """Whether one of these steps, or of those in them, may end their tube; a tube nested in it ends by itself.

    Args:
        steps: The steps.
        but: Those that are of no account.
    """
    ignored = {id(step) for step in but}
    parts = (part for step in steps if id(step) not in ignored for part in step.walk(Nested))
    return any(isinstance(part, TakeItems | Call) for part in parts)


def leaving(steps: Sequence[Step]) -> Iterator[Call]:
    """The calls behind which nothing is left to be done for an item if they give no event: they leave the loop at once.

    Args:
        steps: What is done for each item.
    """
    for at, step in enumerate(steps):
        if isinstance(step, Call) and not step.assets and _are_silent(step, steps[at + 1 :]):
            yield step


def _are_silent(call: Call, after: Sequence[Step]) -> bool:
    """Whether steps do nothing if a call gives no event."""
    silent = {each.name for each in call.output.variables if each is not None}
    for step in after:
        match step:
            case Call() if not silent.isdisjoint(each.name for each in step.needs):
                silent |= {each.name for each in step.output.variables if each is not None}
            case Append() if step.value.optional and not step.always and step.value.name in silent:
                continue
            case _:
                return False
    return True


def passes(steps: Iterable[Step]) -> Counter[str]:
    """How often the items of each map are gone through, by the name of what holds them."""
    parts = (part for step in steps for part in step.walk(Nested))
    return Counter(part.items.name for part in parts if isinstance(part, Loop))
