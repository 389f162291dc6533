"""Options of the test command."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--tubes N`: how many random tubes are compared with the reference interpreter."""
    parser.addoption("--tubes", type=int, default=500, help="how many random tubes to compare (500)")


@pytest.fixture
def number_of_tubes(request: pytest.FixtureRequest) -> int:
    """How many random tubes are to be compared."""
    number: int = request.config.getoption("--tubes")
    return number
