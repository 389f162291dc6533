"""What a Dask worker does for a run: it starts processes, and has done in them what comes.

Nothing of the user's is imported in the Dask worker itself: runs disturb neither each other nor the worker.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Final

from distributed import Worker, WorkerPlugin, get_worker

import noob_cli
from noob_cli.codegen.timing import Timer
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.runners.crews.batches import Answer, Batch, Died, Entry, NotBegun
from noob_cli.runners.crews.pace import Pace
from noob_cli.runners.crews.process import Process, interrupted
from noob_cli.runners.crews.seen import Seen, Told
from noob_cli.runners.crews.shipment import SentReport, Shipment
from noob_cli.runners.crews.travelling import SentFailed
from noob_cli.runners.crews.uploading import OwnCode
from noob_cli.runners.crews.wire import decoded, encoded
from noob_cli.runners.urgency import Urgency

_SECONDS_HELD: Final = 0.2
"""How long what has been done may wait for what came with it."""

_SECONDS_BETWEEN: Final = 2.0
"""How often it is looked whether somebody still wants something."""

Versions = tuple[str, str]
"""Those of Python and of this package."""


def versions() -> Versions:
    """The versions that have to be the same on all machines."""
    return ".".join(map(str, sys.version_info[:2])), noob_cli.__version__


class Order(NamedTuple):
    """Epochs that are to be done.

    Args:
        name: What they are known by together.
        region: The number of their stage.
        interruptions: How often the crew had been interrupted when they were handed over.
        entries: The epochs.
    """

    name: str
    region: int
    interruptions: int
    entries: Sequence[Entry]


class Done(NamedTuple):
    """What has been done.

    Args:
        where: The address of the Dask worker.
        answers: What has come of the next epochs, in order; others go on there.
        seconds: For each region, how many epochs were done, how many seconds they took, and how many bytes came of it.
        said: What was told meanwhile.
        measured: What the nodes have taken and emitted in the processes there so far.
    """

    where: str
    answers: Sequence[Answer | None]
    seconds: Mapping[int, tuple[int, float, int]]
    said: Sequence[Told]
    measured: Sequence[Mapping[str, Timer]]


class _Counting(Pace):
    """A pace that knows what was noted last."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers, None)
        self.noted: dict[int, tuple[int, float, int]] = {}

    def note(self, region: int, epochs: int, seconds: float, size: int) -> None:
        """Note how many epochs of a region have been done, how long they took, and how many bytes came of them."""
        super().note(region, epochs, seconds, size)
        before = self.noted.get(region, (0, 0.0, 0))
        self.noted[region] = before[0] + epochs, before[1] + seconds, before[2] + size


class OnWorker(WorkerPlugin):  # type: ignore[misc]
    """Does what a run wants done, in as many processes as the Dask worker has threads.

    Args:
        before: The name of what has done it before, for another plan of the same run.
        lease: The key of what the run keeps as long as it goes on.
        code: The tube's own code; None if it is here.
        shipment: The job.
        is_alone: Whether there is no other worker.
    """

    def __init__(
        self, before: str | None, lease: str, code: OwnCode | None, shipment: Shipment, *, is_alone: bool
    ) -> None:
        self._before = before
        self._lease = lease
        self._code = code
        self._shipment = shipment
        self._is_alone = is_alone
        self.crew: _Crew
        """The processes."""
        self._watch: asyncio.Task[None]
        self._is_over = False
        """Whether another goes on with them."""

    async def setup(self, worker: Worker) -> None:
        """Get ready: unpack the code of the tube, or go on with what is there."""
        name = next(name for name, plugin in worker.plugins.items() if plugin is self)
        before = worker.plugins.get(self._before or "")
        if isinstance(before, OnWorker):
            before._is_over, self.crew = True, before.crew
        else:
            self.crew = _Crew("" if self._is_alone else f" at {worker.address}", worker.state.nthreads)
            if self._code is not None:
                await asyncio.to_thread(self.crew.unpack, self._code, worker.local_directory)
        self.crew.shipment = self.crew.here(self._shipment)
        self.crew.job = name
        self._watch = asyncio.create_task(self._look_after(worker, name))

    async def teardown(self, worker: Worker) -> None:
        """End all that was made here."""
        self._watch.cancel()
        if not self._is_over:
            await asyncio.to_thread(self.crew.end)

    async def _look_after(self, worker: Worker, name: str) -> None:
        """End when there is nobody any more who wants something done: nobody may have been there to say so."""
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN)
            with suppress(OSError):
                status = await worker.scheduler.get_task_status(keys=[self._lease])
                if status[self._lease] is None:
                    break
        self._leaving = asyncio.create_task(_leave(worker, name))


async def _leave(worker: Worker, name: str) -> None:
    # Another worker may have been first.
    with suppress(OSError, ValueError):
        await worker.scheduler.unregister_worker_plugin(name=name)


class _Crew:
    """Processes on a Dask worker.

    Args:
        where: What is put behind the name of each.
        threads: How many there are at the most.
    """

    def __init__(self, where: str, threads: int) -> None:
        self.shipment: Shipment
        self.job = ""
        """The name of the job that is worked at."""
        self._where = where
        self._pace = _Counting(threads)
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        """What nobody has begun; None for each process that is to end."""
        self._processes: list[Process] = []
        self._changes = threading.Condition()
        """What is waited for: that something has been done."""
        self._growing = threading.Lock()
        self._at_work = 0
        """How many batches are here."""
        self._has_ended = False
        """Whether there are no processes any more."""
        self._left: dict[str, Batch] = {}
        """The batches of which something has been answered, and something goes on, by name."""
        self._said: list[Told] = []
        self._seen = Seen({})
        self._telling = threading.Lock()
        self._root: str | None = None
        self._origins: dict[str, str] = {}
        self._folder: str | None = None

    def unpack(self, code: OwnCode, folder: str) -> None:
        """Write the code of the tube into a folder of its own, in one that Dask looks after."""
        self._root = tempfile.mkdtemp(prefix="noob-", dir=folder)
        folders = code.unpack(self._root)
        self._origins = dict(zip(folders, code.folders, strict=True))
        self._folder = folders[code.working]

    def here(self, shipment: Shipment) -> Shipment:
        """A job as the processes here get it."""
        if self._folder is None:
            return shipment
        working = self._origins[self._folder]
        return shipment._replace(path=(*self._origins, *sys.path), origins=self._origins, folder=working)

    def begin(self) -> SentFailed | Died | None:
        """Let those processes begin that are there, and one at least; why one could not."""
        with self._growing:
            with self._changes:
                # Some may have come that nobody waits for any more.
                self._changes.wait_for(self._is_idle)
            self._left.clear()
            self._pace.interruptions = 0
            if not self._processes:
                return self._grow()
            for process in self._processes:
                process.begin(self.shipment)
            answers = [process.begun() for process in self._processes]
            return next((answer for answer in answers if answer is not None), None)

    def _grow(self) -> SentFailed | Died | None:
        name = f"worker {len(self._processes) + 1}{self._where}"
        process = Process(name, self._pace, self._batches.get, self._notify, self._tell, self._folder)
        # It may be interrupted while it begins.
        self._processes.append(process)
        process.begin(self.shipment)
        failed = process.begun()
        if failed is not None:
            with suppress(ValueError):
                self._processes.remove(process)
            process.leave()
            process.join()
        return failed

    def _notify(self) -> None:
        with self._changes:
            self._changes.notify_all()

    def do(self, job: str, order: Order) -> tuple[Sequence[Answer | None], dict[int, tuple[int, float, int]]]:
        """Have epochs done, or what is left of them.

        Args:
            job: The name of the job that they are of.
            order: The epochs.

        Returns:
            What has been done before it was due to answer, and how long that took.
        """
        with self._growing:
            if job != self.job:
                return [interrupted()] * len(order.entries), {}
            self._at_work += 1
            failed = self._grow() if self._at_work > len(self._processes) else None
        try:
            if failed is not None:
                return [NotBegun(failed)] * len(order.entries), {}
            return self._done(order), self._noted()
        finally:
            self._at_work -= 1
            self._notify()

    def _done(self, order: Order) -> Sequence[Answer | None]:
        batch = self._left.pop(order.name, None)
        if batch is None:
            batch = Batch(order.region, len(order.entries), order.interruptions)
            batch.entries = order.entries
            self._batches.put(batch)
        with self._changes:
            self._changes.wait_for(lambda: batch.given < batch.done or self._has_ended)
            self._changes.wait_for(lambda: not batch.left, _SECONDS_HELD)
        first, batch.given = batch.given, batch.done
        if batch.left:
            self._left[order.name] = batch
        return batch.answers[first : batch.given]

    def _is_idle(self) -> bool:
        return self._at_work == 0 and not any(batch.left for batch in self._left.values())

    def _noted(self) -> dict[int, tuple[int, float, int]]:
        noted, self._pace.noted = self._pace.noted, {}
        return noted

    def measured(self) -> list[Mapping[str, Timer]]:
        """What the nodes have taken and emitted in each process, as it was told with what was done last."""
        return [timers for process in self._processes for timers in process.measured if timers]

    def _tell(self, told: Told) -> None:
        with self._telling:
            if isinstance(told, Seen):
                self._seen = told.with_before(self._seen)
            else:
                self._said.append(told)

    def said(self) -> list[Told]:
        """What was told since it was asked for the last time; of values that were seen, the last."""
        with self._telling:
            said, seen = self._said, self._seen
            self._said, self._seen = [], Seen({})
        return [*said, seen] if seen.values else said

    def interrupt(self, interruptions: int, urgency: Urgency) -> None:
        """Interrupt what is done; nothing is done any more that has not been begun."""
        self._pace.interruptions = max(interruptions, self._pace.interruptions)
        for process in self._processes:
            process.interrupt(urgency)

    def at_work(self) -> list[Place]:
        """What the processes have been at work for a while."""
        return [process.at_work for process in self._processes if process.at_work is not None]

    def reports(self, urgency: Urgency) -> list[SentReport]:
        """End what was made, and say what there is to tell."""
        # What has not been begun is not begun any more.
        self._pace.interruptions = sys.maxsize
        if urgency >= Urgency.insisted:
            for process in self._processes:
                process.kill_at_work()
        return [report for process in self._processes for report in process.reports()]

    def end(self) -> None:
        """End the processes: where nobody has asked for it, those that are at work after a while."""
        processes, self._processes = self._processes, []
        self._pace.interruptions = sys.maxsize
        for process in processes:
            process.interrupt(Urgency.insisted)
        for process in processes:
            process.kill_at_work()
        for _ in processes:
            self._batches.put(None)
        for process in processes:
            process.rest()
            process.reports()
            process.leave()
        for process in processes:
            process.join()
        self._has_ended = True
        self._notify()
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)


# What a run calls on each Dask worker


def _crew_on(worker: Worker, name: str) -> _Crew:
    plugin = worker.plugins[name]
    assert isinstance(plugin, OnWorker)
    return plugin.crew


def do(name: str, data: bytes) -> bytes:
    """Have a batch done, in a thread of the Dask worker."""
    worker = get_worker()
    crew = _crew_on(worker, name)
    answers, seconds = crew.do(name, decoded(data))
    return encoded(Done(worker.address, answers, seconds, crew.said(), crew.measured()))


async def begin(name: str, dask_worker: Worker) -> bytes:
    """Begin to work for a run: why that can't be, and what was told."""
    crew = _crew_on(dask_worker, name)
    failed = await asyncio.to_thread(crew.begin)
    return encoded((None if failed is None else NotBegun(failed, dask_worker.address), crew.said()))


async def interrupt(name: str, interruptions: int, urgency: int, dask_worker: Worker) -> None:
    """Interrupt what is done."""
    _crew_on(dask_worker, name).interrupt(interruptions, Urgency(urgency))


async def at_work(name: str, dask_worker: Worker) -> list[Place]:
    """What the processes have been at work for a while."""
    return _crew_on(dask_worker, name).at_work()


async def reports(name: str, urgency: int, dask_worker: Worker) -> bytes:
    """End what was made: what each process has to tell, and what was told."""
    crew = _crew_on(dask_worker, name)
    reports = await asyncio.to_thread(crew.reports, Urgency(urgency))
    return encoded((reports, crew.said()))


def held() -> None:
    """What a run keeps for as long as it goes on."""
