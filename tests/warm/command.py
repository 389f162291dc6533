"""The command as a process of its own that doesn't have to import anything first: most of a short run is its start.

A server has it all imported and forks for each run. What the child has is what a new process has: arguments,
environment, folder, descriptors, signals, a process id and an exit code. What it can't show is what a process imports,
how it starts, and how Python is set up by its own variables and the locale: for these the real command is started.
"""

from __future__ import annotations

import io
import json
import os
import select
import signal
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

ARE_THERE = hasattr(os, "fork") and hasattr(socket, "send_fds")
"""Whether there can be such processes here."""

_SERVER = Path(__file__).with_name("server.py")
_SELDOM_IMPORTED = ("distributed", "graphlay", "lsprotocol", "pygls", "pytest", "starlette", "uvicorn")
"""What most runs don't need: to fork takes half as long without it."""
_THAT_IMPORT_IT = frozenset({"--view", "dask", "html", "lsp", "notebook", "svg", "test", "view"})
"""The arguments of those that do."""
_lock = threading.Lock()


class _Server:
    """A process that forks.

    Args:
        environment: Of the server: what decides how Python's own streams are made.
        missing: The packages that it doesn't import.
    """

    def __init__(self, environment: Mapping[str, str], missing: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="noob-")
        self.address = f"{self._folder.name}/socket"
        """Where shells find it."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(self.address)
            listening.listen()
            descriptors = [theirs.fileno(), listening.fileno()]
            self._process = subprocess.Popen(
                [sys.executable, _SERVER, *map(str, descriptors), *missing],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                env=environment,
            )

    def fork(self, descriptors: Sequence[int], **request: Any) -> int:
        with _lock:
            socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
            return int(self._socket.recv(100))

    def close(self) -> None:
        self._socket.close()
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


def _server(environment: Mapping[str, str], *, has_all: bool) -> _Server:
    key = (os.getpid(), has_all)
    with _lock:
        if key not in _servers:
            _servers[key] = _Server(environment, () if has_all else _SELDOM_IMPORTED)
        return _servers[key]


class WarmCommand:
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
        self.returncode: int | None = None
        self._lock = threading.Lock()
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
        self._status, says = os.pipe()
        theirs.append(says)
        words = [os.fsdecode(each) for each in arguments]
        try:
            self.pid = _server(env, has_all=not _THAT_IMPORT_IT.isdisjoint(words)).fork(
                [*given, says],
                arguments=words,
                environment=dict(env),
                folder=str(cwd),
                own_session=start_new_session,
                warnings=[],
            )
        finally:
            for each in theirs:
                os.close(each)

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self._ended(timeout) is None:
            raise subprocess.TimeoutExpired("noob", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

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

    def _ended(self, timeout: float | None) -> int | None:
        with self._lock:
            if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
                # Nothing is said by a server that is gone.
                self.returncode = int(os.read(self._status, 20) or -signal.SIGKILL)
                os.close(self._status)
        return self.returncode


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


def in_shell(env: Mapping[str, str], *options: str, has_all: bool = False) -> list[str]:
    """What a shell runs for `noob`, where that has the usual environment.

    Args:
        env: The environment.
        options: Of Python; `-W error` is one that the command is run with.
        has_all: Whether what most runs don't need is imported as well.
    """
    return [sys.executable, "-IS", *options, str(_SERVER.with_name("client.py")), _server(env, has_all=has_all).address]


def is_usual(env: Mapping[str, str]) -> bool:
    """Whether an environment leaves Python as the server has it."""
    return not any(name.startswith(("PYTHON", "LC_")) for name in env) and env.get("LANG") == "C.UTF-8"
