"""Records from several files, one after the other."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from noob_cli.records.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class SeveralRecords(Records):
    """Reads the records of one file, then those of the next.

    Where a record is, is told by its own file: its name, and the number and line in it.

    Args:
        readers: What reads each of them, asked for when it is its turn; at least one.
        origin: What all of them are called.
    """

    def __init__(self, readers: Iterable[Records], origin: str) -> None:
        self._left = iter(readers)
        self._current = next(self._left)
        self.name = self._current.name
        self._total_before = 0
        self._origin = origin

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def total(self) -> int:
        return self._total_before + self._current.total

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
        # No function of ours stands between a record and who takes it.
        return chain.from_iterable(self._parts())

    def _parts(self) -> Iterator[Iterator[dict[str, Any]]]:
        yield iter(self._current)
        for reader in self._left:
            self._total_before = self.total
            self._current = reader
            self.name = reader.name
            yield iter(reader)
