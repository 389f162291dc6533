"""Which tubes a command line names: files, ids, and all below a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from noob_cli.errors import TubeNotFoundError
from noob_cli.spec.search import find_tube, is_tube_file, tube_files


@dataclass
class Selection:
    """The tubes that a command is about.

    Args:
        tubes: Each one's path as it is shown, and as it is opened.
        problems: What names no tube.
    """

    tubes: list[tuple[str, Path]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, path: Path) -> None:
        """Add a tube, once."""
        if all(path.resolve() != known.resolve() for _, known in self.tubes):
            self.tubes.append((str(path), path))


def select_tubes(names: Iterable[str], required: bool = True) -> Selection:
    """The tubes that are named.

    Args:
        names: Files, ids or folders.
        required: Whether a folder without a tube is a problem.
    """
    selection = Selection()
    for name in names:
        folder = Path(name)
        if folder.is_dir():
            found = list(tube_files(folder))
            for path in found:
                selection.add(path)
            if not found and required:
                selection.problems.append(f"there is no tube in the folder '{name}'")
            continue
        try:
            path = find_tube(name).path
        except TubeNotFoundError as error:
            selection.problems.append(str(error))
            continue
        if path.suffix not in (".yaml", ".yml") and not is_tube_file(path):
            selection.problems.append(f"'{name}' is not a tube: a mapping with 'nodes', 'extends' or 'noob_id'")
            continue
        selection.add(_shown(path))
    return selection


def _shown(path: Path) -> Path:
    """A path as seen from the working folder, if it is below it."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path
