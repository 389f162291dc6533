"""The tubes that are found, as a table for people and as facts for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO, TypedDict

from noob_cli.cli.shell.messages import display_path
from noob_cli.cli.show.table import print_table
from noob_cli.code.reading.reading import ReadCode
from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.loading.loading import diagnostics_of
from noob_cli.printable import one_line
from noob_cli.specification.document import open_document
from noob_cli.specification.extends import merge_extended


class ListedTube(TypedDict):
    """A tube that is found: what is in its file, and what is wrong with that."""

    id: str | None
    path: str
    description: str | None
    problem: str | None


def listed_tubes(paths: Iterable[Path]) -> list[ListedTube]:
    """What a list says of tubes.

    Args:
        paths: Their files, in the order in which they are found.
    """
    first: dict[str, str] = {}
    return [_listed(path, first) for path in paths]


def _listed(path: Path, first: dict[str, str]) -> ListedTube:
    """What a list says of a tube: its code is only read, and `noob validate` says all.

    Args:
        path: Its file.
        first: The ids of those before it, each with the file that it was found in.
    """
    data: Any = {}
    problem: str | None = None
    try:
        document = merge_extended(open_document(path))
        data = document.data
        errors = (diagnostic for diagnostic in diagnostics_of(document, ReadCode) if diagnostic.is_error)
        problem = next((f"broken: {error.message}" for error in errors), None)
    except TubeError as error:
        problem = f"broken: {error.diagnostics[0].message}"
    except TubeNotFoundError as error:
        problem = f"broken: {error}"
    named, description = ((data if isinstance(data, dict) else {}).get(key) for key in ("noob_id", "description"))
    shown = display_path(path)
    if isinstance(named, str) and first.setdefault(named, shown) != shown and problem is None:
        problem = f"the id is that of {first[named]} too: give it another"
    return ListedTube(
        id=named if isinstance(named, str) else None,
        path=shown,
        description=description if isinstance(description, str) else None,
        problem=problem,
    )


def print_tubes(tubes: Sequence[ListedTube], stdout: TextIO) -> None:
    """Print the tubes that are found as a table.

    Args:
        tubes: The tubes.
        stdout: What it is printed to.
    """
    from rich.table import Table
    from rich.text import Text

    if not tubes:
        stdout.write("no tubes\n")
        return
    has_problems = any(tube["problem"] for tube in tubes)
    table = Table("id", "file", "description", *(["problem"] if has_problems else []))
    for tube in tubes:
        cells = (tube["id"], tube["path"], tube["description"], *([tube["problem"]] if has_problems else []))
        table.add_row(*(Text(one_line(cell or "")) for cell in cells))
    print_table(table, stdout)
