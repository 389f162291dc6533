"""How much a run tells: on standard error, and in a log file, in which each line has its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from io import FileIO
from pathlib import Path

from noob_cli.cli.run.written_files import explaining
from noob_cli.cli.shell.messages import Level, say, tell
from noob_cli.given_path import given_path
from noob_cli.reopening import open_anew

_SHOWN = {-1: Level.error, 0: Level.warning, 1: Level.info}
"""What is shown with `-q`, with neither, and with `-v`; twice or more shows all."""


def shown_level(verbosity: int) -> Level:
    """From which level on something is shown on standard error.

    Args:
        verbosity: How often `-v` is given; -1 with `-q`.
    """
    return _SHOWN.get(verbosity, Level.debug)


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
