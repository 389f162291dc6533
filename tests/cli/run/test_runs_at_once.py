"""All that a run from the shell has, it has with several epochs under way at once."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest

from tests.patience import PATIENCE, without_waiting

STEPS = """
import os
import sys
import threading
import time
from pathlib import Path

from noob_cli import EndOfRun, Epoch, EventMap, NoEvent, RunnerContext

def say(*words):
    os.write(2, " ".join(map(str, [*words])).encode() + b"\\n")

def upto(n):
    for number in range(n):
        yield number

def check(value, at=(2, 5)):
    time.sleep(0.005 * (value % 3))
    if value in at:
        raise ValueError(f"no {value}")
    return value

def end(value):
    time.sleep(0.005)
    if value == 1:
        raise EndOfRun

def odd(value):
    return value if value % 2 else NoEvent

def wait(value, go="go"):
    say("begins", value)
    while value and not Path(go).exists():
        time.sleep(0.005)
    return value

def stuck(value):
    if value:
        say("stuck", value)
        time.sleep(1000)
    return value

def fail_at_zero(value):
    while not value and not Path("go").exists():
        time.sleep(0.005)
    return stuck(value) or 1 / value

def wait_beside_others(value):
    # A first one that takes next to no time would have a process get several of those that follow at once.
    while not value and not Path("others").exists():
        time.sleep(0.005)
    if value == 2:
        Path("others").touch()
    wait(value)
    return value

def fail_at_one(value):
    wait_beside_others(value)
    if value == 1:
        raise ValueError("no one")
    return value

def stuck_at_five(value):
    return stuck("there") if value == 5 else value

class Stuck:
    def process(self, value):
        return stuck("here") if value == 3 else value

def lines():
    while line := sys.stdin.readline():
        yield int(line)

def long_text(value):
    return "x" * 100_000

def epoch(value, epoch: Epoch) -> int:
    return int(epoch)

def names(value, events: EventMap):
    return sorted(event["id"] for event in events.values())

class Total:
    def __init__(self):
        self.total = 0
    def process(self, value):
        self.total += value
        return self.total

class Stopping:
    def init(self, context: RunnerContext):
        self.runner = context["runner"]
    def process(self, value):
        if value == 4:
            self.runner.stop()
        return value
"""

TUBE = """
    assets:
      seen: {{type: int, scope: runner, depends: sum.value}}
    nodes:
      n: {{type: steps.upto, params: {{n: 12}}}}
      x: {{type: steps.{0}, depends: n.value}}
      total: {{type: steps.Total, depends: x.value}}
      sum: {{type: operator.add, depends: [assets.seen, x.value]}}
      return: {{type: return, depends: [total.value, sum.value]}}
"""

RECORDS = """
    input:
      value: {{type: int, scope: process}}
    nodes:
      x: {{type: steps.{0}, depends: input.value}}
      return: {{type: return, depends: x.value}}
"""

LONG = """
    nodes:
      n: {type: steps.upto, params: {n: 3000}}
      x: {type: steps.long_text, depends: n.value}
      return: {type: return, depends: x.value}
"""

THREADS = ("--runner", "threads", "--workers", "3")


@pytest.fixture
def both(noob, write):
    """Run a tube with several epochs under way, and one by one: what both give."""
    write("steps.py", STEPS)

    def run(text, *args, **given):
        write("tube.yaml", text)
        one, other = (noob("run", "tube.yaml", *args, *more, **given) for more in ((), THREADS))
        assert (other.code, other.out, other.err) == (one.code, one.out, one.err)
        return other

    return run


def test_stop_at_the_first_error(both):
    done = both(TUBE.format("check"))
    assert (done.code, done.results) == (1, [[0, 0], [1, 1]])
    assert "failed in epoch 2" in done.err


def test_on_error_skip(both):
    done = both(TUBE.format("check"), "--on-error", "skip")
    assert (done.code, len(done.results)) == (1, 10)
    assert "skipped 2 failed epochs" in done.err


def test_a_nested_tube_that_is_ended_ahead_of_its_turn_is_not_skipped(noob, write):
    write("steps.py", STEPS)
    child = "{input: {x: {type: int, scope: process}}, nodes: {end: {type: steps.end, depends: input.x}}}"
    tube = f"""
        nodes:
          n: {{type: steps.upto, params: {{n: 5}}}}
          child: {{type: tube, params: {{tube: {child}}}, depends: [{{x: n.value}}]}}
          return: {{type: return, depends: n.value}}
    """
    write("tube.yaml", tube)
    done = noob("run", "tube.yaml", "--on-error", "skip", *THREADS)
    assert (done.code, done.results) == (1, [0])
    assert "the node 'child.end' failed in epoch 1\n" in done.err
    assert "skipped" not in done.err


@pytest.mark.parametrize("skips", [("--on-error", "skip"), ()])
def test_the_records_that_fail_are_kept(both, folder, skips):
    lines = [f'{{"value": {value}}}' for value in (0, 1, 2, '"three"', 4, 5, 6)]
    lines[4:4] = ["no json"]
    kept = []

    def run():
        both(RECORDS.format("check"), *skips, "--errors", "failed.jsonl", stdin="\n".join(lines))
        kept.append((folder / "failed.jsonl").read_text())

    run()
    numbers = [json.loads(line)["number"] for line in kept[0].splitlines()]
    assert numbers == ([3, 4, 5, 7] if skips else [3])


@pytest.mark.parametrize("end", ["-n", "--epochs"])
def test_so_many_and_no_more_are_begun(noob, write, end):
    write("go", "")
    write("steps.py", STEPS)
    write(
        "tube.yaml",
        """
        nodes:
          n: {type: itertools.count}
          x: {type: steps.wait, depends: n.value}
          return: {type: return, depends: [{n: n.value}, {x: x.value}]}
    """,
    )
    done = noob("run", "tube.yaml", end, "2", *THREADS)
    assert [result["x"] for result in done.results] == [0, 1]
    assert sorted(done.err.splitlines()) == ["begins 0", "begins 1"]


def test_so_many_results_of_fewer_epochs(both):
    assert both(TUBE.format("odd"), "-n", "3").results == [[1, 1], [4, 4], [9, 9]]


def test_epochs(both):
    assert both(TUBE.format("odd"), "--epochs", "4").results == [[1, 1], [4, 4]]
    assert both(TUBE.format("epoch")).results[-1] == [66, 66]


def test_stats_are_added_up(noob, write, folder):
    write("steps.py", STEPS)
    write("tube.yaml", TUBE.format("check").replace("{n: 12}", "{n: 2}"))
    done = noob("run", "tube.yaml", *THREADS, "--stats", "--stats-json", "stats.json")
    assert (done.code, len(done.results)) == (0, 2)
    facts = json.loads((folder / "stats.json").read_text())
    counts = {node["node"]: (node["calls"], node["events"]) for node in facts["nodes"]}
    assert counts == {"n": (2, 2), "x": (2, 2), "total": (2, 2), "sum": (2, 2)}
    assert "2 epochs in" in done.err


def test_progress(noob, write):
    write("steps.py", STEPS)
    write("tube.yaml", TUBE.format("epoch"))
    done = noob("run", "tube.yaml", *THREADS, "--progress")
    assert "12 epochs, 12 results" in done.err


def test_the_log(noob, write, folder):
    write("steps.py", STEPS)
    write("tube.yaml", TUBE.format("epoch"))
    noob("run", "tube.yaml", *THREADS, "--log-file", "log", "-v")
    log = (folder / "log").read_text()
    assert "the node 'total' is done in the order of the epochs: 'total' keeps something" in log
    assert "the run ended after 12 epochs and 12 results" in log


def test_what_is_told_of_each_event_is_in_order(noob, write):
    write("steps.py", STEPS)
    write("tube.yaml", TUBE.format("epoch"))
    one, other = (noob("run", "tube.yaml", "-vv", *more) for more in ((), THREADS))
    why = "are made one after the other: somebody is told of each event"
    assert [line for line in other.err.splitlines() if why not in line] == one.err.splitlines()
    assert why in other.err


def test_events_are_counted_in_order(noob, write):
    write("steps.py", STEPS)
    write(
        "tube.yaml",
        """
        nodes:
          n: {type: steps.upto, params: {n: 5}}
          x: {type: steps.names, depends: n.value}
          return: {type: return, depends: x.value}
    """,
    )
    done = noob("run", "tube.yaml", *THREADS, "-v")
    assert done.results == [[number] for number in range(5)]
    assert "in the order of the epochs: its events are counted, for a node or a callback that gets them" in done.err


def test_what_asks_for_the_runner_stops_it(noob, write):
    write("steps.py", STEPS)
    tube = TUBE.format("check").replace("steps.Total", "steps.Stopping").replace("(2, 5)", "()")
    write("tube.yaml", tube.replace("x: {type", "x: {params: {at: []}, type"))
    done = noob("run", "tube.yaml", *THREADS, "--ahead", "3")
    results = [result[0] for result in done.results]
    assert results == [*range(len(results))]
    assert 5 <= len(results) <= 5 + 3


def stuck(start, write, grace):
    """A run of two records that hangs with the second one."""
    write("steps.py", STEPS)
    write("tube.yaml", RECORDS.format("stuck"))
    running = start("run", "tube.yaml", *THREADS, "--grace", grace)
    running.feed('{"value": 0}\n{"value": 1}\n')
    running.process.stdin.flush()
    assert running.read_error_line() == "stuck 1"
    return running


def stopped_by_a_second_signal(start, write):
    """What is left of a run that hangs, after a second signal."""
    running = stuck(start, write, "1000")
    running.process.send_signal(signal.SIGTERM)
    waits = running.read_error_line()
    assert re.match(r"finishing the epoch under way, in the node 'x' \(tube.yaml:\d+:\d+\): a second", waits)
    running.process.send_signal(signal.SIGTERM)
    done = running.end()
    assert (done.code, done.results) == (143, [0])
    assert "stopped by SIGTERM after 1 epoch (1 result)" in done.err
    return done


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_what_has_begun_is_finished_and_delivered(self, start, write, number):
        write("steps.py", STEPS)
        write("tube.yaml", RECORDS.format("wait_beside_others"))
        running = start("run", "tube.yaml", *THREADS, "--grace", "1000")
        running.feed("".join(f'{{"value": {value}}}\n' for value in range(4)))
        running.process.stdin.flush()
        said = {running.read_error_line() for _ in range(4)}
        assert said == {f"begins {value}" for value in range(4)}
        running.process.send_signal(number)
        write("go", "")
        done = running.end()
        assert (done.code, done.results) == (128 + number, [0, 1, 2, 3])
        assert without_waiting(done.err).splitlines()[-1] == f"stopped by {number.name} after 4 epochs (4 results)"

    def test_a_second_one_leaves_threads_that_can_not_be_interrupted(self, start, write):
        done = stopped_by_a_second_signal(start, write)
        left = r"the node 'x' is still at work in epoch 1, in the thread 'worker \d', which is left alone"
        assert re.search(left, done.err)

    def test_of_many_threads_that_are_left_nobody_is_said_to_be_waited_for(self, start, write):
        write("steps.py", STEPS)
        write("tube.yaml", RECORDS.format("stuck"))
        running = start("run", "tube.yaml", "--runner", "threads", "--workers", "5", "--grace", "1000")
        running.feed("".join(f'{{"value": {value}}}\n' for value in range(1, 6)))
        running.process.stdin.flush()
        assert {running.read_error_line() for _ in range(5)} == {f"stuck {value}" for value in range(1, 6)}
        running.process.send_signal(signal.SIGTERM)
        running.read_error_line()
        running.process.send_signal(signal.SIGTERM)
        lines = running.end().err.splitlines()
        epochs = {epoch for line in lines for epoch in re.findall(r"is still at work in epoch (\d)", line)}
        assert epochs == {*"01234"}
        assert lines[5:] == ["stopped by SIGTERM after 0 epochs (0 results)"]

    @pytest.mark.parametrize("crew", ["threads", "processes"])
    def test_what_is_still_at_work_when_another_epoch_has_failed_is_not_made_or_ended(self, start, write, crew):
        write("steps.py", STEPS)
        write("tube.yaml", RECORDS.format("fail_at_zero"))
        running = start("run", "tube.yaml", "--runner", crew, "--workers", "2", "--grace", "1000")
        running.feed('{"value": 0}\n{"value": 1}\n')
        running.process.stdin.flush()
        assert running.read_error_line().endswith("stuck 1")
        write("go", "")
        running.process.send_signal(signal.SIGTERM)
        said = running.read_error_line()
        assert said.startswith(("waiting until the workers have ended: ", "finishing the epoch under way, in "))
        running.process.send_signal(signal.SIGTERM)
        assert "made or ended" not in running.end().err

    def test_the_grace_has_an_end(self, start, write):
        done = stuck(start, write, "0.1").stop(signal.SIGINT)
        assert (done.code, done.results) == (130, [0])

    def test_the_grace_has_an_end_for_what_hangs_here_and_there(self, start, write):
        write("steps.py", STEPS)
        tube = LONG.replace("long_text", "stuck_at_five").replace("depends: x", "depends: y")
        write("tube.yaml", tube.replace("return", "y: {type: steps.Stuck, depends: x.value}\n      return", 1))
        running = start("run", "tube.yaml", *THREADS, "--grace", "0.1")
        assert {running.read_error_line() for _ in range(2)} == {"stuck here", "stuck there"}
        assert running.stop(signal.SIGINT).code == 130


def test_who_waits_for_the_answer_to_a_record_gets_it(start, write):
    write("steps.py", STEPS)
    write("go", "")
    write("tube.yaml", RECORDS.format("wait"))
    running = start("run", "tube.yaml", *THREADS)
    for value in range(5):
        running.feed(f'{{"value": {value}}}\n')
        running.process.stdin.flush()
        assert json.loads(running.read_line()) == value
    assert running.end().code == 0


def test_a_source_that_waits_for_the_answer_gets_it_with_one_under_way(start, write):
    write("steps.py", STEPS)
    write("tube.yaml", LONG.replace("upto, params: {n: 3000}", "lines").replace("long_text", "epoch"))
    running = start("run", "tube.yaml", *THREADS, "--ahead", "1")
    for value in range(4):
        running.feed(f"{value}\n")
        running.process.stdin.flush()
        assert json.loads(running.read_line()) == value
    assert running.end().code == 0


def test_a_reader_that_has_enough_ends_the_run(start, write):
    write("steps.py", STEPS)
    write("tube.yaml", LONG)
    running = start("run", "tube.yaml", *THREADS)
    running.read_line()
    running.process.stdout.close()
    assert running.process.wait(PATIENCE) == 0


def test_results_that_nobody_reads_keep_it_from_nothing(start, write):
    write("steps.py", STEPS)
    write("tube.yaml", LONG)
    running = start("run", "tube.yaml", *THREADS, "--grace", "0.1")
    running.read_line()
    while running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    assert running.process.returncode == 130


def test_what_is_under_way_at_a_signal_is_delivered_behind_an_epoch_that_is_skipped(start, noob, write, folder):
    write("steps.py", STEPS)
    write("tube.yaml", RECORDS.format("fail_at_one"))
    write("records.jsonl", "".join(f'{{"value": {value}}}\n' for value in range(9)))
    options = ("-f", "records.jsonl", "-o", "out", "--on-error", "skip")
    running = start("run", "tube.yaml", *THREADS, *options, "--checkpoint", "saved", "--grace", "1000")
    while running.read_error_line() != "begins 2":
        pass
    running.process.send_signal(signal.SIGTERM)
    running.read_error_line()
    write("go", "")
    assert running.end().code == 143
    assert noob("run", "tube.yaml", *options, "--resume", "saved").code == 1
    assert [json.loads(line) for line in (folder / "out").read_text().splitlines()] == [0, *range(2, 9)]


RUNNERS = {"sync": (), "threads": THREADS}


class TestCheckpoints:
    @pytest.mark.parametrize(("first", "then"), [("sync", "threads"), ("threads", "sync"), ("threads", "threads")])
    def test_saved_by_one_and_resumed_by_another(self, noob, write, folder, first, then):
        write("steps.py", STEPS)
        write("tube.yaml", TUBE.format("epoch"))
        whole = noob("run", "tube.yaml").results
        limited = ("--epochs", "7", "--checkpoint-every", "2", "--checkpoint", "saved", "-o", "out")
        assert noob("run", "tube.yaml", *limited, *RUNNERS[first]).code == 0
        done = noob("run", "tube.yaml", "--resume", "saved", "-o", "out", *RUNNERS[then])
        assert done.code == 0
        assert [json.loads(line) for line in (folder / "out").read_text().splitlines()] == whole

    def test_saved_at_a_signal(self, start, noob, write, folder):
        write("steps.py", STEPS)
        write("tube.yaml", RECORDS.format("wait"))
        records = "".join(f'{{"value": {value}}}\n' for value in range(9))
        write("records.jsonl", records)
        running = start("run", "tube.yaml", *THREADS, "--checkpoint", "saved", "-o", "out", "-f", "records.jsonl")
        assert running.read_error_line().startswith("begins")
        running.process.send_signal(signal.SIGTERM)
        write("go", "")
        assert running.end().code == 143
        assert noob("run", "tube.yaml", "--resume", "saved", "-o", "out", "-f", "records.jsonl").code == 0
        assert [json.loads(line) for line in (folder / "out").read_text().splitlines()] == [*range(9)]
