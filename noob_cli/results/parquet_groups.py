"""Row groups of a Parquet file, each made by itself, and the footer that says where they are.

A file is the groups one behind the other and a footer at its end, without which nobody can read it. As a group says
only where its columns begin, it can be made before its file has an end; and a run that goes on needs no more of what
was written before than the footer that it would have had.
"""

from __future__ import annotations

import io
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from noob_cli.extras import import_extra
from noob_cli.results.arrow_columns import ArrowColumns, escaped
from noob_cli.results.framing import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noob_cli.results.columns import Columns
    from noob_cli.results.json_values import Simplifier

_MAGIC: Final = b"PAR1"
_NOTHING: Final = bytes(1 << 24)


class ParquetGroups(Lines):
    """Groups of rows; a block is one.

    Args:
        columns: The columns.
        simplifier: Turns what has no type into lists, dicts and what JSON has.

    Raises:
        InputError: There is no pyarrow.
    """

    def __init__(self, columns: Columns, simplifier: Simplifier) -> None:
        self._parquet = import_extra("pyarrow.parquet", "parquet", "writing Parquet")
        self._pa = import_extra("pyarrow", "parquet", "writing Parquet")
        self._arrays = ArrowColumns(self._pa, simplifier)
        self._columns = columns
        self._schema: Any = None
        self._end = 0
        self._footers: list[tuple[int, Any]] = []
        """Where each group ends, and what the footer of a file has that consists of it."""
        self._counts: deque[int] = deque()

    def go_on_after(self, size: int, footer: bytes) -> None:
        """Go on behind the groups of an earlier run.

        Args:
            size: How many bytes they are.
            footer: What their file ended with.
        """
        if size:
            metadata = self._parquet.read_metadata(io.BytesIO(_MAGIC + footer))
            self._schema = metadata.schema.to_arrow_schema()
            self._end = size
            self._footers = [(size, metadata)]

    def encode(self, rows: Sequence[Sequence[Any]], first: int) -> bytes:
        """Return the next group.

        Args:
            rows: The values of its rows; at least one row.
            first: The number of the result that the first is.

        Raises:
            ResultError: A value is of another type than those before.
        """
        names = self._columns.names or ()
        by_column = [[row[index] for row in rows] for index in range(len(names))]
        if self._schema is None:
            arrays = list(map(self._arrays.first, by_column))
            fields = [(escaped(name), array.type) for name, array in zip(names, arrays, strict=True)]
            self._schema = self._pa.schema(fields)
        else:
            arrays = [
                self._arrays.further(values, self._schema.field(index).type, names[index], first)
                for index, values in enumerate(by_column)
            ]
        table = self._pa.Table.from_arrays(arrays, schema=self._schema)
        start = self._end or len(_MAGIC)
        text, metadata = self._group(table, start)
        self._footers.append((start + len(text), metadata))
        self._counts.append(len(rows))
        text = text if self._end else _MAGIC + text
        self._end += len(text)
        return text

    def _group(self, table: Any, start: int) -> tuple[bytes, Any]:
        """A table as a group that begins at a place in its file, and what a footer says of it."""
        kept = _Kept()
        file = self._pa.PythonFile(kept, mode="w")
        footers: list[Any] = []
        with self._parquet.ParquetWriter(file, table.schema, metadata_collector=footers) as writer:
            # The beginning of a file is written by now; from there it is told to be where the group begins.
            left = start - len(_MAGIC)
            while left:
                left -= file.write(_NOTHING if left >= len(_NOTHING) else _NOTHING[:left])
            kept.begin()
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
        return bytes(kept.text[: -_footer_size(kept.text)]), footers[0]

    def ending(self, size: int) -> bytes:
        footers = [metadata for end, metadata in self._footers if end <= size]
        if not footers:
            names = self._columns.names or ()
            schema = self._pa.schema([(escaped(name), self._pa.string()) for name in names])
            file = io.BytesIO()
            self._parquet.write_table(schema.empty_table(), file)
            return file.getvalue()
        text = _footer_of(footers[0])
        if len(footers) > 1:
            whole = self._parquet.read_metadata(io.BytesIO(_MAGIC + text))
            for metadata in footers[1:]:
                whole.append_row_groups(metadata)
            text = _footer_of(whole)
        return text

    def count(self, block: bytearray) -> int:
        return self._counts.popleft()

    def ends(self, written: bytes | bytearray, *, first: bool) -> list[int]:
        return []

    def last_of(self, written: bytes | bytearray, results: int) -> tuple[int, int]:
        return results, len(written)


def _footer_of(metadata: Any) -> bytes:
    file = io.BytesIO()
    metadata.write_metadata_file(file)
    return file.getvalue()[len(_MAGIC) :]


def _footer_size(text: bytes | bytearray) -> int:
    """How many bytes the footer has that a text ends with: its last eight say so."""
    return int.from_bytes(text[-8:-4], "little") + 8


class _Kept:
    """Keeps what is written to it once that is wanted."""

    closed = False

    def __init__(self) -> None:
        self.text = bytearray()
        self._keeps = False

    def begin(self) -> None:
        self._keeps = True

    def write(self, text: Any) -> int:
        if self._keeps:
            self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is waiting."""

    def close(self) -> None:
        """Nothing is to be closed."""
