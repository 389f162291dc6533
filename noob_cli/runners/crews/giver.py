"""Where a value has come from that an epoch on its way has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from noob_cli.codegen.staging import live_behind
from noob_cli.errors import NoobError
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.part import Part
from noob_cli.plan.place import Place
from noob_cli.plan.steps import Append, Call, Collected, Draw, Inline, Return, Store, TakeItems
from noob_cli.raised import add_note
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.crews.crew import Failed, Job
from noob_cli.runners.failure import Failure

BEFORE_ALL = -2
"""Where in the plan an epoch has failed whose inputs, or what was drawn for it, can't go on."""


class Giver(NamedTuple):
    """Where a value has come from.

    Args:
        at: Where in the plan the step stands that gives it.
        place: The node, the input or the asset that gives it.
        signal: The signal that it is, if it is one.
    """

    at: int
    place: Place
    signal: str | None

    def __str__(self) -> str:
        return f"the signal '{self.signal}' of {self.place}" if self.signal else f"what {self.place} gives"

    def failed(self, error: NoobError, epoch: int, *notes: str) -> Failed:
        """Why an epoch has failed, with what is noted of it.

        Args:
            error: The error.
            epoch: The number of the epoch.
            notes: What else is noted.
        """
        failure = Failure(error, self.place, epoch)
        for note in (str(failure), *notes):
            add_note(error, note)
        return Failed(error, [failure])


def names_of(job: Job, number: int, *, is_result: bool) -> Sequence[str]:
    """The names of the values that a region gets, or gives.

    Args:
        job: What is worked at.
        number: The number of the stage.
        is_result: Whether it gives them.
    """
    return live_behind(job.code.plan, job.stages, 2 * number - 1 if is_result else 2 * number - 2)


def giver_of(job: Job, name: str) -> Giver:
    """Where a value has come from.

    Args:
        job: What is worked at.
        name: The name of the value.
    """
    at = min((unit.at for unit in job.stages.units if name in unit.effects.writes), default=BEFORE_ALL)
    return Giver(at, *next(_emitters(job, name)))


def made_of(job: Job, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a value was put together of, by name: that of a `return`, of a map, of a loop, of a nested tube.

    Args:
        job: What is worked at.
        name: The name of the value.
        value: The value.
    """
    for part in job.code.plan.body.walk():
        if isinstance(part, Return) and part.target.name == name:
            values = [value] if part.single else [value.get(key) for key in part.keys] if part.keys else value
            yield from zip((variable.name for variable in part.values), values, strict=False)
        elif isinstance(part, Append | TakeItems):
            if name == (part.target if isinstance(part, Append) else part.items).name:
                yield from ((part.value.name, item) for item in value)
        elif isinstance(part, Collected) and part.target.name == name:
            yield part.values.name, value
        elif isinstance(part, Store) and part.pending.name == name:
            yield part.value.name, value
        elif isinstance(part, Inline):
            for result, output in zip(part.results, part.outputs, strict=True):
                if output.name == name and result is not None:
                    yield result.name, value


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
    pairs = zip(signals, part.output.variables, strict=False)
    return next((signal.name for signal, target in pairs if target is not None and target.name == name), None)
