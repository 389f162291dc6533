"""Which tubes a command line names: files, ids, and all below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from noob_cli.cli.shell.messages import display_path
from noob_cli.errors import TubeNotFoundError
from noob_cli.specification.search import SUFFIXES, FoundTube, find_tube, is_tube_file, tube_files


@dataclass
class Selection:
    """The tubes that a command is about.

    Args:
        problems: What names no tube.
    """

    problems: list[str] = field(default_factory=list)
    _tubes: dict[Path, tuple[str, FoundTube]] = field(default_factory=dict, init=False, repr=False)

    @property
    def tubes(self) -> list[tuple[str, FoundTube]]:
        """The tubes in the order in which they were named: how each is shown, and where it was found."""
        return list(self._tubes.values())

    def add(self, shown: str, tube_file: FoundTube) -> None:
        """Add a tube, once.

        Args:
            shown: What it is called in messages.
            tube_file: Where it is.
        """
        real = tube_file.path.resolve()
        name, known = self._tubes.setdefault(real, (shown, tube_file))
        if tube_file.others or tube_file.failed:
            # That its id is found twice does not depend on how else it is named.
            self._tubes[real] = (name, known._replace(others=tube_file.others, failed=tube_file.failed))


def select_tubes(names: Iterable[str], required: bool = True) -> Selection:
    """The tubes that are named.

    Args:
        names: Files, ids or folders.
        required: Whether a folder without a tube is a problem.
    """
    selection = Selection()
    for name in names:
        folder = Path(name)
        if name and _is_folder(folder):
            paths = list(tube_files(folder))
            for path in paths:
                selection.add(str(path), find_tube(str(path)))
            if not paths and required:
                selection.problems.append(f"there is no tube in the folder '{name}'")
            continue
        try:
            tube_file = find_tube(name)
        except TubeNotFoundError as error:
            selection.problems.append(str(error))
            continue
        if not _may_be_tube(tube_file.path):
            selection.problems.append(f"'{name}' is not a tube: a mapping with 'nodes', 'extends' or 'noob_id'")
            continue
        selection.add(display_path(tube_file.path), tube_file)
    return selection


def _may_be_tube(path: Path) -> bool:
    # A pipe can be read only once.
    return path.suffix in SUFFIXES or not os.path.isfile(path) or is_tube_file(path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
