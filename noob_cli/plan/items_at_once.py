"""Which loops over the items of a map may be done for several items at once: those in which nothing keeps the order.

Each item then has lists of its own for what the loop collects; they are joined in the order of the items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from noob_cli.plan.effects import effects_of
from noob_cli.plan.part import Part
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Call, For, Inline, Items, Scoped, Step, Store


def with_items_at_once(plan: Plan, default: int | None) -> Plan:
    """A plan in which `For.at_once` of each loop says for how many items at once it is done.

    Args:
        plan: The plan; its loops say what the file does.
        default: How many items may be under way at once where something in the loop is awaited, and the file doesn't
            say; None if one.
    """
    return plan.replace(body=_settled(plan.body, plan, default, {}))


def is_awaited(loop: For) -> bool:
    """Whether a loop can be done for several items in one thread: something in it is awaited."""
    return why_not_awaited(loop) is None


def why_not_awaited(loop: For) -> str | None:
    """Why a loop can't be done for several items in one thread, in words; None if it can."""
    tube = next((part for part in loop.walk() if isinstance(part, Inline)), None)
    if tube is not None:
        return f"the tube '{tube.place.name}' in its loop counts its epochs"
    is_awaited = any(isinstance(part, Call) and part.awaited for part in loop.walk())
    return None if is_awaited else "nothing in its loop is awaited"


def loops_at_once(plan: Plan) -> Iterator[For]:
    """The loops of a plan that may be done for several items at once.

    Args:
        plan: The plan.
    """
    return (part for part in plan.body.walk() if isinstance(part, For) and part.at_once is not None)


def why_in_order(loop: Step, plan: Plan, shared: Mapping[str, str]) -> str | None:
    """Why a loop is done for one item after the other, in words; None if nothing keeps the items in order.

    Args:
        loop: The loop.
        plan: The plan that it is of.
        shared: The assets of the epoch that count as state, by the names that they are taken by.
    """
    (effects,) = effects_of([loop], plan)
    for reason in effects.keeps.values():
        return reason
    for name in sorted(effects.takes & shared.keys()):
        return f"takes the asset '{shared[name]}', which all items share"
    for part in loop.walk():
        if isinstance(part, Store):
            return f"what '{part.place.name}' emits is stored in an asset"
    return None


def _settled(part: Part, plan: Plan, default: int | None, shared: Mapping[str, str]) -> Part:
    """A part with the loops in it."""
    if isinstance(part, Scoped) and part.place.kind == "asset":
        opened = {asset.target.name: asset.place.name for asset in part.assets if asset.stateful}
        shared = {**shared, **opened}
    settled = part.with_parts(lambda inner: _settled(inner, plan, default, shared))
    if isinstance(settled, For) and isinstance(settled.over, Items):
        return settled.replace(at_once=_at_once(settled, plan, default, shared))
    return settled


def _at_once(loop: For, plan: Plan, default: int | None, shared: Mapping[str, str]) -> int | None:
    most = loop.at_once
    if most is None:
        most = default if is_awaited(loop) else None
    elif most == 1 and default is None:
        most = None
    return None if most is None or why_in_order(loop, plan, shared) is not None else most
