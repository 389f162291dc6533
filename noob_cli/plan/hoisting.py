"""Hoisting alias checks out of the steps that they stand in.

Where something is stored before an epoch has succeeded, it is checked then and there who gets the same object behind
that, as far as that is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.part import Part
from noob_cli.plan.steps import Isolate, Step, When
from noob_cli.plan.values import Variable


class HoistedCheck(NamedTuple):
    """An alias check that stands by itself.

    Args:
        isolate: The check.
        needs: The values without which nobody gets anything.
        inside: The names of the values that are there in its step only, or behind that.
    """

    isolate: Isolate
    needs: tuple[Variable, ...]
    inside: frozenset[str] = frozenset()

    @property
    def stored(self) -> list[str]:
        """The names of what is to be stored."""
        return list(self.isolate.held.names("Changes"))

    @property
    def names(self) -> set[str]:
        """The names of the values that others get."""
        received = self.isolate.received
        return {variable.name for variable in (*received.shared, *received.among)}

    def limited(self, missing: Collection[str]) -> Step | None:
        """The check as a step, for the values that are there; None if none is.

        Args:
            missing: The names of the values that are not there.
        """
        received = self.isolate.received
        shared, among, needs = (
            tuple(variable for variable in variables if variable.name not in {*self.inside, *missing})
            for variables in (received.shared, received.among, self.needs)
        )
        if not shared and not among:
            return None
        check = self.isolate.replace(received=received._replace(shared=shared, among=among))
        return When(check.place, needs, (check,)) if needs else check


def hoisted(steps: Iterable[Step], stored: Collection[str]) -> Iterator[tuple[Step | None, list[HoistedCheck]]]:
    """Steps without the alias checks in them, each with those; None for a step of which nothing is left.

    Args:
        steps: The steps of an epoch.
        stored: The names of what is to be stored whose checks are hoisted.
    """
    for step in steps:
        checks: list[HoistedCheck] = []
        left: Any = _without(step, stored, (), checks)
        parts = () if left is None else left.walk()
        inside = frozenset(name for part in parts for name in part.names("Writes", "Changes"))
        yield left, [check._replace(inside=inside) for check in checks]


def _without(
    part: Part, stored: Collection[str], needs: tuple[Variable, ...], checks: list[HoistedCheck]
) -> Part | None:
    """A part without the alias checks in it; None if nothing is left of it."""
    if isinstance(part, Isolate):
        if part.held.variables[0].name not in stored:
            return part
        checks.append(HoistedCheck(part, needs))
        return None
    if isinstance(part, When):
        needs = (*needs, *part.needs)
    left = part.with_parts(lambda inner: _without(inner, stored, needs, checks))
    return None if isinstance(left, When) and not left.steps and not left.silent else left
