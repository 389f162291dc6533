"""A run that nobody has ended is ended, at the latest when the interpreter ends."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from noob_cli import SynchronousRunner, Tube, TubeExhaustedError
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[str] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


class Noted:
    def __init__(self) -> None:
        LOG.append("made")

    def process(self, value: int) -> int:
        return value

    def deinit(self) -> None:
        LOG.append("ended")


async def awaited(value: int) -> int:
    return value


TUBE = """
    nodes:
      n: {type: my.three}
      a: {type: my.Noted, depends: n.value}
      b: {type: my.awaited, depends: a.value}
      return: {type: return, depends: b.value}
"""
PLAIN = TUBE.replace("my.awaited", "my.same")


def three():
    yield from range(3)


def same(value: int) -> int:
    return value


@pytest.mark.parametrize("text", [TUBE, PLAIN], ids=["awaited", "plain"])
class TestProcess:
    def test_it_starts_a_run_and_leaves_it_open(self, text):
        runner = tubes.runner(text)
        assert [runner.process(), runner.process()] == [0, 1]
        assert (runner.running, LOG) == (True, ["made"])
        runner.deinit()
        assert LOG == ["made", "ended"]

    def test_after_deinit_it_begins_a_new_run(self, text):
        runner = tubes.runner(text)
        assert runner.process() == 0
        runner.deinit()
        assert runner.process() == 0
        runner.deinit()
        assert LOG == ["made", "ended"] * 2

    def test_run_and_iter_go_on_and_leave_it_open(self, text):
        runner = tubes.runner(text)
        assert [runner.process(), *runner.iter(1), *runner.run(1)] == [0, 1, 2]
        assert (runner.running, LOG) == (True, ["made"])
        for _ in range(2):
            with pytest.raises(TubeExhaustedError):
                runner.process()
        runner.deinit()

    def test_with_ends_it(self, text):
        runner = tubes.runner(text)
        runner.process()
        with runner:
            assert runner.process() == 1
        assert LOG == ["made", "ended"]

    @pytest.mark.slow
    def test_nothing_keeps_it_and_it_is_ended_when_it_is_collected(self, text):
        runner = tubes.runner(text)
        runner.process()
        del runner
        gc.collect()
        assert LOG == ["made", "ended"]

    @pytest.mark.slow
    @pytest.mark.parametrize("before", range(4))
    def test_it_is_ended_when_it_is_collected_with_what_keeps_itself(self, text, before):
        # What was found together is ended in any order, which depends on what was looked at before.
        runner = tubes.runner(text)
        runner.process()
        runner.add_callback(lambda event, kept=runner: None)
        for generation in range(before):
            gc.collect(generation)
        runner.process()
        del runner
        gc.collect()
        assert LOG == ["made", "ended"]


AT_EXIT = """
import asyncio, contextlib, itertools, os, sys
from noob_cli import SynchronousRunner, Tube

sys.modules["code_here"] = sys.modules["__main__"]

@contextlib.asynccontextmanager
async def asset():
    task = asyncio.current_task()
    try:
        yield "asset"
    finally:
        await asyncio.sleep(0)
        print("asset ended", asyncio.current_task() is task)

async def numbers():
    try:
        for each in range(9):
            yield each
    finally:
        await asyncio.sleep(0)
        print("source closed")

class Fails:
    def process(self, value, asset):
        return value
    def deinit(self):
        print("deinit")
        raise ValueError("deinit fails")

runner = SynchronousRunner(Tube.from_specification({
    "noob_id": "left",
    "assets": {"asset": {"type": "code_here.asset", "scope": "runner"}},
    "nodes": {
        "n": {"type": "code_here.numbers"},
        "f": {"type": "code_here.Fails", "depends": ["n.value", "assets.asset"]},
        "return": {"type": "return", "depends": "f.value"},
    },
}))
plain = SynchronousRunner(Tube.from_specification({
    "noob_id": "plain",
    "nodes": {
        "n": {"type": "itertools.count"},
        "f": {"type": "code_here.Fails", "depends": ["n.value", {"asset": "n.value"}]},
    },
}))
print(runner.process(), plain.process(), flush=True)
if os.fork() == 0:
    sys.stderr = open(os.devnull, "w")
    sys.exit()
os.wait()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there are no forks here")
def test_when_the_interpreter_ends_all_is_ended_once_the_last_run_first():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", AT_EXIT], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["0 None", "deinit", "deinit", "source closed", "asset ended True"], done.stderr
    assert done.stderr.count("ValueError: deinit fails") == 2
    assert "never awaited" not in done.stderr


@pytest.mark.slow
def test_a_runner_that_can_not_be_made_leaves_nothing_to_complain_of(monkeypatch):
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    tube = Tube.from_specification({"nodes": {"a": {"type": "itertools.count"}}})
    for arguments, more in (((), {}), ((3,), {}), ((tube,), {"nonsense": 1})):
        with pytest.raises(TypeError):
            SynchronousRunner(*arguments, **more)
        gc.collect()
    assert complaints == []
