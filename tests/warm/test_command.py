"""A warm command is what a real one is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, environment
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, WarmCommand, is_usual, run_warm

pytestmark = pytest.mark.skipif(not ARE_THERE, reason="needs fork, and sockets that pass descriptors on")

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
        "descriptors": sorted(name for name in os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else [],
        "threads": sorted(type(each).__name__ for each in threading.enumerate()),
        "collector": [gc.get_threshold(), gc.isenabled()],
        "limits": resource.getrlimit(resource.RLIMIT_NOFILE),
        "group": os.getpgid(0) == os.getpgid(os.getppid()),
        "main": sys.modules["__main__"].__file__,
    }
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
    env = environment(folder, COLUMNS="77", MINE="yes")
    warm, cold = run_warm(arguments, cwd=folder, env=env), run_cold(arguments, folder, env)
    assert (warm.returncode, warm.stderr) == (cold.returncode, cold.stderr) == (0, b"")
    assert json.loads(warm.stdout) == json.loads(cold.stdout)


def test_how_it_ends_is_the_same(folder: Path) -> None:
    env = environment(folder)
    for arguments in (["--version"], ["run"], ["run", "none"], ["guide", "nothing"], ["run", "tube.yaml", "-n", "0"]):
        warm, cold = run_warm(arguments, cwd=folder, env=env), run_cold(arguments, folder, env)
        assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_signal_reaches_it(folder: Path, number: signal.Signals, code: int) -> None:
    pipe = subprocess.PIPE
    running = WarmCommand(
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
