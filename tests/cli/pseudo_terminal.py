"""A shell command that somebody talks to, on a terminal."""

import os
import pty
import select
import signal
import time
from contextlib import suppress

from tests.cli.conftest import CONTROL
from tests.patience import PATIENCE

PROMPT = b"(Pdb) "


class Terminal:
    """A shell command with a terminal of its own."""

    def __init__(self, command, folder, env):
        self.shown, self._seen = b"", 0
        self.process, self._terminal = pty.fork()
        if not self.process:
            os.chdir(folder)
            os.execvpe("sh", ["sh", "-c", command], env)

    def read_until(self, end):
        """Read on until something is shown that was not looked for before."""
        ends = time.monotonic() + PATIENCE
        while end not in self.shown[self._seen :]:
            assert self._read(ends), self.shown
        self._seen = self.shown.index(end, self._seen) + len(end)

    def _read(self, ends):
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, ends - time.monotonic()))
        assert ready, self.shown
        with suppress(OSError):
            more = os.read(self._terminal, 65536)
            self.shown += more
            return more
        return b""

    def type(self, text):
        """Type something, also before it is asked for."""
        os.write(self._terminal, text.encode())

    def answer(self, *answers):
        """Answer each time when the debugger asks."""
        for answer in answers:
            self.read_until(PROMPT)
            self.type(f"{answer}\n")

    def interrupt(self):
        """Press Ctrl-C when the debugger asks, until it is heard: Python misses one that comes before it waits."""
        self.read_until(PROMPT)
        ends = time.monotonic() + PATIENCE
        while b"--KeyboardInterrupt--" not in self.shown:
            self.type("\x03")
            if select.select([self._terminal], [], [], 1.0)[0]:
                self._read(ends)

    def end(self):
        """Read to the end, and return the exit code."""
        ends = time.monotonic() + PATIENCE
        while self._read(ends):
            pass
        _, status = os.waitpid(self.process, 0)
        self.process = 0
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self._terminal)

    @property
    def text(self):
        return CONTROL.sub("", self.shown.decode())
