"""Tables: as wide as the terminal, and elsewhere as wide as what is in them.

Where they have no room, they have no lines between the columns, or are blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from noob_cli.cli.shell.rows import named_rows

if TYPE_CHECKING:
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

_UNLIMITED = 100_000
"""A width in which every table has room."""


def console_of(file: TextIO | None) -> Console:
    """What prints to a file: as wide as the terminal, or without a bound if it is none.

    Args:
        file: Where it goes; None for standard output.
    """
    from rich.console import Console

    console = Console(file=file, highlight=False)
    if not console.is_terminal:
        console.width = _UNLIMITED
    return console


def print_table(table: Table, file: TextIO | None) -> None:
    """Print a table. In a file or a pipe, nothing of it is cut off; in a terminal, no word is.

    Args:
        table: The table.
        file: Where it goes; None for standard output.
    """
    from rich import box

    console = console_of(file)
    if _width_of(table, console).minimum > console.width:
        table.box, table.collapse_padding, table.pad_edge = box.SIMPLE_HEAD, True, False
        if _width_of(table, console).maximum > console.width:
            _print_blocks(table, console)
            return
    console.print(table)


def _width_of(table: Table, console: Console) -> Measurement:
    """How wide a table is at least, and without a break in a line."""
    from rich.measure import Measurement

    return Measurement.get(console, console.options.update_width(_UNLIMITED), table)


def _print_blocks(table: Table, console: Console) -> None:
    """Print each row as lines of its own, one for each cell in which something is."""
    from rich.text import Text

    headings = [str(column.header) for column in table.columns]
    for number, row in enumerate(zip(*(column.cells for column in table.columns), strict=True)):
        cells = ((heading, cell) for heading, cell in zip(headings, row, strict=True) if str(cell))
        entries = ((Text(heading, "bold"), Text(str(cell))) for heading, cell in cells)
        console.print(*[""] * (number > 0), *named_rows(entries, console, console.width), sep="\n")
    if table.caption is not None:
        console.print("", table.caption, sep="\n")
