"""What the code of a tube tells through `logging` and `warnings`: shown and logged, with its node and epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from noob_cli.cli.shell.messages import Level, display_path, is_told, report_at
from noob_cli.runners.own_messages import Message

_LEVELS: Final = {40: Level.error, 30: Level.warning, 20: Level.info}
"""Levels, by the lowest that they have in `logging`; below all is what happens in each epoch."""


def lowest_level() -> int:
    """From which level on what code tells is of use to anybody, as `logging` counts."""
    if is_told(Level.debug):
        return 1
    return 20 if is_told(Level.info) else 30


def report_message(message: Message) -> None:
    """Report what code has told: on standard error, if no handler of the user's has shown it, and in the log.

    Args:
        message: What it has told.
    """
    level = next((level for lowest, level in _LEVELS.items() if message.level >= lowest), Level.debug)
    epoch = None if message.epoch is None else f"epoch {message.epoch}"
    place = None if message.place is None else str(message.place)
    where = ", ".join(filter(None, (message.worker, place, epoch)))
    text = message.text
    if message.line is not None:
        file, line = message.line
        text += f" ({display_path(Path(file))}:{line})"
    first, *others = text.replace("\n", "\n  ").split("\n")
    report_at(level, f"{where}: {first}" if where else first, *others, is_shown=not message.is_shown)
