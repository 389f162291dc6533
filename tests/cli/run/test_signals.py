"""A signal stops a run: the epoch is finished, or interrupted, and everything is ended in any case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import environment, start_command
from tests.patience import PATIENCE, without_waiting

STOP = """
import asyncio
import os
import resource
import socket
import sys
import time
from pathlib import Path

def say(*words):
    # Whole or not at all, when it is interrupted.
    os.write(2, " ".join(map(str, [*words])).encode() + b"\\n")

def wait_for(name):
    while not Path(name).exists():
        time.sleep(0.005)

class Kept:
    def __init__(self, name, made=None, ended=None):
        self.name, self.made, self.ended = name, made, ended
        if made:
            say("making", name)
            wait_for(made)

    def __enter__(self):
        say("made", self.name)
        return self

    def __exit__(self, *error):
        if self.ended:
            say("ending", self.name)
            wait_for(self.ended)
        say("ended", self.name)

class KeptAsync:
    def __init__(self, name, ended):
        self.name, self.ended = name, ended

    async def __aenter__(self):
        say("made", self.name)
        return self

    async def __aexit__(self, *error):
        say("ending", self.name)
        while not Path(self.ended).exists():
            await asyncio.sleep(0.005)
        say("ended", self.name)

class Failing(Kept):
    def __exit__(self, *error):
        super().__exit__(*error)
        raise OSError(5, "stuck")

def finish(value, *kept, go="go"):
    say("begins", value)
    wait_for(go)
    return value

def fail(value, *kept):
    finish(value)
    raise ValueError("no good")

def fail_at_once(value, *kept):
    say("begins", value)
    raise ValueError("no good")

async def fail_later(value, *kept):
    await asyncio.sleep(0)
    fail_at_once(value)

def once(value, *kept):
    say("begins", value)
    return value

async def once_later(value, *kept):
    await asyncio.sleep(0)
    return once(value)

def sleep(value, *kept):
    say("begins", value)
    time.sleep(60)

def sleep_after_an_error(value, *kept):
    try:
        raise KeyError(value)
    except KeyError:
        sleep(value)

def swallow(value, *kept):
    try:
        sleep(value)
    except BaseException:
        return value

def clean_up(value, *kept):
    try:
        sleep(value)
    finally:
        say("cleaning up")
        time.sleep(0.3)
        say("cleaned up")

async def sleep_slowly(value, *kept):
    try:
        say("begins", value)
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.01)
        say("cancelled")

async def wait_long(value):
    try:
        await asyncio.sleep(60)
    finally:
        say("cancelled other")

class Sleeper:
    def __init__(self):
        pass

    def process(self, value, *kept):
        sleep(value)

class SleepsInInit:
    def init(self):
        sleep("init")

    def process(self, value, *kept):
        return value

    def deinit(self):
        say("deinit")

def counting():
    value = 0
    while True:
        if Path("slow").exists():
            say("drawing", value)
            time.sleep(60)
        yield value
        value += 1

def sleeping():
    say("begins 0")
    time.sleep(60)
    yield 0

async def sleeping_slowly():
    say("begins 0")
    await asyncio.sleep(60)
    yield 0

def three(value, *kept):
    return [0, 1, 2]

def thousand(value, *kept):
    return range(1000)

class SlowToMake:
    def __init__(self):
        say("begins")
        time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

def long_text(value, *kept):
    Path("written").write_text(str(value))
    return "x" * 100_000

def fail_without_space(value, *kept):
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    raise ValueError("no good")

def broken_pipe(value, *kept):
    ours, theirs = socket.socketpair()
    theirs.close()
    ours.sendall(b"x")

def leave(value, *kept):
    sys.exit(7)
"""

KEPT = """
assets:
  run: {type: stop.Kept, scope: runner, params: [run]}
  epoch: {type: stop.Kept, scope: process, params: [epoch]}
  call: {type: stop.Kept, scope: node, params: [call]}
"""
MADE = ["made run", "made epoch", "made call"]
ENDED = ["ended call", "ended epoch", "ended run"]

TUBE = f"""{KEPT}
nodes:
  n: {{type: itertools.count}}
  u: {{type: {{}}, depends: [n.value, assets.call, assets.epoch, assets.run]}}
  return: {{type: return, depends: u.value}}
""".replace("{{", "{").replace("}}", "}")


def tube(node):
    return TUBE.replace("{type: {}", f"{{type: {node}")


@pytest.fixture
def run(start, write):
    """Start a tube, and wait until its standard error has said something."""
    write("stop.py", STOP)

    def run_until(text, said, *args):
        write("tube.yaml", text)
        running = start("run", "tube.yaml", *args)
        lines = []
        while not lines or lines[-1] != said:
            lines.append(running.read_error_line())
            assert lines[-1], lines
        return running, lines

    return run_until


class TestTheFirstSignal:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_the_epoch_is_finished(self, run, write, number):
        running, said = run(tube("stop.finish"), "begins 0", "--grace", "1000")
        running.process.send_signal(number)
        write("go", "")

        done = running.end()

        assert (done.code, done.results) == (128 + number, [0])
        assert [*said, *without_waiting(done.err).splitlines()] == [
            *MADE,
            "begins 0",
            *ENDED,
            f"stopped by {number.name} after 1 epoch (1 result)",
        ]

    def test_all_items_of_a_map_are_one_epoch(self, run, write):
        running, _ = run(
            """
            nodes:
              n: {type: itertools.count}
              three: {type: stop.three, depends: [n.value]}
              item: {type: map, depends: three.value}
              u: {type: stop.finish, depends: [item.value]}
              return: {type: return, depends: u.value}
            """,
            "begins 0",
            "--grace",
            "1000",
        )
        running.process.send_signal(signal.SIGTERM)
        write("go", "")

        done = running.end()

        assert (done.code, done.results) == (143, [[0, 1, 2]])

    def test_of_many_records_that_are_there_no_further_one_is_taken(self, run, write):
        running, _ = run(
            """
            input:
              line: {type: str, scope: process}
            nodes:
              u: {type: stop.finish, depends: [input.line]}
              return: {type: return, depends: u.value}
            """,
            "begins a",
            "--grace",
            "1000",
            "--input-format",
            "lines",
            "-f",
            str(write("lines.txt", "a\nb\nc\n")),
        )
        running.process.send_signal(signal.SIGTERM)
        write("go", "")

        done = running.end()

        assert (done.code, done.results) == (143, ["a"])

    @pytest.mark.parametrize("args", [("--grace", "0"), ("--grace", "0.1")])
    def test_without_grace_the_node_is_interrupted(self, run, args):
        running, said = run(tube("stop.sleep"), "begins 0", *args)

        done = running.stop(signal.SIGTERM)

        assert (done.code, done.results) == (143, [])
        assert [*said, *without_waiting(done.err).splitlines()] == [
            *MADE,
            "begins 0",
            *ENDED,
            "stopped by SIGTERM after 0 epochs (0 results)",
            "the node 'u' was interrupted in epoch 0 (tube.yaml:9:3)",
        ]

    @pytest.mark.parametrize("grace", ["0", "1000"])
    @pytest.mark.parametrize(
        ("node", "said", "epoch"),
        [
            ("stop.fail_at_once", "retry: {times: 3, wait: 1h}", 0),
            ("stop.fail_later", "retry: {times: 3, wait: 1h}", 0),
            ("stop.once", "rate: 1/h", 1),
            ("stop.once_later", "rate: 1/h", 1),
        ],
    )
    def test_a_wait_for_the_next_call_is_part_of_the_node(self, run, node, said, epoch, grace):
        text = tube(node).replace("assets.run]", f"assets.run], {said}")
        running, lines = run(text, "begins 0", "--grace", grace)
        while lines.count("made epoch") <= epoch:
            lines.append(running.read_error_line())
        running.process.send_signal(signal.SIGTERM)
        if grace != "0":
            # As long as the grace lasts it waits on, and says for what.
            while "in the node 'u'" not in lines[-1]:
                lines.append(running.read_error_line())
            running.process.send_signal(signal.SIGTERM)

        done = running.end()

        lines += done.err.splitlines()
        assert done.code == 143
        assert lines[-1] == f"the node 'u' was interrupted in epoch {epoch} (tube.yaml:9:3)"
        assert [lines.count(f"{what} epoch") for what in ("made", "ended")] == [epoch + 1, epoch + 1]
        assert sum(line.startswith("begins") for line in lines) == 1

    def test_what_is_made_when_the_run_starts_is_made_and_nothing_after_it(self, run, write):
        running, said = run(
            """
            assets:
              first: {type: stop.Kept, scope: runner, params: [first]}
              slow: {type: stop.Kept, scope: runner, params: [slow, go]}
              last: {type: stop.Kept, scope: runner, params: [last]}
            nodes:
              n: {type: itertools.count}
              u: {type: stop.SleepsInInit, depends: [n.value, assets.first, assets.slow, assets.last]}
              return: {type: return, depends: u.value}
            """,
            "making slow",
            "--grace",
            "0",
        )
        running.process.send_signal(signal.SIGTERM)
        write("go", "")

        done = running.end()

        assert (done.code, done.results) == (143, [])
        assert [*said, *without_waiting(done.err).splitlines()] == [
            "made first",
            "making slow",
            "made slow",
            "ended slow",
            "ended first",
            "stopped by SIGTERM after 0 epochs (0 results)",
        ]

    def test_an_epoch_that_fails_then_is_reported(self, run, write):
        running, _ = run(tube("stop.fail"), "begins 0", "--grace", "1000")
        running.process.send_signal(signal.SIGTERM)
        write("go", "")

        done = running.end()

        assert done.code == 1
        assert "tube.yaml:9:3: error: the node 'u' failed in epoch 0\n" in done.err
        assert without_waiting(done.err).splitlines()[-1].startswith("stopped by SIGTERM after 0 epochs")

    def test_what_fails_to_end_then_is_reported(self, run, write):
        text = tube("stop.finish").replace("run: {type: stop.Kept", "run: {type: stop.Failing")
        running, _ = run(text, "begins 0", "--grace", "1000")
        running.process.send_signal(signal.SIGINT)
        write("go", "")

        done = running.end()

        assert (done.code, done.results) == (1, [0])
        assert "tube.yaml:3:3: error: the asset 'run' could not be ended as it should\n" in done.err
        assert without_waiting(done.err).splitlines()[-1] == "stopped by SIGINT after 1 epoch (1 result)"

    def test_a_node_that_is_interrupted_and_what_fails_to_end_because_of_it(self, run):
        text = tube("stop.sleep").replace("run: {type: stop.Kept", "run: {type: stop.Failing")
        running, _ = run(text, "begins 0", "--grace", "0")

        done = running.stop(signal.SIGINT)

        assert done.code == 1
        assert "tube.yaml:3:3: error: the asset 'run' could not be ended as it should\n" in done.err
        assert "Interrupted" not in done.err
        assert without_waiting(done.err).splitlines()[-2:] == [
            "stopped by SIGINT after 0 epochs (0 results)",
            "the node 'u' was interrupted in epoch 0 (tube.yaml:9:3)",
        ]

    def test_where_epochs_that_fail_are_skipped(self, run, write):
        running, _ = run(tube("stop.fail"), "begins 0", "--grace", "1000", "--on-error", "skip")
        running.process.send_signal(signal.SIGTERM)
        write("go", "")

        done = running.end()

        assert done.code == 143
        assert done.err.count("failed in epoch") == 1
        assert without_waiting(done.err).splitlines()[-2:] == [
            "stopped by SIGTERM after 1 epoch (0 results)",
            "skipped 1 failed epoch",
        ]

    def test_what_a_node_does_to_clean_up_is_not_interrupted_again(self, run):
        running, _ = run(tube("stop.clean_up"), "begins 0", "--grace", "0")

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert without_waiting(done.err).splitlines()[:2] == ["cleaning up", "cleaned up"]

    def test_a_node_that_goes_on_all_the_same_is_in_the_last_epoch(self, run):
        running, _ = run(tube("stop.swallow"), "begins 0", "--grace", "0")

        done = running.stop(signal.SIGTERM)

        assert (done.code, done.results) == (143, [0])
        assert without_waiting(done.err).splitlines()[-4:] == [*ENDED, "stopped by SIGTERM after 1 epoch (1 result)"]


class TestWhileARecordIsAwaited:
    @pytest.mark.parametrize(
        ("text", "args"),
        [
            ('{"line": "a"}\n', ()),
            ('{"line": "a"}\n{"li', ()),
            ("line\na\n", ("--input-format", "csv")),
            ("a\n", ("--input-format", "lines")),
        ],
        ids=["json lines", "half a record", "csv", "lines"],
    )
    def test_it_ends_at_once(self, start, write, text, args):
        write("stop.py", STOP)
        write("tube.yaml", self.TUBE)
        running = start("run", "tube.yaml", "--grace", "1000", *args)
        running.feed(text)
        assert running.read_error_line() == "made run"
        assert running.read_line() == '"aa"'
        running.process.send_signal(signal.SIGTERM)

        done = running.end(close_stdin=False)

        assert done.code == 143
        assert without_waiting(done.err).splitlines() == ["ended run", "stopped by SIGTERM after 1 epoch (1 result)"]

    def test_before_the_first(self, run):
        running, _ = run(self.TUBE, "made run", "--grace", "1000")
        running.process.send_signal(signal.SIGINT)

        done = running.end(close_stdin=False)

        assert done.code == 130
        assert without_waiting(done.err).splitlines() == ["ended run", "stopped by SIGINT after 0 epochs (0 results)"]

    def test_where_reading_does_not_wait(self, folder, write, tmp_path):
        write("stop.py", STOP)
        write("tube.yaml", self.TUBE)
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        process = start_command(
            ("run", "tube.yaml", "--grace", "1000"),
            stdin=reading,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment(tmp_path),
        )
        try:
            os.write(writing, b'{"line": "a"}\n')
            assert process.stdout.readline() == b'"aa"\n'
            os.write(writing, b'{"line": "b"}\n')
            assert process.stdout.readline() == b'"bb"\n'
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 143
        finally:
            process.kill()
            process.communicate()
            os.close(reading)
            os.close(writing)

    TUBE = """
        input:
          line: {type: str, scope: process}
        assets:
          run: {type: stop.Kept, scope: runner, params: [run]}
        nodes:
          u: {type: operator.add, depends: [input.line, input.line]}
          v: {type: builtins.id, depends: [assets.run]}
          return: {type: return, depends: u.value}
        """


KINDS = {
    "function": tube("stop.sleep"),
    "class": tube("stop.Sleeper"),
    "coroutine": tube("stop.sleep_slowly"),
    "in the wake of an error": tube("stop.sleep_after_an_error"),
    "c function": f"""{KEPT}
nodes:
  n: {{type: itertools.count, params: {{start: 60}}}}
  begin: {{type: stop.finish, depends: [n.value, assets.run, assets.epoch], params: {{go: .}}}}
  u: {{type: time.sleep, depends: begin.value}}
""",
    "source": f"""{KEPT}
nodes:
  u: {{type: stop.sleeping}}
  v: {{type: stop.three, depends: [u.value, assets.call, assets.epoch, assets.run]}}
""",
    "async source": f"""{KEPT}
nodes:
  u: {{type: stop.sleeping_slowly}}
  v: {{type: stop.three, depends: [u.value, assets.call, assets.epoch, assets.run]}}
""",
    "coroutines together": f"""{KEPT}
nodes:
  n: {{type: itertools.count}}
  other: {{type: stop.wait_long, depends: [n.value]}}
  u: {{type: stop.sleep_slowly, depends: [n.value, assets.epoch, assets.run]}}
""",
    "map": f"""{KEPT}
nodes:
  n: {{type: itertools.count}}
  three: {{type: stop.three, depends: [n.value, assets.epoch]}}
  item: {{type: map, depends: three.value}}
  u: {{type: stop.sleep, depends: [item.value, assets.call, assets.run]}}
""",
    "nested": f"""{KEPT}
nodes:
  n: {{type: itertools.count}}
  three: {{type: stop.three, depends: [n.value, assets.epoch, assets.run]}}
  t:
    type: tube
    depends: [{{value: n.value}}]
    params:
      tube:
        input: {{value: {{type: int, scope: process}}}}
        assets:
          inner: {{type: stop.Kept, scope: process, params: [inner]}}
        nodes:
          u: {{type: stop.sleep, depends: [input.value, assets.inner]}}
""",
    "init": tube("stop.SleepsInInit"),
}


class TestTheSecondSignal:
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_interrupts_each_kind_of_node(self, start, write, kind):
        write("stop.py", STOP)
        write("tube.yaml", KINDS[kind])
        running = start("run", "tube.yaml", "--grace", "1000")
        said = []
        while not said or not said[-1].startswith(("begins", "60")):
            said.append(running.read_error_line())
            assert said[-1], said
        running.process.send_signal(signal.SIGINT)
        # Of two that come at the same time either may be the first.
        while without_waiting(said[-1]):
            said.append(running.read_error_line())
            assert said[-1], said

        done = running.stop(signal.SIGTERM)

        assert (done.code, done.results) == (130, [])
        lines = [*said[:-1], *without_waiting(done.err).splitlines()]
        made = [line.removeprefix("made ") for line in lines if line.startswith("made ")]
        assert [line.removeprefix("ended ") for line in lines if line.startswith("ended ")] == made[::-1]
        assert "run" in made
        # Of coroutines that run together it can't be told, and what speaks before a C function may still run.
        is_one = kind not in ("coroutines together", "c function")
        node = "t.u" if kind == "nested" else "u" if is_one else ""
        assert lines[-1].startswith(f"the node '{node}")
        assert "was interrupted" in lines[-1]
        if "coroutine" in kind:
            # It has ended before what it uses does.
            cancelled = next(number for number, line in enumerate(lines) if line.startswith("cancelled"))
            assert cancelled < lines.index("ended epoch")

    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    @pytest.mark.parametrize("code", ["Kept", "KeptAsync"])
    def test_it_leaves_alone_what_ends_something(self, run, write, code, scope):
        running, _ = run(self.ending(code, scope), "ending slow", "--epochs", "1", "--grace", "0")
        running.process.send_signal(signal.SIGINT)
        running.process.send_signal(signal.SIGTERM)
        self.give_time_to_be_interrupted()
        write("go", "")

        done = running.end()

        assert done.code in (130, 143)
        assert without_waiting(done.err).splitlines()[:2] == ["ended slow", "ended first"]

    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    def test_it_leaves_alone_what_makes_something(self, run, write, scope):
        running, _ = run(self.making(scope), "making slow", "--grace", "0")
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGINT)
        self.give_time_to_be_interrupted()
        write("go", "")

        done = running.end()

        assert done.code in (130, 143)
        said = without_waiting(done.err).splitlines()
        assert said[0] == "made slow"
        assert [line for line in said if line.startswith("ended")] == ["ended slow", "ended first"]

    def test_where_assets_follow_each_other_without_a_pause(self, run):
        running, _ = run(
            """
            assets:
              slow: {type: stop.SlowToMake, scope: node}
            nodes:
              n: {type: itertools.count}
              thousand: {type: stop.thousand, depends: [n.value]}
              item: {type: map, depends: thousand.value}
              u: {type: builtins.id, depends: [assets.slow]}
              v: {type: operator.add, depends: [item.value, u.value]}
            """,
            "begins",
            "--grace",
            "1000",
        )
        running.process.send_signal(signal.SIGTERM)

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert done.err.count("begins") < 500

    def test_results_that_nobody_takes_do_not_keep_it_from_ending(self, run, folder):
        running, _ = run(tube("stop.long_text"), "made run", "--grace", "1000")
        before, now = None, ""
        while before != now or not now:
            # It has to wait when it has written more than a pipe holds, and has much left.
            time.sleep(0.5)
            written = folder / "written"
            before, now = now, written.read_text() if written.exists() else ""
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGINT)
        while running.read_error_line() != "ended run":
            pass

        # Now that the run has ended, only its results are left.
        while running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.05)

        # Whenever the last one came, also when all was done and the program was just leaving.
        assert running.process.returncode in (143, 130)

    @staticmethod
    def ending(code, scope):
        return f"""
            assets:
              first: {{type: stop.Kept, scope: runner, params: [first]}}
              slow: {{type: stop.{code}, scope: {scope}, params: {{name: slow, ended: go}}}}
            nodes:
              n: {{type: itertools.count}}
              u: {{type: stop.three, depends: [n.value, assets.first, assets.slow]}}
            """

    @staticmethod
    def making(scope):
        return f"""
            assets:
              first: {{type: stop.Kept, scope: runner, params: [first]}}
              slow: {{type: stop.Kept, scope: {scope}, params: [slow, go]}}
            nodes:
              n: {{type: itertools.count}}
              u: {{type: stop.three, depends: [n.value, assets.first, assets.slow]}}
            """

    @staticmethod
    def give_time_to_be_interrupted():
        time.sleep(0.3)


class TestCheckpoints:
    COUNT = """
        nodes:
          n: {type: stop.counting}
          u: {type: stop.finish, depends: [n.value], params: {go: %s}}
          return: {type: return, depends: u.value}
        """

    def test_what_was_finished_is_in_the_last_one(self, run, noob, write, folder):
        args = ("-o", "out.jsonl", "--grace", "1000")
        running, _ = run(self.COUNT % "go", "begins 0", "--checkpoint", "saved", *args)
        running.process.send_signal(signal.SIGTERM)
        write("go", "")
        assert running.end().code == 143

        done = noob("run", "tube.yaml", "--resume", "saved", *args, "--epochs", "3")

        assert done.code == 0
        assert without_waiting(done.err).splitlines()[-2:] == ["begins 1", "begins 2"]
        assert (folder / "out.jsonl").read_text() == "0\n1\n2\n"

    def test_drawing_forward_is_interrupted(self, run, noob, write):
        write("stop.py", STOP)
        write("go", "")
        write("tube.yaml", self.COUNT % "go")
        assert noob("run", "tube.yaml", "--checkpoint", "saved", "--epochs", "3", "-o", "out.jsonl").code == 0
        write("slow", "")
        running, _ = run(self.COUNT % "go", "drawing 0", "--resume", "saved", "-o", "out.jsonl", "--grace", "0")

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert without_waiting(done.err).splitlines() == ["stopped by SIGTERM after 0 epochs (0 results)"]


class TestTheThirdSignal:
    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    @pytest.mark.parametrize("code", ["Kept", "KeptAsync"])
    def test_it_gives_up_what_is_being_ended_and_nothing_else(self, run, code, scope):
        running, _ = run(TestTheSecondSignal.ending(code, scope), "ending slow", "--epochs", "1")
        for number in (signal.SIGTERM, signal.SIGINT):
            running.process.send_signal(number)
            # Of two signals that wait together, the one with the lower number is the first.
            assert running.read_error_line().startswith("waiting for ")

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        said = without_waiting(done.err).splitlines()
        assert said[0] == "ended first"
        assert said[1].startswith("stopped by SIGTERM after ")
        assert said[2].startswith("the asset 'slow' was interrupted ")
        assert len(said) == 3

    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    def test_it_gives_up_what_is_being_made(self, run, scope):
        running, _ = run(TestTheSecondSignal.making(scope), "making slow")
        for number in (signal.SIGTERM, signal.SIGINT):
            running.process.send_signal(number)
            # Of two signals that wait together, the one with the lower number is the first.
            assert running.read_error_line().startswith("waiting for ")

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        said = without_waiting(done.err).splitlines()
        assert said[:2] == ["ended first", "stopped by SIGTERM after 0 epochs (0 results)"]
        assert said[2].startswith("the asset 'slow' was interrupted ")


class TestOtherWaysToEnd:
    def test_a_node_that_leaves(self, noob, write):
        write("stop.py", STOP)
        write("tube.yaml", tube("stop.leave"))

        done = noob("run", "tube.yaml")

        assert done.code == 7
        assert without_waiting(done.err).splitlines() == [
            *MADE,
            *ENDED,
            "the node 'u' ended the run in epoch 0 (tube.yaml:9:3): exit code 7",
        ]

    def test_a_node_that_leaves_while_something_fails_to_end(self, noob, write):
        write("stop.py", STOP)
        write("tube.yaml", tube("stop.leave").replace("run: {type: stop.Kept", "run: {type: stop.Failing"))

        done = noob("run", "tube.yaml")

        assert done.code == 7
        assert "the node 'u' ended the run in epoch 0 (tube.yaml:9:3): exit code 7\n" in done.err
        assert "tube.yaml:3:3: error: the asset 'run' could not be ended as it should\n" in done.err
        assert "SystemExit" not in done.err

    def test_a_broken_pipe_of_a_node_is_its_error(self, noob, write):
        write("stop.py", STOP)
        write("tube.yaml", tube("stop.broken_pipe"))

        done = noob("run", "tube.yaml")

        assert done.code == 1
        assert "tube.yaml:9:3: error: the node 'u' failed in epoch 0\n" in done.err
        assert without_waiting(done.err).splitlines()[-1] == "BrokenPipeError: [Errno 32] Broken pipe"

    def test_results_that_can_not_be_written_while_something_fails_to_end(self, noob, write):
        write("stop.py", STOP)
        write("tube.yaml", tube("stop.long_text").replace("run: {type: stop.Kept", "run: {type: stop.Failing"))

        done = noob("run", "tube.yaml", "-o", "out.jsonl", shell='ulimit -f 100; exec "$@"')

        assert done.code == 2
        assert "error: the results can't be written to out.jsonl: File too large\n" in done.err
        assert "error: the asset 'run' could not be ended as it should\n" in done.err
        assert "OutputError" not in done.err

    def test_a_node_that_fails_and_results_that_can_not_be_written(self, noob, write):
        write("stop.py", STOP)
        write("tube.yaml", tube("stop.fail_without_space"))

        done = noob("run", "tube.yaml", "-o", "out.json", "--output-format", "json")

        assert done.code == 1
        assert "tube.yaml:9:3: error: the node 'u' failed in epoch 0\n" in done.err
        assert "error: the results can't be written to out.json: File too large\n" in done.err


POOLS = """
import multiprocessing
import os
import shlex
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

# In one process, and not in a shell that has still to begin another: it may take no notice of what comes in between.
WORK = r"import os, signal, time; signal.signal(2, signal.SIG_DFL); os.write(2, b'works\\n'); time.sleep(60)"

def work(value):
    os.write(2, b"works\\n")
    time.sleep(60)

def executor(value):
    with ProcessPoolExecutor(1) as pool:
        return list(pool.map(work, [value]))

def pool(value):
    # One whose server of processes has died, which is the default from Python 3.14 on, never ends.
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(work, [value])

def command(value):
    subprocess.run(shlex.join([sys.executable, "-IS", "-c", WORK]), shell=True, check=True)

def of_asset(value, pool):
    return pool.submit(work, value).result()

def of_its_own(value, *kept):
    os.write(2, b"works\\n")
    time.sleep(0.5)
    subprocess.run("exit 3", shell=True, check=True)
"""

ASSET = "assets:\n  p: {type: concurrent.futures.ProcessPoolExecutor, scope: %s, params: {max_workers: 1}}\n"
POOL = "nodes:\n  n: {type: itertools.count}\n  u: {type: pools.%s, depends: %s}\n"


class TestWhatHasToWait:
    def test_an_epoch_that_is_finished(self, run, write):
        running, _ = run(tube("stop.finish"), "begins 0", "--grace", "1000")
        running.process.send_signal(signal.SIGINT)

        assert running.read_error_line() == (
            "finishing the epoch under way, in the node 'u' (tube.yaml:9:3): "
            "a second signal interrupts it, or the end of the grace of 1000 s"
        )
        write("go", "")
        assert running.end().err.count("finishing") == 0

    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    @pytest.mark.parametrize("kind", ["made", "ended", "ended asynchronously"])
    def test_an_asset(self, run, write, scope, kind):
        if kind == "made":
            running, _ = run(TestTheSecondSignal.making(scope), "making slow")
        else:
            code = "Kept" if kind == "ended" else "KeptAsync"
            running, _ = run(TestTheSecondSignal.ending(code, scope), "ending slow", "--epochs", "1")

        for number in (signal.SIGINT, signal.SIGTERM):
            running.process.send_signal(number)
            line = running.read_error_line()
            assert line == (
                "waiting for the asset 'slow' (tube.yaml:4:3), which is made or ended: a third signal gives it up"
            )
        write("go", "")
        assert running.end().code == 130

    def test_what_is_interrupted_at_once_is_not_waited_for(self, run):
        running, _ = run(tube("stop.clean_up"), "begins 0", "--grace", "0")

        assert "waiting" not in running.stop(signal.SIGTERM).err


class TestProcessesThatGetTheSignalToo:
    @pytest.mark.parametrize(
        ("text", "args"),
        [
            (POOL % ("executor", "n.value"), ("--grace", "1000")),
            (POOL % ("executor", "n.value"), ("--grace", "1000", "--on-error", "skip")),
            (POOL % ("command", "n.value"), ("--grace", "1000")),
            # A pool of this kind starts another process for one that has died, and waits for its result forever.
            (POOL % ("pool", "n.value"), ("--grace", "0.5")),
            (ASSET % "runner" + POOL % ("of_asset", "[n.value, assets.p]"), ("--grace", "1000")),
            (ASSET % "process" + POOL % ("of_asset", "[n.value, assets.p]"), ("--grace", "1000")),
        ],
        ids=["executor", "skipping", "command", "pool", "kept executor", "executor of the epoch"],
    )
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_what_was_done_in_them_is_interrupted(self, start, write, text, args, number):
        running = self.begun(start, write, text, *args)

        done = running.stop_all(number)

        assert done.code == 128 + number
        stopped, interrupted = without_waiting(done.err).splitlines()[-2:]
        assert stopped == f"stopped by {number.name} after 0 epochs (0 results)"
        assert interrupted.startswith("the node 'u' was interrupted in epoch 0 (tube.yaml:")
        assert "error: " not in done.err

    def test_what_fails_by_itself_is_a_failure(self, start, write):
        running = self.begun(start, write, POOL % ("of_its_own", "n.value"), "--grace", "1000")

        done = running.stop_all(signal.SIGINT)

        assert done.code == 1
        assert "error: the node 'u' failed in epoch 0" in done.err

    @staticmethod
    def begun(start, write, text, *args):
        write("pools.py", POOLS)
        write("tube.yaml", text)
        running = start("run", "tube.yaml", *args)
        while (line := running.read_error_line()) != "works":
            assert line
        return running


def test_signals_that_are_ignored_from_the_start_stay_ignored(noob, write):
    write("stop.py", STOP)
    write("tube.yaml", tube("stop.finish"))
    write("go", "")

    done = noob(
        "-c",
        "trap '' INT TERM HUP; \"$0\" -m noob_cli run tube.yaml -n 200 --grace 0 > out & "
        "while ! grep -q 100 out 2> /dev/null; do sleep 0.05; kill -INT $!; kill -TERM $!; kill -HUP $!; done; wait $!",
        sys.executable,
        command=("sh",),
    )

    assert done.code == 0
    assert "stopped" not in done.err
