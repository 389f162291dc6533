"""A crew of Dask workers: for every machine of a cluster."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from distributed.scheduler import KilledWorker

from noob_cli.codegen.timing import Timer
from noob_cli.errors import ClusterError, NoobError, TubeError
from noob_cli.plan.place import Place
from noob_cli.raised import add_note, describe, is_of
from noob_cli.runners.crews import dask_worker as there
from noob_cli.runners.crews.batches import TRIES, Batch, Died, NotBegun, without_failure
from noob_cli.runners.crews.cluster import Cluster
from noob_cli.runners.crews.crew import Failed, Job, Report
from noob_cli.runners.crews.in_batches import InBatches
from noob_cli.runners.crews.loop_thread import LoopThread
from noob_cli.runners.crews.pace import Pace
from noob_cli.runners.crews.process import interrupted
from noob_cli.runners.crews.processes import refuse_other_systems
from noob_cli.runners.crews.seen import Told
from noob_cli.runners.crews.shipment import SentReport, Shipment, shipment_of
from noob_cli.runners.crews.uploading import OwnCode, missing_module, own_code, what_to_do
from noob_cli.runners.crews.wire import decoded, encoded, size_of
from noob_cli.runners.urgency import Urgency

_SECONDS_AT_ONCE: Final = 0.1
"""For how long a worker works at what it gets at once: Dask itself needs some milliseconds for a task."""

_SECONDS_IN_STORE: Final = 0.3
"""For how long each worker has something to do."""

_BYTES_AT_ONCE: Final = 1 << 23
"""How many bytes it gets at once."""

_SECONDS_TO_SAY: Final = 2.0
"""How long workers may take to say what they are at work for."""


class Dask(InBatches):
    """Does regions on the workers of a Dask cluster.

    Args:
        workers: How many processes, in all; by default as many as the workers of the cluster have threads.
        ahead: How many epochs may be under way; by default as many as keep the processes at work for a while.
        scheduler: The address of the scheduler of the cluster; None for a cluster in this process, which nobody else
            reaches.

    Raises:
        NotPortableError: The system is none of POSIX.
    """

    def __init__(self, workers: int | None, ahead: int | None = None, scheduler: str | None = None) -> None:
        refuse_other_systems()
        super().__init__(Pace(workers or 1, ahead, _SECONDS_AT_ONCE, _SECONDS_IN_STORE), _BYTES_AT_ONCE)
        self._number = workers
        self._scheduler = scheduler
        self._cluster = Cluster(scheduler, workers)
        self._loop: LoopThread | None = None
        self._run = uuid.uuid4().hex
        self._jobs = 0
        self._batches = 0
        self._name: str | None = None
        """What the workers know the job by."""
        self._beginning: str | None = None
        """What they know one by that they are beginning with."""
        self._lease: Any = None
        """What is there for the workers to see that the run goes on."""
        self._under_way: set[asyncio.Task[None]] = set()
        """What waits for the batches that have been handed over."""
        self._talking = asyncio.Lock()
        """What is passed on to all workers is passed on in order."""
        self._is_listening = False
        """Whether it is woken when there is something to do."""
        self._room = 1
        """How many there may be."""
        self._measured: dict[str, Sequence[Mapping[str, Timer]]] = {}
        """What the processes of each worker have measured, by its address."""

    @property
    def workers(self) -> int:
        """How many epochs, or parts of them, are done at the same time: any number, as long as it is not known."""
        is_unknown = self._number is None and not self._cluster.is_connected
        return sys.maxsize if is_unknown else super().workers

    @property
    def _lost(self) -> Failed | None:
        """Why nothing can be done any more."""
        return None if self._cluster.lost is None else Failed(self._cluster.lost, [])

    # In the thread of the run

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._job, self._pace.regions = job, len(job.stages.regions)
        try:
            code = None if self._scheduler is None else own_code(job.tube)
            shipment = shipment_of(job, code)
            self._loop = self._loop or LoopThread()
            return self._loop.do(self._begin(shipment, code))
        except NoobError as error:
            return Failed(error, [])

    def measured(self) -> Sequence[Mapping[str, Timer]]:
        """What the nodes have taken and emitted on each worker, as it was told with what was done last."""
        return [timers for measured in list(self._measured.values()) for timers in measured]

    def interrupt(self, urgency: Urgency) -> bool:
        """Interrupt what the workers do; nothing is done any more that has not been begun."""
        self._give_up()
        if self._loop is not None:
            self._loop.begin(self._interrupt(urgency))
        return True

    def at_work(self) -> Collection[Place]:
        """What the processes have been at work for a while."""
        if self._loop is None or self._lost is not None:
            return ()
        try:
            return self._loop.do(self._places(), _SECONDS_TO_SAY)
        except TimeoutError:
            return ()

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End what the workers do, each after what it is doing."""
        if self._loop is None:
            return
        self._lines.clear()
        try:
            reports = self._loop.do(self._reports(urgency))
        finally:
            self._loop.do(self._leave())
            self._loop.close()
            self._loop = None
        self._measured.clear()
        yield from map(self._received, reports)

    def _not_begun(self, answer: NotBegun) -> Failed:
        """Why a worker could not begin, with what can be done about that there."""
        failed = super()._not_begun(answer)
        if self._scheduler is None or failed.failures:
            return failed
        where = f"the worker at {answer.where}"
        if is_of(failed.error, TubeError):
            problems = "; ".join(diagnostic.message for diagnostic in failed.error.diagnostics)
            return Failed(ClusterError(f"{where} can't load the tube: {problems}. {_WHAT_TO_DO}"), [])
        if (module := missing_module(failed.error)) is not None:
            return Failed(ClusterError(what_to_do(module, where)), [])
        add_note(failed.error, f"on {where}")
        return failed

    # In its own

    async def _begin(self, shipment: Shipment, code: OwnCode | None) -> Failed | None:
        """Let all workers begin that are there."""
        if not self._cluster.is_connected:
            await self._cluster.connect(lambda: self._under_way, self._note)
            self._lease = await self._cluster.held(f"noob-{self._run}")
        self._jobs += 1
        name = f"noob-{self._run}-{self._jobs}"
        plugin = there.OnWorker(self._name, self._lease.key, code, shipment, is_alone=self._scheduler is None)
        try:
            await self._cluster.install(plugin, name)
            self._beginning = name
            if self._name is not None:
                await self._cluster.uninstall(self._name)
            answers = await self._cluster.on_all(there.begin, name, on_error="return")
        except Exception as error:
            raise ClusterError(f"the workers can't begin: {describe(error)}") from error
        self._name, self._beginning = name, None
        for answer in answers.values():
            if isinstance(answer, BaseException):
                raise ClusterError(f"a worker can't begin: {describe(answer)}") from answer
            not_begun, said = decoded(answer)
            self._tell(said)
            if not_begun is not None:
                return self._not_begun(not_begun)
        return None

    def _note(self, threads: int) -> None:
        """Note how many threads all workers have together, or that the cluster is lost."""
        self._pace.workers = max(min(threads, self._number or threads), 1)
        is_limited = self._number is not None and self._number < threads
        # One waits where another is done, but for those that others are to have.
        self._room = self._pace.workers * (1 if is_limited else 2)
        if self._lost is not None:
            for task in self._under_way:
                task.cancel()
        self._look()

    def _look(self) -> None:
        """Hand over what there is to do, as far as there is room for it."""
        while len(self._under_way) < self._room or self._lost is not None:
            if not self._is_listening:
                self._is_listening = True
                self._lines.idle.append(self._wake)
            if (batch := self._lines.take()) is None:
                return
            task = asyncio.create_task(self._have_done(batch))
            self._under_way.add(task)
            task.add_done_callback(self._come_back)

    def _wake(self) -> None:
        """Look what there is to do. Any thread may call it."""
        self._is_listening = False
        if self._loop is not None:
            self._loop.call(self._look)

    def _come_back(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._look()

    async def _have_done(self, batch: Batch) -> None:
        try:
            await self._done_of(batch, len(batch.answers))
        except asyncio.CancelledError:
            # The connection is lost, or nobody waits any more.
            pass
        except Exception as error:
            self._cluster.lose(f"the Dask cluster can't do what it is to: {describe(error)}")
            self._note(0)
        finally:
            batch.answer_all(self._lost or interrupted())
            self._done.set()

    async def _done_of(self, batch: Batch, last: int) -> None:
        """Have epochs done, up to a certain one of a batch; those first that come back first."""
        self._batches += 1
        name = f"{self._run}-{self._batches}"
        where: str | None = None
        tries = 0
        while batch.done < last and not batch.is_over:
            if self._lost is not None or self._pace.is_given_up(batch):
                batch.answer_all(self._lost or interrupted())
                return
            entries = [without_failure(entry) for entry in batch.entries[batch.done : last]]
            order = encoded(there.Order(name, batch.region, batch.interruptions, entries))
            try:
                done: there.Done = decoded(
                    await self._cluster.result(f"noob-{uuid.uuid4().hex}", where, there.do, self._name, order)
                )
            except KilledWorker as error:
                if len(entries) == 1:
                    how = f"lost with their Dask workers, the last of them at {error.last_worker.address}"
                    batch.answer([Died(how, error.allowed_failures + 1)])
                while batch.done < last:
                    # So that it shows of which.
                    await self._done_of(batch, batch.done + 1)
                return
            except Exception:
                tries += 1
                if tries == TRIES or self._lost is not None:
                    raise
                where = None
                await asyncio.sleep(tries)
                continue
            for region, noted in done.seconds.items():
                self._pace.note(region, *noted)
            self._tell(done.said)
            before = self._measured.get(done.where, ())
            # What was sent later may be here before.
            self._measured[done.where] = max(before, done.measured, key=_calls_in)
            if not batch.is_over:
                self._pace.hold(sum(map(size_of, done.answers)))
            batch.answer(done.answers)
            self._done.set()
            where = done.where

    def _tell(self, said: Collection[Told]) -> None:
        for message in said:
            message.tell(self._job.observers)

    async def _interrupt(self, urgency: Urgency) -> None:
        self._look()
        async with self._talking:
            await self._pass_on(urgency)

    async def _pass_on(self, urgency: Urgency) -> None:
        """Let the workers know of an interruption."""
        name = self._beginning or self._name
        if name is not None and self._lost is None:
            run = self._cluster.on_all(there.interrupt, name, self._pace.interruptions, urgency)
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(run, _SECONDS_TO_SAY)
        if urgency is Urgency.forced:
            for task in self._under_way:
                task.cancel()

    async def _places(self) -> Collection[Place]:
        if self._name is None:
            return ()
        with suppress(OSError):
            answers = await self._cluster.on_all(there.at_work, self._name)
            return [place for places in answers.values() for place in places]
        return ()

    async def _reports(self, urgency: Urgency) -> list[SentReport]:
        """End what was made on the workers, and hear what they have to tell."""
        reports: list[SentReport] = []
        if self._name is None or self._lost is not None:
            return reports
        under_way = list(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        async with self._talking:
            if urgency >= Urgency.insisted:
                await self._pass_on(urgency)
            with suppress(OSError):
                answers = await self._cluster.on_all(there.reports, self._name, urgency)
                for answer in answers.values():
                    of_worker, said = decoded(answer)
                    reports += of_worker
                    self._tell(said)
        return reports

    async def _leave(self) -> None:
        """Leave the cluster."""
        if self._name is not None and self._lost is None:
            with suppress(OSError):
                await self._cluster.uninstall(self._name)
        self._lease = None
        await self._cluster.close()


def _calls_in(measured: Sequence[Mapping[str, Timer]]) -> int:
    return sum(timer.calls for timers in measured for timer in timers.values())


_WHAT_TO_DO: Final = "Install there what is missing, or put it beside the tube, from where it is uploaded"
