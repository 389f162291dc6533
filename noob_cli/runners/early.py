"""Epochs in which something is stored before they have succeeded, until that is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from noob_cli.codegen.compiled import Epochs
from noob_cli.codegen.versions import Version, Versions
from noob_cli.plan.plan import StateKey
from noob_cli.plan.stages import Stages
from noob_cli.runners.crews.crew import OnTheirWay, Underway


class Early:
    """The epochs that have come to a segment which stores early, and have not been brought to their end.

    Args:
        versions: What is stored there.
    """

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._epochs: deque[tuple[Underway, Version]] = deque()

    def come(self, epoch: Underway) -> None:
        """An epoch comes to the segment, when the one before has gone through it."""
        self._epochs.append((epoch, self._versions.now()))

    def coming(self, epochs: OnTheirWay) -> OnTheirWay:
        """Epochs that come to the segment; each is asked for when the one before has gone through it."""
        come = self.come
        for epoch in epochs:
            if epoch is not None:
                come(epoch)
            yield epoch

    def end(self) -> None:
        """The first has been brought to its end."""
        self._epochs.popleft()

    @property
    def has_stored(self) -> bool:
        """Whether something was stored in the first."""
        (_, before), *others = list(self._epochs)[:2]
        after = others[0][1] if others else self._versions.now()
        return any(one is not other for one, other in zip(before, after, strict=True))

    def put_back(self) -> list[Underway]:
        """Let what is stored be what it was before the first; the epochs, as they have come."""
        epochs = [epoch for epoch, _ in self._epochs]
        if epochs:
            self._versions.put_back(self._epochs[0][1])
            self._epochs.clear()
        return epochs

    @property
    def state(self) -> Mapping[StateKey, Any]:
        """What was stored before the first, by what it is."""
        return self._versions.state(self._epochs[0][1] if self._epochs else self._versions.now())


def early_of(epochs: Epochs, stages: Stages) -> dict[int, Early]:
    """Where something is stored before an epoch has succeeded, by the number of the stage.

    Args:
        epochs: What makes the epochs.
        stages: Their stages.
    """
    numbered = enumerate(stages.stages)
    return {number: Early(epochs.versions(stage.stores)) for number, stage in numbered if stage.stores}
