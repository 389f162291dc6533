"""The command as a process of its own that doesn't have to import anything first: most of a short run is its start.

A server has it all imported and forks for each run. What the child has is what a new process has: arguments,
environment, folder, descriptors, signals, a process id and an exit code. What it can't show is what a process imports,
how it starts, and how Python is set up by its own variables and the locale: for these the real command is started.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE
from tests.warm.forked import WarmProcess, ask_at
from tests.warm.forked import start_python as start_python_there

ARE_THERE = hasattr(os, "fork") and hasattr(socket, "send_fds")
"""Whether there can be such processes here."""

_SERVER = Path(__file__).with_name("server.py")
_SELDOM_IMPORTED = (
    "dask",
    "distributed",
    "graphlay",
    "lsprotocol",
    "pyarrow",
    "pygls",
    "pytest",
    "starlette",
    "uvicorn",
)
"""What most runs don't need: to fork takes half as long without it."""
_THAT_IMPORT_IT = ("dask", "html", "lsp", "notebook", "parquet", "svg", "test", "view")
"""What an argument of those that do ends with."""
_SETS_UP = ("PYTHON", "LC_")
"""What the variables begin with by which Python is set up."""
_TAKEN_OVER = {"PYTHONPATH"}
"""Those of them that a warm command goes by as well, but for what Python imports by itself when it starts."""
_USUAL = {"LANG": "C.UTF-8"}
"""How it has to be set up besides."""
_WITHOUT_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "OPENBLAS_NUM_THREADS": "1"}
"""What keeps packages from starting threads when they are imported, which a forked process wouldn't have."""
_WAITS = """
import os, select, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
asked, listening = map(int, sys.argv[2:4])
if listening in select.select([asked, listening], [], [])[0]:
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Waits until the server that it is to be is asked for the first time, or ends with who would have asked."""
_lock = threading.Lock()


class _Server:
    """A process that forks, when it is asked at its address, until this process ends it, or has ended.

    Args:
        missing: The packages that it doesn't import.
    """

    def __init__(self, missing: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="noob-")
        self.address = f"{self._folder.name}/socket"
        """Where it is found."""
        self._ends, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(self.address)
            listening.listen()
            descriptors = [theirs.fileno(), listening.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, "-IS", "-c", _WAITS, _SERVER, *map(str, descriptors), *missing],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                env=self._environment(),
            )

    def _environment(self) -> dict[str, str]:
        """The environment of the server, without what a developer has set for Python, or for their own `noob`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith((*_SETS_UP, "NOOB_", "_NOOB"))}
        home = {"HOME": self._folder.name, "XDG_CONFIG_HOME": self._folder.name}
        return kept | _USUAL | home | _WITHOUT_THREADS

    def close(self) -> None:
        self._ends.close()
        self._process.wait(PATIENCE)
        self._folder.cleanup()


_servers: dict[bool, _Server] = {}
"""Those of this process, by whether they have all imported."""
_addresses: dict[bool, str] = {}
"""Where they are found, or those of another process."""


def use_servers(addresses: Sequence[str]) -> None:
    """Use the servers of another process.

    Args:
        addresses: See `addresses_of_servers`.
    """
    _addresses.update(zip((False, True), addresses, strict=True))


def addresses_of_servers() -> list[str]:
    """Where the servers are found: the one that has what most runs need, and the one that has all."""
    return [_address(has_all=has_all) for has_all in (False, True)]


def close_servers() -> None:
    """End the servers of this process."""
    _addresses.clear()
    while _servers:
        _servers.popitem()[1].close()


def _address(*, has_all: bool) -> str:
    with _lock:
        if has_all not in _addresses:
            _servers[has_all] = _Server(() if has_all else _SELDOM_IMPORTED)
            _addresses[has_all] = _servers[has_all].address
        return _addresses[has_all]


def start_warm(
    arguments: Sequence[str | bytes | Path],
    *,
    stdin: Any,
    stdout: Any,
    stderr: Any,
    cwd: Path,
    env: Mapping[str, str],
    start_new_session: bool = False,
) -> WarmProcess:
    """Start the command, without buffers on our side.

    Args:
        arguments: What follows `noob`.
        stdin: A descriptor, a file, `PIPE` or `DEVNULL`; so are `stdout` and `stderr`.
        cwd: The folder.
        env: The environment.
        start_new_session: Whether it leads a group of processes.
    """
    words = [os.fsdecode(each) for each in arguments]
    return WarmProcess(
        partial(ask_at, _address(has_all=any(word.endswith(_THAT_IMPORT_IT) for word in words))),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        bufsize=0,
        cwd=cwd,
        arguments=words,
        environment=dict(env),
        own_session=start_new_session,
        warnings=[],
    )


def run_warm(
    arguments: Sequence[str | bytes | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    input: bytes = b"",
    stdin: Any = subprocess.PIPE,
    stdout: Any = subprocess.PIPE,
    timeout: float = PATIENCE,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end, as `subprocess.run` does."""
    command = start_warm(arguments, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd, env=env)
    try:
        out, err = command.communicate(input, timeout)
    except BaseException:
        command.kill()
        raise
    return subprocess.CompletedProcess(list(arguments), command.wait(timeout), out, err)


def start_python(command: Sequence[str], *, has_all: bool = False, **given: Any) -> WarmProcess:
    """Start Python, where this process would with `subprocess.Popen`.

    Args:
        command: See `tests.warm.forked.start_python`.
        has_all: Whether it needs what most runs don't.
        given: See there.
    """
    return start_python_there(partial(ask_at, _address(has_all=has_all)), command, **given)


def in_shell(*options: str, has_all: bool = False) -> list[str]:
    """What a shell runs for `noob`, where that has the usual environment.

    Args:
        options: Of Python; `-W error` is one that the command is run with.
        has_all: Whether what most runs don't need is imported as well.
    """
    return [sys.executable, "-IS", *options, str(_SERVER.with_name("client.py")), _address(has_all=has_all)]


def is_usual(env: Mapping[str, str]) -> bool:
    """Whether an environment leaves Python as the server has it."""
    sets_up = {name for name in env if name.startswith(_SETS_UP)}
    return sets_up <= _TAKEN_OVER and env.items() >= _USUAL.items()
