"""What can't go to another process fails the epoch that it is of, at the node that has emitted it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from noob_cli.codegen.staging import handed
from noob_cli.errors import NotPortableError
from noob_cli.events import NoEvent
from noob_cli.plan.part import Part
from noob_cli.plan.place import Place
from noob_cli.plan.steps import Call, Draw
from noob_cli.raised import add_note, describe
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.crews.crew import Failed, Job, Underway
from noob_cli.runners.crews.wire import packed
from noob_cli.runners.failure import Failure

BEFORE_ALL = -2
"""Where in the plan an epoch has failed whose inputs, or what was drawn for it, can't go on."""

_WAY_OUT = (
    "use threads ('--runner threads', or on=\"threads\"), or say 'stateful: true' of the node that takes it, which is "
    "then called where it is"
)


def names_of(job: Job, number: int, *, is_result: bool) -> Sequence[str]:
    """The names of the values that a region gets, or gives.

    Args:
        job: What is worked at.
        number: The number of the stage.
        is_result: Whether it gives them.
    """
    return handed(job.code.plan, job.stages, 2 * number - 1 if is_result else 2 * number - 2)


def refused(job: Job, epoch: Underway, names: Sequence[str], reason: Exception) -> Underway:
    """An epoch that can't go to another process, as one that has failed: at the node whose value can't.

    Args:
        job: What is worked at.
        epoch: The epoch.
        names: The names of its values.
        reason: Why it can't be pickled.
    """
    number, at, failed, notes, values = epoch
    kept: list[Any] = []
    for name, value in zip(names, values, strict=True):
        try:
            packed(value)
        except Exception as error:
            kept.append(NoEvent)
            where, why = failure_of(job, number, name, f"of type '{type(value).__name__}'", error)
            if where < at:
                at, failed = where, why
        else:
            kept.append(value)
    if failed is None:
        at, failed = failure_of(job, number, names[0], "together with others", reason)
    return number, at, failed, notes, tuple(kept)


def failure_of(job: Job, epoch: int, name: str, what: str, reason: BaseException) -> tuple[int, Failed]:
    """Where in the plan an epoch has failed one of whose values can't go to another process, and why.

    Args:
        job: What is worked at.
        epoch: The number of the epoch.
        name: The name of the value.
        what: What it is.
        reason: Why it can't.
    """
    units = (unit for stage in job.stages.stages for unit in (*stage.region, *stage.segment))
    at = min((unit.at for unit in units if name in unit.effects.writes), default=BEFORE_ALL)
    place, signal = next(_emitters(job, name))
    gives = f"the signal '{signal}' of {place}" if signal else f"what {place} gives"
    error = NotPortableError(f"{gives} can't go to another process: it is {what} ({describe(reason)})")
    failure = Failure(error, place, epoch, place.span, {}, {})
    for note in (str(failure), _WAY_OUT):
        add_note(error, note)
    return at, Failed(error, [failure])


def _emitters(job: Job, name: str) -> Iterator[tuple[Place, str | None]]:
    """The places that give a value, each with the signal that it is, if it is one."""
    parts = sorted(job.code.plan.body.walk(), key=lambda part: not isinstance(part, Call | Draw))
    for part in parts:
        place: Place | None = getattr(part, "place", None)
        if place is not None and name in part.names("Writes", "Changes"):
            yield place, _signal(job, part, name)
    yield Place("tube", job.code.plan.name, (), None), None


def _signal(job: Job, part: Part, name: str) -> str | None:
    if not isinstance(part, Call | Draw):
        return None
    tube, node = tube_around(part.place.name, job.tube)
    signals = tube.graph.nodes[node].kind.interface.signals
    variables = (None if variable is None else variable.name for variable in part.output.variables)
    return next((signal.name for signal, each in zip(signals, variables, strict=False) if each == name), None)
