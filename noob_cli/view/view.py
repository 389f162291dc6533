"""What shows a run: it is looked at from time to time, and waits when it is told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import TypeVar

from noob_cli.errors import InputError
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.view.feed import Tell
from noob_cli.view.gate import Gate
from noob_cli.view.sampling import Sampler

_T = TypeVar("_T")


class View:
    """Shows a run to whom it tells what it sees, and lets it be held.

    Args:
        tell: Gets what is seen.
        measures: Whether the calls of the nodes are measured for it.
        is_open: Whether the run begins by itself.
    """

    def __init__(self, tell: Tell, *, measures: bool = False, is_open: bool = True) -> None:
        self.measures = measures
        """Whether the calls of the nodes are measured for it."""
        self._tell = tell
        self._gate = Gate(is_open)
        self._sampler: Sampler | None = None
        self._is_watched = False

    def watch(self, is_watched: bool) -> None:
        """Somebody begins to watch, or nobody does any more; another thread may say so, too.

        Args:
            is_watched: Which of them.
        """
        self._is_watched = is_watched
        if self._sampler is not None:
            self._sampler.watch(is_watched)

    def do(self, command: str) -> None:
        """Do what somebody who watches wants.

        Args:
            command: `pause`, `go`, `step` or `stop`, which is what SIGTERM is.

        Raises:
            InputError: It is something else.
        """
        if command == "pause":
            self._gate.close()
        elif command == "go":
            self._gate.open()
        elif command == "step":
            self._gate.let_one_through()
        elif command == "stop":
            # SIGINT is ignored by what a script has begun with '&'.
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            raise InputError(f"a run that is under way can't do '{command}'")

    def begin(self, runner: SynchronousRunner, results: Callable[[], int]) -> None:
        """Begin to look at a run.

        Args:
            runner: What makes its epochs, in this thread.
            results: Says how many results there were.
        """
        self._sampler = Sampler(runner, results, self._gate, self._tell)
        self._sampler.watch(self._is_watched)
        self._sampler.begin()

    def passed(self, results: Iterator[_T], is_stopping: Callable[[], bool]) -> Iterator[_T]:
        """The results of the run, each made when it may; see `Gate.passed`."""
        return self._gate.passed(results, is_stopping)

    def end(self) -> None:
        """Tell what the run has come to."""
        if self._sampler is not None:
            self._sampler.end()
