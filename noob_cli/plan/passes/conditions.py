"""Passes on conditions: steps that follow each other and need the same values get one condition for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from noob_cli.plan.steps import For, Step, When


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


def nest_in_loops(steps: Iterable[Step]) -> Iterator[Step]:
    """In loops, a step that needs a value stands inside of the condition under which the value is made.

    If the value is not made, nothing is asked for it. Outside of loops steps stay by themselves: one may be what is
    done for several epochs at once.
    """
    for step in steps:
        yield step.replace(steps=tuple(_nested(step.steps))) if isinstance(step, For) else step


def _nested(steps: Iterable[Step]) -> Iterator[Step]:
    last: Step | None = None
    for step in steps:
        if isinstance(step, When) and isinstance(last, When) and not {*last.silent}.isdisjoint(step.needs):
            last = When(last.place, last.needs, (*last.steps, step), (*last.silent, *step.silent))
            continue
        if last is not None:
            yield last
        last = step
    if last is not None:
        yield last
