"""The progress of a run, shown on standard error."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from noob_cli.cli.shell.stderr import told_on

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner

_SECONDS_BETWEEN = 0.1


class Progress:
    """Epochs, results, rate and time, which are shown while what is inside of `with` runs.

    By default, only if standard error is a terminal and the results don't show there how far the run is. The total is
    shown if the command line gives one.

    Args:
        options: What was asked for.
        runner: What makes the epochs.
        writer: What counts the results.
    """

    # Not a `contextlib.contextmanager`, which would set the traceback of an error, which may refuse it.

    def __init__(self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter) -> None:
        wanted = options.progress
        if wanted is None:
            wanted = (stream := told_on()) is not None and stream.isatty() and not writer.is_on_terminal
        self._shown = _Shown(options, runner, writer) if wanted else None

    def __enter__(self) -> None:
        if self._shown is not None:
            self._shown.begin()

    def __exit__(self, *error: object) -> None:
        if self._shown is not None:
            self._shown.end()


class _Shown:
    """A line that is written again and again, by a thread of its own."""

    def __init__(self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        total = options.results if options.results is not None else options.epochs
        self._counts_results = options.results is not None
        self._runner = runner
        self._writer = writer
        self._line = Progress(
            TextColumn("{task.fields[epochs]} epochs, {task.fields[results]} results, {task.fields[rate]}/s"),
            *([BarColumn(), TextColumn("{task.percentage:.0f}% of {task.total}")] if total else []),
            TimeElapsedColumn(),
            console=Console(file=told_on()),
            auto_refresh=False,
        )
        self._task = self._line.add_task("", total=total, epochs=0, results=0, rate="0")
        self._start = time.monotonic()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._keep_updating, name="noob progress", daemon=True)

    def begin(self) -> None:
        self._line.start()
        self._thread.start()

    def end(self) -> None:
        self._finished.set()
        self._thread.join()
        self._update()
        self._line.stop()

    def _keep_updating(self) -> None:
        while not self._finished.wait(_SECONDS_BETWEEN):
            self._update()

    def _update(self) -> None:
        epochs, results = self._runner.made, self._writer.results
        done = results if self._counts_results else epochs
        rate = epochs / max(time.monotonic() - self._start, 1e-9)
        self._line.update(self._task, completed=done, epochs=epochs, results=results, rate=f"{rate:.0f}")
        self._line.refresh()
