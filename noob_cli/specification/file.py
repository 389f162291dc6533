"""A tube's file as bytes: what is on the disk, or what an editor has in its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

MOST_BYTES = 10_000_000
"""How large a tube's file may be."""

_MOSTLY = 65_536
"""More than most have: to make room for the largest takes longer than to read one of them."""

Unsaved = Callable[[Path], bytes | None]
"""The text of a file that is open in an editor; None for any other. It is asked for each file that is read."""

_unsaved: ContextVar[Unsaved | None] = ContextVar("unsaved", default=None)


def read_file(path: Path) -> bytes:
    """The bytes of a file; of one that is too large, no more than tells that it is.

    Raises:
        OSError: The file can't be read.
    """
    unsaved = _unsaved.get()
    text = None if unsaved is None else unsaved(path)
    if text is not None:
        return text
    with open(path, "rb") as file:
        data = file.read(_MOSTLY)
        return data if len(data) < _MOSTLY else data + file.read(MOST_BYTES + 1 - _MOSTLY)


def real_path(path: Path, folders: dict[str, str]) -> str:
    """Where a file is, whatever links lead there.

    Args:
        path: The file.
        folders: Where folders are, as far as it has been asked: of many files in one, it is asked once.
    """
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    real = os.path.join(folders[folder], name)
    return os.path.realpath(real) if name == os.pardir or os.path.islink(real) else real


@contextmanager
def instead_of_files(unsaved: Unsaved) -> Iterator[None]:
    """Take texts that are not saved for the files that they belong to."""
    token = _unsaved.set(unsaved)
    try:
        yield
    finally:
        _unsaved.reset(token)
