"""Names with what is told of each beside it, or below it where there is no room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_MOST_BESIDE = 26
"""How wide a name is at most that has beside it what is told of it."""
_NARROW = 60
"""Below how many columns everything is told below its name."""


def named_rows(entries: Iterable[tuple[Text, Text]], console: Console, columns: int) -> Iterator[Text]:
    """Names with what is told of each, a line each, of which none is cut.

    Args:
        entries: The names, and what is told.
        console: Where they are going to be printed.
        columns: How much room there is.
    """
    from rich.text import Text

    entries = list(entries)
    is_narrow = columns < _NARROW
    beside = max((name.cell_len for name, _ in entries if name.cell_len <= _MOST_BESIDE), default=0)
    indent = 4 if is_narrow else beside + 2
    for name, text in entries:
        lines = text.wrap(console, max(columns - indent, 1), overflow="fold")
        if not is_narrow and name.cell_len <= beside and lines:
            yield Text.assemble(name, " " * (indent - name.cell_len), lines.pop(0))
        else:
            yield from name.wrap(console, columns, overflow="fold")
        yield from (Text.assemble(" " * indent, line) for line in lines)
