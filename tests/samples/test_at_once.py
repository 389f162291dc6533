"""Every sample gives the same with several epochs at once."""

from __future__ import annotations

import pytest

from .conftest import Shell

COMMANDS = {
    "camera": "sample_tubes/camera/camera.yaml -i count=12",
    "access_log": "sample_tubes/access_log/access_log.yaml -f sample_tubes/access_log/access.log",
    "savings": "sample_tubes/savings/savings.yaml -n 30",
    "savings_taxed": "sample_tubes/savings/savings_taxed.yaml -n 30",
    "smoothing": "sample_tubes/smoothing/smoothing.yaml -n 30",
    "squares": "sample_tubes/squares.yaml -n 30",
    "sunspots": "sample_tubes/sunspots/sunspots.yaml -n 30",
    "tail": "sample_tubes/tail/tail.yaml -f sample_tubes/tail/app.log",
    "words": "sample_tubes/words/words.yaml",
}


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["threads", "processes"])
@pytest.mark.parametrize("sample", COMMANDS)
def test_a_sample_gives_the_same(shell: Shell, sample: str, runner: str) -> None:
    one, other = (shell(f"noob run {COMMANDS[sample]} {options}") for options in ("", f"--runner {runner} --workers 2"))
    assert one.stdout
    assert (other.returncode, other.stdout) == (one.returncode, one.stdout)
