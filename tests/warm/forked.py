"""Processes that a server has forked, for who has asked for them: Python with code to run, as a worker process is."""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

_lock = threading.Lock()


def ask(connection: socket.socket, descriptors: Sequence[int], **request: Any) -> int:
    """Have a server fork, see `server.py`.

    Args:
        connection: To the server.
        descriptors: Those that the child gets, and last the one to which its exit code is written.
        request: What else the child gets.

    Returns:
        The id of the process.
    """
    with _lock:
        socket.send_fds(connection, [marshal.dumps(request)], descriptors)
        return int(connection.recv(100))


class Forked:
    """A process that was forked, used as a `subprocess.Popen` is.

    Args:
        fork: Has it forked: gets the descriptor to which its exit code is to be written, and gives the process id.
    """

    def __init__(self, fork: Callable[[int], int]) -> None:
        self.returncode: int | None = None
        self._waiting = threading.Lock()
        self._status, says = os.pipe()
        try:
            self.pid = fork(says)
        finally:
            os.close(says)

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        # A signal may come to who waits for it.
        if self._waiting.acquire(blocking=False):
            try:
                self._look(0)
            finally:
                self._waiting.release()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        with self._waiting:
            self._look(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("noob", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            # It may end in this moment, and its server knows that before its exit code comes here.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            # Nothing is said by a server that is gone.
            self.returncode = int(os.read(self._status, 20) or -signal.SIGKILL)
            os.close(self._status)


class WarmPython(Forked):
    """What `python -c` starts, without input, and with all imported already.

    Args:
        connection: To the server that forks it.
        code: What it runs.
        arguments: What follows the code.
        stdout: A descriptor; so is `stderr`.
        folder: The folder; that of this process, if nothing is said.
        talks: Another descriptor that it gets; its number is the last of the arguments.
    """

    def __init__(
        self,
        connection: socket.socket,
        code: str,
        *arguments: str,
        stdout: int,
        stderr: int,
        folder: str | None = None,
        talks: tuple[int, ...] = (),
    ) -> None:
        nothing = os.open(os.devnull, os.O_RDWR)

        def fork(says: int) -> int:
            return ask(
                connection,
                [nothing, stdout, stderr, *talks, says],
                code=code,
                arguments=arguments,
                environment=dict(os.environ),
                folder=folder or os.getcwd(),
                own_session=False,
                warnings=[],
            )

        try:
            super().__init__(fork)
        finally:
            os.close(nothing)


def start_worker(
    connection: socket.socket, command: Sequence[str], *, stdin: int, pass_fds: tuple[int], cwd: str | None
) -> WarmPython:
    """Start a worker process: what `Process` starts with `subprocess.Popen`.

    Args:
        connection: To the server that forks it.
        command: That of Python, with the code of the worker, what it is called, and the descriptor it talks through.
        stdin: No input.
        pass_fds: That descriptor.
        cwd: The folder that it begins in; that of this process, if nothing is said.
    """
    assert stdin == subprocess.DEVNULL
    code, name, _ = command[command.index("-c") + 1 :]
    return WarmPython(connection, code, name, stdout=1, stderr=2, folder=cwd, talks=pass_fds)
