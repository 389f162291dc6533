"""The timers of a run, one for each node whose calls are measured, and more where several calls are made at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Only a run that is measured pays for what does that.
    from noob_cli.codegen.timing import Timer


class Timers:
    """The timers of a run. One timer measures one call after the other: what is done at the same time has others.

    Attributes:
        by_name: What each node has taken and emitted; what was done at the same time is added at the end of the run.
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Timer] = {}
        self._beside: list[Mapping[str, Timer]] = []

    def begin(self, names: Collection[str]) -> None:
        """Measure nodes from here on, by name; those that are measured already go on."""
        self.by_name.update(new_timers(sorted(names - self.by_name.keys())))

    def beside(self, names: Collection[str]) -> Mapping[str, Timer]:
        """New timers of nodes, by name, for calls that are made at the same time as others."""
        timers = new_timers(names)
        self._beside.append(timers)
        return timers

    def add(self, timers: Mapping[str, Timer]) -> None:
        """Add what others have measured."""
        for name, timer in timers.items():
            self.by_name[name].add(timer)

    def add_beside(self) -> None:
        """Add what was measured at the same time, which is through."""
        while self._beside:
            self.add(self._beside.pop())

    def measured(self, at_workers: Iterable[Mapping[str, Timer]]) -> dict[str, Timer]:
        """What the nodes have taken and emitted so far, all in all.

        Args:
            at_workers: What was measured at workers that can be asked; other processes tell theirs at their end.
        """
        whole = new_timers(self.by_name)
        for timers in (self.by_name, *self._beside, *at_workers):
            for name, timer in timers.items():
                whole[name].add(timer)
        return whole


def new_timers(names: Collection[str]) -> dict[str, Timer]:
    """New timers of nodes, by name.

    Args:
        names: The nodes.
    """
    if not names:
        return {}
    from noob_cli.codegen.timing import Timer

    return {name: Timer() for name in names}
