"""How much a run tells, and the code of its tube: on standard error, and in a log file, each line with its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import Final

from noob_cli.cli.shell.messages import Level, display_path, is_told, report_at, say, tell
from noob_cli.cli.shell.write_errors import explaining
from noob_cli.given_path import given_path
from noob_cli.reopening import open_anew
from noob_cli.runners.own_messages import Message

_SHOWN = {-1: Level.error, 0: Level.warning, 1: Level.info}
"""What is shown with `-q`, with neither, and with `-v`; twice or more shows all."""

_LEVELS: Final = {40: Level.error, 30: Level.warning, 20: Level.info}
"""Levels, by the lowest that they have in `logging`; below all is what happens in each epoch."""


def shown_level(verbosity: int) -> Level:
    """From which level on something is shown on standard error.

    Args:
        verbosity: How often `-v` is given; -1 with `-q`.
    """
    return _SHOWN.get(verbosity, Level.debug)


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


@contextmanager
def telling(shown: Level, file: Path | None) -> Iterator[LogFile | None]:
    """Let what is reported inside be shown and logged.

    Args:
        shown: From which level on it is shown on standard error.
        file: The log file, which is added to. It gets what is shown, and at least what happens once in a run.

    Returns:
        What writes the log file, to be entered; None if there is none.

    Raises:
        InputError: The log file can't be written to.
    """
    if file is None:
        tell(shown)
        yield None
        return
    log = LogFile(file)
    tell(shown, min(shown, Level.info), log.write)
    try:
        yield log
    finally:
        tell(shown)
        log.close()


class LogFile:
    """Lines with their time.

    Args:
        path: The file, which is made if it isn't there.

    Raises:
        InputError: It can't be written to.
    """

    def __init__(self, path: Path) -> None:
        self._path = given_path(path)
        with explaining(path, "the log"), ExitStack() as stack:
            self._file = stack.enter_context(FileIO(self._path, "a"))
            # A device that is full says so even then.
            self._file.write(b"")
            stack.pop_all()
        self._has_failed = False

    def write(self, level: Level, text: str) -> None:
        """Add lines; a log that can't be written is a warning, once, and nothing is lost but the log."""
        time = datetime.now().astimezone().isoformat(timespec="milliseconds")
        lines = "".join(f"{time} {level.name}: {line}\n" for line in text.split("\n"))
        try:
            self._file.write(lines.encode("utf-8", "backslashreplace"))
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                say(f"warning: the log can't be written: {self._path}: {error.strerror}", Level.warning)

    def reopen(self) -> None:
        """Go on at the end of the file that has its name now. A signal handler may call it."""
        try:
            open_anew(self._path, self._file.fileno())
        except OSError as error:
            say(f"warning: the log {self._path} can't be opened anew: {error.strerror}", Level.warning)

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            self._file.close()
