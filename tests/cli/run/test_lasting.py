"""What is told of a run that lasts."""

from __future__ import annotations

import pytest

from noob_cli.cli.run import shown
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
            time.sleep(1.5)
        return NoEvent if turns % LIMIT else turns

    LIMIT = 2_500_000
    """


class TestIdling:
    @pytest.fixture(autouse=True)
    def _tube(self, write):
        write("idle.yaml", IDLE)
        write("idle.py", CODE)

    @pytest.mark.slow
    def test_it_is_told_once(self, noob):
        done = noob("run", "idle.yaml", "-n", "2")

        assert done.results == [2_500_000, 5_000_000]
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
        from noob_cli import Tube

        graph = Tube.from_specification(write("one.yaml", tube)).graph

        assert shown.may_idle(RunOptions("x", epochs=epochs), graph, has_records=has_records) is may_idle
