"""Signals that ask a run to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from noob_cli.assets.registry import AssetRegistry
from noob_cli.runners.starting import Starter
from noob_cli.teardown import end_all

if TYPE_CHECKING:
    from noob_cli.runners.synchronous import SynchronousRunner

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

_SECONDS_BETWEEN = 0.05
"""How long a signal that has to wait waits, before it is looked at again."""

_MAKES_OR_ENDS = frozenset(code.co_filename for code in (end_all.__code__, AssetRegistry.open.__code__))
"""The files whose functions make what has to be ended, and end it."""


class Interrupted(KeyboardInterrupt):
    """A signal asked the run to stop.

    Args:
        number: The signal's number.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"stopped by {signal.Signals(number).name}")


@contextmanager
def interruptible(runner: SynchronousRunner) -> Iterator[None]:
    """Raise `Interrupted` inside when the first signal comes; the next ones find what was made being ended.

    While an asset is made, or something is ended, the first signal waits, so that nothing is left half made or half
    ended. A second one does not wait. A signal that was ignored when the program was started stays ignored.

    Args:
        runner: What runs inside.

    Raises:
        Interrupted: A signal came.
    """
    signals = _Signals(runner)
    signals.listen()
    try:
        yield
    finally:
        signals.stop_listening()
    if signals.waiting is not None:
        raise Interrupted(signals.waiting)


class _Signals:
    """The signals that come while a runner runs.

    Args:
        runner: The runner.
    """

    def __init__(self, runner: SynchronousRunner) -> None:
        self.waiting: int | None = None
        """The signal that came and could not be raised yet."""
        self._runner = runner
        self._waits = (Starter.start_tube.__code__, type(runner).__exit__.__code__)
        self._before: dict[int, Any] = {}
        self._comes_again = False
        self._process = os.getpid()
        self._over = False
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Take the place of the handlers that there were."""
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)

    def stop_listening(self) -> None:
        """Put the handlers back that there were."""
        # The lock is for what sends a signal again: the handlers that there were are not to get it.
        with self._lock:
            self._over = True
        self._stop_watching()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:
            # A process forked from this one has nothing to end: it stops as it would have.
            signal.signal(number, self._before[number])
            os.kill(os.getpid(), number)
            return
        is_the_same, self._comes_again = self._comes_again, False
        if self._over:
            self.waiting = self.waiting or number
            return
        is_first = self.waiting is None or is_the_same
        if is_first and self._must_wait(frame):
            if self.waiting is None:
                self.waiting = number
                threading.Thread(target=self._come_again, name="noob signal", daemon=True).start()
            self._watch(frame)
            return
        self._interrupt(number)

    def _interrupt(self, number: int) -> NoReturn:
        """Raise the signal that came first; from here on there are no others."""
        self._stop_watching()
        self.waiting, number = None, self.waiting or number
        for each in self._before:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    def _watch(self, frame: FrameType | None) -> None:
        """Look at each line of the generated code from here on: assets may follow each other without a pause.

        A debugger is not disturbed.
        """
        if sys.gettrace() is not None:
            return
        while frame is not None:
            if frame.f_code.co_filename.startswith("<tube "):
                frame.f_trace = self._at_line
            frame = frame.f_back
        sys.settrace(self._at_call)

    def _stop_watching(self) -> None:
        if sys.gettrace() == self._at_call:
            sys.settrace(None)

    def _at_call(self, frame: FrameType, event: str, argument: object) -> None:
        """Functions that are called are not looked at."""

    def _at_line(self, frame: FrameType, event: str, argument: object) -> Any:
        # An epoch that has failed while the signal waited goes on to say so.
        is_free = event == "line" and sys.exception() is None and not self._must_wait(frame)
        if is_free and self.waiting is not None:
            self._interrupt(self.waiting)
        return self._at_line

    def _must_wait(self, frame: FrameType | None) -> bool:
        """Whether an asset is being made, or something is being ended, where the signal came."""
        while frame is not None:
            code = frame.f_code
            if code in self._waits or code.co_filename in _MAKES_OR_ENDS:
                return True
            if code is Starter.start_nodes.__code__:
                return False
            if code.co_filename.startswith("<tube "):
                place = self._runner.compiled_place(code.co_filename, frame.f_lineno)
                if place is not None and place.what == "asset":
                    return True
            frame = frame.f_back
        return False

    def _come_again(self) -> None:
        """Send the signal that waits until it could be raised, or the run is over."""
        while True:
            time.sleep(_SECONDS_BETWEEN)
            with self._lock:
                if self._over or self.waiting is None:
                    return
                self._comes_again = True
                _send_to_main_thread(self.waiting)


def _send_to_main_thread(number: int) -> None:
    """Send a signal that also ends what the main thread waits for, where the system can do that."""
    thread = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and thread is not None:
        signal.pthread_kill(thread, number)
    else:
        import _thread

        _thread.interrupt_main(signal.Signals(number))
