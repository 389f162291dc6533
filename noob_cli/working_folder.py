"""The working folder, which may have been deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

GONE = "the working folder does not exist any more: go to another one, or give whole paths"

_folder: ContextVar[Path | None] = ContextVar("working_folder", default=None)


def working_folders() -> list[Path]:
    """The working folder, in a list that is empty if it does not exist any more."""
    folder = _folder.get()
    if folder is not None:
        return [folder]
    try:
        return [Path.cwd()]
    except FileNotFoundError:
        return []


def seen_from_here(file: Path) -> str:
    """A file as seen from the working folder, if it is below it."""
    whole = file.resolve()
    return str(next((whole.relative_to(folder) for folder in working_folders() if whole.is_relative_to(folder)), file))


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Take a folder for the working folder, without changing that of the process."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)
