"""Which tubes a command line names: files, ids, and all below a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from noob_cli.errors import TubeNotFoundError
from noob_cli.spec.search import find_tube, is_tube_file, tube_files
from noob_cli.working_folder import working_folders


@dataclass
class Selection:
    """The tubes that a command is about.

    Args:
        tubes: Each one's path as it is shown, and as it is opened.
        problems: What names no tube.
    """

    tubes: list[tuple[str, Path]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _known: set[Path] = field(default_factory=set, init=False, repr=False)

    def add(self, path: Path) -> None:
        """Add a tube, once."""
        real = path.resolve()
        if real not in self._known:
            self._known.add(real)
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
        if name and _is_folder(folder):
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
    for folder in working_folders():
        if path.resolve().is_relative_to(folder):
            return path.resolve().relative_to(folder)
    return path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
