"""A crew that does epochs in other processes: each is handed over on a ticket, and given back in order."""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue

from noob_cli.errors import WorkerDiedError
from noob_cli.events import NoEvent
from noob_cli.raised import add_note
from noob_cli.runners.crews.crew import Epochs, Failed, Job, Report, Underway, waits
from noob_cli.runners.crews.giver import names_of
from noob_cli.runners.crews.portability import failure_of, refused
from noob_cli.runners.crews.shipment import Elsewhere, SentReport
from noob_cli.runners.crews.tickets import Died, NotBegun, Pace, Ticket
from noob_cli.runners.crews.travelling import SentFailed, received
from noob_cli.runners.crews.wire import is_plain, packed, size_of, unpacked
from noob_cli.runners.failure import Failure
from noob_cli.wording import listing


class Ticketed:
    """Hands over epochs to other processes.

    Args:
        pace: How fast those are.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._tickets: SimpleQueue[Ticket | None] = SimpleQueue()
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
        """How many epochs, or parts of them, are done at the same time."""
        return self._pace.workers

    def map(self, number: int, epochs: Epochs) -> Epochs:
        """Do the region of a stage for all epochs, in order."""
        under_way: deque[Ticket] = deque()
        try:
            for epoch in epochs:
                if epoch is not None:
                    under_way.append(self._put(number, epoch))
                elif not (under_way and under_way[0].answer is not None):
                    yield None
                while under_way and under_way[0].answer is not None:
                    yield self._taken(under_way.popleft())
            while under_way:
                yield self._taken(under_way.popleft()) if under_way[0].answer is not None else None
        finally:
            for ticket in under_way:
                ticket.is_over = True
                self._pace.weigh(ticket, 0)

    def _put(self, region: int, epoch: Underway) -> Ticket:
        """Have an epoch done."""
        number, at, failed, notes, values = epoch
        if failed is None and is_plain(values):
            # So small that it isn't weighed.
            ticket = Ticket(region, number, None, epoch, self._pace.interruptions)
        else:
            try:
                parcel = packed(epoch if failed is None else (number, at, Elsewhere(), notes, values))
            except Exception as error:
                number, at, failed, notes, values = refused(self._job, epoch, region, error, is_result=False)
                parcel = packed((number, at, Elsewhere(), notes, values))
            ticket = Ticket(region, number, failed, parcel, self._pace.interruptions)
            self._pace.weigh(ticket, size_of(parcel))
        self._hand_over(ticket)
        return ticket

    def _hand_over(self, ticket: Ticket) -> None:
        """Let somebody know what there is to do."""
        self._tickets.put(ticket)

    def _taken(self, ticket: Ticket) -> Underway:
        """An epoch that has been done."""
        if ticket.size:
            self._pace.weigh(ticket, 0)
        answer = ticket.answer
        if type(answer) is tuple:
            return answer  # type: ignore[return-value]
        if isinstance(answer, Died):
            answer = self._died_of(ticket, answer)
        elif isinstance(answer, NotBegun):
            answer = self._not_begun(answer)
        if isinstance(answer, Failed):
            return self._failed(ticket, _first_in(self._job, ticket.region), answer)
        if isinstance(answer, SentFailed):
            return self._unreadable(ticket, received(answer, self._job.tube).error, is_result=False)
        try:
            number, at, failed, notes, values = unpacked(answer)  # type: ignore[arg-type]
        except Exception as error:
            return self._unreadable(ticket, error, is_result=True)
        if failed is not None:
            failed = ticket.failed if isinstance(failed, Elsewhere) else received(failed, self._job.tube)
        return number, at, failed, notes, values

    def _died_of(self, ticket: Ticket, died: Died) -> Failed:
        units = [unit for unit in self._job.stages.stages[ticket.region].region if unit.effects.calls]
        places = list(dict.fromkeys(unit.step.place for unit in units if unit.step.place is not None))
        error = WorkerDiedError(
            f"{died.times} worker processes, one after the other, have died of epoch {ticket.number}: {died.how}, "
            f"while they did {listing([place.name for place in places])}"
        )
        failures = [Failure(error, place, ticket.number, place.span, {}, {}) for place in places[:1]]
        for failure in failures:
            add_note(error, str(failure))
        return Failed(error, failures)

    def _not_begun(self, answer: NotBegun) -> Failed:
        """Why a worker could not begin."""
        if isinstance(answer.why, SentFailed):
            return received(answer.why, self._job.tube)
        message = f"{answer.why.times} worker processes, one after the other, have died when they started"
        return Failed(WorkerDiedError(f"{message}: {answer.why.how}"), [])

    def _unreadable(self, ticket: Ticket, error: BaseException, *, is_result: bool) -> Underway:
        """An epoch of which something was pickled on one side, and could not be made again on the other."""
        names = names_of(self._job, ticket.region, is_result=is_result)
        name, what = names[0], "pickled there, and can't be made here of that"
        if not is_result:
            # It is most often of a class of the script, which is no module there.
            given = zip(names, ticket.epoch[4], strict=True)
            name, value = max(given, key=lambda pair: type(pair[1]).__module__ == "__main__")
            what = f"of type '{type(value).__name__}', and can't be made there of its pickle"
        at, failed = failure_of(self._job, ticket.number, name, what, error, is_result=is_result)
        return self._failed(ticket, at, failed)

    def _failed(self, ticket: Ticket, at: int, failed: Failed) -> Underway:
        """An epoch that has failed in a region, with the values that were there before."""
        number, before, _, notes, values = ticket.epoch
        # One that has failed before it began has none.
        given = names_of(self._job, ticket.region, is_result=False) if values else ()
        known = dict(zip(given, values, strict=True))
        names = names_of(self._job, ticket.region, is_result=True)
        after = tuple(known.get(name, NoEvent) for name in names)
        return number, min(before, at), failed if at < before else ticket.failed, notes, after

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
