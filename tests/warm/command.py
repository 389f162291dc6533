"""The command as a process of its own that doesn't have to import anything first: most of a short run is its start.

A server has it all imported and forks for each run. What the child has is what a new process has: arguments,
environment, folder, descriptors, signals, a process id and an exit code. What it can't show is what a process imports,
how it starts, and how Python is set up by its own variables and the locale: for these the real command is started.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.patience import PATIENCE
from tests.warm.forked import Forked, WarmPython, ask
from tests.warm.forked import start_worker as start_worker_there

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
_USUAL = {"LANG": "C.UTF-8"}
"""How it has to be set up besides."""
_WITHOUT_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "OPENBLAS_NUM_THREADS": "1"}
"""What keeps packages from starting threads when they are imported, which a forked process wouldn't have."""
_lock = threading.Lock()


class _Server:
    """A process that forks.

    Args:
        missing: The packages that it doesn't import.
    """

    def __init__(self, missing: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="noob-")
        self.address = f"{self._folder.name}/socket"
        """Where shells find it."""
        self.connection: socket.socket
        """Where it is asked from here."""
        self.connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(self.address)
            listening.listen()
            descriptors = [theirs.fileno(), listening.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, _SERVER, *map(str, descriptors), *missing],
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
        self.connection.close()
        self._process.wait(PATIENCE)
        self._folder.cleanup()


_servers: dict[tuple[int, bool], _Server] = {}
"""Those that each process has that runs tests, by whether they have all imported."""


def close_servers() -> None:
    """End the servers of this process."""
    for has_all in (True, False):
        server = _servers.pop((os.getpid(), has_all), None)
        if server is not None:
            server.close()


def _server(*, has_all: bool) -> _Server:
    key = (os.getpid(), has_all)
    with _lock:
        if key not in _servers:
            _servers[key] = _Server(() if has_all else _SELDOM_IMPORTED)
        return _servers[key]


class WarmCommand(Forked):
    """A run of the command, used as a `subprocess.Popen` is whose pipes have no buffers.

    Args:
        arguments: What follows `noob`.
        stdin: A descriptor, a file, `PIPE` or `DEVNULL`; so are `stdout` and `stderr`.
        cwd: The folder.
        env: The environment.
        start_new_session: Whether it leads a group of processes.
    """

    def __init__(
        self,
        arguments: Sequence[str | bytes | Path],
        *,
        stdin: Any,
        stdout: Any,
        stderr: Any,
        cwd: Path,
        env: Mapping[str, str],
        start_new_session: bool = False,
    ) -> None:
        theirs: list[int] = []
        ours: list[Any] = []
        given: list[int] = []
        for number, each in enumerate((stdin, stdout, stderr)):
            if each == subprocess.PIPE:
                ends = os.pipe()
                theirs.append(ends[number != 0])
                given.append(ends[number != 0])
                ours.append(io.FileIO(ends[number == 0], "w" if number == 0 else "r"))
            else:
                ours.append(None)
                if each == subprocess.DEVNULL:
                    theirs.append(os.open(os.devnull, os.O_RDWR))
                    given.append(theirs[-1])
                else:
                    given.append(each if isinstance(each, int) else each.fileno())
        self.stdin: IO[bytes] | None
        self.stdin, self.stdout, self.stderr = ours
        words = [os.fsdecode(each) for each in arguments]

        def fork(says: int) -> int:
            return ask(
                _server(has_all=any(word.endswith(_THAT_IMPORT_IT) for word in words)).connection,
                [*given, says],
                arguments=words,
                environment=dict(env),
                folder=str(cwd),
                own_session=start_new_session,
                warnings=[],
            )

        try:
            super().__init__(fork)
        finally:
            for each in theirs:
                os.close(each)

    def communicate(self, input: bytes | None = None, timeout: float = PATIENCE) -> tuple[bytes | None, bytes | None]:
        """Give it its input, and take what it writes, to its end; kill it if that takes too long."""
        taken: list[bytes | None] = [None, None]

        def take(index: int, stream: IO[bytes]) -> None:
            taken[index] = stream.read()

        def give() -> None:
            assert self.stdin is not None
            try:
                left = memoryview(input or b"")
                while left:
                    left = left[self.stdin.write(left) :]
            except BrokenPipeError:
                pass
            finally:
                self.stdin.close()

        pipes = [(index, each) for index, each in enumerate((self.stdout, self.stderr)) if each is not None]
        threads = [threading.Thread(target=take, args=each) for each in pipes]
        threads += [] if self.stdin is None else [threading.Thread(target=give)]
        for thread in threads:
            thread.start()
        try:
            ends = time.monotonic() + timeout
            for thread in threads:
                thread.join(max(0.0, ends - time.monotonic()))
            self.wait(max(0.0, ends - time.monotonic()))
        except BaseException:
            self.kill()
            raise
        for _, each in pipes:
            each.close()
        return taken[0], taken[1]


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
    command = WarmCommand(arguments, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd, env=env)
    out, err = command.communicate(input, timeout)
    return subprocess.CompletedProcess(list(arguments), command.wait(timeout), out, err)


def start_worker(command: Sequence[str], **given: Any) -> WarmPython:
    """Start a worker process, where this process would start Python to be one."""
    return start_worker_there(_server(has_all=False).connection, command, **given)


def start_module(name: str, *arguments: str, stdout: int, stderr: int, folder: Path) -> WarmPython:
    """Start a module as `python -W ignore -m` does, one that imports what most runs don't need."""
    code = (
        "import runpy, sys, warnings; warnings.simplefilter('ignore'); "
        "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
    )
    connection = _server(has_all=True).connection
    return WarmPython(connection, code, name, *arguments, stdout=stdout, stderr=stderr, folder=str(folder))


def in_shell(*options: str, has_all: bool = False) -> list[str]:
    """What a shell runs for `noob`, where that has the usual environment.

    Args:
        options: Of Python; `-W error` is one that the command is run with.
        has_all: Whether what most runs don't need is imported as well.
    """
    return [sys.executable, "-IS", *options, str(_SERVER.with_name("client.py")), _server(has_all=has_all).address]


def is_usual(env: Mapping[str, str]) -> bool:
    """Whether an environment leaves Python as the server has it."""
    return not any(name.startswith(_SETS_UP) for name in env) and env.items() >= _USUAL.items()
