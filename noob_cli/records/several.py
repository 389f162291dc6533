"""Records from several files, one after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from noob_cli.errors import InputError
from noob_cli.records.records import Extent, Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from noob_cli.records.place import ReadSoFar


class SeveralRecords(Records):
    """Reads the records of one file, then those of the next.

    Where a record is, is told by its own file: its name, and the number and line in it.

    Args:
        readers: What reads each of them, asked for when it is its turn; at least one.
        origin: What all of them are called.
    """

    def __init__(self, readers: Iterable[Records], origin: str) -> None:
        # Of files that follow each other without end, nobody knows how many there are.
        self._known = readers if isinstance(readers, list) else []
        self._left = iter(readers)
        self._current = next(self._left)
        self.name = self._current.name
        self._has_current = True
        self._done: list[str] = []
        self._origin = origin

    @property
    def origin(self) -> str:
        return self._origin

    @property
    def total(self) -> int:
        return self.total_before + self._current.total

    @property
    def number(self) -> int:
        return self._current.number

    @property
    def line(self) -> int | None:
        return self._current.line

    @property
    def has_cells(self) -> bool:
        return self._current.has_cells

    @property
    def record(self) -> Any:
        return self._current.record

    def so_far(self, total: int) -> ReadSoFar:
        read = self._current.so_far(total - self.total_before)
        return replace(read, total=total, before=self.total_before + read.before, done=[*self._done, *read.done])

    def go_on(self, read: ReadSoFar, note: Callable[[str], object]) -> bool:
        """Go on in the file in which another run has stood, then with those that it has not read, in their order."""
        done, file = Counter(read.done), read.file
        passed: list[Records] = []
        left: list[Records] = []
        readers = [self._current, *self._left]
        for reader in readers:
            (passed if done[reader.name] > 0 else left).append(reader)
            done[reader.name] -= 1
        current = None if file is None else next((reader for reader in left if reader.name == file.name), None)
        if file is not None and current is None:
            if file.identity is None:
                # They are those of a pipe, which have been kept.
                self._left = iter(readers[1:])
                return True
            if not file.has_ended:
                raise InputError(
                    f"the run has stopped in {file.name}, which isn't among the files of the records now: give it, too"
                )
        self._done = [reader.name for reader in passed]
        self._has_current = bool(left)
        if current is None:
            self.total_before = read.total
        else:
            left.remove(current)
            left.insert(0, current)
        self._current, *others = left or passed
        self.name, self._left = self._current.name, iter(others if left else ())
        return (current is not None and current.go_on(read, note)) or len(left) > (current is not None)

    def look(self) -> None:
        self._current.look()

    def catch_up(self) -> None:
        self._current.catch_up()

    @cached_property
    def _sizes(self) -> dict[str, int | None]:
        """How many bytes there are in each file, None for what is none; nothing if that isn't known."""
        statuses = {reader.name: reader.status for reader in self._known}
        return {name: None if status is None else status.st_size for name, status in statuses.items()}

    def extent(self) -> Extent | None:
        if not self._sizes or any(size is None for size in self._sizes.values()):
            return None
        sizes = {name: size or 0 for name, size in self._sizes.items()}
        extent = self._current.extent()
        before = sum(sizes[name] for name in self._done)
        share = 0.0 if extent is None or self.name in self._done else extent.share
        return Extent(before + share * sizes[self.name], sum(sizes.values()), "bytes")

    def is_ready(self) -> bool:
        return self._current.is_ready()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        # No function of ours stands between a record and who takes it.
        return chain.from_iterable(self._parts())

    def _parts(self) -> Iterator[Iterator[dict[str, Any]]]:
        if self._has_current:
            yield iter(self._current)
        for reader in self._left:
            self.total_before = self.total
            self._done.append(self.name)
            self._current = reader
            self.name = reader.name
            yield iter(reader)
