"""Options of the test command."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--tubes N` and `--examples N`: how many random tubes there are for the reference interpreter and for fuzzing."""
    parser.addoption("--tubes", type=int, default=500, help="how many random tubes to compare (500)")
    parser.addoption("--examples", type=int, default=500, help="how many mutated tubes to check and to run (500)")


@pytest.fixture
def number_of_tubes(request: pytest.FixtureRequest) -> int:
    """How many random tubes are to be compared."""
    number: int = request.config.getoption("--tubes")
    return number


@pytest.fixture
def number_of_examples(request: pytest.FixtureRequest) -> int:
    """How many mutated tubes are to be checked, and to be run."""
    number: int = request.config.getoption("--examples")
    return number
