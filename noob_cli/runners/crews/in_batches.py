"""Handing over epochs to other processes, in batches, and taking back what comes of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from noob_cli.codegen.runtime import WHOLE
from noob_cli.errors import WorkerDiedError
from noob_cli.events import NoEvent
from noob_cli.plan.steps import Call
from noob_cli.raised import add_note
from noob_cli.runners.crews.batches import Answer, Batch, Died, Entry, NotBegun, Packed, epoch_of
from noob_cli.runners.crews.crew import Failed, Job, OnTheirWay, Report, Underway, waits
from noob_cli.runners.crews.giver import names_of
from noob_cli.runners.crews.lines import Line, Lines
from noob_cli.runners.crews.pace import Pace
from noob_cli.runners.crews.portability import failure_of, refused
from noob_cli.runners.crews.process import interrupted
from noob_cli.runners.crews.shipment import FailedElsewhere, SentReport
from noob_cli.runners.crews.travelling import SentFailed, received
from noob_cli.runners.crews.wire import is_plain, packed, size_of, unpacked
from noob_cli.runners.failure import Failure
from noob_cli.wording import listing


class InBatches:
    """Hands over epochs to other processes, as many at once as are worth the way.

    Args:
        pace: How fast those are.
        most_bytes: How many bytes they get at once.
    """

    def __init__(self, pace: Pace, most_bytes: int) -> None:
        self._pace = pace
        self._lines = Lines(pace, most_bytes)
        """What is to be done, and nobody has taken yet."""
        self._done = threading.Event()
        """Set when something has been done."""
        self._job: Job

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        return self._pace.ahead

    @property
    def workers(self) -> int:
        """How many epochs, or chunks of items, are done at the same time."""
        return self._pace.workers

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        """Do the region of a stage for all epochs, in order."""
        line = self._lines.begin(number)
        put, batches, idle, wake = line.waiting.append, line.batches, self._lines.idle, self._lines.wake
        try:
            for epoch in epochs:
                if epoch is not None:
                    # What is small and can't change isn't weighed.
                    put(epoch if epoch[2] is None and is_plain(epoch[4]) else self._packed(line, epoch))
                    if idle:
                        wake()
                elif not line.is_ready:
                    yield None
                if batches and batches[0].done:
                    yield from self._come(line)
            while line.waiting or batches:
                if line.is_ready:
                    yield from self._come(line)
                else:
                    yield None
        finally:
            self._lines.end(line)

    def _come(self, line: Line) -> Iterator[Underway]:
        """What has been done, in order."""
        batches = line.batches
        while batches:
            batch = batches[0]
            # What was packed has been weighed.
            epochs = None if line.has_packed else batch.take_values()
            if epochs is not None:
                yield from epochs
            else:
                for _ in range(batch.given, batch.done):
                    batch.given += 1
                    yield self._taken(batch, batch.given - 1)
            if batch.given < len(batch.answers):
                return
            batches.popleft()

    def _packed(self, line: Line, epoch: Underway) -> Entry:
        """An epoch as it is now."""
        number, at, failed, notes, values = epoch
        try:
            parcel = packed(epoch if failed is None else (number, at, FailedElsewhere(), notes, values))
        except Exception as error:
            number, at, failed, notes, values = refused(self._job, epoch, line.region, error, is_result=False)
            parcel = packed((number, at, FailedElsewhere(), notes, values))
        size = size_of(parcel)
        self._pace.hold(size)
        line.has_packed = True
        return Packed(number, parcel, size, failed)

    def _taken(self, batch: Batch, at: int) -> Underway:
        """An epoch that has been done.

        Args:
            batch: What it is of.
            at: Its place among these.
        """
        answer, entry = batch.answers[at], batch.entries[at]
        if isinstance(entry, Packed):
            self._pace.hold(-entry.size)
        self._pace.hold(-size_of(answer))
        return self._made(batch.region, entry, answer)

    def _made(self, region: int, entry: Entry, answer: Answer | None) -> Underway:
        """An epoch as it goes on, made of what has come of it."""
        if type(answer) is tuple:
            return entry[0], WHOLE, None, (), answer
        if isinstance(answer, Died):
            answer = self._died_of(region, entry[0], answer)
        elif isinstance(answer, NotBegun):
            answer = self._not_begun(answer)
        if isinstance(answer, Failed):
            return self._failed(region, entry, _first_in(self._job, region), answer)
        if isinstance(answer, SentFailed):
            return self._unreadable(region, entry, received(answer, self._job.tube).error, is_result=False)
        try:
            number, at, failed, notes, values = unpacked(answer)  # type: ignore[arg-type]
        except Exception as error:
            return self._unreadable(region, entry, error, is_result=True)
        if failed is not None:
            before = entry.failed if isinstance(entry, Packed) else None
            failed = before if isinstance(failed, FailedElsewhere) else received(failed, self._job.tube)
        return number, at, failed, notes, values

    def _died_of(self, region: int, epoch: int, died: Died) -> Failed:
        parts = (part for unit in self._job.stages.stages[region].region for part in unit.step.walk())
        places = list(dict.fromkeys(part.place for part in parts if isinstance(part, Call) and not part.is_operator))
        error = WorkerDiedError(
            f"{died.times} worker processes, one after the other, have died of epoch {epoch}: {died.how}, "
            f"while they did {listing([place.name for place in places])}"
        )
        failures = [Failure(error, place, epoch) for place in places[:1]]
        for failure in failures:
            add_note(error, str(failure))
        return Failed(error, failures)

    def _not_begun(self, answer: NotBegun) -> Failed:
        """Why a worker could not begin."""
        if isinstance(answer.why, SentFailed):
            return received(answer.why, self._job.tube)
        message = f"{answer.why.times} worker processes, one after the other, have died when they started"
        return Failed(WorkerDiedError(f"{message}: {answer.why.how}"), [])

    def _unreadable(self, region: int, entry: Entry, error: BaseException, *, is_result: bool) -> Underway:
        """An epoch of which something was pickled on one side, and could not be made again on the other."""
        names = names_of(self._job, region, is_result=is_result)
        name, what = names[0], "pickled there, and can't be made here of that"
        if not is_result:
            # It is most often of a class of the script, which is no module there.
            given = zip(names, epoch_of(entry)[4], strict=True)
            name, value = max(given, key=lambda pair: type(pair[1]).__module__ == "__main__")
            what = f"of type '{type(value).__name__}', and can't be made there of its pickle"
        at, failed = failure_of(self._job, entry[0], name, what, error, is_result=is_result)
        return self._failed(region, entry, at, failed)

    def _failed(self, region: int, entry: Entry, at: int, failed: Failed) -> Underway:
        """An epoch that has failed in a region, with the values that were there before."""
        number, before, _, notes, values = epoch_of(entry)
        # One that has failed before it began has none.
        given = names_of(self._job, region, is_result=False) if values else ()
        known = dict(zip(given, values, strict=True))
        names = names_of(self._job, region, is_result=True)
        after = tuple(known.get(name, NoEvent) for name in names)
        known_before = entry.failed if isinstance(entry, Packed) else None
        return number, min(before, at), failed if at < before else known_before, notes, after

    def makes_something(self) -> bool:
        """A process sees itself to what is made or ended there."""
        return False

    def _give_up(self) -> None:
        """Let nothing be done any more that has not been begun."""
        self._lines.give_up(interrupted())
        self._done.set()

    def _received(self, report: SentReport) -> Report:
        """What a worker has to tell at its end."""
        return Report(report.timers, None if report.failed is None else received(report.failed, self._job.tube))

    @waits()
    def wait(self, seconds: float | None) -> None:
        """Wait until something has been done."""
        self._done.wait(seconds)
        self._done.clear()


def _first_in(job: Job, region: int) -> int:
    """Where in the plan the first step of a region stands."""
    return min(unit.at for unit in job.stages.stages[region].region)
