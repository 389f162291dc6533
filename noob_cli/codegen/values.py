"""The last values of signals, kept by the generated code where somebody watches the run."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from types import CellType
from typing import Any, Final

from noob_cli.events import NoEvent
from noob_cli.summary import Packed

_SECONDS_BETWEEN: Final = 0.1
"""How long it is at least from one look at the values to the next."""

_SHARE: Final = 20
"""How many times as long as a look what is between two takes at least, so that the run hardly feels it."""


class Values(Mapping[str, Any]):
    """The last value of each signal of a run, by name, and how often there was one, while somebody watches it.

    The generated code keeps them in variables of its own, which costs little: who wants to know looks there, as often
    as it likes, in any thread. The names are `node.signal`, in a nested tube with those of the nodes around it;
    `input.name` for an input that comes with the epochs; `return.value`, by the name of that node, for what an epoch
    has returned. Worker processes tell theirs ten times in a second; something else stands for one that is large.

    Example:
        >>> with runner.watching() as values:
        ...     runner.run(3)
        ...     print(values["scale.value"], values.counts["scale.value"])
    """

    def __init__(self) -> None:
        self._cells: dict[str, tuple[CellType, CellType]] = {}
        self._elsewhere: Counter[str] = Counter()
        """How many values each signal has had in other processes."""
        self._adding = threading.Lock()
        self._watchers = 0

    def __getitem__(self, name: str) -> Any:
        value = self._cells[name][0].cell_contents
        if value is NoEvent:
            raise KeyError(name)
        return _unpacked(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __repr__(self) -> str:
        return repr(self.last)

    @property
    def are_watched(self) -> bool:
        """Whether somebody wants to know."""
        return self._watchers > 0

    @property
    def last(self) -> dict[str, Any]:
        """The last value of each signal that has had one since somebody watches, by name."""
        return {name: _unpacked(value) for name, value in self._last.items()}

    @property
    def _last(self) -> dict[str, Any]:
        """The same, as they are kept: packed if they have come from another process."""
        values = {name: value.cell_contents for name, (value, _) in self._cells.copy().items()}
        return {name: value for name, value in values.items() if value is not NoEvent}

    @property
    def counts(self) -> dict[str, int]:
        """How many values each has had since then."""
        elsewhere = self._elsewhere.copy()
        return {name: count.cell_contents + elsewhere[name] for name, (_, count) in self._cells.copy().items()}

    def cells(self, shown: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, CellType]]:
        """The variables of the generated code, by their names there.

        Args:
            shown: For each signal, the names of what holds its last value, and of what counts them.
        """
        for name, variables in shown.items():
            yield from zip(variables, self._cells_of(name), strict=True)

    def _cells_of(self, name: str) -> tuple[CellType, CellType]:
        return self._cells.setdefault(name, (CellType(NoEvent), CellType(0)))

    def add(self, seen: Mapping[str, tuple[int, Any]]) -> None:
        """Add what was seen in another process.

        Args:
            seen: How many values signals have had there, by name, and the last of them, packed or what stands for it.
        """
        with self._adding:
            for name, (times, value) in seen.items() if self.are_watched else ():
                self._cells_of(name)[0].cell_contents = value
                self._elsewhere[name] += times

    def forget(self) -> None:
        """Forget what was seen."""
        with self._adding:
            self._cells.clear()
            self._elsewhere.clear()

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
            self.forget()
        return self.are_watched != before


def seconds_behind(look: float) -> float:
    """How long it is until the values are looked at again.

    Args:
        look: How long the look before has taken.
    """
    return max(_SECONDS_BETWEEN, _SHARE * look)


def _unpacked(value: Any) -> Any:
    """A value, that was packed if it has come from another process."""
    return value.unpacked() if isinstance(value, Packed) else value
