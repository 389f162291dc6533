"""Python's debugger in a run: it asks on the terminal, wherever records and results go."""

from __future__ import annotations

import os
import pdb
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from traceback import extract_tb
from types import FrameType, TracebackType
from typing import Any

from noob_cli.cli.run.folding import package_of
from noob_cli.cli.shell.asking import asking
from noob_cli.cli.shell.messages import display_path, display_span, report_warning, say
from noob_cli.cli.shell.stdin import TERMINAL, nobody_answers
from noob_cli.raised import describe, is_failure, traceback_of
from noob_cli.runners.failure import Failure
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.own_code import OWN_CODE

_STDIN, _STDOUT = 0, 1

_one_at_a_time = threading.RLock()
_of_thread = threading.local()


def debug(frame: FrameType) -> None:
    """Stop in a function, if there is somebody to ask what to do there.

    Args:
        frame: The function, which has called `breakpoint()`.
    """
    if nobody_answers():
        place = f"{display_path(Path(frame.f_code.co_filename))}:{frame.f_lineno}"
        report_warning(f"breakpoint() at {place} is passed over: there is no terminal to ask on")
    else:
        if not hasattr(_of_thread, "debugger"):
            _of_thread.debugger = _Debugger()
        _of_thread.debugger.set_trace(frame)


def stop_no_more() -> None:
    """Stop nowhere any more in this thread: what comes behind a run is none of the user's."""
    if hasattr(_of_thread, "debugger"):
        _of_thread.debugger.set_continue()


def look_at(failure: Failure) -> bool:
    """Look around where something has failed, before it is ended.

    Args:
        failure: What has failed.

    Returns:
        Whether the debugger was quit: the run is to stop.
    """
    if not is_failure(failure.error):
        return False
    traceback = _of_the_user(traceback_of(failure.error))
    say(f"{failure.note(display_span)}: {describe(failure.error)}")
    if traceback is None:
        say("there is nothing to look at: it has failed in code that is not Python's")
        return False
    debugger = _Debugger()
    debugger.reset()
    debugger.interaction(None, traceback)
    return debugger.quitting


def _of_the_user(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback from the first function on that is none of ours."""
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(OWN_CODE):
        traceback = traceback.tb_next
    return traceback


class _Debugger(pdb.Pdb):
    """Python's debugger, whose questions are the only thing on the terminal. Quitting it stops the run, as Ctrl-C."""

    def __init__(self) -> None:
        # Between its questions Ctrl-C stops the run, as ever.
        super().__init__(nosigint=True)
        self._interruption: Interrupted | None = None
        self._is_asking = False
        self._told_before: list[str] = []

    def interaction(self, frame: FrameType | None, traceback: Any) -> None:
        """Ask what to do until it is to go on."""
        with _one_at_a_time, asking(), _on_terminal(), _interrupting():
            self.stdout, self._is_asking = sys.stdout, True
            while self._told_before:
                self.message(self._told_before.pop(0))
            super().interaction(frame, traceback)
        self._is_asking = False
        interruption, self._interruption = self._interruption, None
        if interruption is not None:
            raise interruption
        if self.quitting and frame is not None:
            self.quitting = False
            # It is noted as what has stopped the run; what is under way is interrupted here and now.
            signal.raise_signal(signal.SIGINT)
            raise Interrupted(signal.SIGINT)

    def cmdloop(self, intro: Any = None) -> None:
        """Ask, unless the run is interrupted meanwhile."""
        try:
            super().cmdloop(intro)
        except Interrupted as interruption:
            self._interruption = interruption

    def message(self, msg: str, end: str = "\n") -> None:
        """Say something; what comes before a question is said with it, where that is asked."""
        if self._is_asking:
            super().message(msg)
        else:
            self._told_before.append(msg)

    def stop_here(self, frame: FrameType) -> bool:
        """Whether to stop in a function: it is the user's, or called by one of them."""
        return super().stop_here(frame) and not _is_called_by_us(frame)

    def user_exception(self, frame: FrameType, exc_info: Any) -> None:
        """Stop where an error has come to, but go on where that is the end of a generator or coroutine for us."""
        if _is_called_by_us(frame):
            self.set_step()
        else:
            super().user_exception(frame, exc_info)

    def get_stack(self, f: FrameType | None, t: TracebackType | None) -> tuple[list[tuple[FrameType, int]], int]:
        """The user's functions that are under way, and at which it begins: with an error, at none of a library."""
        stack, at = super().get_stack(f, t)
        if f is None and t is not None:
            libraries = [package_of(frame.filename) is not None for frame in extract_tb(t)]
            of_user = [number for number, is_library in enumerate(libraries) if not is_library]
            at += (of_user[-1] if of_user else len(libraries) - 1) - (len(libraries) - 1)
        ours = [number for number, (frame, _) in enumerate(stack[:at]) if frame.f_code.co_filename.startswith(OWN_CODE)]
        first = ours[-1] + 1 if ours else 0
        return stack[first:], at - first


def _is_called_by_us(frame: FrameType | None) -> bool:
    """Whether a function is ours, or one that works for us: of a library, or without a file."""
    while frame is not None and not (file := frame.f_code.co_filename).startswith(OWN_CODE):
        if package_of(file) is None and not file.startswith("<"):
            return False
        frame = frame.f_back
    return True


@contextmanager
def _on_terminal() -> Iterator[None]:
    """Have the terminal that is asked on in the place of the standard streams, where lines can be edited."""
    stdin = sys.stdin
    with ExitStack() as stack:
        if not os.isatty(stdin.fileno()):
            yield
            return
        if stdin.fileno() != _STDIN:
            stack.enter_context(_in_place_of(_STDIN, stdin.fileno()))
            stack.callback(setattr, sys, "stdin", stdin)
            sys.stdin = sys.__stdin__
        if not os.isatty(_STDOUT):
            terminal = os.open(TERMINAL, os.O_WRONLY)
            stack.callback(os.close, terminal)
            sys.stdout.flush()
            stack.enter_context(_in_place_of(_STDOUT, terminal))
            stack.callback(sys.stdout.flush)
        yield


@contextmanager
def _in_place_of(descriptor: int, other: int) -> Iterator[None]:
    """Have a descriptor stand for what another does."""
    before = os.dup(descriptor)
    os.dup2(other, descriptor)
    try:
        yield
    finally:
        os.dup2(before, descriptor)
        os.close(before)


@contextmanager
def _interrupting() -> Iterator[None]:
    """Let Ctrl-C give up what is being typed, and not stop the run."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    # Who is told of signals by this would have the main thread look at the same time.
    told = signal.set_wakeup_fd(-1)
    try:
        yield
    finally:
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, before)
