"""Coroutine nodes that follow each other and don't need each other are started in order and awaited together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.part import Part
from noob_cli.plan.steps import (
    AliasCheck,
    Append,
    Call,
    Isolate,
    IsolateAny,
    Paced,
    Record,
    Retry,
    Scoped,
    Show,
    Step,
    Store,
    TakeOut,
    Together,
    When,
)
from noob_cli.plan.values import Variable


class AwaitedCall(NamedTuple):
    """The call of a coroutine, with what stands around it.

    Args:
        call: The call.
        steps: What is done: the call, behind its alias checks, in the blocks that say how it is made.
        needs: The values without which it is not.
        silent: What gets no event then.
    """

    call: Call
    steps: tuple[Step, ...]
    needs: tuple[Variable, ...] = ()
    silent: tuple[Variable, ...] = ()

    @property
    def is_more_than_a_call(self) -> bool:
        """Whether more than the call itself is done in its task."""
        return not isinstance(self.steps[-1], Call) or self.call.timeout is not None

    @property
    def checks(self) -> list[AliasCheck]:
        """The alias checks before it."""
        return [part for step in self.steps for part in step.walk() if isinstance(part, Isolate | IsolateAny)]

    def without(self, checks: Sequence[AliasCheck]) -> AwaitedCall:
        """The same without some of its alias checks."""

        def left(part: Part) -> Any:
            return None if part in checks else part.with_parts(left)

        return self._replace(steps=tuple(step for step in map(left, self.steps) if step is not None))

    def step(self) -> Step:
        """The call with everything around it, as one step."""
        is_one = len(self.steps) == 1 and not self.needs
        return self.steps[0] if is_one else When(self.call.place, self.needs, self.steps, self.silent)


def awaited_call(step: Step) -> AwaitedCall | None:
    """The call of a coroutine that a step comes to; None if it is something else."""
    needs, silent, steps = (step.needs, step.silent, step.steps) if isinstance(step, When) else ((), (), (step,))
    *checks, last = steps
    while isinstance(last, Retry | Paced | Scoped) and not checks:
        *checks, last = last.steps
    if not (isinstance(last, Call) and last.awaited and all(isinstance(part, AliasCheck) for part in checks)):
        return None
    return AwaitedCall(last, steps, needs, silent)


def join_coroutines(steps: Sequence[Step]) -> Iterator[Step]:
    """Coroutine nodes that follow each other and don't need each other become one step."""
    group = _Group()
    for step in steps:
        awaited = awaited_call(step)
        if awaited is not None and group.takes(awaited):
            group.add(awaited)
        elif group.calls and _is_about_results(step):
            # What is done with the values of one call waits until all are there.
            group.after.append(step)
            group.written.update(_written_by(step))
        else:
            yield from group.steps()
            group = _Group()
            if awaited is not None:
                group.add(awaited)
            else:
                yield step
    yield from group.steps()


class _Group:
    """Calls that are awaited together.

    Attributes:
        calls: The calls.
        after: What is done when all are through.
        written: What they write.
    """

    def __init__(self) -> None:
        self.calls: list[AwaitedCall] = []
        self.after: list[Step] = []
        self.written: set[str] = set()
        self._read: set[str] = set()

    def takes(self, awaited: AwaitedCall) -> bool:
        """Whether a call needs nothing that the others give, and stores in nothing that they read."""
        return self.written.isdisjoint(_read_by(awaited)) and awaited.call.stored_in.isdisjoint(self._read)

    def add(self, awaited: AwaitedCall) -> None:
        """Let a call be awaited with the others."""
        # What a call of the group is to store is looked after when all are through: they run at the same time.
        stores = (part for step in self.after for part in step.walk() if isinstance(part, Store))
        stored = {store.pending.name for store in stores}
        later = [check for check in awaited.checks if stored and _is_about(check, stored)]
        self.calls.append(awaited.without([check for check in later if isinstance(check, Isolate)]))
        self._read |= _read_by(awaited)
        self.after += later
        self.written.update(awaited.call.names("Writes"))

    def steps(self) -> Iterator[Step]:
        """The calls as one step, and what is done with their results."""
        calls = tuple(awaited.step() for awaited in self.calls)
        if len(calls) > 1:
            yield Together(self.calls[0].call.place, calls)
        else:
            yield from calls
        yield from self.after


def _read_by(awaited: AwaitedCall) -> set[str]:
    return {*awaited.call.names("Reads"), *(variable.name for variable in awaited.needs)}


def _is_about_results(step: Step) -> bool:
    """Whether a step only does something with values that nodes have emitted."""
    if isinstance(step, When):
        return all(map(_is_about_results, step.steps))
    return isinstance(step, TakeOut | Store | Record | Show | Append | Isolate | IsolateAny)


def _written_by(step: Part) -> set[str]:
    """The events that a step records, which later nodes may read."""
    return {name for part in step.walk() if isinstance(part, Record) for name in part.names("Writes")}


def _is_about(check: AliasCheck, stored: set[str]) -> bool:
    """Whether a check is about something that is stored."""
    return isinstance(check, IsolateAny) or check.held.variables[0].name in stored
