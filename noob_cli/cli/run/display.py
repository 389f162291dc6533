"""What is shown while a run goes on: lines that are refreshed on a terminal, and elsewhere some from time to time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from noob_cli.cli.shell.asking import refreshing
from noob_cli.cli.shell.stderr import print_told, told_on

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

_SECONDS_BETWEEN = 0.1
_SECONDS_BETWEEN_LINES = 10.0

Part = Callable[["Console"], "RenderableType"]
"""What is shown now, of no more columns than the terminal has."""


class Display:
    """Lines that are refreshed by a thread of their own while what is inside of `with` runs, and are left there.

    Args:
        parts: What is shown, from above to below.
    """

    # Not a `contextlib.contextmanager`, which would set the traceback of an error, which may refuse it.

    def __init__(self, parts: Sequence[Part]) -> None:
        from rich.console import Console

        # What others print meanwhile is left as it is.
        self._console = Console(file=told_on(), soft_wrap=True, highlight=False)
        self._parts = parts
        self._live: Live | None = None
        self._changing = threading.Lock()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._keep_refreshing, name="noob display", daemon=True)
        self._stack = ExitStack()

    def __enter__(self) -> None:
        self._stack.enter_context(refreshing(self))
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        self._thread.join()
        with self._changing:
            if self._live is not None:
                self._live.transient = False
        self._stack.close()

    def pause(self) -> None:
        """Take the lines away."""
        with self._changing:
            live, self._live = self._live, None
            if live is not None:
                live.stop()

    def resume(self) -> None:
        """Show them again."""
        from rich.live import Live

        with self._changing:
            self._live = Live(console=self._console, auto_refresh=False, transient=True, get_renderable=self._rendered)
            self._live.start(refresh=True)

    def _keep_refreshing(self) -> None:
        while not self._finished.wait(_SECONDS_BETWEEN):
            with self._changing:
                if self._live is not None:
                    self._live.refresh()

    def _rendered(self) -> RenderableType:
        from rich.console import Group

        return Group(*(part(self._console) for part in self._parts))


class Lines:
    """Lines from time to time, for what keeps all of them, while what is inside of `with` runs, and some at the end.

    Args:
        parts: What gives them, one after the other.
        looks: What looks at something as often as it would for a terminal, so that lines tell of what was in between.
    """

    def __init__(
        self, parts: Sequence[Callable[[], Iterable[str]]], looks: Sequence[Callable[[], object]] = ()
    ) -> None:
        self._parts = parts
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
        print_told(*(line for part in self._parts for line in part()))
