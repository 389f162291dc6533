"""The comparison with the public package, where it is there: `NOOB_COMPARISON_ENV` names an environment that has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.comparison.comparing import OURS, TUBES, Comparison, Outcome, Settings, compare, read_settings, run, table
from tests.comparison.environment import has_package, python_of
from tests.conformance.cases import read_section

RESULTS = {
    "several_signals": ["{'even': 0}", "{'odd': 1}", "{'even': 2}", "{'odd': 3}"],
    "no_event": ["2", "6"],
    "classes": [
        "{'marked': 0, 'named': 10}",
        "{'marked': 3, 'named': 11}",
        "{'marked': 6, 'named': 13}",
        "{'marked': 9, 'named': 16}",
    ],
    "class_of_a_generator": ["3", "4", "5", "6"],
    "node_model": ["0", "7", "14", "21"],
    "asset_class": ["5", "6", "8", "11"],
    "asset_changed_in_place": [
        "{'put': 5, 'saved': 5}",
        "{'put': 6, 'saved': 6}",
        "{'put': 8, 'saved': 8}",
        "{'put': 11, 'saved': 11}",
    ],
    "start_and_stop": ["0", "1", "2", "3"],
    "epoch_and_events": [
        f"{{'epoch': {{'value': {7 + epoch}, 'epoch': '{epoch}'}}, "
        f"'events': {{'value': ['number', 'number', {7 + epoch}]}}}}"
        for epoch in range(4)
    ],
    "future_annotations": ["0", "1", "2"],
}
"""What tubes return whose node code was written against the public package."""


@pytest.fixture(scope="module")
def python() -> Path:
    """An interpreter that has the public package."""
    named = os.environ.get("NOOB_COMPARISON_ENV")
    found = Path(sys.executable) if named is None else python_of(Path(named).absolute())
    if not has_package(found):
        pytest.skip("the public package is not there: NOOB_COMPARISON_ENV names an environment that has it")
    return found


def test_nothing_differs_but_what_the_contract_says(python: Path) -> None:
    unexpected = [each for each in compare(python) if not each.is_expected]
    assert unexpected == [], "\n" + table(unexpected)


@pytest.mark.parametrize("name", RESULTS)
def test_code_written_against_the_public_package_runs(name: str, python: Path) -> None:
    outcome = run(python, OURS, TUBES / f"{name}.yaml", read_settings().get(name, Settings()))
    assert (outcome.results, outcome.error) == (RESULTS[name], None)


def test_settings_are_of_tubes_that_exist() -> None:
    assert set(read_settings()) <= {tube.stem for tube in TUBES.glob("*.yaml")}


def test_expected_differences_are_lines_of_the_contract() -> None:
    lines = [case.says for case in read_section(7)]
    for name, settings in read_settings().items():
        assert settings.differs is None or any(settings.differs in line for line in lines), name


def test_table_tells_what_differs() -> None:
    one, other = Outcome(["1"]), Outcome(["2"], error="hangs", log=["called"])
    known = Settings(differs="It hangs.")
    comparisons = [
        Comparison("equal", Settings(), one, one),
        Comparison("known", known, one, other),
        Comparison("unknown", Settings(), one, other),
    ]
    assert [each.is_expected for each in comparisons] == [True, True, False]
    assert table(comparisons).splitlines() == [
        "equal    same",
        "known    results, errors, calls  section 7: It hangs.",
        "           noob_cli: 1; calls: ",
        "           noob:     2 hangs; calls: called",
        "unknown  results, errors, calls  NOT EXPECTED",
        "           noob_cli: 1; calls: ",
        "           noob:     2 hangs; calls: called",
    ]
