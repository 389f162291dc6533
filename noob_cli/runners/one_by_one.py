"""Why the epochs of a plan are made one after the other, although the runner could have several under way."""

from __future__ import annotations

from noob_cli.plan.plan import Plan
from noob_cli.plan.stages import Stages
from noob_cli.plan.steps import Lookup

_MOST_REASONS = 3
"""How many reasons are told."""


def why_in_order(plan: Plan, stages: Stages, has_crew: bool) -> str | None:
    """Why all epochs of a plan are made one after the other, in words; None if they are not.

    Args:
        plan: The plan.
        stages: Its stages.
        has_crew: Whether the runner has who does regions: coroutines if something in the plan is awaited, else workers.
    """
    if not has_crew:
        return "something in it may be awaited" if plan.awaits else "nothing in it is awaited"
    if plan.is_told_of_events:
        return "somebody is told of each event"
    if any(isinstance(step, Lookup) for step in plan.body.walk()):
        return "what many assets are to store has to be looked up"
    if len(stages.stages) > 1:
        return None
    reasons = dict.fromkeys(reason for stage in stages.stages for reason in stage.held_back.values())
    return "; ".join(list(reasons)[:_MOST_REASONS]) or "none of its nodes calls code that takes time"
