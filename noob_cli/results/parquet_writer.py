"""Results to a Parquet file: in row groups, each of which is written when it is full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import ResultError
from noob_cli.results.arrow_columns import KEPT
from noob_cli.results.columns import Columns
from noob_cli.results.format import ResultFormat
from noob_cli.results.json_values import Simplifier
from noob_cli.results.parquet_groups import ParquetGroups
from noob_cli.results.writer import ResultWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noob_cli.results.framing import Lines

_MOST_ROWS: Final = 65_536
_MOST_LETTERS: Final = 64_000_000
_LOOKED_AT: Final = 8
"""Of how many results one is looked at for how long its texts are."""


class ParquetWriter(ResultWriter):
    """Writes results as rows of a Parquet file, which can be read when it is closed.

    A group is written with 65,536 rows, or with as many as have some 64 million letters in their texts; the last one,
    and the one before a `sync`, with those that there are.

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
        self._rows: list[Sequence[Any]] = []
        self._letters = 0
        super().__init__(descriptor, ResultFormat.parquet, warn, columns)

    def _form(self, result_format: ResultFormat, columns: Columns | None) -> tuple[Callable[..., Any], Lines]:
        return self._groups.encode, self._groups

    def go_on_after(self, results: int, size: int, ending: bytes = b"") -> None:
        super().go_on_after(results, size, ending)
        self._groups.go_on_after(size, ending)

    def write(self, result: object) -> None:
        try:
            row = self._table.values_of(result, self._simplifier, KEPT)
        except ResultError as error:
            raise self._numbered(error) from error
        self._rows.append(row)
        self.results += 1
        if not self.results % _LOOKED_AT:
            self._letters += _LOOKED_AT * sum(len(value) for value in row if type(value) is str)
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
