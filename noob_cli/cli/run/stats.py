"""What the nodes of a run have taken and emitted: as a table for people, and as JSON for scripts."""

from __future__ import annotations

import time
from io import FileIO
from typing import Literal, TypedDict

from pydantic_core import to_json

from noob_cli.cli.run.written_files import write_whole
from noob_cli.cli.shell.stderr import message_stream
from noob_cli.cli.shell.tube_names import node_names
from noob_cli.cli.show.table import print_table
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.wording import count_of


class NodeStats(TypedDict):
    """What a node has taken, in seconds, and emitted."""

    node: str
    calls: int
    failed: int
    retried: int
    waited: float
    total: float
    mean: float
    max: float
    share: float
    events: int
    no_events: int


class Stats:
    """Measures a run.

    Args:
        runner: Runs it, and measures its nodes.
        shown: Whether a table is printed.
        file: Gets the same as JSON; None if nobody wants that.
    """

    def __init__(self, runner: SynchronousRunner, shown: bool, file: FileIO | None) -> None:
        self._runner = runner
        self._shown = shown
        self._file = file
        self._began = time.perf_counter()

    def report(self, results: int) -> None:
        """Print the table, and write the JSON.

        Args:
            results: How many results there were.

        Raises:
            OSError: The JSON can't be written.
        """
        seconds = time.perf_counter() - self._began
        nodes, epochs = self._nodes(), self._runner.done(None)
        if self._shown and nodes and message_stream() is not None:
            times = f"{_in_units(seconds)}, {_in_units(self._seconds_in_nodes)} of it in nodes"
            _print_table(nodes, f"{count_of(epochs, 'epoch')} in {times}")
        if self._file is not None:
            facts = {"seconds": seconds, "epochs": epochs, "results": results, "nodes": nodes}
            write_whole(self._file, to_json(facts, indent=2) + b"\n")

    @property
    def _seconds_in_nodes(self) -> float:
        """Those of nested tubes are in the time of the nodes that these are."""
        return sum(timer.seconds for name, timer in self._runner.timers.items() if "." not in name)

    def _nodes(self) -> list[NodeStats]:
        """What is known of the nodes that can run, in the order of the file."""
        whole = self._seconds_in_nodes
        nodes = []
        for name in node_names(self._runner.tube):
            timer = self._runner.timers.get(name)
            if timer is not None:
                share = timer.seconds / whole if whole else 0.0
                nodes.append(
                    NodeStats(
                        node=name,
                        calls=timer.calls,
                        failed=timer.failed,
                        retried=timer.retried,
                        waited=timer.waited,
                        total=timer.seconds,
                        mean=timer.mean,
                        max=timer.longest,
                        share=share,
                        events=timer.events,
                        no_events=timer.no_events,
                    )
                )
        return nodes


def _print_table(nodes: list[NodeStats], caption: str) -> None:
    from rich.table import Table
    from rich.text import Text

    # Most runs have nothing to say there.
    on_failures: tuple[Literal["failed", "retried"], ...] = ("failed", "retried")
    on_failures = on_failures if any(node["failed"] for node in nodes) else ()
    seconds: tuple[Literal["waited", "total", "mean", "max"], ...] = ("total", "mean", "max")
    seconds = ("waited", *seconds) if any(node["waited"] for node in nodes) else seconds
    table = Table("node", caption=caption, caption_justify="left")
    headings = ("calls", *on_failures, *seconds, "share", "events", "NoEvents")
    rows = []
    for node in nodes:
        calls = (str(node["calls"]), *(str(node[key]) for key in on_failures))
        times = (_in_units(node[key]) for key in seconds)
        counts = (f"{node['share']:.1%}", str(node["events"]), str(node["no_events"]))
        rows.append((*calls, *times, *counts))
    for heading, *cells in zip(headings, *rows, strict=True):
        # A number and its unit are in one line.
        table.add_column(heading, justify="right", min_width=max(map(len, cells)))
    for node, row in zip(nodes, rows, strict=True):
        table.add_row(Text(node["node"]), *row)
    print_table(table, message_stream())


def _in_units(seconds: float) -> str:
    """A time with about three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 100 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds / 1e-6:.3g} µs"
