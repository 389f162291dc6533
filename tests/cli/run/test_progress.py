"""`--progress`: how far a run is, and how much is left."""

from __future__ import annotations

import json
import re
import sys
import threading

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.cli.run import display
from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.run.progress import Progress
from noob_cli.records.records import Extent
from tests.patience import PATIENCE


class Reader:
    """Stands for what reads records."""

    def __init__(self):
        self.read = 0

    def extent(self):
        return Extent(self.read, 2_000_000, "bytes")


class Counting:
    """Stands for a runner and what writes its results."""

    def __init__(self, length=None):
        self.made = self.results = 0
        self.current_run = self
        self.is_open, self.length = True, length

    def done(self, thread):
        return self.made


class Clock:
    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("noob_cli.cli.run.progress.time", clock)
    return clock


@pytest.mark.parametrize(
    ("options", "length", "reader", "share"),
    [
        ({}, None, None, ""),
        ({"results": 40}, None, None, ", 25% of 40 results, 0:00:30 left"),
        ({"epochs": 40}, None, None, ", 50% of 40 epochs, 0:00:10 left"),
        ({}, 80, None, ", 25% of 80 epochs, 0:00:30 left"),
        ({}, None, Reader(), ", 20% of 2 MB, 0:00:40 left"),
        ({"results": 10}, 80, Reader(), ", 100% of 10 results"),
    ],
)
def test_what_is_left_is_told_where_a_total_is_known(clock, options, length, reader, share):
    runner = Counting(length)
    progress = Progress(RunOptions("tube", **options), runner, runner, reader)
    progress.now()
    runner.made, runner.results, clock.now = 20, 10, 10.0
    if reader is not None:
        reader.read = 400_000

    assert list(progress.lines()) == [f"20 epochs, 10 results, 2/s{share}, 0:00:10 elapsed"]


@pytest.mark.parametrize("columns", [120, 60, 30])
def test_it_has_room_in_a_terminal(clock, columns):
    from rich.console import Console

    console = Console(width=columns, file=sys.stderr)
    runner = Counting()
    runner.made = runner.results = 123_456
    shown = console.render_lines(Progress(RunOptions("tube", results=200_000), runner, runner, None).rendered(console))

    text = "".join(part.text for part in shown[0]).rstrip()
    assert len(shown) == 1
    assert len(text) < columns
    assert text.startswith("123456 epochs, 123456 results"[: columns - 2])
    assert ("━" in text) == (columns == 120)


@pytest.mark.parametrize(
    ("epochs", "seconds", "pace"),
    [
        (0, 7, ""),
        (2, 7, "0.29/s, "),
        (12, 8, "1.5/s, "),
        (1200, 8, "150/s, "),
        (2, 60, "30 s per epoch, "),
        (1, 300, "300 s per epoch, "),
    ],
)
def test_slow_runs_have_a_pace_too(clock, epochs, seconds, pace):
    runner = Counting()
    progress = Progress(RunOptions("tube"), runner, runner, None)
    runner.made, clock.now = epochs, seconds

    (line,) = progress.lines()

    assert line.partition("results, ")[2].partition("0:")[0] == pace


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (90, "1 epoch, 1 result, 0.5/s ━╸ 10% of 10 results, 0:00:18 left, 0:00:02 elapsed"),
        (75, "1 epoch, 1 result, 0.5/s, 10% of 10 results, 0:00:18 left, 0:00:02 elapsed"),
        (60, "1 epoch, 1 result, 0.5/s, 10% of 10 results, 0:00:18 left"),
        (40, "1 epoch, 1 result, 10% of 10 results"),
        (20, "1 epoch, 1 result"),
        (5, "1 e…"),
    ],
)
def test_where_there_is_no_room_the_least_important_is_left_out(clock, columns, shown):
    from rich.console import Console

    console = Console(width=columns, file=sys.stderr)
    runner = Counting()
    progress = Progress(RunOptions("tube", results=10), runner, runner, None)
    progress.now()
    runner.made, runner.results, clock.now = 1, 1, 2.0

    (parts,) = console.render_lines(progress.rendered(console))

    assert re.sub(" +", " ", "".join(part.text for part in parts)).rstrip() == shown


def test_there_are_lines_from_time_to_time_where_all_are_kept(capsys, monkeypatch):
    monkeypatch.setattr(display, "_SECONDS_BETWEEN_LINES", 0.001)
    monkeypatch.setattr(display, "message_stream", lambda: sys.stderr)
    told, enough = [], threading.Event()

    def tell():
        told.append(f"{len(told)}")
        if len(told) == 3:
            enough.set()
        return [told[-1], "x"]

    with display.Lines([tell]):
        assert enough.wait(PATIENCE)

    assert capsys.readouterr().err == "".join(f"{number}\nx\n" for number in told)


def test_what_is_watched_is_looked_at_between_the_lines(capsys, monkeypatch):
    monkeypatch.setattr(display, "_SECONDS_BETWEEN", 0.001)
    monkeypatch.setattr(display, "message_stream", lambda: sys.stderr)
    looked = threading.Semaphore(0)

    with display.Lines([lambda: ["x"]], [looked.release]):
        for _ in range(3):
            assert looked.acquire(timeout=PATIENCE)

    assert capsys.readouterr().err == "x\n"


def test_the_last_one_is_there_in_any_case(noob):
    done = noob("run", "count", "--progress")

    assert re.fullmatch(r"3 epochs, 3 results, [\d.]+(/s| s per epoch), 0:00:\d\d elapsed\n", done.err)


@pytest.mark.parametrize(
    ("options", "streams", "is_shown"),
    [
        ("-o out.jsonl", "all", True),
        ("--output-format none", "all", True),
        ("", "all", False),
        ("-o out.jsonl --errors -", "all", False),
        # Behind `| less`, which has the terminal as well.
        ("", "stderr", False),
        ("-o out.jsonl", "stderr", False),
        ("--output-format none", "stderr", False),
        ("-o out.jsonl --progress", "stderr", True),
        # Behind `2>&1 | less`.
        ("-o out.jsonl", "stdin", False),
    ],
)
def test_it_shows_where_results_go_to_a_file_or_nowhere_and_nobody_reads_on(terminal, options, streams, is_shown):
    done = terminal("run", "count", *options.split(), on_terminal=streams)

    assert ("3 epochs, 3 results" in done.shown) == is_shown


def test_results_on_the_same_terminal_have_lines_of_their_own(terminal, write):
    write("slow.yaml", "nodes:\n  n: {type: steps.slow_count}\n  return: {type: return, depends: n.index}\n")

    done = terminal("run", "slow.yaml", "-n", "8", "--progress", on_terminal="all")

    *results, told = sorted(done.shown.splitlines(), key=len)
    assert results == [*"01234567"]
    assert told.startswith("8 epochs, 8 results, ")


def test_it_does_not_disturb_another_debugger(terminal):
    done = terminal(
        "run", "count", "--output-format", "none", on_terminal="all", env={"PYTHONBREAKPOINT": "ipdb.set_trace"}
    )

    assert done.shown == ""


def test_an_epoch_that_counts_is_one_that_is_done():
    seen = []
    runner = None

    def look(value):
        seen.append(runner.done(threading.get_ident()))
        return value

    def source():
        for number in range(3):
            seen.append(runner.done(threading.get_ident()))
            yield number

    nodes = {"n": {"type": source}, "look": {"type": look, "depends": "n.value"}}
    nodes["return"] = {"type": "return", "depends": "look.value"}
    runner = SynchronousRunner(Tube.from_specification({"nodes": nodes}))

    for number, _ in enumerate(runner.iter()):
        assert runner.done(threading.get_ident()) == number + 1
    assert seen == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("start", "options", "counts"),
    [
        (0, ("--on-error", "skip"), "5 epochs and 4 results"),
        # It fails in the last.
        (2, ("--on-error", "skip", "--epochs", "1"), "1 epoch and 0 results"),
        (1, (), "1 epoch and 1 result"),
    ],
)
def test_all_that_tells_how_many_there_were_counts_those_that_are_done(noob, write, folder, start, options, counts):
    write(
        "picky.yaml",
        f"""
        nodes:
          count: {{type: steps.count, params: {{start: {start}, limit: 5}}}}
          picky: {{type: steps.fail_at, depends: count.index}}
          return: {{type: return, depends: picky.value}}
        """,
    )

    done = noob("run", "picky.yaml", *options, "-v", "--progress", "--stats-json", "stats.json")

    epochs, results = counts.split(" and ")
    assert f"{epochs}, {results}, " in done.err
    assert f"the run ended after {counts}\n" in done.err
    assert json.loads((folder / "stats.json").read_text())["epochs"] == int(epochs.split()[0])


@pytest.mark.parametrize(
    ("node", "length"),
    [
        ("{type: itertools.repeat, params: {object: 1, times: 7}}", 7),
        ("{type: itertools.count}", None),
        ("{type: itertools.repeat, params: {object: 1, times: 7}}\n  m: {type: itertools.count}", None),
    ],
)
def test_a_source_may_say_how_long_it_is(tmp_path, node, length):
    (tmp_path / "tube.yaml").write_text(f"nodes:\n  n: {node}\n")
    with SynchronousRunner(Tube.from_specification(tmp_path / "tube.yaml")) as runner:
        assert runner.current_run.length == length
