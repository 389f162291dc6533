"""`--checkpoint` and `--resume` with assets: what is not held is told before anything is made, and files go on."""

from __future__ import annotations

import signal

import pytest

CODE = """
import sys

class Connection:
    def __init__(self):
        print("connected", file=sys.stderr)
    def ask(self, value):
        return value

class Counts:
    def __init__(self):
        self.count = 0
    def __setstate__(self, state):
        self.count = state["count"]
    def ask(self, value):
        self.count += 1
        return self.count

def ask(asset, value):
    return asset.ask(value)

def write(file, value):
    text = f"{value}\\n"
    file.write(text.encode() if "b" in file.mode else text)
    return value

def numbers(limit: int = 6):
    yield from range(limit)

def fail(value: int, at: int) -> int:
    if value == at:
        raise ValueError("as asked")
    return value
"""

ASKING = """
assets:
  x: {type: steps.TYPE, scope: runner}
nodes:
  number: {type: steps.numbers}
  use: {type: steps.ask, depends: [assets.x, number.value]}
  return: {type: return, depends: use.value}
"""

WRITING = """
input:
  at: {type: int, default: -1}
assets:
  out: {ASSET, scope: runner}
nodes:
  number: {type: steps.numbers}
  write: {type: steps.write, depends: [assets.out, number.value]}
  fail: {type: steps.fail, params: {at: input.at}, depends: [number.value]}
  again: {type: steps.write, depends: [assets.out, fail.value]}
"""

WHOLE = "".join(f"{number}\n{number}\n" for number in range(6))


@pytest.fixture(autouse=True)
def _code(write):
    write("steps.py", CODE)


class TestNotHeld:
    def test_it_is_told_before_it_is_made(self, noob, write):
        write("tube.yaml", ASKING.replace("TYPE", "Connection"))

        first = noob("run", "tube.yaml", "--checkpoint", "saved", "-n", "2")
        second = noob("run", "tube.yaml", "--resume", "saved", "-n", "4")
        third = noob("run", "tube.yaml", "--resume", "saved", "-n", "4")

        what = "warning: the asset 'x' (tube.yaml:3:3) is not in the checkpoint: "
        assert first.err.splitlines() == [
            f"{what}a run that goes on makes it anew. If it has a state that matters, say 'checkpoint: true'; "
            "if it has none, 'checkpoint: false'",
            "connected",
        ]
        assert second.err.splitlines() == [
            f"{what}it is made anew",
            "connected",
            "going on: the checkpoint in saved covers 2 epochs and 2 results",
        ]
        assert third.err == "nothing is left to do: the checkpoint in saved covers 4 epochs and 4 results\n"

    @pytest.mark.parametrize("said", ["checkpoint: false", "stateful: false"])
    def test_nothing_is_said_of_what_has_no_state(self, noob, write, said):
        write("tube.yaml", ASKING.replace("TYPE", f"Connection, {said}"))

        assert noob("run", "tube.yaml", "--checkpoint", "saved", "-n", "2").err == "connected\n"


def test_one_that_takes_its_state_has_it_again(noob, write):
    write("tube.yaml", ASKING.replace("TYPE", "Counts"))

    first = noob("run", "tube.yaml", "--checkpoint", "saved", "-n", "2")
    second = noob("run", "tube.yaml", "--resume", "saved")

    assert (first.out + second.out, first.err) == ("1\n2\n3\n4\n5\n6\n", "")


class TestFiles:
    @pytest.mark.parametrize(
        "asset",
        [
            "type: open, params: {file: out.txt, mode: w}",
            "type: open, params: [out.txt, wb]",
            "type: io.open, params: {file: out.txt, mode: x, encoding: utf-8, newline: ''}",
            "type: open, params: {file: out.txt, mode: a}",
            "type: open, params: {file: out.txt, mode: w+}",
        ],
    )
    def test_what_was_written_is_kept_and_cut_back(self, noob, write, folder, asset):
        write("tube.yaml", WRITING.replace("ASSET", asset))
        saving = ("--checkpoint-every", "2")
        first = noob("run", "tube.yaml", "-i", "at=3", "--checkpoint", "saved", *saving)
        assert first.code == 1
        assert (folder / "out.txt").read_text() in ("0\n0\n1\n1\n2\n2\n3\n", "0\n0\n1\n1\n")
        assert "is not in the checkpoint" not in first.err
        write("steps.py", CODE.replace("if value == at", "if False"))

        second = noob("run", "tube.yaml", "-i", "at=3", "--resume", "saved", *saving)

        assert (second.code, second.err) == (0, "going on: the checkpoint in saved covers 2 epochs and 2 results\n")
        assert (folder / "out.txt").read_text() == WHOLE

    @pytest.mark.parametrize("left", [None, "0\n"])
    def test_one_that_is_shorter_is_told_before_anything_is_made(self, noob, write, folder, left):
        write("tube.yaml", WRITING.replace("ASSET", "type: open, params: [out.txt, w]"))
        noob("run", "tube.yaml", "--checkpoint", "saved", "-n", "2")
        (folder / "out.txt").unlink()
        if left is not None:
            (folder / "out.txt").write_text(left)

        done = noob("run", "tube.yaml", "--resume", "saved")

        assert (done.code, done.err) == (
            2,
            f"error: the file 'out.txt' of the asset 'out' has {len(left or '')} bytes, and the checkpoint covers 8: "
            "put back the one that the run has written to, or begin anew with another folder for the checkpoint\n",
        )
        assert (folder / "out.txt").exists() == (left is not None)

    def test_with_nothing_left_to_do_it_is_left_alone(self, noob, write, folder):
        write("tube.yaml", WRITING.replace("ASSET", "type: open, params: [out.txt, w]"))
        noob("run", "tube.yaml", "--checkpoint", "saved")

        assert "nothing is left" in noob("run", "tube.yaml", "--resume", "saved").err
        assert (folder / "out.txt").read_text() == WHOLE

    def test_a_run_that_is_killed(self, start, noob, write, folder):
        write("steps.py", CODE.replace("yield from range(limit)", "yield from range(3000)"))
        write("tube.yaml", WRITING.replace("ASSET", "type: open, params: [out.txt, w]"))
        run = start("run", "tube.yaml", "--resume", "saved", "--checkpoint-every", "100")
        run.read_error_line()
        while not (folder / "saved" / "checkpoint").exists():
            assert run.process.poll() is None
        run.process.kill()
        assert run.end().code == -signal.SIGKILL

        assert noob("run", "tube.yaml", "--resume", "saved").code == 0
        assert (folder / "out.txt").read_text() == "".join(f"{number}\n{number}\n" for number in range(3000))
