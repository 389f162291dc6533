"""A crew that is looked at: what it does is done in order as well, and compared."""

from __future__ import annotations

import asyncio
import inspect
import pickle
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from noob_cli.codegen.runtime import NOT_BEGUN
from noob_cli.codegen.staging import Piece, outputs_of
from noob_cli.errors import VerificationError, WorkerDiedError
from noob_cli.plan.place import Place
from noob_cli.raised import is_of
from noob_cli.runners.crews.crew import AwaitedPiece, Crew, Failed, Job, OnTheirWay, Report, Underway
from noob_cli.runners.crews.likeness import copied_by_pickle, is_alike
from noob_cli.runners.failure import Failure
from noob_cli.runners.urgency import Urgency
from noob_cli.runners.worker import Worker
from noob_cli.wording import short_repr


class Comparison:
    """Compares the first epochs with how they are if they are done once more, in order, on a copy of what they get.

    Args:
        most: How many epochs are compared.

    Attributes:
        job: What is worked at.
    """

    job: Job

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: Counter[int] = Counter()

    def copy(self, number: int, epoch: Underway) -> bytes | None:
        """An epoch before its region is done; None if that is not to be looked at.

        Args:
            number: The number of the stage.
            epoch: The epoch.
        """
        self._seen[number] += 1
        if self._seen[number] > self._most or epoch[1] == NOT_BEGUN:
            return None
        copy = copied_by_pickle(epoch)
        if copy is None and self.job.observers.is_new("what can't be pickled"):
            problem = "what its nodes hand on can't be pickled, or can't be made again of its pickle"
            self.job.observers.warn(f"an epoch can't be compared: {problem}")
        return copy

    def compared(self, number: int, epoch: Underway, again: Underway) -> Underway:
        """An epoch, or that it is another one in order.

        Args:
            number: The number of the stage.
            epoch: The epoch.
            again: The same, done once more.
        """
        if again[2] is not None and isinstance(again[2].error, VerificationError):
            return again
        plan, piece = self.job.code.plan, Piece(self.job.stages, number, is_region=True)
        if again[1] != epoch[1]:
            at, failure = min((again[1], again[2]), (epoch[1], epoch[2]), key=lambda outcome: outcome[0])
            where = "in order" if again[1] == at else "for several epochs at once"
            problem = f"fails {where} only, with {short_repr(failure.error)}"
            return _refused(epoch, at, next(unit.step.place for unit in piece.units if unit.at == at), problem)
        for name, value, other in zip(outputs_of(plan, piece), epoch[4], again[4], strict=True):
            unit = next((unit for unit in reversed(piece.units) if name in unit.effects.writes), None)
            if unit is not None and not is_alike(value, other):
                problem = f"has given {short_repr(value)}, and in order gives {short_repr(other)}"
                return _refused(epoch, unit.at, unit.step.place, problem)
        return epoch

    def awaited(self, number: int, region: AwaitedPiece, again: AwaitedPiece) -> AwaitedPiece:
        """A region that is awaited, and compared.

        Args:
            number: The number of the stage.
            region: Does it for an epoch.
            again: Does it once more.
        """

        async def compared(*epoch: Any) -> Underway:
            copy = self.copy(number, epoch)
            done = await region(*epoch)
            if copy is None or _is_cancelled():
                return done
            once_more = await again(*pickle.loads(copy))
            return once_more if _is_cancelled() else self.compared(number, done, once_more)

        return compared


class Verified:
    """Has a crew do the first epochs of a run, does them in order as well, and says where that gives something else.

    What is not said here is as that crew has it.

    Args:
        crew: Does the regions.
        number: How many epochs are looked at.
    """

    def __init__(self, crew: Crew, number: int) -> None:
        self._crew = crew
        self._comparison = Comparison(number)
        self._worker: Worker | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._crew, name)

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._comparison.job = job
        self._worker = self._worker or Worker(job.tube, looking_at_arguments)
        return self._worker.start(job) or self._crew.start(job)

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        """Do the region of a stage for all epochs, and once more for the first, each with a copy of what it gets."""
        assert self._worker is not None
        copies: deque[bytes | None] = deque()

        def copied() -> Iterator[Underway | None]:
            for epoch in epochs:
                if epoch is not None:
                    copies.append(self._comparison.copy(number, epoch))
                yield epoch

        for epoch in self._crew.map(number, copied()):
            copy = None if epoch is None else copies.popleft()
            if epoch is not None and copy is not None and not _is_cut_off(epoch):
                epoch = self._comparison.compared(number, epoch, self._worker.do(number, pickle.loads(copy)))
            yield epoch

    def stop(self, urgency: Urgency) -> Iterable[Report]:
        """End all workers."""
        yield from self._crew.stop(urgency)
        if self._worker is not None:
            yield Report({}, self._worker.stop().failed)


def _is_cancelled() -> bool:
    """Whether the task that does something for an epoch is to end: what it has come to by then says nothing."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _is_cut_off(epoch: Underway) -> bool:
    """Whether an epoch has failed with what is none of its nodes' doing, or would take this process along."""
    return epoch[2] is not None and is_of(epoch[2].error, KeyboardInterrupt, WorkerDiedError)


def _refused(epoch: Underway, at: int, place: Place | None, problem: str) -> Underway:
    """An epoch that has failed since a node is not what it says to be."""
    error = VerificationError(f"{place} {problem}: if what it gives depends on earlier calls, say 'stateful: true'")
    failures = [] if place is None else [Failure(error, place, epoch[0])]
    return epoch[0], at, Failed(error, failures), *epoch[3:]


def looking_at_arguments(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that refuses to change in place what it is handed.

    Args:
        function: The function; also one whose result is awaited.
    """

    @wraps(function)
    def looking(*positional: Any, **named: Any) -> Any:
        before = copied_by_pickle((positional, named))
        result = function(*positional, **named)
        if before is None:
            return result
        if inspect.iscoroutine(result):
            return awaited(result, before, positional, named)
        _refuse_changes(before, positional, named)
        return result

    async def awaited(result: Any, before: bytes, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        value = await result
        _refuse_changes(before, positional, named)
        return value

    return looking


def _refuse_changes(before: bytes, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
    values = [*enumerate(positional), *named.items()]
    given_values = pickle.loads(before)
    for (slot, value), was in zip(values, [*given_values[0], *given_values[1].values()], strict=True):
        if not is_alike(value, was):
            raise VerificationError(
                f"it changes in place what it is handed: the argument {slot!r} was {short_repr(was)}, and is "
                f"{short_repr(value)} now. Say 'stateful: true', or let it work on a copy"
            )
