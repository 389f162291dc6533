"""Records that are the rows of a Parquet file, read a part of a row group at a time."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from operator import length_hint
from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import InputError
from noob_cli.extras import import_extra
from noob_cli.given_path import GivenPath
from noob_cli.records.columns import columns_kept
from noob_cli.records.faults import Position, RecordError
from noob_cli.records.records import ANYTHING, Expected, Extent, Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO

    from noob_cli.records.place import ReadSoFar

_AT_ONCE: Final = 1024
"""How many rows are records at once."""


class ParquetRecords(Records):
    """Reads each row of a Parquet file as a record.

    Args:
        source: The file by its name, which is opened when the first is read, or open: one in which one can go back.
        name: What to call it in messages.
        expected: What the records have to be like.

    Raises:
        InputError: There is no pyarrow, or the file is a pipe.
    """

    def __init__(self, source: GivenPath | FileIO, name: str, expected: Expected = ANYTHING) -> None:
        self.name = name
        self._expected = expected
        self._kept: Sequence[str] = ()
        self._parquet = import_extra("pyarrow.parquet", "parquet", f"{name} is Parquet, and reading it")
        if not isinstance(source, GivenPath) and not source.seekable():
            raise InputError(
                f"{name} can't be read as Parquet, of which the end has to be read first: name the file with '-f FILE'"
            )
        self._source = source
        self._batches: Iterator[Any] | None = None
        self._batch: Any = None
        self._rows: Iterator[dict[str, Any]] = iter(())
        self._has_ended = False
        self._total: int | None = None
        self._before = 0
        """How many rows there were in the batches before this one."""

    @property
    def number(self) -> int:
        return self._before + self._read_of_batch

    @property
    def line(self) -> int | None:
        return None

    @property
    def record(self) -> Any:
        last = self._read_of_batch
        return self._batch.slice(last - 1, 1).to_pylist()[0] if last else None

    def extent(self) -> Extent | None:
        return None if self._total is None else Extent(max(self.number - 1, 0), self._total, "records")

    def so_far(self, total: int) -> ReadSoFar:
        read = super().so_far(total)
        known = None if read.file is None else replace(read.file.known_as(self.status), has_ended=self._has_ended)
        return replace(read, file=known)

    def go_on(self, read: ReadSoFar, note: Callable[[str], object]) -> bool:
        super().go_on(read, note)
        status = self.status
        # Why one can't be read is told by who reads it.
        return read.file is None or status is None or read.file.may_have_more(status)

    @property
    def status(self) -> os.stat_result | None:
        from noob_cli.records.place import status_of

        return status_of(self._source)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        # No function of ours stands between a record and who takes it.
        return chain.from_iterable(self._parts())

    def _parts(self) -> Iterator[Iterator[dict[str, Any]]]:
        yield self._rows
        while self._fetch():
            yield self._rows

    def look(self) -> None:
        with self._explaining():
            self._open()

    def _open(self) -> Iterator[Any]:
        """The batches that are left, once the end of the file has been read."""
        if self._batches is None:
            source = self._source
            file = self._parquet.ParquetFile(os.fspath(source) if isinstance(source, GivenPath) else source)
            self._total = file.metadata.num_rows
            self._kept = columns_kept(file.schema_arrow.names, self._expected, self.name)
            self._batches = file.iter_batches(batch_size=_AT_ONCE, use_threads=False)
        return self._batches

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise RecordError(f"{self.name} can't be read as Parquet: {error}", Position(self.name)) from error

    def _fetch(self) -> bool:
        """Have the rows of the next batch; say whether there is one."""
        with self._explaining():
            batch = next(self._open(), None)
            rows = [] if batch is None else self._rows_of(batch)
        self._has_ended = batch is None
        if batch is None:
            return False
        self._before += self._read_of_batch
        self._batch, self._rows = batch, iter(rows)
        return True

    def _rows_of(self, batch: Any) -> list[dict[str, Any]]:
        # Of what is in no column, there are as many rows all the same.
        rows: list[dict[str, Any]] = batch.select(self._kept).to_pylist() if self._kept else [{}] * batch.num_rows
        return rows

    @property
    def _read_of_batch(self) -> int:
        return 0 if self._batch is None else self._batch.num_rows - length_hint(self._rows)
