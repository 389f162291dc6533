"""The working folder, which may have been deleted."""

from __future__ import annotations

from pathlib import Path

GONE = "the working folder does not exist any more: go to another one, or give whole paths"


def working_folders() -> list[Path]:
    """The working folder, in a list that is empty if it does not exist any more."""
    try:
        return [Path.cwd()]
    except FileNotFoundError:
        return []
