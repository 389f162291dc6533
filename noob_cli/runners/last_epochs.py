"""Which last epochs a run still has to make, each for a node that holds something back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from noob_cli.plan.last_epochs import Flushing, last_epochs
from noob_cli.plan.plan import GATHER, StateKey
from noob_cli.tube import Tube


class LastEpochs:
    """Says which node has the next last epoch. If other epochs are made in between, they begin with the first again.

    Args:
        tube: The tube.
        disabled: The nodes that don't run; may change during the run.
    """

    def __init__(self, tube: Tube, disabled: Collection[str]) -> None:
        self._tube = tube
        self._disabled = disabled
        self._left: Iterator[Flushing] = iter(())
        self._last: int | None = None

    def next(self, epoch: int, state: Mapping[StateKey, Any]) -> str | None:
        """The node that is flushed in the next; None if there is none.

        Args:
            epoch: The number of the epoch that the run has made last.
            state: What is kept from epoch to epoch.
        """
        if self._last != epoch:
            self._left = last_epochs(self._tube, self._disabled)
        self._last = epoch
        return next((flushing.node for flushing in self._left if self._holds_something(flushing, state)), None)

    def note_made(self, epoch: int) -> None:
        """Note that the next one was made.

        Args:
            epoch: Its number, or, if it does not exist, that of the one before.
        """
        self._last = epoch

    def _holds_something(self, flushing: Flushing, state: Mapping[StateKey, Any]) -> bool:
        if flushing.node.partition(".")[0] in self._disabled:
            return False
        return not flushing.is_gather or bool(state.get((GATHER, flushing.node)))
