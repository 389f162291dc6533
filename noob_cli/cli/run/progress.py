"""How far a run is, shown on standard error."""

from __future__ import annotations

import threading
import time
from collections.abc import Container, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from noob_cli.named_tuple import NamedTuple
from noob_cli.records.records import Extent
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from noob_cli.cli.run.options import RunOptions
    from noob_cli.records.records import Records
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner

_BEFORE_BAR = ("epochs", "results", "rate")
_BY_IMPORTANCE = ("epochs", "share", "left", "results", "rate", "elapsed")
"""Where there is no room for all, those behind are left out."""

_NARROWEST_BAR, _WIDEST_BAR = 5, 30
"""How many columns a bar has; where there is no room for one, there is none."""


class ProgressState(NamedTuple):
    """How far a run is.

    Args:
        epochs: How many epochs are done.
        results: How many results there are.
        rate: How many epochs there were in a second.
        seconds: How long it has taken.
        extent: How much there is to be done; None if nobody knows.
        left: How many seconds it takes still, if it goes on like this; None if nobody knows.
    """

    epochs: int
    results: int
    rate: float
    seconds: int
    extent: Extent | None
    left: int | None

    @property
    def parts(self) -> dict[str, str]:
        """What there is to be told, by what it is, in words; what nobody knows is empty."""
        return {
            "epochs": count_of(self.epochs, "epoch"),
            "results": count_of(self.results, "result"),
            "rate": _pace(self.rate),
            "share": "" if self.extent is None else f"{self.extent.share:.0%} of {_amount(self.extent)}",
            "left": "" if self.left is None else f"{timedelta(seconds=self.left)} left",
            "elapsed": f"{timedelta(seconds=self.seconds)} elapsed",
        }


class Progress:
    """How far a run is, for who wants to show it.

    The total is known if the command line gives one, or the files of the records or the one source do.

    Args:
        options: What was asked for.
        runner: What makes the epochs.
        writer: What counts the results.
        reader: Reads the records; None if no epoch needs one.
    """

    def __init__(
        self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter, reader: Records | None
    ) -> None:
        self._options = options
        self._runner = runner
        self._writer = writer
        self._reader = reader
        self._thread = threading.get_ident()
        self._start = time.monotonic()
        self._length: int | None = None
        self._first: tuple[float, float] | None = None
        """How much had been done when that was known for the first time, and when that was."""

    def now(self) -> ProgressState:
        """How far it is."""
        seconds = time.monotonic() - self._start
        epochs = self._runner.done(self._thread)
        extent = self._extent(epochs)
        left = None
        if extent is not None:
            self._first = self._first or (extent.done, seconds)
            done, since = extent.done - self._first[0], seconds - self._first[1]
            if done > 0 and extent.done < extent.total:
                left = round(since * (extent.total - extent.done) / done)
        return ProgressState(epochs, self._writer.results, epochs / max(seconds, 1e-9), int(seconds), extent, left)

    def _extent(self, epochs: int) -> Extent | None:
        options = self._options
        if options.results is not None:
            return Extent(self._writer.results, options.results, "results")
        if options.epochs is not None:
            return Extent(epochs, options.epochs, "epochs")
        run = self._runner.current_run
        if run is None:
            # It is over, wherever it has stood then.
            return None
        if self._reader is not None:
            return self._reader.extent()
        if self._length is None and run.is_open:
            # What a source has still to give counts those that are done.
            self._length = 0 if run.length is None else run.length + epochs
        return Extent(epochs, self._length, "epochs") if self._length else None

    def lines(self) -> Iterator[str]:
        """How far it is, for what keeps all lines."""
        yield _joined(self.now().parts)

    def rendered(self, console: Console) -> RenderableType:
        """How far it is, in a line of a terminal.

        Args:
            console: The terminal.
        """
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        advance = self.now()
        parts = advance.parts
        before = _joined(parts, _BEFORE_BAR)
        behind = _joined(parts, [name for name in parts if name not in _BEFORE_BAR])
        room = min(console.width - len(before) - len(behind) - 3, _WIDEST_BAR)
        if advance.extent is None or room < _NARROWEST_BAR:
            text = Text(_fitting(parts, console.width - 1))
            text.truncate(console.width - 1, overflow="ellipsis")
            return text
        grid = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=advance.extent.total, completed=advance.extent.done, width=room)
        grid.add_row(Text(before, no_wrap=True), bar, Text(behind, no_wrap=True))
        return grid


def _joined(parts: Mapping[str, str], names: Container[str] = _BY_IMPORTANCE) -> str:
    return ", ".join(text for name, text in parts.items() if text and name in names)


def _fitting(parts: Mapping[str, str], columns: int) -> str:
    """The most important parts that there is room for; the first in any case."""
    first, *others = _BY_IMPORTANCE
    names = [first]
    for name in others:
        if len(_joined(parts, [*names, name])) <= columns:
            names.append(name)
    return _joined(parts, names)


def _pace(rate: float) -> str:
    """How many epochs there are in a second, or how long one takes; empty if there was none."""
    if rate >= 0.1:
        return f"{_two_digits(rate)}/s"
    return f"{_two_digits(1 / rate)} s per epoch" if rate > 0 else ""


def _two_digits(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _amount(extent: Extent) -> str:
    """A total with its unit."""
    if extent.unit != "bytes":
        return f"{extent.total:.0f} {extent.unit}"
    size = extent.total
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000
    return f"{size:.3g} {unit}" if unit != "bytes" else f"{size:.0f} bytes"
