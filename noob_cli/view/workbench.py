"""What is behind the page of a tube: it follows the tube's files, and has its runs made in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import IO, Any, Final

from noob_cli.errors import InputError, TubeError
from noob_cli.held_signals import STOPPING
from noob_cli.interpreter import command_of_python
from noob_cli.loading.loading import document_of
from noob_cli.view.feed import Feed
from noob_cli.view.following import Stamp, stamp_of

_SECONDS_BETWEEN: Final = 0.3
"""How soon it is seen that a file has changed."""

_SIGNALLED: Final = 128
"""The exit code of what a signal has ended, plus its number."""

_MOST_LINES: Final = 200
_MOST_LETTERS: Final = 500
_OF_RUNS: Final = ("value ", "time ", "error ", "messages", "wrong")
"""How the names of the facts begin that are about one run."""

_SECONDS_FOR_MESSAGES: Final = 1.0
"""How long it is waited for more of them when a process has ended: one that it has left behind may hold the pipe."""


class Workbench:
    """Shows a tube and its runs to who reads a feed.

    Args:
        tube: The tube: a path or an id.
        feed: Gets all that there is to tell.
        command: The module that is a process that makes a run.
        errors: Where that goes, as well, which a run says on standard error.

    Raises:
        TubeNotFoundError: There is no such tube.
    """

    def __init__(self, tube: str, feed: Feed, command: str, errors: IO[str]) -> None:
        self._tube = tube
        self._feed = feed
        self._command = command
        self._errors = errors
        self._folded: Collection[str] | None = None
        self._folders: Sequence[str] = [str(Path(tube).resolve().parent)]
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._run: _Run | None = None
        self._changing = threading.RLock()
        self._is_over = False
        self._unseen = threading.Event()
        with suppress(TubeError):
            document_of(tube)
        self._feed.tell({"run": {"state": "idle"}, "starts": True})
        self._thread = threading.Thread(target=self._keep_following, name="noob view", daemon=True)
        self._thread.start()

    # The tube

    def _keep_following(self) -> None:
        stamp = None
        while not self._is_over:
            now = stamp_of(self._folders)
            if now != stamp or self._unseen.is_set():
                self._unseen.clear()
                folders = self._folders
                self._look(now)
                # What has changed meanwhile is looked at again; in folders that are new, anything may have.
                stamp = now if folders == self._folders else None
            self._unseen.wait(_SECONDS_BETWEEN)

    def _look(self, stamp: Stamp) -> None:
        """Look at the tube, unless its files change meanwhile."""
        asked = {"tube": self._tube, "folded": None if self._folded is None else sorted(self._folded)}
        command = command_of_python("-m", "noob_cli.view.looking", json.dumps(asked))
        with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE) as looking:
            answer, said = self._answer_of(looking, stamp)
        try:
            seen = json.loads(answer)
        except ValueError:
            if not self._is_over and stamp_of(self._folders) == stamp:
                lines = said.decode(errors="replace").strip().splitlines()
                why = lines[-1] if lines else f"exit code {looking.returncode}"
                problem = {"severity": "error", "message": f"the tube can't be looked at: {why}"}
                self._feed.tell({"problems": [problem]})
            return
        if "missing" in seen:
            self._feed.tell({"problems": [{"severity": "error", "message": seen["missing"]}]})
            return
        self._folders = seen["folders"]
        self._feed.tell(seen["facts"])

    def _answer_of(self, looking: Popen[bytes], stamp: Stamp) -> tuple[bytes, bytes]:
        while True:
            try:
                return looking.communicate(timeout=_SECONDS_BETWEEN)
            except TimeoutExpired:
                if self._is_over or stamp_of(self._folders) != stamp:
                    looking.kill()

    # Its runs

    def do(self, command: str, given: Mapping[str, Any]) -> None:
        """Do what somebody who reads wants.

        Args:
            command: `start`, `fold`, or what is said to a run that is under way: `pause`, `go`, `step`, `stop`.
            given: For `start`, the `inputs` by name, as texts, the `records` as JSON lines, and whether it is `held`
                before its first result; for `fold`, the names of the nested tubes that are `folded`.

        Raises:
            InputError: That can't be done now.
        """
        with self._changing:
            if command == "fold":
                self._folded = _texts(given, "folded", list)
                self._unseen.set()
            elif command == "start":
                self._start(given)
            elif self._run is None or not self._run.is_alive:
                raise InputError("nothing runs: start it first")
            else:
                self._run.do(command)

    def _start(self, given: Mapping[str, Any]) -> None:
        if self._run is not None and self._run.is_alive:
            raise InputError("the tube is running: stop it first")
        records = str(given.get("records", ""))
        asked = {
            "tube": self._tube,
            "inputs": _texts(given, "inputs", dict),
            "records": bool(records),
            "held": bool(given.get("held")),
        }
        self._lines.clear()
        self._feed.take_back(*_OF_RUNS)
        self._feed.tell({"run": {"state": "starting"}})
        self._run = _Run(self._command, asked, records, self._feed, self._say)

    def _say(self, line: str) -> None:
        with suppress(OSError, ValueError):
            print(line, file=self._errors, flush=True)
        self._lines.append(line[:_MOST_LETTERS])
        self._feed.tell({"messages": list(self._lines)})

    def interrupt(self, number: int) -> None:
        """Hand a signal on to the run that is under way, if there is one.

        Args:
            number: The signal.
        """
        if self._run is not None:
            self._run.interrupt(number)

    def end(self) -> None:
        """Wait for the end of the run that is under way."""
        self._is_over = True
        self._unseen.set()
        if self._run is not None:
            self._run.join()
        self._thread.join()


def _texts(given: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    """A list of texts, or texts by name.

    Raises:
        InputError: It is something else.
    """
    texts = given.get(name, kind())
    values = texts.values() if isinstance(texts, dict) else texts
    if not isinstance(texts, kind) or not all(isinstance(text, str) for text in values):
        raise InputError(f"'{name}' should be a {kind.__name__} of texts")
    return texts


class _Run:
    """A run in a process of its own.

    Args:
        module: What that process is.
        asked: What is asked for.
        records: Its records, as JSON lines.
        feed: Gets what it tells.
        say: Gets the lines that it says on standard error.
    """

    def __init__(
        self, module: str, asked: Mapping[str, Any], records: str, feed: Feed, say: Callable[[str], object]
    ) -> None:
        self.is_alive = True
        """Whether it has not ended yet."""
        self._feed = feed
        self._say = say
        told, tells = os.pipe()
        hears, says = os.pipe()
        # Signals that end it wait until there is who hears them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            self._process = Popen(
                command_of_python("-m", module, str(tells), str(hears)),
                stdin=PIPE,
                stderr=PIPE,
                pass_fds=(tells, hears),
                # Signals of the terminal come by who has started it, and whoever asks there asks in vain.
                start_new_session=True,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(tells)
            os.close(hears)
        self._told, self._to_it = os.fdopen(told, encoding="utf-8"), os.fdopen(says, "w", encoding="utf-8")
        self.do(json.dumps(asked))
        self._threads = [
            threading.Thread(target=do, args=arguments, name="noob view", daemon=True)
            for do, arguments in ((self._hear, ()), (self._hear_errors, ()), (self._give, (records,)))
        ]
        for thread in self._threads:
            thread.start()

    def do(self, command: str) -> None:
        """Tell it something."""
        with suppress(OSError):
            print(command, file=self._to_it, flush=True)

    def interrupt(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def join(self) -> None:
        """Wait until it has ended."""
        self._threads[0].join()

    def _give(self, records: str) -> None:
        assert self._process.stdin is not None
        with suppress(OSError), self._process.stdin as stdin:
            stdin.write(records.encode())

    def _hear(self) -> None:
        last: dict[str, Any] = {}
        for line in self._told:
            facts = json.loads(line)
            last = facts.get("run", last)
            if last.get("state") == "ended":
                # It is when its process has ended as well.
                facts.pop("run", None)
            self._feed.tell(facts)
        code = self._process.wait()
        self._threads[1].join(_SECONDS_FOR_MESSAGES)
        # As a shell says it of one that a signal has killed.
        code = code if code >= 0 else _SIGNALLED - code
        self._to_it.close()
        self._told.close()
        self.is_alive = False
        self._feed.tell({"run": {**last, "state": "ended", "code": code, "at": []}})

    def _hear_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as errors:
            for line in errors:
                self._say(line.decode(errors="backslashreplace").rstrip())
