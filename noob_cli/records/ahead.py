"""Records that are read before their turn has come."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

from noob_cli.records.records import Extent, Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noob_cli.records.faults import Position
    from noob_cli.records.place import ReadSoFar


class RecordsAhead(Records):
    """The records of a reader: the last of them is the one whose epoch has been delivered last.

    Args:
        reader: Reads them.
        keeps: Whether somebody asks for the record itself.

    Attributes:
        behind: Says how many have been read whose epochs have not been delivered.
    """

    def __init__(self, reader: Records, keeps: bool) -> None:
        self._reader = reader
        self._keeps = keeps
        self._read: deque[tuple[Position, Any]] = deque()
        self._left: Iterator[dict[str, Any]] = iter(())
        self.behind: Callable[[], int] = int

    @property
    def name(self) -> str:  # type: ignore[override]
        """What the input is called in messages: of several files, the one that the record comes from."""
        return self.position.name

    @property
    def origin(self) -> str:
        return self._reader.origin

    @property
    def total(self) -> int:
        return self._reader.total

    @property
    def number(self) -> int:
        return self.position.number or 0

    @property
    def line(self) -> int | None:
        return self.position.line

    @property
    def position(self) -> Position:
        behind = self.behind()
        return self._read[-1 - behind][0] if 0 < behind < len(self._read) else self._reader.position

    @property
    def has_cells(self) -> bool:
        return self._reader.has_cells

    @property
    def record(self) -> Any:
        behind = self.behind()
        return self._read[-1 - behind][1] if 0 < behind < len(self._read) else self._reader.record

    def extent(self) -> Extent | None:
        return self._reader.extent()

    def is_ready(self) -> bool:
        return self._reader.is_ready()

    def so_far(self, total: int) -> ReadSoFar:
        return self._reader.so_far(total)

    def go_on(self, read: ReadSoFar, note: Callable[[str], object]) -> bool:
        return self._reader.go_on(read, note)

    def look(self) -> None:
        self._reader.look()

    def catch_up(self) -> None:
        self._reader.catch_up()

    def __iter__(self) -> Self:
        self._left = iter(self._reader)
        return self

    def __next__(self) -> dict[str, Any]:
        before = self._reader.total
        try:
            return next(self._left)
        finally:
            if self._reader.total > before:
                self._read.append((self._reader.position, self._reader.record if self._keeps else None))
            while len(self._read) > self.behind() + 2:
                self._read.popleft()
