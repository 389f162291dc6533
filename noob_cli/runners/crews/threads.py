"""A crew of threads: for code that waits, or that lets other threads run while it computes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from noob_cli.runners.crews.crew import Region, Underway


class Threads:
    """Does regions on threads.

    Args:
        workers: How many threads.
        ahead: How many epochs may be under way in a region.
    """

    def __init__(self, workers: int, ahead: int) -> None:
        self._workers = workers
        self._ahead = ahead
        self._pool: ThreadPoolExecutor | None = None

    def start(self, region: Callable[[int], Region]) -> None:
        """Begin to work for a run, or for another plan of it."""
        self.stop()
        self._region = region
        self._known = threading.local()
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="noob")

    def map(self, number: int, epochs: Iterator[Underway]) -> Iterator[Underway]:
        """Do the region of a stage for all epochs; what is done is given before the next epoch is drawn."""
        assert self._pool is not None
        under_way: deque[Future[Underway]] = deque()
        try:
            for epoch in epochs:
                under_way.append(self._pool.submit(self._do, number, epoch))
                while under_way and (len(under_way) >= self._ahead or under_way[0].done()):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()

    def _do(self, number: int, epoch: Underway) -> Underway:
        regions: dict[int, Region] = self._known.__dict__.setdefault("regions", {})
        if number not in regions:
            regions[number] = self._region(number)
        return regions[number](*epoch)

    def stop(self) -> None:
        """End the threads, each after what it is doing."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
