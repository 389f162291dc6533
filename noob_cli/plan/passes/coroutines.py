"""Coroutine nodes that follow each other and don't need each other are started in order and awaited together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.part import Part
from noob_cli.plan.steps import (
    AliasCheck,
    Append,
    Call,
    Isolate,
    IsolateAny,
    OpenAsset,
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
        needs: The values without which it is not made.
        silent: What gets no event then.
        assets: The assets that live as long as it is under way.
        checks: The alias checks before it.
        retry: What makes it again if it fails.
        paced: What it waits for before.
    """

    call: Call
    needs: tuple[Variable, ...] = ()
    silent: tuple[Variable, ...] = ()
    assets: tuple[OpenAsset, ...] = ()
    checks: tuple[AliasCheck, ...] = ()
    retry: Retry | None = None
    paced: Paced | None = None

    @property
    def is_more_than_a_call(self) -> bool:
        """Whether more than the call itself is done in its task."""
        return bool(self.assets) or self.retry is not None or self.paced is not None or self.call.timeout is not None

    def step(self) -> Step:
        """The call with everything around it, as one step."""
        steps: tuple[Step, ...] = (*self.checks, self.call)
        if self.assets:
            steps = (Scoped(self.call.place, self.assets, steps),)
        if self.paced is not None:
            steps = (self.paced.replace(steps=steps),)
        if self.retry is not None:
            steps = (self.retry.replace(steps=steps),)
        if self.needs or len(steps) > 1:
            return When(self.call.place, self.needs, steps, self.silent)
        return steps[0]


def awaited_call(step: Step) -> AwaitedCall | None:
    """The call of a coroutine that a step comes to; None if it is something else."""
    needs: tuple[Variable, ...] = ()
    silent: tuple[Variable, ...] = ()
    assets: tuple[OpenAsset, ...] = ()
    steps: tuple[Step, ...] = (step,)
    if isinstance(step, When):
        needs, silent, steps = step.needs, step.silent, step.steps
    retry: Retry | None = None
    paced: Paced | None = None
    if len(steps) == 1 and isinstance(steps[0], Retry):
        retry, steps = steps[0], steps[0].steps
    if len(steps) == 1 and isinstance(steps[0], Paced):
        paced, steps = steps[0], steps[0].steps
    if len(steps) == 1 and isinstance(steps[0], Scoped):
        assets, steps = steps[0].assets, steps[0].steps
    *before, last = steps
    checks = tuple(check for check in before if isinstance(check, Isolate | IsolateAny))
    if not (isinstance(last, Call) and last.awaited) or len(checks) < len(before):
        return None
    return AwaitedCall(last, needs, silent, assets, checks, retry, paced)


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
        before = tuple(check for check in awaited.checks if check not in later or isinstance(check, IsolateAny))
        self.calls.append(awaited._replace(checks=before))
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
