"""The passes that each block of steps goes through when it is whole, innermost blocks first; each can be left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from noob_cli.plan.passes.conditions import join_conditions
from noob_cli.plan.passes.coroutines import join_coroutines
from noob_cli.plan.steps import Step

Pass = Callable[[Sequence[Step]], Iterable[Step]]

PASSES: Mapping[str, Pass] = MappingProxyType({"coroutines": join_coroutines, "conditions": join_conditions})
"""The passes by name, in their order."""

APART = tuple(name for name in PASSES if name != "conditions")
"""Those that leave nodes apart, of which one may be done for several epochs at once where its neighbour may not."""


def passed(steps: Iterable[Step], names: Collection[str]) -> tuple[Step, ...]:
    """A block of steps after the passes of these names."""
    for name, improve in PASSES.items():
        if name in names:
            steps = improve(tuple(steps))
    return tuple(steps)
