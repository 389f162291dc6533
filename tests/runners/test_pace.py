"""How many epochs a worker gets at once."""

from __future__ import annotations

import pytest

from noob_cli.runners.crews.pace import Pace


def pace(seconds: float | None) -> Pace:
    """The pace of four processes that have done an epoch, if so, in so many seconds; they get 10 ms of work at once."""
    processes = Pace(4, None)
    if seconds is not None:
        processes.note(1, 1, seconds, 0)
    return processes


@pytest.mark.parametrize(
    ("seconds", "waiting", "together"),
    [
        pytest.param(None, 100, 1, id="not known yet"),
        pytest.param(1, 100, 1, id="long"),
        pytest.param(0.001, 100, 10, id="as much as they get at once"),
        pytest.param(0.001, 20, 5, id="a fair share"),
        pytest.param(0.001, 1, 1, id="the last"),
        pytest.param(0.00001, 200, 100, id="a tenth of it is not shared out"),
        pytest.param(0.00001, 80, 80, id="nor is less"),
    ],
)
def test_a_worker_gets(seconds, waiting, together):
    assert pace(seconds).together(1, waiting) == together
