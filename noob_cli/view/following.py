"""Following the files that a tube is made of, while they are edited."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from noob_cli.specification.search import SUFFIXES

_SUFFIXES = (*SUFFIXES, ".py")

Stamp = frozenset[tuple[str, int, int]]
"""What tells files from what they are after a change: names, times and sizes."""


def stamp_of(folders: Iterable[str]) -> Stamp:
    """The stamp of the tubes and modules in some folders.

    Args:
        folders: The folders; one that isn't there any more has none.
    """
    return frozenset(stamp for folder in folders for stamp in _stamps(Path(folder)))


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_SUFFIXES):
                    stat = entry.stat()
                    yield entry.path, stat.st_mtime_ns, stat.st_size
    except OSError:
        return
