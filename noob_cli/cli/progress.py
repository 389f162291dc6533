"""The progress of a run, shown on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noob_cli.cli.results import ResultWriter
    from noob_cli.cli.running import RunOptions
    from noob_cli.runners.synchronous import SynchronousRunner

_SECONDS_BETWEEN = 0.1


@contextmanager
def show_progress(options: RunOptions, runner: SynchronousRunner, writer: ResultWriter) -> Iterator[None]:
    """Show epochs, results, rate and time while what is inside runs.

    By default, only if standard error is a terminal and the results don't show there how far the run is. The total is
    shown if the command line gives one.

    Args:
        options: What was asked for.
        runner: What makes the epochs.
        writer: What counts the results.
    """
    wanted = options.progress
    if wanted is None:
        wanted = sys.stderr is not None and sys.stderr.isatty() and not writer.is_on_terminal
    if not wanted:
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    total = options.results if options.results is not None else options.epochs
    progress = Progress(
        TextColumn("{task.fields[epochs]} epochs, {task.fields[results]} results, {task.fields[rate]}/s"),
        *([BarColumn(), TextColumn("{task.percentage:.0f}% of {task.total}")] if total else []),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )
    task = progress.add_task("", total=total, epochs=0, results=0, rate="0")
    start = time.monotonic()

    def update() -> None:
        epochs = runner.made
        done = writer.results if options.results is not None else epochs
        rate = epochs / max(time.monotonic() - start, 1e-9)
        progress.update(task, completed=done, epochs=epochs, results=writer.results, rate=f"{rate:.0f}")
        progress.refresh()

    finished = threading.Event()

    def keep_updating() -> None:
        while not finished.wait(_SECONDS_BETWEEN):
            update()

    thread = threading.Thread(target=keep_updating, name="noob progress", daemon=True)
    with progress:
        thread.start()
        try:
            yield
        finally:
            finished.set()
            thread.join()
            update()
