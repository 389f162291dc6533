"""The working folder, which may have been deleted."""

from __future__ import annotations

from pathlib import Path


def working_folders() -> list[Path]:
    """The working folder, in a list that is empty if it does not exist any more."""
    try:
        return [Path.cwd()]
    except FileNotFoundError:
        return []
