"""The last values of signals, kept by the generated code where somebody watches the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import CellType
from typing import Any

from noob_cli.events import NoEvent


class Values:
    """The last value of each signal of a run, and how often there was one, while somebody watches it.

    The generated code keeps them in variables of its own, which costs little: who wants to know looks there, as often
    as it likes, in any thread. The names are `node.signal`, in a nested tube with those of the nodes around it;
    `input.name` for an input that comes with the epochs; `return.value`, by the name of that node, for what an epoch
    has returned. What a worker process does is known there only.

    Example:
        >>> with runner.watching() as values:
        ...     runner.run(3)
        ...     print(values.last["scale.value"], values.counts["scale.value"])
    """

    def __init__(self) -> None:
        self._cells: dict[str, tuple[CellType, CellType]] = {}
        self._watchers = 0

    @property
    def are_watched(self) -> bool:
        """Whether somebody wants to know."""
        return self._watchers > 0

    @property
    def last(self) -> dict[str, Any]:
        """The last value of each signal that has had one since somebody watches, by name."""
        values = {name: value.cell_contents for name, (value, _) in self._cells.copy().items()}
        return {name: value for name, value in values.items() if value is not NoEvent}

    @property
    def counts(self) -> dict[str, int]:
        """How many values each has had since then."""
        return {name: count.cell_contents for name, (_, count) in self._cells.copy().items()}

    def cells(self, shown: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, CellType]]:
        """The variables of the generated code, by their names there.

        Args:
            shown: For each signal, the names of what holds its last value, and of what counts them.
        """
        for name, variables in shown.items():
            yield from zip(variables, self._cells.setdefault(name, (CellType(NoEvent), CellType(0))), strict=True)

    def watch(self, by: int) -> bool:
        """There are more who watch, or fewer. What was seen is forgotten with the last of them.

        Args:
            by: How many more.

        Returns:
            Whether there are some now and have been none, or the other way round.
        """
        before = self.are_watched
        self._watchers += by
        if not self.are_watched:
            self._cells.clear()
        return self.are_watched != before


class Watching:
    """Watches the values of a run while what is inside of `with` runs.

    Args:
        values: The values.
        change: Lets the run know that somebody has begun to watch, or that nobody does any more.
    """

    def __init__(self, values: Values, change: Callable[[], object]) -> None:
        self._values = values
        self._change = change

    def __enter__(self) -> Values:
        self._watch(1)
        return self._values

    def __exit__(self, *error: object) -> None:
        self._watch(-1)

    def _watch(self, by: int) -> None:
        if self._values.watch(by):
            self._change()
