"""The results of a run as a list that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final

from noob_cli.wording import short_repr

_MOST_ROWS: Final = 20
_MOST_COLUMNS: Final = 20
_VALUE: Final = "value"


class ResultList(list[Any]):
    """The results of a run.

    It is a list like any other, which a notebook shows as a table: a row for each result, a column for each name in
    it.

    Example:
        >>> Tube.from_specification("squares.yaml").run(n=2)
        [{'number': 0, 'square': 0}, {'number': 1, 'square': 1}]
    """

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Itself in the forms that a notebook chooses from."""
        return {"text/plain": _text_of(self), "text/html": "\n".join(_table_of(self))}


def _text_of(results: list[Any]) -> str:
    lines = [short_repr(result) for result in results[:_MOST_ROWS]]
    return "\n".join(["[" + ",\n ".join(lines) + "]", *_left_out(results)])


def _table_of(results: list[Any]) -> Iterator[str]:
    rows = [result if isinstance(result, Mapping) else {_VALUE: result} for result in results[:_MOST_ROWS]]
    columns = list(dict.fromkeys(str(name) for row in rows for name in row))
    shown = columns[:_MOST_COLUMNS]
    yield "<table>"
    yield _row_of("th", ("", *shown, *(["…"] if len(columns) > len(shown) else [])))
    for number, row in enumerate(rows):
        values = {str(name): short_repr(value) for name, value in row.items()}
        yield _row_of("td", (str(number), *(values.get(column, "") for column in shown)))
    yield "</table>"
    yield from (f"<p>{line}</p>" for line in _left_out(results))


def _row_of(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _left_out(results: list[Any]) -> list[str]:
    left = len(results) - _MOST_ROWS
    return [f"and {left} more"] if left > 0 else []
