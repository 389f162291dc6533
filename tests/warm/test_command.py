"""A warm command is what a real one is, and so are its worker processes."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from noob_cli.view import workbench
from noob_cli.view.feed import Feed
from noob_cli.view.workbench import Workbench
from tests.cli.conftest import COMMAND, environment
from tests.patience import PATIENCE, wait_until
from tests.warm.command import ARE_THERE, in_shell, is_usual, run_warm, start_python, start_warm
from tests.warm.forked import Forked

pytestmark = pytest.mark.skipif(not ARE_THERE, reason="needs fork, and sockets that pass descriptors on")

ROOT = Path(__file__).parents[2]
TUBE = """
nodes:
  number: {type: itertools.count}
  look: {type: looking.look, depends: number.value}
  return: {type: return, depends: look.value}
"""

LOOKING = """
import gc, os, resource, signal, sys, threading


def stream(each):
    return [type(each).__name__, type(each.buffer).__name__, each.encoding, each.errors, each.newlines, each.name,
            each.line_buffering, each.isatty(), each.fileno()] if each else None


def descriptors():
    if not os.path.exists("/proc/self/fd"):
        return
    for number in os.listdir("/proc/self/fd"):
        try:
            kind = os.readlink("/proc/self/fd/" + number).partition(":")[0]
        except OSError:
            # It was that of the list.
            continue
        # What ctypes calls through may stay open as a file, which takes a number of its own.
        if "libffi" not in kind:
            yield kind


def look(number):
    return {
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "path": sys.path,
        "flags": str(sys.flags),
        "streams": [stream(each) for each in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stderr__)],
        "signals": {int(each): getattr(signal.getsignal(each), "__qualname__", str(signal.getsignal(each)))
                    for each in signal.Signals if each != signal.SIGCHLD},
        "children": str(signal.getsignal(signal.SIGCHLD)),
        "mask": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))),
        "descriptors": sorted(descriptors()),
        "threads": sorted(type(each).__name__ for each in threading.enumerate()),
        "collector": [gc.get_threshold(), gc.isenabled()],
        "limits": [*map(resource.getrlimit, (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE))],
        "group": os.getpgid(0) == os.getpgid(os.getppid()),
        "main": getattr(sys.modules["__main__"], "__file__", None),
    }


def look_as_worker(number):
    found = look(number)
    # What it talks through has the number that it has in the command; Python is started with options of its own.
    differing = {"descriptors": len(found["descriptors"]), "flags": None}
    return {**found, **differing, "name": threading.current_thread().name}
"""

BEHIND_A_PAGE = """
input:
  given: {type: int, scope: process}
nodes:
  write: {type: behind.write, depends: input.given}
"""

BEHIND = """
import json, looking, os
from pathlib import Path


def write(number):
    seen = looking.look(number)
    # How it talks has the number that it has in the process that has started it; which of the two writes is seen first.
    seen |= {"descriptors": len(seen["descriptors"]), "arguments": len(seen["arguments"]), "flags": None}
    name = "while it runs" if number else "while it is looked at"
    part = Path(__file__).with_name("part of " + name)
    part.write_text(json.dumps(seen))
    part.replace(part.with_name(name))


if len(looking.sys.argv) == 2:
    write(0)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tube.yaml").write_text(TUBE)
    (tmp_path / "looking.py").write_text(LOOKING)
    return tmp_path


def run_cold(arguments: list[str], folder: Path, env: dict[str, str]) -> Any:
    return subprocess.run(
        [*COMMAND, *arguments], input=b"", capture_output=True, cwd=folder, env=env, timeout=PATIENCE, check=False
    )


def test_all_that_a_process_has_is_the_same(folder: Path) -> None:
    arguments = ["run", "tube.yaml", "-n", "1"]
    env = environment(folder, COLUMNS="77", MINE="yes", PYTHONPATH=f"{folder}/one{os.pathsep}{folder}/other")
    warm, cold = run_warm(arguments, cwd=folder, env=env), run_cold(arguments, folder, env)
    assert (warm.returncode, warm.stderr) == (cold.returncode, cold.stderr) == (0, b"")
    assert json.loads(warm.stdout) == json.loads(cold.stdout)


def test_all_that_a_worker_process_has_is_the_same(folder: Path) -> None:
    arguments = ["run", "tube.yaml", "-n", "1", "--runner", "processes", "--workers", "1"]
    (folder / "tube.yaml").write_text(TUBE.replace("looking.look", "looking.look_as_worker"))
    env = environment(folder, MINE="yes", PYTHONPATH=f"{folder}/one")
    warm, cold = run_warm(arguments, cwd=folder, env=env), run_cold(arguments, folder, env)
    assert (warm.returncode, warm.stderr) == (cold.returncode, cold.stderr) == (0, b"")
    assert json.loads(warm.stdout) == json.loads(cold.stdout)


def test_all_that_a_process_behind_a_page_has_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tube.yaml").write_text(BEHIND_A_PAGE)
    (folder / "behind.py").write_text(BEHIND)
    # Some of what the test process has is read by Python itself; what it has imported sets the size of a terminal.
    for name in set(os.environ) - set(environment(folder)):
        monkeypatch.delenv(name)
    for name in ("MINE", "COLUMNS", "LINES"):
        monkeypatch.setenv(name, "77")
    found = []
    for popen in (start_python, subprocess.Popen):
        monkeypatch.setattr(workbench, "Popen", popen)
        feed = Feed()
        bench = Workbench(str(folder / "tube.yaml"), feed, "noob_cli.cli.run.viewed", io.StringIO())
        bench.do("start", {"records": '{"given": 1}\n'})
        wait_until(lambda feed=feed: json.loads(feed.since(0)[1])["run"]["state"] == "ended")
        wait_until((folder / "while it is looked at").exists)
        bench.end()
        found.append([json.loads((folder / name).read_text()) for name in ("while it is looked at", "while it runs")])
        (folder / "while it is looked at").unlink()
        (folder / "while it runs").unlink()
    assert found[0] == found[1]


@pytest.mark.slow
def test_how_it_ends_is_the_same(folder: Path) -> None:
    env = environment(folder)
    for arguments in (["--version"], ["run"], ["run", "none"], ["guide", "nothing"], ["run", "tube.yaml", "-n", "0"]):
        warm, cold = run_warm(arguments, cwd=folder, env=env), run_cold(arguments, folder, env)
        assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)


ENDING = """
import atexit, ctypes, os, threading, time, weakref

C = ctypes.CDLL(None)
main = threading.main_thread()


def say(text):
    os.write(2, f"{text}\\n".encode())


class Kept:
    pass


def outlive():
    main.join()
    say("a thread has ended")


kept = Kept()
kept.itself = kept
weakref.finalize(kept, say, "a global is finalized")


def look(number):
    threading.Thread(target=outlive).start()
    atexit.register(say, "at the exit")
    C.printf(b"of C\\n")
    return number
"""


def test_what_is_left_to_the_end_is_done(folder: Path) -> None:
    (folder / "looking.py").write_text(ENDING)
    arguments, env = ["run", "tube.yaml", "-n", "1"], environment(folder)
    warm, cold = run_warm(arguments, cwd=folder, env=env), run_cold(arguments, folder, env)
    assert (warm.returncode, warm.stdout) == (cold.returncode, cold.stdout) == (0, b"0\n")
    assert warm.stderr.splitlines() == cold.stderr.splitlines()
    assert len(warm.stderr.splitlines()) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("noob run tube.yaml -n 3 | wc -l; noob run none", 2),
        ("noob run tube.yaml | head -n 2 | wc -l", 0),
        ("noob run tube.yaml -n 2 > out; wc -l out; echo nothing | noob validate - 2>&1", 2),
        ("noob run warning.yaml -n 1", 1),
        ("noob run tube.yaml -n 1 -o out >&- && cat out", 0),
        ("noob run tube.yaml -n 1 -o out 2>&- && cat out", 0),
        ("noob validate warns.py 2>&-", 2),
        ("noob run tube.yaml -n 1 <&- >&- 2>&-", 2),
        ("ulimit -f 100; noob run tube.yaml -n 1 <&-", 0),
        pytest.param(
            "setsid --wait noob run tube.yaml -n 1",
            0,
            marks=pytest.mark.skipif(which("setsid") is None, reason="needs setsid"),
        ),
    ],
)
def test_in_a_shell_it_is_the_same(folder: Path, line: str, code: int) -> None:
    (folder / "warns.py").write_text("import warnings\n\n\ndef look(number):\n    warnings.warn('careful')\n")
    (folder / "warning.yaml").write_text(TUBE.replace("looking.look", "warns.look"))
    env = environment(folder)
    outcomes = []
    for noob in (in_shell("-W", "error"), [sys.executable, "-W", "error", *COMMAND[1:]]):
        (folder / "noob").write_text(f'#!/bin/sh\nexec {shlex.join(noob)} "$@"\n')
        (folder / "noob").chmod(0o755)
        done = subprocess.run(
            ["bash", "-c", line],
            capture_output=True,
            cwd=folder,
            env=env | {"PATH": f"{folder}{os.pathsep}{env['PATH']}"},
            timeout=PATIENCE,
            check=False,
        )
        outcomes.append((done.returncode, done.stdout, done.stderr))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_signal_reaches_it(folder: Path, number: signal.Signals, code: int) -> None:
    pipe = subprocess.PIPE
    running = start_warm(
        ["run", "tube.yaml"],
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        cwd=folder,
        env=environment(folder),
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.read(1) == b"{"
    assert os.getpgid(running.pid) == running.pid
    assert running.poll() is None
    running.send_signal(number)
    running.communicate()
    assert running.returncode == code


def test_an_environment_that_python_itself_reads_is_for_a_real_command(folder: Path) -> None:
    assert is_usual(environment(folder, COLUMNS="100"))
    assert not is_usual(environment(folder, PYTHONUTF8="0"))
    assert not is_usual(environment(folder, LC_ALL="C"))


def test_what_ends_in_this_moment_takes_a_signal_as_a_popen_does() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    status = []

    def fork(says: int) -> int:
        status.append(os.dup(says))
        return ended.pid

    forked = Forked(fork)
    forked.send_signal(signal.SIGTERM)
    assert forked.poll() is None
    os.write(status[0], b"0")
    os.close(status[0])
    assert forked.wait() == 0


STARTS_ONE = """
import json, sys, time
from pathlib import Path
from subprocess import DEVNULL, PIPE

from tests.warm.command import start_warm

env = json.load(sys.stdin)
command = start_warm(
    ["run", "tube.yaml"], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, cwd=Path(sys.argv[1]), env=env,
    start_new_session=True,
)
print(command.pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the system can't say that a parent has ended")
def test_one_with_a_session_of_its_own_ends_with_tests_that_are_killed(folder: Path) -> None:
    (folder / "tube.yaml").write_text("nodes: {n: {type: itertools.count}}\n")
    tests = [sys.executable, "-c", STARTS_ONE, str(folder)]
    with subprocess.Popen(tests, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as popen:
        assert popen.stdin is not None
        assert popen.stdout is not None
        popen.stdin.write(json.dumps(environment(folder)).encode())
        popen.stdin.close()
        command = Path("/proc", popen.stdout.readline().decode().strip(), "stat")
        assert command.exists()
        popen.kill()
    wait_until(lambda: not command.exists() or " Z " in command.read_text())
