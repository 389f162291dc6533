"""Epochs that store before they have succeeded: what the state was before each, until it is known that it has."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from noob_cli.codegen.compiled import Epochs
from noob_cli.codegen.versions import Version, Versions
from noob_cli.plan.plan import StateKey
from noob_cli.plan.stages import Stages
from noob_cli.runners.crews.crew import OnTheirWay, Underway


class EarlyStores:
    """The epochs under way that have come to a segment which stores early, each with the state before it.

    Args:
        versions: Takes versions of what is stored there, and puts them back.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._epochs: deque[tuple[Underway, Version]] = deque()

    def come(self, epoch: Underway) -> None:
        """Note that an epoch comes to the segment: the one before has gone through it."""
        self._epochs.append((epoch, self._versions.now()))

    def coming(self, epochs: OnTheirWay) -> OnTheirWay:
        """Note each of some epochs when it comes to the segment, and hand it on."""
        come = self.come
        for epoch in epochs:
            if epoch is not None:
                come(epoch)
            yield epoch

    def end(self) -> None:
        """Forget the first of the epochs: it has ended."""
        self._epochs.popleft()

    @property
    def has_stored(self) -> bool:
        """Whether something was stored in the first."""
        (_, before), *others = list(self._epochs)[:2]
        after = others[0][1] if others else self._versions.now()
        return any(one is not other for one, other in zip(before, after, strict=True))

    def put_back(self) -> list[Underway]:
        """Put back what the state was before the first of the epochs, and return all, as they have come."""
        epochs = [epoch for epoch, _ in self._epochs]
        if epochs:
            self._versions.put_back(self._epochs[0][1])
            self._epochs.clear()
        return epochs

    @property
    def state(self) -> Mapping[StateKey, Any]:
        """What was stored before the first, by what it is."""
        return self._versions.state(self._epochs[0][1] if self._epochs else self._versions.now())


def early_of(epochs: Epochs, stages: Stages) -> dict[int, EarlyStores]:
    """Where something is stored before an epoch has succeeded, by the number of the stage.

    Args:
        epochs: What makes the epochs.
        stages: Their stages.
    """
    numbered = enumerate(stages.stages)
    return {number: EarlyStores(epochs.versions(stage.stores)) for number, stage in numbered if stage.stores}
