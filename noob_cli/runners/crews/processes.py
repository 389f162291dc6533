"""A crew of processes: for code that computes in Python, on every core."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from queue import SimpleQueue
from tempfile import NamedTemporaryFile
from typing import Any, Final

from noob_cli.codegen.timing import Timer
from noob_cli.errors import NotPortableError
from noob_cli.plan.place import Place
from noob_cli.plan.plan import RateOf
from noob_cli.runners.crews.batches import Batch, NotBegun
from noob_cli.runners.crews.crew import SECONDS_TO_LEAVE, Failed, Job, Report
from noob_cli.runners.crews.in_batches import InBatches
from noob_cli.runners.crews.lightness import Lightness
from noob_cli.runners.crews.pace import Pace
from noob_cli.runners.crews.process import Process, start_error
from noob_cli.runners.crews.seen import Told
from noob_cli.runners.crews.shipment import shipment_of
from noob_cli.runners.rates import SharedRates
from noob_cli.runners.urgency import Urgency

_BYTES_AT_ONCE: Final = 1 << 20
"""How many bytes one gets at once."""


class Processes(InBatches):
    """Does regions in processes.

    Args:
        workers: How many processes.
        ahead: How many epochs may be under way; by default as many as keep the processes at work for a while, 1,000 for
            each at the most.

    Raises:
        NotPortableError: The system is none of POSIX.
    """

    def __init__(self, workers: int, ahead: int | None = None) -> None:
        refuse_other_systems()
        super().__init__(Pace(workers, ahead), _BYTES_AT_ONCE)
        self._number = workers
        self._processes: list[Process] = []
        self._is_over = False
        """Whether there is nothing more to do."""
        self._rated: dict[str, int] = {}
        """The nodes that have a rate."""
        self._turns: Any = None
        """The file in which their turns stand."""

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._job, self._pace.regions = job, len(job.stages.regions)
        self._pace.lightness = Lightness(job)
        try:
            rates = self._shared_rates(job)
        except OSError as error:
            return Failed(start_error(_name_of(0), error), [])
        try:
            shipment = shipment_of(job._replace(rates=rates))
        except NotPortableError as error:
            return Failed(error, [])
        while len(self._processes) < self._number:
            name = _name_of(len(self._processes))
            self._processes.append(Process(name, self._pace, self._next, self._done.set, self._tell))
        for process in self._processes:
            process.begin(shipment)
        # They start at the same time.
        answers = [process.begun() for process in self._processes]
        failed = next((answer for answer in answers if answer is not None), None)
        return None if failed is None else self._not_begun(NotBegun(failed))

    def _next(self) -> Batch | None:
        """Wait for what is to be done next; None at the end."""
        token: SimpleQueue[None] = SimpleQueue()
        wake, idle = partial(token.put, None), self._lines.idle
        while not self._is_over:
            idle.append(wake)
            if (batch := self._lines.take()) is not None:
                try:
                    idle.remove(wake)
                except ValueError:
                    # Somebody has meant this one to do something else.
                    self._lines.wake()
                return batch
            if not self._is_over:
                token.get()
        return None

    def _tell(self, said: Told) -> None:
        said.tell(self._job.observers)

    def _shared_rates(self, job: Job) -> SharedRates:
        """What says in all processes how long calls have to wait, in a job as in those before it."""
        for binding in job.code.plan.bindings.values():
            if isinstance(binding, RateOf):
                self._rated.setdefault(binding.node, len(self._rated))
        if self._rated and self._turns is None:
            self._turns = NamedTemporaryFile(prefix="noob-rates-")  # noqa: SIM115
        return SharedRates("" if self._turns is None else self._turns.name, dict(self._rated))

    def measured(self) -> Sequence[Mapping[str, Timer]]:
        """What the nodes have taken and emitted in each, as it was told with what was done last."""
        return [timers for process in self._processes for timers in process.measured]

    def interrupt(self, urgency: Urgency) -> bool:
        """Interrupt what the workers do; nothing is done any more that has not been begun."""
        self._give_up()
        for process in self._processes:
            process.interrupt(urgency)
        return True

    def at_work(self) -> Sequence[Place]:
        """What the processes have been at work for a while; at the end, the assets that are made or ended."""
        places = [process.at_work for process in self._processes if process.at_work is not None]
        return [place for place in places if place.kind == "asset" or not self._is_over]

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End the processes, each after what it is doing: nobody wants that any more, so that it may not take long."""
        if urgency >= Urgency.insisted:
            self.interrupt(urgency)
            for process in self._processes:
                process.kill_at_work()
        self._lines.clear()
        self._is_over = True
        for _ in self._processes:
            self._lines.wake()
        ends = time.monotonic() + SECONDS_TO_LEAVE
        if not all(process.rest(max(0.0, ends - time.monotonic())) for process in self._processes):
            self.interrupt(Urgency.insisted)
        for process in self._processes:
            process.rest()
            yield from map(self._received, process.reports())
            process.leave()
        for process in self._processes:
            process.join()
        if self._turns is not None:
            self._turns.close()
        self._processes, self._is_over = [], False


def _name_of(number: int) -> str:
    """What a worker is called of which so many are there already."""
    return f"worker {number + 1}"


def refuse_other_systems() -> None:
    """Refuse to start processes where they would not work.

    Raises:
        NotPortableError: The system is none of POSIX.
    """
    if os.name != "posix":
        raise NotPortableError("worker processes need the sockets and signals of POSIX: use threads")
