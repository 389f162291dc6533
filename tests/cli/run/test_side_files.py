"""`-` for what is written beside the results: standard output, if they go elsewhere."""

from __future__ import annotations

import json

import pytest

TUBE = """
assets: {total: {type: int, scope: runner, depends: add.value}}
nodes:
  count: {type: steps.count, params: {limit: 4}}
  picky: {type: steps.fail_at, depends: [count.index]}
  add: {type: operator.add, depends: [picky.value, assets.total]}
  return: {type: return, depends: add.value}
"""


@pytest.fixture
def run(noob, write, folder):
    write("sums.yaml", TUBE)

    def run(options, **given):
        before = {file.name for file in folder.iterdir()}
        done = noob("run", "sums.yaml", "--on-error", "skip", *options.split(), **given)
        assert {file.name for file in folder.iterdir()} - before <= {"__pycache__", "out.jsonl", "state"}
        return done

    return run


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--assets", lambda facts: facts == {"total": 4}),
        ("--errors", lambda facts: facts["error"] == "ValueError: can't work with 2"),
        ("--stats-json", lambda facts: facts["results"] == 3),
    ],
)
@pytest.mark.parametrize("elsewhere", ["-o out.jsonl", "--output-format none"])
@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_it_is_standard_output_where_no_results_go(run, option, told, elsewhere, name):
    done = run(f"{option} {name} {elsewhere}")

    assert done.code == 1
    assert told(json.loads(done.out))


def test_failed_records_are_told_there_as_they_come_also_of_a_run_that_goes_on(run, folder):
    options = "-o out.jsonl --append --errors - --epochs"

    assert run(f"{options} 2 --checkpoint state").out == ""
    done = run(f"{options} 4 --resume state")

    assert json.loads(done.out)["epoch"] == 2
    assert "skipped 1 failed epoch: see standard output" in done.err
    assert (folder / "out.jsonl").read_text() == "0\n1\n4\n"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            "--assets -",
            "'--assets -' is standard output, where the results go: write these to a file with '-o FILE', or add "
            "'--output-format none'",
        ),
        (
            "--errors - --assets /dev/fd/1 -o out.jsonl",
            "'--errors -' and '--assets /dev/fd/1' are both standard output: name a file for one of them",
        ),
        (
            "--log-file - -o out.jsonl",
            "'--log-file -' is standard output, which is for results: name a file, or let '-v' tell it on standard "
            "error",
        ),
        ("--checkpoint -", "'--checkpoint -' is standard output: name a folder"),
        ("--resume -", "'--resume -' is standard output: name a folder"),
        (
            "--errors - --output-format none --reopen",
            "'--reopen' is about files that are written: name one with '-o' or '--errors' or '--log-file'",
        ),
    ],
)
def test_it_is_refused_where_that_is_no_place_for_it(run, options, why):
    done = run(options)

    assert (done.code, done.out, done.err) == (2, "", f"error: {why}\n")


def test_what_can_not_be_written_there_is_told(run):
    done = run("--assets - --output-format none", shell='"$@" > /dev/full')

    assert done.code == 2
    assert "standard output: No space left on device" in done.err
