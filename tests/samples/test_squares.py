"""The sample `squares`: builtins and the standard library."""

from __future__ import annotations

import json

from noob_cli.specification.search import tube_files

from .conftest import ROOT, Shell

COMMAND = "noob run sample_tubes/squares.yaml"


def test_squares(shell: Shell) -> None:
    done = shell(f"{COMMAND} -n 1000")
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"number": number, "square": number * number} for number in range(1000)
    ]


def test_a_reader_that_goes_away_ends_the_run_quietly(shell: Shell) -> None:
    done = shell(f"{COMMAND} | head -n 2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == '{"number":0,"square":0}\n{"number":1,"square":1}\n'


def test_an_interruption_has_an_exit_code_of_its_own(shell: Shell) -> None:
    for signal, code in {"INT": 130, "TERM": 143}.items():
        # With job control, since what a shell starts in the background ignores Ctrl-C without.
        done = shell(
            f"set -m; {COMMAND} -o {signal}.jsonl & until [ -s {signal}.jsonl ]; do sleep 0.05; done; "
            f"kill -{signal} %1; wait %1"
        )
        assert done.returncode == code
        assert done.stderr.startswith(f"stopped by SIG{signal} after ")


def test_all_samples_are_valid(shell: Shell) -> None:
    done = shell("noob validate sample_tubes")
    assert (done.returncode, done.stderr) == (0, "")
    tubes = (path.relative_to(ROOT) for path in tube_files(ROOT / "sample_tubes"))
    assert sorted(done.stdout.splitlines()) == sorted(f"{path}: valid" for path in tubes)
