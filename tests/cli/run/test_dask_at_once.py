"""What a run from the shell has with several epochs under way on threads, it has with them on a Dask cluster."""

from __future__ import annotations

import re
import signal
import time

import pytest

pytest.importorskip("distributed")

from tests.cli.run import test_runs_at_once as on_threads
from tests.cli.run.test_runs_at_once import (  # noqa: F401
    RECORDS,
    STEPS,
    both,
    test_on_error_skip,
    test_so_many_and_no_more_are_begun,
    test_stats_are_added_up,
    test_the_log,
    test_what_is_told_of_each_event_is_in_order,
    test_who_waits_for_the_answer_to_a_record_gets_it,
)

DASK = ("--runner", "dask", "--workers", "4")


@pytest.fixture(autouse=True)
def _on_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_threads, "THREADS", DASK)


class TestCheckpoints:
    test_saved_at_a_signal = on_threads.TestCheckpoints.test_saved_at_a_signal


@pytest.mark.parametrize(("signals", "results"), [(1, [0, 1, 2, 3]), (2, [0]), (3, [0])])
def test_signals(start, write, signals: int, results: list[int]):
    write("steps.py", STEPS)
    write("tube.yaml", RECORDS.format("wait"))
    running = start("run", "tube.yaml", *DASK, "--grace", "1000")
    running.feed("".join(f'{{"value": {value}}}\n' for value in range(4)))
    running.process.stdin.flush()
    for _ in range(4):
        assert running.read_error_line().startswith("begins")
    running.process.send_signal(signal.SIGINT)
    assert running.read_error_line().startswith("finishing the epoch under way, in the node 'x' (tube.yaml:")
    for _ in range(1, signals):
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    if signals == 1:
        write("go", "")
    done = running.end()
    assert (done.code, done.results) == (130, results)
    assert re.search(f"stopped by SIGINT after {len(results)} epochs? ", done.err)


def test_wrong_options_and_a_scheduler_that_is_not_there(noob, write):
    write("tube.yaml", RECORDS.format("check"))
    write("steps.py", STEPS)
    done = noob("run", "tube.yaml", "--runner", "threads", "--scheduler", "tcp://127.0.0.1:1")
    assert (done.code, done.err) == (2, "error: '--scheduler' is about a Dask cluster: it goes with '--runner dask'\n")
    done = noob("run", "tube.yaml", "--runner", "dask", "--scheduler", "http://127.0.0.1:1")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: no Dask scheduler can be reached at 'http://127.0.0.1:1' (ValueError: unknown")
