"""The progress of a run, shown on standard error."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING

from noob_cli.cli.shell.stderr import told_on

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner

_SECONDS_BETWEEN = 0.1
_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Epochs, results, rate and time, which are shown while what is inside of `with` runs.

    By default, only if standard error is a terminal and the results don't show there how far the run is. The total is
    shown if the command line gives one. In a file or a journal, it is a line every ten seconds, and one at the end.

    Args:
        options: What was asked for.
        runner: What makes the epochs.
        writer: What counts the results.
    """

    # Not a `contextlib.contextmanager`, which would set the traceback of an error, which may refuse it.

    def __init__(self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter) -> None:
        stream = told_on()
        is_terminal = stream is not None and stream.isatty()
        wanted = options.progress
        if wanted is None:
            wanted = is_terminal and not writer.is_on_terminal
        kind = _Bar if is_terminal else _Lines
        self._shown = kind(options, runner, writer) if wanted else None

    def __enter__(self) -> None:
        if self._shown is not None:
            self._shown.begin()

    def __exit__(self, *error: object) -> None:
        if self._shown is not None:
            self._shown.end()


class _Shown(ABC):
    """What a thread of its own shows from time to time."""

    def __init__(self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter) -> None:
        self._total = options.results if options.results is not None else options.epochs
        self._counts_results = options.results is not None
        self._runner = runner
        self._writer = writer
        self._start = time.monotonic()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._keep_updating, name="noob progress", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._finished.set()
        self._thread.join()
        self._update()

    @property
    @abstractmethod
    def _seconds_between(self) -> float:
        """How often it is shown."""

    @abstractmethod
    def _update(self) -> None:
        """Show how far the run is."""

    def _keep_updating(self) -> None:
        while not self._finished.wait(self._seconds_between):
            self._update()

    def _numbers(self) -> tuple[int, int, float]:
        """Epochs, results, and epochs in a second."""
        epochs = self._runner.made
        return epochs, self._writer.results, epochs / max(time.monotonic() - self._start, 1e-9)


class _Bar(_Shown):
    """A line that is written again and again, on a terminal."""

    @property
    def _seconds_between(self) -> float:
        return _SECONDS_BETWEEN

    def __init__(self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        super().__init__(options, runner, writer)
        self._line = Progress(
            TextColumn("{task.fields[epochs]} epochs, {task.fields[results]} results, {task.fields[rate]}/s"),
            *([BarColumn(), TextColumn("{task.percentage:.0f}% of {task.total}")] if self._total else []),
            TimeElapsedColumn(),
            console=Console(file=told_on()),
            auto_refresh=False,
        )
        self._task = self._line.add_task("", total=self._total, epochs=0, results=0, rate="0")

    def begin(self) -> None:
        self._line.start()
        super().begin()

    def end(self) -> None:
        super().end()
        self._line.stop()

    def _update(self) -> None:
        epochs, results, rate = self._numbers()
        done = results if self._counts_results else epochs
        self._line.update(self._task, completed=done, epochs=epochs, results=results, rate=f"{rate:.0f}")
        self._line.refresh()


class _Lines(_Shown):
    """A line each time, for what keeps all of them."""

    @property
    def _seconds_between(self) -> float:
        return _SECONDS_BETWEEN_LINES

    def _update(self) -> None:
        epochs, results, rate = self._numbers()
        done = results if self._counts_results else epochs
        share = f" {done / self._total:.0%} of {self._total}" if self._total else ""
        elapsed = timedelta(seconds=int(time.monotonic() - self._start))
        if (stream := told_on()) is not None:
            # In one piece, since another thread may speak as well.
            print(
                f"{epochs} epochs, {results} results, {rate:.0f}/s{share} {elapsed}\n", end="", file=stream, flush=True
            )
