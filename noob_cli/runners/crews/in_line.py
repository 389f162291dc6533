"""A crew of nobody: each region is done where the epochs are in order, one epoch after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from noob_cli.runners.crews.crew import Region, Underway


class InLine:
    """Does a region for an epoch when that is asked for."""

    def start(self, region: Callable[[int], Region]) -> None:
        """Begin to work for a run."""
        self._region = region
        self._known: dict[int, Region] = {}

    def map(self, number: int, epochs: Iterator[Underway]) -> Iterator[Underway]:
        """Do the region of a stage for all epochs."""
        region = self._known.setdefault(number, self._region(number))
        return (region(*epoch) for epoch in epochs)

    def stop(self) -> None:
        """There is nothing to end."""
