"""What a crew is: an ordered map with bounded look-ahead over the epochs of a region."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

Underway = tuple[int, int, Any, tuple[Any, ...], tuple[Any, ...]]
"""An epoch on its way: its number, where it has failed, the failure, what is noted, and its values."""

Region = Callable[..., Underway]
"""Does a region for one epoch."""


class Crew(Protocol):
    """Does the regions of a plan for several epochs at once, and gives them back in order."""

    def start(self, region: Callable[[int], Region]) -> None:
        """Begin to work for a run.

        Args:
            region: Makes the region of a stage, for one worker.
        """

    def map(self, number: int, epochs: Iterator[Underway]) -> Iterator[Underway]:
        """Do the region of a stage for all epochs, in order.

        Args:
            number: The number of the stage.
            epochs: The epochs, drawn by so many ahead at the most.
        """

    def stop(self) -> None:
        """End all workers."""
