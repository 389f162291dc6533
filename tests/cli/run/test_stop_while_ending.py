"""Signals that come while something is made or ended."""

import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import UPPER
from tests.patience import PATIENCE, without_waiting

SLOW = """
import sys, time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path


def say(text):
    print(text, file=sys.stderr, flush=True)


def wait():
    while not Path("go").exists():
        time.sleep(0.01)


@contextmanager
def ending():
    try:
        yield 1
    finally:
        say("ending")
        wait()
        say("ENDED")


@asynccontextmanager
async def ending_async():
    import asyncio
    try:
        yield 1
    finally:
        say("ending")
        while not Path("go").exists():
            await asyncio.sleep(0.01)
        say("ENDED")


@contextmanager
def making():
    say("making")
    wait()
    say("MADE")
    try:
        yield 1
    finally:
        say("ENDED")


class Node:
    def process(self, x: int):
        return x

    def deinit(self):
        say("ending")
        wait()
        say("ENDED")
"""


class TestSignalsWhileSomethingIsMadeOrEnded:
    @pytest.mark.parametrize(
        ("code", "scope", "number"),
        [
            ("ending", "runner", signal.SIGINT),
            ("ending", "process", signal.SIGTERM),
            ("ending", "node", signal.SIGTERM),
            ("ending_async", "runner", signal.SIGTERM),
            ("ending_async", "process", signal.SIGHUP),
            ("ending_async", "node", signal.SIGINT),
        ],
    )
    def test_a_teardown_is_finished(self, start, write, number, scope, code):
        self.write_tube(write, f"slow.{code}", scope)
        running = start("run", "tube.yaml", "-n", "1")
        assert running.read_error_line() == "ending"

        running.process.send_signal(number)
        write("go", "")
        done = running.end()

        assert done.code == 128 + number
        assert without_waiting(done.err).splitlines()[0] == "ENDED"
        assert f"stopped by {number.name} after" in done.err

    @pytest.mark.parametrize("scope", ["runner", "process"])
    def test_an_asset_is_made_and_then_ended(self, start, write, scope):
        self.write_tube(write, "slow.making", scope)
        running = start("run", "tube.yaml", "-n", "5000000")
        assert running.read_error_line() == "making"

        running.process.send_signal(signal.SIGTERM)
        write("go", "")
        done = running.end()

        assert done.code == 143
        assert without_waiting(done.err).splitlines()[0] == "MADE"
        assert done.err.count("MADE") == done.err.count("ENDED") == 1

    def test_the_deinit_of_a_node_is_finished(self, start, write):
        write("slow.py", SLOW)
        write(
            "tube.yaml",
            """
            nodes:
              n: {type: itertools.count}
              u: {type: slow.Node, depends: [x: n.value]}
              return: {type: return, depends: u.value}
            """,
        )
        running = start("run", "tube.yaml", "-n", "2")
        assert running.read_error_line() == "ending"

        running.process.send_signal(signal.SIGINT)
        write("go", "")
        done = running.end()

        assert (done.code, done.results) == (130, [0, 1])
        assert without_waiting(done.err).splitlines()[0] == "ENDED"

    def test_a_third_signal_does_not_wait(self, start, write):
        self.write_tube(write, "slow.ending", "runner")
        running = start("run", "tube.yaml", "-n", "1")
        assert running.read_error_line() == "ending"
        # Of two that are the same, one may be lost.
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        for number in numbers:
            running.process.send_signal(number)

        done = running.end()

        assert done.code in [128 + number for number in numbers]
        assert "ENDED" not in done.err

    def test_while_a_record_is_awaited_it_comes_at_once(self, start, write):
        write("tube.yaml", UPPER)
        running = start("run", "tube.yaml", "--input-format", "lines")
        running.feed("a\n")
        assert running.read_line() == '"A"'
        running.process.send_signal(signal.SIGTERM)

        done = running.end(close_stdin=False)

        assert done.code == 143

    def write_tube(self, write, asset, scope):
        write("slow.py", SLOW)
        write(
            "tube.yaml",
            f"""
            assets:
              t: {{type: {asset}, scope: {scope}}}
            nodes:
              n: {{type: itertools.count}}
              u: {{type: operator.add, depends: [assets.t, n.value]}}
              return: {{type: return, depends: u.value}}
            """,
        )


def test_a_forked_process_is_stopped_as_if_nobody_listened(tmp_path):
    (tmp_path / "forks.py").write_text(
        "import multiprocessing, time\n"
        "def f():\n"
        "    process = multiprocessing.get_context('fork').Process(target=time.sleep, args=(30,))\n"
        "    process.start()\n"
        "    time.sleep(0.1)\n"
        "    process.terminate()\n"
        "    process.join()\n"
        "    return process.exitcode\n"
    )
    (tmp_path / "tube.yaml").write_text("nodes: {f: {type: forks.f}, r: {type: return, depends: f.value}}\n")
    command = [sys.executable, "-W", "ignore", "-m", "noob_cli", "run", "tube.yaml", "-n", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "-15\n", "")
