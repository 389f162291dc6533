"""Tables: as wide as the terminal, and elsewhere as wide as what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.table import Table

_UNLIMITED = 100_000
"""A width in which every table has room."""


def print_table(table: Table, file: TextIO | None) -> None:
    """Print a table; in a file or a pipe, nothing of it is cut off.

    Args:
        table: The table.
        file: Where it goes; None for standard output.
    """
    from rich.console import Console

    console = Console(file=file)
    if not console.is_terminal:
        console.width = _UNLIMITED
    console.print(table)
