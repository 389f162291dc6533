"""What is shown while a run goes on: lines that are refreshed on a terminal, and elsewhere some from time to time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from io import FileIO
from typing import TYPE_CHECKING

from noob_cli.cli.shell.asking import refreshing
from noob_cli.cli.shell.stderr import message_stream, passed_on, print_messages

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_SECONDS_BETWEEN = 0.1
_SECONDS_BETWEEN_LINES = 10.0

_ERASE_LINE, _UP = "\r\x1b[2K", "\x1b[1A"

Panel = Callable[["Console"], "RenderableType"]
"""What is shown now, of no more columns than the terminal has."""


class Display:
    """Lines that are refreshed by a thread of their own while what is inside of `with` runs, and are left there.

    They stand below all that others print meanwhile, but for what doesn't end its line: that may be a question.

    Args:
        panels: What is shown, from above to below.
    """

    # Not a `contextlib.contextmanager`, which would set the traceback of an error, which may refuse it.

    def __init__(self, panels: Sequence[Panel]) -> None:
        from rich.console import Console

        told = message_stream()
        assert told is not None
        self._console = Console(file=told, soft_wrap=True, highlight=False)
        self._terminal = FileIO(told.fileno(), "w", closefd=False)
        self._encoding = told.encoding or "utf-8"
        self._panels = panels
        self._text = self._shown = ""
        self._is_asked = self._is_within_line = False
        self._begins_at = 0.0
        # What prints may be a signal handler, in the middle of that.
        self._changing = threading.RLock()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._keep_refreshing, name="noob display", daemon=True)
        self._stack = ExitStack()

    def __enter__(self) -> None:
        self._stack.enter_context(refreshing(self))
        self._stack.enter_context(passed_on(self._pass_on))
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        self._thread.join()
        self._stack.close()
        with self._changing:
            self._text = self._rendered()
            self._put(("\n" if self._is_within_line else "") + self._text + "\n")

    def pause(self) -> None:
        """Take the lines away."""
        with self._changing:
            self._erase()
            self._is_asked = True

    def resume(self) -> None:
        """Show them again soon: who has asked may still have to end the line."""
        with self._changing:
            self._is_asked = self._is_within_line = False
            self._begins_at = time.monotonic() + _SECONDS_BETWEEN

    def _pass_on(self, data: bytes, write: Callable[[bytes], object]) -> None:
        """Write what others print above the lines."""
        with self._changing:
            self._erase()
            write(data)
            self._is_within_line = not data.endswith(b"\n")
            self._show()

    def _keep_refreshing(self) -> None:
        while not self._finished.wait(_SECONDS_BETWEEN):
            self.refresh()

    def refresh(self) -> None:
        """Show them as they are now, unless somebody asks."""
        text = self._rendered()
        with self._changing:
            self._text = text
            self._show()

    def _show(self) -> None:
        if not self._is_asked and not self._is_within_line and time.monotonic() >= self._begins_at:
            erasing, self._shown = self._erasing(), self._fitting(self._text)
            self._put(erasing + self._shown)

    def _fitting(self, text: str) -> str:
        """As much of it as can be taken away again: what has left the terminal above stays."""
        lines, most = text.split("\n"), self._console.height
        return text if len(lines) <= most else "\n".join([*lines[: most - 1], "..."])

    def _erase(self) -> None:
        self._put(self._erasing())
        self._shown = ""

    def _erasing(self) -> str:
        """What takes away what is shown, at whose end the terminal stands."""
        return _ERASE_LINE + (_UP + _ERASE_LINE) * self._shown.count("\n") if self._shown else ""

    def _put(self, text: str) -> None:
        with suppress(OSError):
            self._terminal.write(text.encode(self._encoding, "backslashreplace"))

    def _rendered(self) -> str:
        with self._console.capture() as captured:
            for panel in self._panels:
                self._console.print(panel(self._console))
        return captured.get().removesuffix("\n")


class Lines:
    """Lines from time to time, for what keeps all of them, while what is inside of `with` runs, and some at the end.

    Args:
        sources: What gives them, one after the other.
        looks: What looks at something as often as it would for a terminal, so that lines tell of what was in between.
    """

    def __init__(
        self, sources: Sequence[Callable[[], Iterable[str]]], looks: Sequence[Callable[[], object]] = ()
    ) -> None:
        self._sources = sources
        self._looks = looks
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._keep_telling, name="noob display", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        self._thread.join()
        self._tell()

    def _keep_telling(self) -> None:
        due = time.monotonic() + _SECONDS_BETWEEN_LINES
        while not self._finished.wait(_SECONDS_BETWEEN if self._looks else _SECONDS_BETWEEN_LINES):
            for look in self._looks:
                look()
            if time.monotonic() >= due:
                self._tell()
                due += _SECONDS_BETWEEN_LINES

    def _tell(self) -> None:
        print_messages(*(line for lines in self._sources for line in lines()))
