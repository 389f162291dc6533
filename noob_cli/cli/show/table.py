"""Tables: as wide as the terminal, and elsewhere as wide as what is in them; as blocks where they have no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_UNLIMITED = 100_000
"""A width in which every table has room."""


def print_table(table: Table, file: TextIO | None) -> None:
    """Print a table. In a file or a pipe, nothing of it is cut off; in a terminal, no word is.

    Args:
        table: The table.
        file: Where it goes; None for standard output.
    """
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(file=file, highlight=False)
    if not console.is_terminal:
        console.width = _UNLIMITED
    needed = Measurement.get(console, console.options.update_width(_UNLIMITED), table).minimum
    if needed <= console.width:
        console.print(table)
    else:
        _print_blocks(table, console)


def _print_blocks(table: Table, console: Console) -> None:
    """Print each row as lines of its own, one for each cell in which something is."""
    from rich.table import Table

    headings = [str(column.header) for column in table.columns]
    for number, row in enumerate(zip(*(column.cells for column in table.columns), strict=True)):
        block = Table.grid(padding=(0, 2, 0, 0))
        block.add_column(no_wrap=True, style="bold")
        block.add_column(overflow="fold")
        for heading, cell in zip(headings, row, strict=True):
            if str(cell):
                block.add_row(heading, cell)
        console.print(*[""] * (number > 0), block, sep="\n")
