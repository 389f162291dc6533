"""A crew of processes: for code that computes in Python, on every core."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import Final

from noob_cli.errors import NotPortableError
from noob_cli.events import NoEvent
from noob_cli.plan.place import Place
from noob_cli.raised import describe
from noob_cli.runners.crews.crew import Epochs, Failed, Job, Report, Underway, waits
from noob_cli.runners.crews.origin import names_of
from noob_cli.runners.crews.portability import failure_of, refused
from noob_cli.runners.crews.process import Process
from noob_cli.runners.crews.shipment import Elsewhere, Shipment, shipment_of
from noob_cli.runners.crews.tickets import Pace, Ticket
from noob_cli.runners.crews.travelling import SentFailed, received
from noob_cli.runners.crews.wire import is_plain, packed, size_of, unpacked
from noob_cli.runners.urgency import Urgency
from noob_cli.tube import Tube

_PLAIN_BYTES: Final = 100
"""How many bytes a small epoch may have."""


class Processes:
    """Does regions in processes.

    Args:
        workers: How many processes.
        ahead: How many epochs may be under way; by default as many as keep the processes at work for a while, 1,000 for
            each at the most.

    Raises:
        NotPortableError: The system is none of POSIX.
    """

    def __init__(self, workers: int, ahead: int | None = None) -> None:
        if os.name != "posix":
            raise NotPortableError("worker processes need the sockets and signals of POSIX: use threads")
        self._number = workers
        self._pace = Pace(workers, ahead)
        self._job: Job | None = None
        self._tickets: SimpleQueue[Ticket | None] = SimpleQueue()
        self._done = threading.Event()
        self._processes: list[Process] = []

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        return self._pace.ahead

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._job, self._pace.regions = job, len(job.stages.stages) - 1
        shipment = shipment_of(job)
        if (refusal := _refusal(job.tube, shipment)) is not None:
            return Failed(refusal, [])
        while len(self._processes) < self._number:
            name = f"worker {len(self._processes) + 1}"
            self._processes.append(Process(name, self._pace, self._tickets, self._done))
        for process in self._processes:
            process.begin(job, shipment)
        # They start at the same time.
        failed = [process.begun() for process in self._processes]
        return next((each for each in failed if each is not None), None)

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
            ticket, size = Ticket(region, number, None, epoch, self._pace.interruptions), _PLAIN_BYTES
        else:
            try:
                parcel = packed(epoch if failed is None else (number, at, Elsewhere(), notes, values))
            except Exception as error:
                assert self._job is not None
                number, at, failed, notes, values = refused(self._job, epoch, region, error, is_result=False)
                parcel = packed((number, at, Elsewhere(), notes, values))
            ticket, size = Ticket(region, number, failed, parcel, self._pace.interruptions), size_of(parcel)
        self._pace.weigh(ticket, size)
        self._tickets.put(ticket)
        return ticket

    def _taken(self, ticket: Ticket) -> Underway:
        """An epoch that has been done."""
        self._pace.weigh(ticket, 0)
        answer = ticket.answer
        if type(answer) is tuple:
            return answer  # type: ignore[return-value]
        job = self._job
        assert job is not None
        if isinstance(answer, Failed):
            return self._failed(ticket, _first_in(job, ticket.region), answer)
        if isinstance(answer, SentFailed):
            return self._unreadable(ticket, received(answer, job.tube).error, is_result=False)
        try:
            number, at, failed, notes, values = unpacked(answer)  # type: ignore[arg-type]
        except Exception as error:
            return self._unreadable(ticket, error, is_result=True)
        if failed is not None:
            failed = ticket.failed if isinstance(failed, Elsewhere) else received(failed, job.tube)
        return number, at, failed, notes, values

    def _unreadable(self, ticket: Ticket, error: BaseException, *, is_result: bool) -> Underway:
        """An epoch of which something was pickled on one side, and could not be made again on the other."""
        assert self._job is not None
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
        assert self._job is not None
        number, before, _, notes, values = ticket.epoch
        known = dict(zip(names_of(self._job, ticket.region, is_result=False), values, strict=True))
        names = names_of(self._job, ticket.region, is_result=True)
        after = tuple(known.get(name, NoEvent) for name in names)
        return number, min(before, at), failed if at < before else ticket.failed, notes, after

    @waits
    def wait(self, seconds: float | None) -> None:
        """Wait until something has been done."""
        self._done.wait(seconds)
        self._done.clear()

    def interrupt(self, urgency: Urgency) -> bool:
        """Interrupt what the workers do; nothing is done any more that has not been begun."""
        self._pace.interruptions += 1
        for process in self._processes:
            process.interrupt(urgency)
        return True

    def at_work(self) -> Sequence[Place]:
        """What the processes have been at work for a while."""
        return [process.at_work for process in self._processes if process.at_work is not None]

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End the processes, each after what it is doing."""
        if urgency >= Urgency.insisted:
            self.interrupt(urgency)
            for process in self._processes:
                process.kill_at_work()
        processes, self._processes = self._processes, []
        for _ in iter(self._take, None):
            pass
        for _ in processes:
            self._tickets.put(None)
        for process in processes:
            if (report := process.report()) is not None:
                yield report
            process.leave()
        for process in processes:
            process.join()

    def _take(self) -> Ticket | None:
        """What nobody has begun; None if there is nothing."""
        try:
            return self._tickets.get_nowait()
        except Empty:
            return None


def _first_in(job: Job, region: int) -> int:
    """Where in the plan the first step of a region stands."""
    return min(unit.at for unit in job.stages.stages[region].region)


def _refusal(tube: Tube, shipment: Shipment) -> NotPortableError | None:
    """Why a job can't go to another process, if it can't."""
    begins = "the tube can't go to another process"
    of_script = sorted(code for code in _types(tube) if code.startswith("__main__."))
    if of_script:
        what = f"{of_script[0]} is in the script that is run, which is no module there: put it into a module"
        return NotPortableError(f"{begins}: {what}")
    for part, what in (
        (shipment.given, "what was given for its inputs"),
        (shipment.document, "what it is made of"),
        (shipment, "its plan"),
    ):
        try:
            packed(part)
        except Exception as error:
            return NotPortableError(f"{begins}: {what} can't be pickled ({describe(error)})")
    return None


def _types(tube: Tube) -> Iterator[str]:
    """The code that a tube, and those nested in it, name."""
    yield from (str(node.spec.type_) for node in tube.graph.nodes.values())
    yield from (str(asset.spec.type_) for asset in tube.graph.assets.values())
    for child in tube.children.values():
        yield from _types(child)
