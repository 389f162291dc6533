"""What a run from the shell has with several epochs under way on threads, it has with coroutines."""

from __future__ import annotations

import re

import pytest

from tests.cli.run import test_runs_at_once as on_threads
from tests.cli.run.test_runs_at_once import (  # noqa: F401
    TestCheckpoints,
    both,
    test_a_reader_that_has_enough_ends_the_run,
    test_a_source_that_waits_for_the_answer_gets_it_with_one_under_way,
    test_epochs,
    test_on_error_skip,
    test_progress,
    test_results_that_nobody_reads_keep_it_from_nothing,
    test_so_many_and_no_more_are_begun,
    test_so_many_results_of_fewer_epochs,
    test_stats_are_added_up,
    test_stop_at_the_first_error,
    test_the_log,
    test_the_records_that_fail_are_kept,
    test_what_asks_for_the_runner_stops_it,
    test_what_is_told_of_each_event_is_in_order,
    test_what_is_under_way_at_a_signal_is_delivered_behind_an_epoch_that_is_skipped,
    test_who_waits_for_the_answer_to_a_record_gets_it,
)

COROUTINES = ("--runner", "async")
WAITING = ("wait", "wait_beside_others")
STEPS = "import asyncio\n" + on_threads.STEPS.replace("time.sleep", "await asyncio.sleep")
for name in WAITING:
    STEPS = STEPS.replace(f"    {name}(value)\n", f"    await {name}(value)\n")
for name in ("check", *WAITING, "stuck", "fail_at_zero", "fail_at_one", "epoch", "odd", "long_text", "end"):
    STEPS = STEPS.replace(f"def {name}(", f"async def {name}(")


@pytest.fixture(autouse=True)
def _on_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_threads, "THREADS", COROUTINES)
    monkeypatch.setattr(on_threads, "STEPS", STEPS)
    monkeypatch.setitem(on_threads.RUNNERS, "threads", COROUTINES)


class TestSignals:
    test_what_has_begun_is_finished_and_delivered = on_threads.TestSignals.test_what_has_begun_is_finished_and_delivered
    test_the_grace_has_an_end = on_threads.TestSignals.test_the_grace_has_an_end

    def test_a_second_one_cancels_what_takes_long(self, start, write):
        done = on_threads.stopped_by_a_second_signal(start, write)
        assert re.search(r"the node 'x' was interrupted in epoch 1 \(tube.yaml:\d+:\d+\)", done.err)
