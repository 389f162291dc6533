"""A signal comes at each place at which code of a user runs; that code goes on, or it hangs."""

from __future__ import annotations

import signal
from itertools import cycle

import pytest

from tests.faults.test_places import END, EPOCH, EPOCH_END, OPEN, PLACES, START, STARTED
from tests.patience import without_waiting

CASES = list(zip(PLACES[1::2], cycle(["SIGTERM", "SIGINT", "SIGHUP"]), strict=False))


def without_errors(closed: str) -> list[str]:
    return [f"close {name}" for name in closed.replace("*", "").split()]


@pytest.mark.parametrize(("place", "name"), CASES, ids=[f"{place.at}: {name}" for place, name in CASES])
def test_what_is_under_way_is_finished(run, place, name):
    done = run("run", "whole.yaml", "-o", "out.json", "--output-format", "json", faults=f"{place.at}={name}")

    assert done.code == 128 + signal.Signals[name]
    epochs = {START: 0, EPOCH: 3, EPOCH_END: 3, END: 4}[place.when]
    assert [result["number"] for result in done.results_in("out.json", "json")] == [*range(epochs)]
    assert (done.folder / "out.json").exists() == (place.when != START)
    assert without_waiting(done.err) == f"stopped by {name} after {epochs} epochs ({epochs} results)\n"
    # What is made is made, and nothing is told of an error: it has its normal end.
    closed = without_errors({START: place.closed, EPOCH: STARTED, EPOCH_END: STARTED, END: place.closed}[place.when])
    assert done.log[len(done.log) - len(closed) :] == closed


HANGING = {
    "draw@2": ("the node 'count'", "count inside* listener writer ticks borrowed* held second* first*"),
    "tick@2": ("the node 'ticks'", "ticks inside* listener writer count borrowed* held second* first*"),
    "process writer@2": ("the node 'writer'", OPEN),
    "callback@2": ("the callback 'Listener.init.<locals>.<lambda>'", OPEN),
    "use@2": ("the node 'use'", f"handle* {OPEN}"),
    "wait@2": ("the node 'wait'", OPEN),
    "iterate@7": ("the node 'each'", OPEN),
    "item@7": ("the node 'item'", f"handle* {OPEN}"),
    "inner@2": ("the node 'nested.inner'", f"call* {OPEN}"),
    "add@2": ("the node 'add'", OPEN),
}


@pytest.mark.parametrize(
    ("at", "kind", "grace"),
    [
        *((at, "SIGTERM, hangs", "0.2") for at in HANGING),
        *((at, "SIGTERM, SIGINT, hangs", "60") for at in ("draw@2", "use@2", "wait@2", "item@7")),
    ],
)
def test_what_hangs_is_interrupted_after_a_while_or_by_a_second_signal(run, at, kind, grace):
    who, closed = HANGING[at]

    done = run("run", "whole.yaml", "-o", "out", "--grace", grace, faults=f"{at}={kind}")

    assert done.code == 128 + signal.SIGTERM
    assert done.after_the_fault == [f"close {name.replace('*', ' Interrupted')}" for name in closed.split()]
    assert [result["number"] for result in done.results_in("out", "jsonl")] == [0, 1]
    said = without_waiting(done.err)
    assert said.startswith(f"stopped by SIGTERM after 2 epochs (2 results)\n{who} was interrupted in epoch 2 (")
    assert said.count("\n") == 2


def test_what_fails_to_end_then_is_told(run):
    done = run("run", "whole.yaml", "-o", "out", faults="use@2=SIGTERM;close cursor@2=exception;close first=exception")

    assert done.code == 1
    assert [result["number"] for result in done.results_in("out", "jsonl")] == [0, 1]
    assert "struck: close cursor" in done.err
    assert "struck: close first" in done.err
    assert done.err.endswith("stopped by SIGTERM after 2 epochs (2 results)\n")
