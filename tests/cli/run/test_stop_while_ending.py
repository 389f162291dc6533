"""Signals that come while something is made or ended."""

import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import UPPER
from tests.patience import PATIENCE, without_waiting

SLOW = """
import sys, time
from contextlib import asynccontextmanager, contextmanager


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextmanager
def ending():
    try:
        yield 1
    finally:
        say("ending")
        time.sleep(0.6)
        say("ENDED")


@asynccontextmanager
async def ending_async():
    import asyncio
    try:
        yield 1
    finally:
        say("ending")
        await asyncio.sleep(0.6)
        say("ENDED")


@contextmanager
def making():
    say("making")
    time.sleep(0.6)
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
        time.sleep(0.6)
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

        done = running.stop(number)

        assert done.code == 128 + number
        assert without_waiting(done.err).splitlines()[0] == "ENDED"
        assert f"stopped by {number.name} after" in done.err

    @pytest.mark.parametrize("scope", ["runner", "process"])
    def test_an_asset_is_made_and_then_ended(self, start, write, scope):
        self.write_tube(write, "slow.making", scope)
        running = start("run", "tube.yaml", "-n", "5000000")
        assert running.read_error_line() == "making"

        done = running.stop(signal.SIGTERM)

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

        done = running.stop(signal.SIGINT)

        assert (done.code, done.results) == (130, [0, 1])
        assert without_waiting(done.err).splitlines()[0] == "ENDED"

    def test_a_third_signal_does_not_wait(self, start, write):
        write("slow.py", SLOW.replace("sleep(0.6)", "sleep(60)"))
        self.write_tube(write, "slow.ending", "runner", code=None)
        running = start("run", "tube.yaml", "-n", "1")
        assert running.read_error_line() == "ending"
        for number in (signal.SIGTERM, signal.SIGINT):
            running.process.send_signal(number)
            time.sleep(0.1)

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert "ENDED" not in done.err

    def test_while_a_record_is_awaited_it_comes_at_once(self, start, write):
        write("tube.yaml", UPPER)
        running = start("run", "tube.yaml", "--input-format", "lines")
        running.feed("a\n")
        assert running.read_line() == '"A"'
        running.process.send_signal(signal.SIGTERM)

        done = running.end(close_stdin=False)

        assert done.code == 143

    def write_tube(self, write, asset, scope, code=SLOW):
        if code is not None:
            write("slow.py", code)
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
