"""The tubes that are found, as a table for people and as facts for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, TypedDict

from noob_cli.cli.shell.messages import display_path
from noob_cli.cli.show.table import print_table
from noob_cli.errors import NoobError
from noob_cli.printable import one_line
from noob_cli.specification.document import open_document
from noob_cli.specification.extends import merge_extended


class ListedTube(TypedDict):
    """A tube that is found: what is in its file."""

    id: str
    path: str
    description: str | None


def listed_tube(path: Path) -> ListedTube:
    """What a list says of a tube. One that can't be read has no description; `noob validate` says why.

    Args:
        path: Its file.
    """
    data: Any = {}
    with suppress(NoobError):
        data = merge_extended(open_document(path)).data
    named, description = ((data if isinstance(data, dict) else {}).get(key) for key in ("noob_id", "description"))
    return ListedTube(
        id=named if isinstance(named, str) else path.stem,
        path=display_path(path),
        description=description if isinstance(description, str) else None,
    )


def print_tubes(tubes: Sequence[ListedTube], stdout: TextIO) -> None:
    """Print the tubes that are found as a table.

    Args:
        tubes: The tubes.
        stdout: Where to.
    """
    from rich.table import Table
    from rich.text import Text

    if not tubes:
        stdout.write("no tubes\n")
        return
    table = Table("id", "file", "description")
    for tube in tubes:
        table.add_row(*(Text(one_line(cell or "")) for cell in (tube["id"], tube["path"], tube["description"])))
    print_table(table, stdout)
