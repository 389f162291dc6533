"""Several things fail, one after the other: each is told, and none keeps the others from being closed."""

from __future__ import annotations

import pytest

START = "inside* listener writer ticks count borrowed* held second* first*"

ROWS = [
    # Of the errors that come while others are under way, teardown is told of the one that began it, or of all.
    (
        "item@7=exception;close cursor@2=exception",
        1,
        "handle(ValueError) page(ValueError) cursor(ValueError) ! inside(ExceptionGroup) listener writer ticks count "
        "borrowed(ExceptionGroup) held second(ExceptionGroup) first(ExceptionGroup)",
        ["the node 'item' failed in epoch 2", "struck: item", "the asset 'cursor' could not", "struck: close cursor"],
        2,
    ),
    (
        "use@2=exception;close handle@8=exception;close page@2=exception;close count=exception;close first=exception",
        1,
        "handle(ValueError) ! page(ExceptionGroup) ! cursor(ExceptionGroup) inside(ExceptionGroup) listener writer "
        "ticks count ! borrowed(ExceptionGroup) held second(ExceptionGroup) first(ExceptionGroup) !",
        ["'use' failed", "'handle' could not", "'page' could not", "'count' could not", "'first' could not"],
        2,
    ),
    (
        "init listener=exception;close writer=exception;close held=broken pipe",
        1,
        "writer ! borrowed(ValueError) held ! second(ValueError) first(ValueError)",
        ["'listener' failed when the run started", "'writer' could not", "'held' could not", "Broken pipe"],
        0,
    ),
    (
        "close held=exception;close first=group",
        1,
        "second(ValueError) first(ValueError) !",
        ["the asset 'held' could not", "struck: close held", "the asset 'first' could not", "struck: close first"],
        4,
    ),
]


@pytest.mark.parametrize(("faults", "code", "closed", "said", "results"), ROWS, ids=[row[0] for row in ROWS])
def test_all_are_told_and_all_is_closed(run, faults, code, closed, said, results):
    done = run("run", "whole.yaml", "-o", "out.json", "--output-format", "json", faults=faults)

    assert done.code == code, done.err
    expected = [
        "struck" if each == "!" else f"close {each.replace('(', ' ').removesuffix(')')}" for each in closed.split()
    ]
    assert [line if line.startswith("close") else "struck" for line in done.after_the_fault] == expected
    assert len(done.results_in("out.json", "json")) == results
    places = [done.err.find(part) for part in said]
    assert -1 not in places, done.err
    assert places == sorted(places)


def test_the_other_coroutines_are_cancelled_and_clean_up(run):
    done = run("run", "together.yaml", faults="wait@2=exception")

    assert done.code == 1
    assert done.after_the_fault == ["close linger", "close cursor ValueError", "close count", "close first ValueError"]
    assert "the node 'wait' failed in epoch 2" in done.err
    assert len(done.results_in("", "jsonl")) == 2


def test_what_can_not_be_carried(run):
    done = run("run", "lonely.yaml")

    assert done.code == 1
    assert done.log[-3:] == ["close cursor CarryError", "close count", "close first CarryError"]
    assert "the asset 'kept' stores 'lonely.value'" in done.err
    assert [result["number"] for result in done.results_in("", "jsonl")] == [0, 1]
