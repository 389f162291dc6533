"""Records from several files, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noob_cli.records.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class SeveralRecords(Records):
    """Reads the records of one file, then those of the next.

    Where a record is, is told by its own file: its name, and the number and line in it.

    Args:
        readers: What reads each of them; at least one.
    """

    def __init__(self, readers: Sequence[Records]) -> None:
        self._left = list(reversed(readers))
        self._current = self._left.pop()
        self.name = self._current.name
        self._total_before = 0
        self._origin = f"the input of {len(readers)} files"

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def total(self) -> int:
        return self._total_before + self._current.number

    @property
    def number(self) -> int:
        return self._current.number

    @property
    def line(self) -> int | None:
        return self._current.line

    @property
    def record(self) -> Any:
        return self._current.record

    def is_ready(self) -> bool:
        return self._current.is_ready()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            yield from self._current
            if not self._left:
                return
            self._total_before = self.total
            self._current = self._left.pop()
            self.name = self._current.name
