"""Processes that a server has forked, for who has asked for them: Python with something to run, all of it imported."""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import IO, Any, Self

_RUN_MODULE = """
import runpy, sys
sys.modules.pop(sys.argv[1], None)
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
"""What `python -m` does, where the module may have been imported already."""

Asks = Callable[..., int]
"""Has a server fork: gets descriptors, and what else there is to a request; gives the id of the process."""

_lock = threading.Lock()


def ask_through(connection: socket.socket, descriptors: Sequence[int], **request: Any) -> int:
    """Have a server fork, see `server.py`.

    Args:
        connection: To the server.
        descriptors: Those that the child gets, and last the one to which its exit code is written.
        request: What else the child gets.

    Returns:
        The id of the process.
    """
    with _lock:
        return _ask(connection, descriptors, request)


def ask_at(address: str, descriptors: Sequence[int], **request: Any) -> int:
    """Have a server fork, through a connection for this.

    Args:
        address: Where the server is found.
        descriptors: See `ask_through`.
        request: See `ask_through`.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(address)
        return _ask(connection, descriptors, request)


def _ask(connection: socket.socket, descriptors: Sequence[int], request: dict[str, Any]) -> int:
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


class WarmProcess(Forked):
    """One with all imported already, and with standard streams.

    Args:
        asks: Has it forked.
        stdin: A descriptor, a file, `PIPE`, `DEVNULL`, or None for that of this process; so are `stdout` and `stderr`.
        bufsize: Of its pipes, as that of `Popen`.
        cwd: The folder; that of this process, if nothing is said.
        talks: Other descriptors that it gets; their numbers are the last of its arguments.
        request: What else it is to have.
    """

    def __init__(
        self,
        asks: Asks,
        *,
        stdin: Any,
        stdout: Any,
        stderr: Any,
        bufsize: int = -1,
        cwd: str | os.PathLike[str] | None = None,
        talks: Sequence[int] = (),
        **request: Any,
    ) -> None:
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        self._takes: list[threading.Thread] = []
        self._taken: dict[str, bytes] = {}
        given: list[int] = []
        with ExitStack() as stack:
            for number, (name, each) in enumerate((("stdin", stdin), ("stdout", stdout), ("stderr", stderr))):
                if each == subprocess.PIPE:
                    ends = os.pipe()
                    given.append(ends[number != 0])
                    stack.callback(os.close, given[-1])
                    setattr(self, name, os.fdopen(ends[number == 0], "wb" if number == 0 else "rb", bufsize))
                elif each == subprocess.DEVNULL:
                    given.append(os.open(os.devnull, os.O_RDWR))
                    stack.callback(os.close, given[-1])
                else:
                    given.append(number if each is None else each if isinstance(each, int) else each.fileno())
            folder = os.getcwd() if cwd is None else os.fspath(cwd)
            blocked = [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())]
            super().__init__(
                lambda says: asks([*given, *talks, says], folder=folder, blocked=blocked, **request),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self.stdin, self.stdout, self.stderr):
            if each is not None:
                each.close()
        self.wait()

    def communicate(
        self, input: bytes | None = None, timeout: float | None = None
    ) -> tuple[bytes | None, bytes | None]:
        """Give it its input, and take what it writes, to its end.

        Raises:
            TimeoutExpired: That takes too long; it may be called again.
        """

        def take(name: str, stream: IO[bytes]) -> None:
            with stream:
                self._taken[name] = stream.read()

        def give(stream: IO[bytes]) -> None:
            with suppress(BrokenPipeError), stream:
                left = memoryview(input or b"")
                while left:
                    left = left[stream.write(left) :]

        if not self._takes:
            pipes = [(name, getattr(self, name)) for name in ("stdout", "stderr")]
            self._takes = [threading.Thread(target=take, args=pipe) for pipe in pipes if pipe[1] is not None]
            if self.stdin is not None:
                self._takes.append(threading.Thread(target=give, args=[self.stdin]))
            for thread in self._takes:
                thread.start()
        ends = None if timeout is None else time.monotonic() + timeout
        for thread in self._takes:
            thread.join(None if ends is None else max(0.0, ends - time.monotonic()))
            if thread.is_alive():
                raise subprocess.TimeoutExpired("noob", timeout or 0)
        self.wait(None if ends is None else max(0.0, ends - time.monotonic()))
        return self._taken.get("stdout"), self._taken.get("stderr")


def start_python(
    asks: Asks,
    command: Sequence[str],
    *,
    stdin: Any = None,
    stdout: Any = None,
    stderr: Any = None,
    pass_fds: Sequence[int] = (),
    cwd: str | os.PathLike[str] | None = None,
    start_new_session: bool = False,
    warnings: Sequence[str] = (),
) -> WarmProcess:
    """Start what `noob` starts with `subprocess.Popen`: Python with code, or with a module.

    Args:
        asks: Has it forked.
        command: That of Python, with `-c` or `-m`.
        stdin: See `Popen`; so are `stdout`, `stderr`, `cwd` and `start_new_session`.
        pass_fds: Descriptors that it gets; their numbers are the last of the command.
        warnings: The action of a filter for all warnings.
    """
    number = next(number for number, word in enumerate(command) if word in ("-c", "-m"))
    arguments = list(command[number + 1 : len(command) - len(pass_fds)])
    return WarmProcess(
        asks,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        talks=pass_fds,
        code=_RUN_MODULE if command[number] == "-m" else arguments.pop(0),
        arguments=arguments,
        environment=dict(os.environ),
        own_session=start_new_session,
        warnings=list(warnings),
    )
