"""What a shell is told when the name of a tube is completed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from typer.core import TyperArgument, TyperOption


def leave_as_typed() -> None:
    """Let what is typed be while it is completed: to convert it takes pydantic, and tells a shell nothing."""
    for kind in (TyperArgument, TyperOption):
        kind.process_value = _unconverted  # type: ignore[assignment, method-assign]


def _unconverted(parameter: object, context: object, value: Any) -> Any:
    return value


def complete_tube(incomplete: str) -> list[str]:
    """The folders, tube files and ids that begin like this.

    Args:
        incomplete: What has been typed.
    """
    return sorted({*_paths(incomplete), *_ids(incomplete)})


def _paths(incomplete: str) -> Iterator[str]:
    folder, start = os.path.split(incomplete)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(start) or (entry.name.startswith(".") and not start):
            continue
        path = os.path.join(folder, entry.name)
        if entry.is_dir():
            yield f"{path}{os.sep}"
        elif entry.name.endswith((".yaml", ".yml")):
            yield path


def _ids(incomplete: str) -> Iterator[str]:
    if incomplete.startswith((".", os.sep)):
        return
    from noob_cli.errors import TubeNotFoundError
    from noob_cli.specification.search import named_ids, search_places
    from noob_cli.working_folder import working_folders

    try:
        places = search_places().folders
    except TubeNotFoundError:
        # A place that can't be read is for the command to complain of.
        places = working_folders()
    for place in places:
        yield from (name for name in named_ids(place) if name.startswith(incomplete))
