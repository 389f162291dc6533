"""Looks at what is to be stored, taken out of the steps that they stand in.

Where something is stored before an epoch has succeeded, it is looked then and there who gets the same object behind
that, as far as it is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.part import Part
from noob_cli.plan.steps import Isolate, Step, When
from noob_cli.plan.values import Variable


class LookApart(NamedTuple):
    """A look that stands by itself.

    Args:
        isolate: The look.
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
        """The look as a step, at what is there; None if nothing is.

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
        look = self.isolate.replace(received=received._replace(shared=shared, among=among))
        return When(look.place, needs, (look,)) if needs else look


def apart(steps: Iterable[Step], stored: Collection[str]) -> Iterator[tuple[Step | None, list[LookApart]]]:
    """Steps, those that are left, each with the looks that were in it.

    Args:
        steps: The steps of an epoch.
        stored: The names of what is to be stored that is looked at.
    """
    for step in steps:
        looks: list[LookApart] = []
        left = _without(step, stored, (), looks)
        parts = () if left is None else left.walk()
        inside = frozenset(name for part in parts for name in part.names("Writes", "Changes"))
        yield left, [look._replace(inside=inside) for look in looks]


def _without(part: Any, stored: Collection[str], needs: tuple[Variable, ...], looks: list[LookApart]) -> Any:
    """A part without the looks in it; None if nothing is left of it."""
    if isinstance(part, Isolate):
        if part.held.variables[0].name not in stored:
            return part
        looks.append(LookApart(part, needs))
        return None
    if isinstance(part, When):
        needs = (*needs, *part.needs)
    looks_before = len(looks)
    changes: dict[str, Any] = {}
    for field, role in part.roles.items():
        if role == "Holds":
            held = getattr(part, field)
            if type(held) is tuple:
                left = (_without(inner, stored, needs, looks) for inner in held)
                changes[field] = tuple(inner for inner in left if inner is not None)
            elif isinstance(held, Part):
                changes[field] = _without(held, stored, needs, looks)
    if len(looks) == looks_before:
        return part
    if isinstance(part, When) and not changes["steps"] and not part.silent:
        return None
    return part.replace(**changes)
