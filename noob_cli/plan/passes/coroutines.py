"""Coroutine nodes that follow each other and don't need each other are started in order and awaited together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from noob_cli.plan.steps import Append, Call, IsolateAny, Look, Record, Step, Store, TakeOut, Together
from noob_cli.plan.values import Events, Variable


def join_coroutines(steps: Sequence[Step]) -> Iterator[Step]:
    """Coroutine nodes that follow each other and don't need each other become one step."""
    calls: list[Call] = []
    after: list[Step] = []
    written: set[str] = set()
    read: set[str] = set()
    for step in steps:
        if _can_be_joined(step) and not written & _names_read(step) and not step.stored_in & read:
            # What a call of the group is to store is looked after when all are through: they run at the same time.
            stored = {each.pending.name for each in after if isinstance(each, Store)}
            later = [each for each in step.isolates if stored and _looks_at(each, stored)]
            before = tuple(each for each in step.isolates if each not in later or isinstance(each, IsolateAny))
            calls.append(step.replace(isolates=before))
            read |= _names_read(step)
            after += later
            written |= {each.name for each in step.output.variables if each is not None}
        elif calls and isinstance(step, TakeOut | Store | Record | Append):
            # What is done with the values of one call waits until all are there.
            after.append(step)
            if isinstance(step, Record) and step.target is not None:
                written.add(step.target.name)
        else:
            yield from _group(calls, after)
            calls, after, written, read = [], [], set(), set()
            if _can_be_joined(step):
                calls.append(step)
                read = _names_read(step)
                written = {each.name for each in step.output.variables if each is not None}
            else:
                yield step
    yield from _group(calls, after)


def _looks_at(look: Look, stored: set[str]) -> bool:
    """Whether a look is at something that is stored."""
    return isinstance(look, IsolateAny) or look.held.variables[0].name in stored


def _can_be_joined(step: Step) -> TypeGuard[Call]:
    """Whether a step is the call of a coroutine."""
    return isinstance(step, Call) and step.awaited


def _group(calls: list[Call], after: list[Step]) -> Iterator[Step]:
    if len(calls) > 1:
        yield Together(tuple(calls))
    else:
        yield from calls
    yield from after


def _names_read(call: Call) -> set[str]:
    values = [*call.positional, *(value for _, value in call.named)]
    names = {value.name for value in values if isinstance(value, Variable)}
    for value in values:
        if isinstance(value, Events):
            names |= {event.name for _, event in value.events}
    return names
