"""Which counts of epochs a plan reads, and which need not be kept because they go with another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from noob_cli.plan.steps import (
    Body,
    Call,
    CurrentEpoch,
    DrawNested,
    Loop,
    Nested,
    Record,
    Scoped,
    Step,
    TakeOut,
    Together,
)


def counters_read(body: Body) -> frozenset[str]:
    """The counters that something in the epochs of a tube, or of those nested in it, reads.

    What is stored in each epoch of the tube itself was stored in the last one: its number need not be asked for.
    """
    return frozenset(_read_in(body, set(), is_stored_each_time(body)))


def is_stored_each_time(body: Body) -> bool:
    """Whether all that a tube carries is stored in each epoch."""
    return not any(each.pending is not None and each.pending.optional for each in body.carried)


def following(body: Body, read: frozenset[str]) -> dict[str, str]:
    """The counters of nested tubes that nothing reads and that are called once in each epoch.

    Args:
        body: What happens in an epoch.
        read: The counters that are read.

    Returns:
        For each the counter of the tube around it, which says the same.
    """
    found: dict[str, str] = {}
    for step in body.steps:
        if isinstance(step, Nested):
            inner = step.body
            if not (step.needs or inner.can_end or inner.draws or inner.counter in read):
                found[inner.counter] = body.counter
            found |= following(inner, read)
    return found


def _read_in(body: Body, seen: set[int], knows_when_stored: bool = False) -> Iterator[str]:
    # A nested tube is met where its sources are drawn and where it has its turn.
    if id(body) in seen:
        return
    seen.add(id(body))
    if not knows_when_stored and any(each.pending is not None for each in body.carried):
        yield body.counter
    for draw in body.draws:
        if isinstance(draw, DrawNested):
            yield from _read_in(draw.body, seen)
    yield from _read_by(body.steps, seen)


def _read_by(steps: Iterable[Step], seen: set[int]) -> Iterator[str]:
    for step in steps:
        match step:
            case Call():
                values = [*step.positional, *(value for _, value in step.named)]
                yield from (value.counter for value in values if isinstance(value, CurrentEpoch))
            case TakeOut() | Record():
                if isinstance(step.epoch, CurrentEpoch):
                    yield step.epoch.counter
            case Together():
                yield from _read_by(step.calls, seen)
            case Loop():
                yield from _read_by(step.body, seen)
            case Scoped():
                yield from _read_by(step.steps, seen)
            case Nested():
                yield from _read_in(step.body, seen)
