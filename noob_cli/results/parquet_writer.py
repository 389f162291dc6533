"""Results to a Parquet file: in row groups, each of which is written when it is full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noob_cli.results.arrow_columns import KEPT
from noob_cli.results.columns import Columns
from noob_cli.results.format import ResultFormat
from noob_cli.results.json_values import Simplifier
from noob_cli.results.parquet_groups import ParquetGroups
from noob_cli.results.writer import ResultWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from noob_cli.results.framing import Lines

_MOST_ROWS: Final = 65_536
_MOST_LETTERS: Final = 64_000_000


class ParquetWriter(ResultWriter):
    """Writes results as rows of a Parquet file, which can be read when it is closed.

    A group is written with 65,536 rows, or with as many as have 64 million letters in the texts of their columns; the
    last one, and the one before a `sync`, with those that there are.

    Args:
        descriptor: Where to write. It is not closed.
        warn: Called with what is to be said about a result that has no form.
        columns: The columns.

    Raises:
        InputError: There is no pyarrow.
    """

    def __init__(self, descriptor: int, warn: Callable[[str], None], columns: Columns) -> None:
        self._simplifier = Simplifier(self._warn_of_result)
        self._table = columns
        self._groups = ParquetGroups(columns, self._simplifier)
        self._rows: list[list[Any]] = []
        self._letters = 0
        super().__init__(descriptor, ResultFormat.parquet, warn, columns)

    def _form(self, result_format: ResultFormat, columns: Columns | None) -> tuple[Callable[[object], Any], Lines]:
        return self._row_of, self._groups

    def _row_of(self, result: object) -> list[Any]:
        return self._table.values_of(result, self._simplifier, KEPT)

    def go_on_after(self, results: int, size: int, ending: bytes = b"") -> None:
        super().go_on_after(results, size, ending)
        self._groups.go_on_after(size, ending)

    def write(self, result: object) -> None:
        row = self._numbered(self._row_of, result)
        self._rows.append(row)
        self.results += 1
        self._letters += sum(len(value) for value in row if type(value) is str)
        if len(self._rows) >= _MOST_ROWS or self._letters >= _MOST_LETTERS:
            self._end_group()

    def flush(self) -> None:
        self._end_group()
        super().flush()

    def close(self) -> None:
        try:
            self._end_group()
        finally:
            super().close()

    def _end_group(self) -> None:
        # What is interrupted here is lost, and not there twice.
        rows, self._rows, self._letters = self._rows, [], 0
        if rows:
            self._pending.append(bytearray(self._groups.encode(rows, self.results - len(rows) + 1)))
            self._attend()
