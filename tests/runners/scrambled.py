"""A crew that does regions out of order, what they get and give pickled, as other processes would."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterator

from noob_cli.runners.crews.crew import Region, Underway


class Scrambled:
    """Does regions for a few epochs at a time, in any order.

    Args:
        ahead: How many at a time.
        seed: Fixes the order.
    """

    def __init__(self, ahead: int = 4, seed: int = 0) -> None:
        self._ahead = ahead
        self._random = random.Random(seed)

    def start(self, region: Callable[[int], Region]) -> None:
        self._region = region

    def map(self, number: int, epochs: Iterator[Underway]) -> Iterator[Underway]:
        region = self._region(number)
        while batch := [pickle.dumps(epoch) for _, epoch in zip(range(self._ahead), epochs, strict=False)]:
            order = list(range(len(batch)))
            self._random.shuffle(order)
            done = {at: pickle.dumps(region(*pickle.loads(batch[at]))) for at in order}
            yield from (pickle.loads(done[at]) for at in range(len(batch)))

    def stop(self) -> None:
        pass
