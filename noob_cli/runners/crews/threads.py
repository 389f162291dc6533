"""A crew of threads: for code that waits, or that lets other threads run while it computes."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Barrier, BrokenBarrierError
from time import monotonic, perf_counter
from types import FrameType
from typing import Any

from noob_cli.codegen.timing import Timer
from noob_cli.errors import WorkerStartError
from noob_cli.plan.place import Place
from noob_cli.runners.crews.crew import Failed, Job, OnTheirWay, Report, Underway, waits
from noob_cli.runners.crews.lightness import Lightness
from noob_cli.runners.crews.sharing import Sharing
from noob_cli.runners.strand import stack_from
from noob_cli.runners.urgency import Urgency
from noob_cli.runners.whereabouts import is_making, made_in, place_in, whereabouts
from noob_cli.runners.worker import Worker

_SECONDS_TO_LEAVE = 0.1
"""How long a thread may take to end that nobody waits for."""

_SECONDS_UNSAID = 5.0
"""How long threads are waited for before that is said."""


class Threads:
    """Does regions on threads.

    Args:
        workers: How many threads.
        ahead: How many epochs may be under way; by default twice as many as there are threads, and two.
    """

    def __init__(self, workers: int, ahead: int | None = None) -> None:
        self._ahead = ahead or 2 * workers + 2
        self._at_first = 2 * workers + 2
        self.workers = workers
        """How many epochs, or chunks of items, are done at the same time."""
        self._threads: list[_Thread] = []
        self._tasks: SimpleQueue[Callable[[Worker], object]] = SimpleQueue()
        self._done = threading.Event()
        self._job: Job | None = None
        self._sharing: Sharing
        self._lightness: Lightness

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        ahead = self._ahead if self._sharing.is_known else min(self._ahead, self._at_first)
        return self._sharing.fitting(ahead)

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._job, self._sharing, self._lightness = job, Sharing(job), Lightness(job)
        while len(self._threads) < self.workers:
            name = f"worker {len(self._threads) + 1}"
            try:
                self._threads.append(_Thread(name, Worker(job.tube), self._tasks))
            except RuntimeError as error:
                return Failed(WorkerStartError(name, str(error)), [])
        failed = self._by_each(lambda worker: worker.start(job))
        return next((failure for failure in failed if failure is not None), None)

    def _by_each(self, do: Callable[[Worker], Any]) -> list[Any]:
        """Let each worker do something, and wait until all have."""
        together = Barrier(self.workers + 1)
        results: list[Any] = []

        def task(worker: Worker) -> None:
            try:
                results.append(do(worker))
            finally:
                # Nobody does it twice.
                with suppress(BrokenBarrierError):
                    together.wait()

        for _ in self._threads:
            self._tasks.put(task)
        try:
            self._meet(together)
        except BaseException:
            together.abort()
            raise
        return results

    @waits("the workers have started")
    def _meet(self, together: Barrier) -> None:
        together.wait()

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        """Do the region of a stage for all epochs, in order."""
        under_way: deque[list[Underway | None]] = deque()
        sharing = self._sharing
        try:
            for epoch in epochs:
                if epoch is not None:
                    under_way.append(self._put(number, sharing.enter(number, epoch)))
                elif not (under_way and under_way[0]):
                    yield None
                while under_way and under_way[0]:
                    yield _left(sharing, number, under_way.popleft())
            while under_way:
                yield _left(sharing, number, under_way.popleft()) if under_way[0] else None
        except BaseException:
            # At the end of a region, epochs may still be in those behind it.
            for slot in under_way:
                slot.append(None)
            sharing.clear()
            raise

    def _put(self, number: int, epoch: Underway) -> list[Underway | None]:
        """Have an epoch done; what comes of it is put into a list, unless something is in there already."""
        slot: list[Underway | None] = []
        sharing, lightness = self._sharing, self._lightness

        def task(worker: Worker) -> None:
            if not slot:
                began = None if lightness.is_known else perf_counter()
                done = worker.do(number, epoch)
                if began is not None:
                    lightness.note(number, 1, perf_counter() - began)
                sharing.weigh(done)
                slot.append(done)
                self._done.set()

        self._tasks.put(task)
        return slot

    @waits()
    def wait(self, seconds: float | None) -> None:
        """Wait until something has been done."""
        self._done.wait(seconds)
        self._done.clear()

    def interrupt(self, urgency: Urgency) -> bool:
        """Python can't interrupt a thread."""
        return False

    def at_work(self) -> list[Place]:
        """The nodes and assets that threads are at work for; at the end, those that are made or ended."""
        return [place for thread in self._threads if (place := self._place_of(thread)) is not None]

    def _place_of(self, thread: _Thread) -> Place | None:
        place = None if self._job is None else place_in(thread.stack, self._job.code)
        is_called = place is not None and place.kind == "node" and not any(map(made_in, thread.stack))
        return None if thread.is_over and is_called else place

    def makes_something(self) -> bool:
        """Whether a thread makes or ends something now."""
        return any(map(self._is_making, self._threads))

    def _is_making(self, thread: _Thread) -> bool:
        return self._job is not None and is_making(thread.stack, self._job.code)

    def measured(self) -> list[Mapping[str, Timer]]:
        """What the nodes have taken and emitted so far in each thread."""
        return [thread.worker.timers for thread in self._threads]

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End the threads, each after what it is doing.

        Those at work in a node are left to themselves if it takes too long, all others only if that is forced.
        """
        for _ in iter(self._take, None):
            pass
        for thread in self._threads:
            thread.is_over = True
        for _ in self._threads:
            # Each takes one at the most, now that all know.
            self._tasks.put(_nothing)
        interruption, said_at = None, monotonic() + _SECONDS_UNSAID
        while self._threads:
            thread = self._threads[0]
            try:
                self._join(thread, urgency, said_at)
            except KeyboardInterrupt as error:
                interruption = error
                urgency = Urgency.forced if self._is_making(thread) else Urgency.insisted
            del self._threads[0]
            if thread.report is not None:
                yield thread.report
            elif self._job is not None:
                self._warn_of_what_is_left(thread, self._job)

        if interruption is not None:
            raise interruption

    def _warn_of_what_is_left(self, thread: _Thread, job: Job) -> None:
        where = whereabouts(thread.stack, job.code)
        if where.place is not None:
            when = "" if where.epoch is None else f" in epoch {where.epoch},"
            job.observers.warn(
                f"{where.place} is still at work{when} in the thread '{thread.name}', which is left alone"
            )

    def _warn_of_what_is_awaited(self, job: Job) -> None:
        for thread in self._threads:
            where = whereabouts(thread.stack, job.code)
            if where.place is not None and not thread.is_awaited:
                thread.is_awaited = True
                when = "" if where.epoch is None else f" in epoch {where.epoch},"
                what = "made or ended" if self._is_making(thread) else f"still at work{when}"
                job.observers.warn(f"waiting for {where.place}, which is {what} in the thread '{thread.name}'")

    def _join(self, thread: _Thread, urgency: Urgency, said_at: float) -> None:
        if urgency < Urgency.overdue:
            self._wait_for(thread, max(said_at - monotonic(), 0))
            if thread.is_alive() and self._job is not None:
                self._warn_of_what_is_awaited(self._job)
            self._wait_for(thread)
        else:
            # Nobody has to be told of that.
            thread.join(_SECONDS_TO_LEAVE)
        while urgency < Urgency.forced and self._is_making(thread):
            self._wait_for(thread, _SECONDS_TO_LEAVE)

    @waits("the workers have ended")
    def _wait_for(self, thread: _Thread, seconds: float | None = None) -> None:
        thread.join(seconds)

    def _take(self) -> Callable[[Worker], object] | None:
        """A task that nobody has begun; None if there is none."""
        try:
            return self._tasks.get_nowait()
        except Empty:
            return None


def _left(sharing: Sharing, region: int, slot: list[Underway | None]) -> Underway:
    """An epoch that has been done."""
    (done,) = slot
    assert done is not None
    return sharing.leave(region, done)


def _nothing(worker: Worker) -> None:
    """What a thread does that is to look whether it is over."""


class _Thread(threading.Thread):
    """A thread with its worker. One that is left to itself doesn't keep the program from ending.

    Those that nodes start do, as in any other runner: they take over what `daemon` says here while they are made.
    """

    def __init__(self, name: str, worker: Worker, tasks: SimpleQueue[Callable[[Worker], object]]) -> None:
        super().__init__(name=name, daemon=True)
        self.is_over = False
        self.is_awaited = False
        """Whether it was said that it is waited for."""
        self.report: Report | None = None
        self.worker = worker
        self._tasks = tasks
        self._is_running = False
        self.start()

    @property
    def daemon(self) -> bool:  # type: ignore[override]
        """Whether the program ends without it: so it was started."""
        return not self._is_running

    @property
    def stack(self) -> Iterator[FrameType]:
        """The functions that are under way in it, from the innermost."""
        return stack_from(None if self.ident is None else sys._current_frames().get(self.ident))

    def run(self) -> None:
        """Do what there is to do, then end what was made."""
        self._is_running = True
        while not self.is_over:
            self._tasks.get()(self.worker)
        self.report = self.worker.stop()
