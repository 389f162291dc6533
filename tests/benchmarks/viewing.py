"""What a page costs a run: while somebody looks at it, and while nobody does."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from noob_cli import SynchronousRunner, Tube
from noob_cli.results.format import ResultFormat
from noob_cli.results.writer import ResultWriter
from noob_cli.view.feed import Feed
from noob_cli.view.server import Server
from noob_cli.view.view import View
from tests.benchmarks.measure import Case, Measurement, timed

SUNSPOTS = Path(__file__).parents[2] / "sample_tubes" / "sunspots" / "sunspots.yaml"
LOOKING = "import sys, urllib.request\nfor line in urllib.request.urlopen(sys.argv[1] + 'events'): pass\n"
"""A page, as far as the server knows."""


def without_starlette() -> str | None:
    """What is missing for a page, if anything."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        return "the extra 'view' is not installed"
    return None


def plain(epochs: int) -> Measurement:
    """The sunspots of so many years."""
    return _run(epochs, lambda runner, stack: runner.iter())


def shown(epochs: int, is_looked_at: bool) -> Measurement:
    """The same with a page."""

    def show(runner: SynchronousRunner, stack: ExitStack) -> Iterator[Any]:
        feed = Feed(lambda is_watched: view.watch(is_watched))
        view = View(feed.tell)
        server = Server(feed, lambda command, given: None)
        server.begin()
        stack.callback(server.end)
        view.begin(runner, lambda: runner.made)
        stack.callback(view.end)
        if is_looked_at:
            page = subprocess.Popen([sys.executable, "-c", LOOKING, server.address])
            stack.callback(page.wait)
            stack.callback(page.terminate)
            while not runner._observers.values.are_watched:
                time.sleep(0.01)
        return view.passed(runner.iter(), lambda: runner.is_stopping)

    return _run(epochs, show)


def _run(epochs: int, results: Callable[[SynchronousRunner, ExitStack], Iterator[Any]]) -> Measurement:
    """What `noob run` does between the start and the end of a run."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "years.csv"
        rows = "".join(f"{year},{year * 7919 % 200}\n" for year in range(epochs))
        file.write_text(f"year,number\n{rows}", encoding="utf-8")
        years = {"file": file, "first": 0, "last": epochs}
        runner = SynchronousRunner(Tube.from_specification(SUNSPOTS, input=years))
        output = os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, output)
        writer = ResultWriter(output, ResultFormat.jsonl, print)
        shown = results(runner, stack)

        def write() -> None:
            for result in shown:
                writer.write(result)

        with runner:
            measured = timed(write)
        writer.close()
        return Measurement(measured.amount, writer.results)


CASES: tuple[Case, ...] = tuple(
    Case(
        name,
        partial(shown, is_looked_at=is_looked_at),
        plain,
        at_most=at_most,
        size=100_000,
        small=20,
        pairs=11,
        missing=without_starlette,
    )
    for name, is_looked_at, at_most in (("looked-at", True, 1.1), ("not-looked-at", False, 1.03))
)
