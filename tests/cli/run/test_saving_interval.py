"""How often a checkpoint is saved."""

from __future__ import annotations

import sys
import threading

import pytest

from noob_cli.cli.run.saving_interval import SavingInterval, interval_of

MANY = "9" * 5000


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("1000", SavingInterval(epochs=1000)),
        ("1.5s", SavingInterval(seconds=1.5)),
        (str(sys.maxsize + 1), SavingInterval(epochs=sys.maxsize)),
        (MANY, SavingInterval(epochs=sys.maxsize)),
        ("99999999999s", SavingInterval(seconds=threading.TIMEOUT_MAX)),
        (f"{MANY}s", SavingInterval(seconds=threading.TIMEOUT_MAX)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_no_more_than_a_run_can_count_or_wait(text, interval):
    assert interval_of(text) == interval


@pytest.mark.parametrize("every", ["9" * 23, f"{'9' * 23}s"])
def test_a_run_that_saves_at_its_end_only(noob, write, every):
    write("tube.yaml", "nodes: {a: {type: three.three}, return: {type: return, depends: a.value}}")
    write("three.py", "def three():\n    yield from range(3)\n")
    done = noob("run", "tube.yaml", "--checkpoint", "saved", "--checkpoint-every", every)
    assert (done.code, done.results, done.err) == (0, [0, 1, 2], "")
