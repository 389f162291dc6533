"""How many epochs a worker gets at once."""

from __future__ import annotations

import pytest

from noob_cli.runners.crews.pace import Pace


def pace(seconds: float | None, done: int) -> Pace:
    """The pace of four processes that get 10 ms of work at once, if they have done epochs, in so many seconds each."""
    processes = Pace(4, None)
    if seconds is not None:
        processes.note(1, done, done * seconds, 0)
    return processes


@pytest.mark.parametrize(
    ("seconds", "done", "waiting", "together"),
    [
        pytest.param(None, 0, 100, 1, id="not known yet"),
        pytest.param(1, 1, 100, 1, id="long"),
        pytest.param(0.001, 1, 100, 10, id="as much as they get at once"),
        pytest.param(0.001, 1, 20, 5, id="a fair share"),
        pytest.param(0.001, 1, 1, 1, id="the last"),
        pytest.param(0.00001, 1000, 200, 100, id="a tenth of it is not shared out"),
        pytest.param(0.00001, 1000, 80, 80, id="nor is less"),
        pytest.param(0.00001, 1, 80, 20, id="but for all that the first may have been the shortest"),
    ],
)
def test_a_worker_gets(seconds, done, waiting, together):
    assert pace(seconds, done).together(1, waiting) == together
