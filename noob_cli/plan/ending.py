"""Which steps may say that a run, or a nested tube, is to end."""

from __future__ import annotations

from collections.abc import Iterable

from noob_cli.plan.steps import Call, Inline, Step, TakeItems


def may_end(steps: Iterable[Step]) -> bool:
    """Whether one of these steps, or of those in them, may end their tube; a tube nested in it ends by itself."""
    parts = (part for step in steps for part in step.walk(Inline))
    return any(isinstance(part, TakeItems | Call) for part in parts)
