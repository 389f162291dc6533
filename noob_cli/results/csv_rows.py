"""Results as the rows of a CSV, or one whose values are separated by tabs."""

from __future__ import annotations

import csv
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from noob_cli.results.framing import Lines
from noob_cli.results.json_values import Simplifier, simple_to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from noob_cli.results.columns import Columns

_AS_THEY_ARE: Final = frozenset({str, int, float, type(None)})
"""The types that the writer of Python has a form for."""

_QUOTED_OR_END: Final = re.compile(rb'"[^"]*"|\n')


class CsvRows(Lines):
    """Rows below a header, which is there once; each result is one.

    Args:
        delimiter: What is between the values.
        columns: The columns.
        warn: Called with what is to be said about a value.
    """

    def __init__(self, delimiter: str, columns: Columns, warn: Callable[[str], None]) -> None:
        self._delimiter = delimiter
        self._columns = columns
        self._simplifier = Simplifier(warn)
        self._row = _row_writer(delimiter)

    def encode(self, result: object) -> bytes:
        """Return the row of a result, with a newline at its end.

        Raises:
            ResultError: It has something that there is no column for.
        """
        values = self._columns.values_of(result, self._simplifier)
        if not _AS_THEY_ARE.issuperset(map(type, values)):
            values = [value if type(value) in _AS_THEY_ARE else cell_text(value) for value in values]
        row: str = self._row(values)
        return _encoded(row)

    @property
    def _header(self) -> bytes:
        # The thread that writes asks for it as well.
        names = self._columns.names
        return b"" if names is None else _encoded(_row_writer(self._delimiter)(names))

    def ending(self, size: int) -> bytes:
        return b"" if size else self._header

    def framed(self, block: bytearray, *, first: bool) -> bytes | bytearray:
        return self._header + block if first else block

    def count(self, block: bytearray) -> int:
        return block.count(b"\n") if b'"' not in block else len(_ends(block))

    def ends(self, written: bytes | bytearray, *, first: bool) -> list[int]:
        return _ends(written)[first:]


class _Echo:
    """Gives back what is written, which the writer of Python returns."""

    def write(self, text: str) -> str:
        return text


def _row_writer(delimiter: str) -> Callable[[Iterable[Any]], Any]:
    # With an end that has both letters, both are quoted in a value.
    return csv.writer(_Echo(), delimiter=delimiter, lineterminator="\r\n").writerow


def _encoded(row: str) -> bytes:
    return row[:-2].encode("utf-8", "backslashreplace") + b"\n"


def cell_text(simple: Any) -> str:
    """What stands in a table for a value: of a list or a dict its JSON.

    Args:
        simple: A value in its simple form.
    """
    if isinstance(simple, str):
        return simple
    if isinstance(simple, bool):
        return "true" if simple else "false"
    text = simple_to_json(simple).decode()
    # A moment is a text there, too.
    return text[1:-1] if text.startswith('"') else text


def header_of(path: Path, delimiter: str) -> list[str]:
    """The columns of a CSV that is there already.

    Args:
        path: The file.
        delimiter: What is between the values.

    Raises:
        OSError: The file can't be read.
        ValueError: It is no CSV, or has no header.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            header = next(filter(None, csv.reader(file, delimiter=delimiter)), None)
        except csv.Error as error:
            raise ValueError(str(error)) from error
    if header is None:
        raise ValueError("it has no header")
    return header


def ends_in_quotes(path: Path) -> bool:
    """Whether a CSV ends in the middle of a value in quotes, as that of a run that was killed may.

    Args:
        path: The file.

    Raises:
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        return sum(chunk.count(b'"') for chunk in iter(partial(file.read, 1 << 20), b"")) % 2 == 1


def _ends(text: bytes | bytearray) -> list[int]:
    return [match.end() for match in _QUOTED_OR_END.finditer(text) if match[0] == b"\n"]
