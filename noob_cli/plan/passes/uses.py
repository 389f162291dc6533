"""How often a plan mentions each of its values: what is mentioned but once is written and never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from noob_cli.plan.part import Part
from noob_cli.plan.steps import Body, DrawNested, Lookup, Loop, Nested, Step, Variable


def mentions(body: Body) -> Counter[str]:
    """How often each value is read or written, by its name.

    Args:
        body: What happens in an epoch, with the tubes nested in it.
    """
    return Counter(_names_in(body, set()))


def lookups(body: Body) -> Iterator[Lookup]:
    """What is looked up by its identity, in a tube and in those nested in it.

    Args:
        body: What happens in an epoch, with the tubes nested in it.
    """
    yield from _lookups_in(body, set())


def _lookups_in(body: Body, seen: set[int]) -> Iterator[Lookup]:
    if id(body) in seen:
        return
    seen.add(id(body))
    if body.lookup is not None:
        yield body.lookup
    for draw in body.draws:
        if isinstance(draw, DrawNested):
            yield from _lookups_in(draw.body, seen)
    yield from _lookups_of(body.steps, seen)


def _lookups_of(steps: Iterable[Step], seen: set[int]) -> Iterator[Lookup]:
    for step in steps:
        if isinstance(step, Nested):
            yield from _lookups_in(step.body, seen)
        elif isinstance(step, Loop):
            yield from _lookups_of(step.body, seen)


def _names_in(part: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(part, Variable):
        yield part.name
        yield from part.along
    elif isinstance(part, tuple):
        for each in part:
            yield from _names_in(each, seen)
    elif not (isinstance(part, Body) and id(part) in seen):
        if isinstance(part, Body):
            # A nested tube is met where its sources are drawn and where it has its turn.
            seen.add(id(part))
        for name in _parts_of(part.__class__):
            yield from _names_in(getattr(part, name), seen)


@cache
def _parts_of(kind: Any) -> tuple[str, ...]:
    """The fields of a kind of step in which values may be."""
    if not issubclass(kind, Part):
        return ()
    types = kind.__annotations__
    return tuple(name for name in kind.fields if name != "place" and types[name] not in ("str", "bool"))
