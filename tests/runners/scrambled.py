"""A crew that does regions out of order, what they get and give pickled, as other processes would."""

from __future__ import annotations

import pickle
import random

from noob_cli.runners.crews.crew import Failed, Job, OnTheirWay, Underway
from noob_cli.runners.crews.travelling import received, sent
from noob_cli.tube import Tube
from tests.runners.in_line import InLine


class Scrambled(InLine):
    """Does regions for a few epochs at a time, in any order.

    Args:
        ahead: How many at a time.
        seed: Fixes the order.
    """

    def __init__(self, ahead: int = 4, seed: int = 0) -> None:
        super().__init__()
        self.ahead = ahead
        self._random = random.Random(seed)
        self._tube: Tube

    def start(self, job: Job) -> Failed | None:
        self._tube = job.tube
        return super().start(job)

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        batch: list[bytes] = []
        for epoch in epochs:
            if epoch is not None:
                batch.append(_pickled(epoch))
            elif not batch:
                yield None
            if epoch is None or len(batch) == self.ahead:
                yield from self._done(number, batch)
                batch = []
        yield from self._done(number, batch)

    def _done(self, number: int, batch: list[bytes]) -> list[Underway]:
        assert self._worker is not None
        order = list(range(len(batch)))
        self._random.shuffle(order)
        done = {at: _pickled(self._worker.do(number, self._unpickled(batch[at]))) for at in order}
        return [self._unpickled(done[at]) for at in range(len(batch))]

    def _unpickled(self, data: bytes) -> Underway:
        number, at, failed, notes, values = pickle.loads(data)
        return number, at, None if failed is None else received(failed, self._tube), notes, values


def _pickled(epoch: Underway) -> bytes:
    number, at, failed, notes, values = epoch
    return pickle.dumps((number, at, None if failed is None else sent(failed), notes, values))
