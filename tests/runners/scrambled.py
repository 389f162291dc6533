"""A crew that does regions out of order, what they get and give pickled, as other processes would."""

from __future__ import annotations

import pickle
import random

from noob_cli.runners.crews.crew import OnTheirWay, Underway
from noob_cli.runners.crews.in_line import InLine


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

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        batch: list[bytes] = []
        for epoch in epochs:
            if epoch is not None:
                batch.append(pickle.dumps(epoch))
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
        done = {at: pickle.dumps(self._worker.do(number, pickle.loads(batch[at]))) for at in order}
        return [pickle.loads(done[at]) for at in range(len(batch))]
