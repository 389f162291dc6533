"""What is told of a run that lasts."""

from __future__ import annotations

import re

import pytest

from noob_cli.cli.run import idling, progress
from noob_cli.cli.run.options import RunOptions

IDLE = """
    nodes:
      look: {type: idle.look}
      return: {type: return, depends: look.value}
    """

CODE = """
    import time

    from noob_cli import NoEvent

    turns = 0

    def look():
        global turns
        turns += 1
        if turns == 2_000_000:
            time.sleep(2.5)
        return NoEvent if turns % LIMIT else turns

    LIMIT = 3_000_000
    """


class Counting:
    """Stands for a runner and what writes its results."""

    def __init__(self):
        self.made = self.results = 0
        self.is_on_terminal = False


class TestLines:
    @pytest.mark.parametrize(
        ("options", "share"), [({}, ""), ({"results": 40}, " 25% of 40"), ({"epochs": 40}, " 50% of 40")]
    )
    def test_there_is_one_from_time_to_time(self, capsys, monkeypatch, options, share):
        monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.001)
        monkeypatch.setattr(progress, "told_on", lambda: __import__("sys").stderr)
        runner = Counting()
        lines = ""
        with progress.Progress(RunOptions("tube", progress=True, **options), runner, runner):
            while lines.count("\n") < 3:
                lines += capsys.readouterr().err
            runner.made, runner.results = 20, 10
        lines += capsys.readouterr().err

        assert lines.startswith("0 epochs, 0 results, 0/s")
        assert re.search(rf"(?m)^20 epochs, 10 results, \d+/s{re.escape(share)} 0:00:0\d\n\Z", lines)

    def test_the_last_one_is_there_in_any_case(self, noob):
        done = noob("run", "count", "--progress")

        assert re.fullmatch(r"3 epochs, 3 results, \d+/s 0:00:\d\d\n", done.err)


class TestIdling:
    @pytest.fixture(autouse=True)
    def _tube(self, write):
        write("idle.yaml", IDLE)
        write("idle.py", CODE)

    @pytest.mark.slow
    def test_it_is_told_once(self, noob):
        done = noob("run", "idle.yaml", "-n", "3")

        assert done.results == [3_000_000, 6_000_000, 9_000_000]
        assert done.err.count("epochs have had no result, and nothing makes the next one wait") == 1

    @pytest.mark.parametrize(
        ("tube", "has_records", "epochs", "may_idle"),
        [
            (IDLE, False, None, True),
            (IDLE, True, None, False),
            (IDLE, False, 5, False),
            (IDLE.replace("idle.look}", "idle.look}\n      n: {type: itertools.count}"), False, None, False),
            (IDLE.replace("return: {type: return", "out: {type: builtins.abs"), False, None, False),
        ],
    )
    def test_who_may(self, write, tube, has_records, epochs, may_idle):
        from noob_cli import SynchronousRunner, Tube

        path = write("one.yaml", tube)
        runner = SynchronousRunner(Tube.from_specification(path))
        told = idling.IdleWarning(RunOptions("x", epochs=epochs), runner, Counting(), has_records=has_records)

        assert told._may_idle is may_idle
