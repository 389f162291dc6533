"""With `--on-error skip`, what fails in an epoch costs that epoch, and a bad record that record."""

from __future__ import annotations

import json

import pytest

from tests.faults.test_places import EPOCH, EPOCH_END, PLACES
from tests.faults.test_records import BAD, COUNT, ROWS

SKIPPED = {
    "make page@2",
    "process writer@2",
    "use@2",
    "wait@2",
    "item@7",
    "close handle@10",
    "inner@2",
    "close call@2",
    "close cursor@2",
}


@pytest.mark.parametrize("place", [each for each in PLACES if each.at in SKIPPED], ids=lambda each: each.at)
def test_the_epoch_is_skipped_and_the_next_one_is_whole(run, place):
    options = ("--on-error", "skip", "--errors", "errors.jsonl", "-o", "out.json", "--output-format", "json")

    done = run("run", "whole.yaml", *options, faults=f"{place.at}=exception")

    assert done.code == 1
    # What the failed epoch would have added is not in the total.
    assert [(each["number"], each["total"]) for each in done.results_in("out.json", "json")] == [(0, 0), (1, 1), (3, 4)]
    what = "could not be ended as it should" if place.when == EPOCH_END else "failed"
    assert f"{place.who} {what} {EPOCH}" in done.err
    assert done.err.endswith("skipped 1 failed epoch: see errors.jsonl\n")
    (failed,) = map(json.loads, (done.folder / "errors.jsonl").read_text().splitlines())
    assert failed["epoch"] == 2
    assert failed["error"].startswith("ValueError: struck: ")
    # Those of the failed epoch are told of its error, those of the run of none.
    told = [line for line in done.after_the_fault if line.endswith(" ValueError")]
    assert told == [
        f"close {name} ValueError" for name in ("handle", "call", "page", "cursor") if f"{name}*" in place.closed
    ]


@pytest.mark.parametrize(
    "name",
    [
        "jsonl: not JSON",
        "jsonl: wrong type",
        "jsonl: too long",
        "csv: two values",
        "lines: not UTF-8",
        "json: no input",
    ],
)
def test_a_bad_record_is_named_and_the_others_go_on(run, name):
    text, args, said = ROWS[name]

    done = run("run", "records", "--on-error", "skip", "--errors", "errors.jsonl", "-o", "out", *args, stdin=text)

    assert done.code == 1
    assert done.err.startswith(f"error: <stdin>, {said}")
    assert done.err.endswith("skipped 1 refused record: see errors.jsonl\n")
    expected = [number for number in range(COUNT) if number != BAD]
    assert [result["number"] for result in done.results_in("out", "jsonl")] == expected
    (refused,) = map(json.loads, (done.folder / "errors.jsonl").read_text().splitlines())
    assert (refused["number"], refused["epoch"]) == (BAD + 1, None)
    assert done.log == ["open first", "open writer", "close writer", "close first"]
