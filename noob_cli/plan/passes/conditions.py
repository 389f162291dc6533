"""Steps that follow each other and need the same values get one condition for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from noob_cli.plan.steps import Step, When


def join_conditions(steps: Sequence[Step]) -> Iterator[Step]:
    """Neighbours that need the same values become one step."""
    for needs, group in groupby(steps, lambda step: step.needs if isinstance(step, When) else None):
        neighbours = list(group)
        if needs is None or len(neighbours) == 1:
            yield from neighbours
            continue
        whens = [step for step in neighbours if isinstance(step, When)]
        yield When(
            whens[0].place,
            needs,
            tuple(inner for step in whens for inner in step.steps),
            tuple(dict.fromkeys(variable for step in whens for variable in step.silent)),
        )
