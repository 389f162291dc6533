"""Signals that ask a run to stop: the epoch under way is finished, or interrupted where that does no harm."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from enum import Enum
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from noob_cli.assets.context_managers import UNINTERRUPTED
from noob_cli.codegen.compiled import GENERATED
from noob_cli.held_signals import STOPPING
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.raised import is_of
from noob_cli.runners.crews.crew import WAITS, Crew
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.own_code import OWN_CODE
from noob_cli.runners.starting import Starter
from noob_cli.runners.strand import stack_from
from noob_cli.runners.urgency import Urgency
from noob_cli.runners.whereabouts import made_in

if TYPE_CHECKING:
    from noob_cli.runners.synchronous import SynchronousRunner

_POKE: int | None = getattr(signal, "SIGURG", None) if hasattr(signal, "pthread_kill") else None
"""A signal that nobody minds, with which the main thread is told to look."""

_SECONDS_BETWEEN = 0.05
"""How long an interruption that has to wait waits, before it is looked at again."""

_SECONDS_UNNOTICED = 0.2
"""What ends within this time after a signal is not worth a word."""


class Doing(NamedTuple):
    """Something besides nodes and sources that a signal may interrupt.

    Args:
        until: What will have been done then, in words.
        needed: How much it has to be wanted to interrupt it.
    """

    until: str
    needed: Urgency


class Prospect(Enum):
    """What becomes of that which a signal has to wait for."""

    grace = "a second signal interrupts it, or the end of the grace"
    second = "a second signal interrupts it"
    third = "a third signal gives it up"
    again = "it was interrupted, and goes on: a further signal interrupts it again"
    soon = "it is interrupted as soon as that is possible"


class Wait(NamedTuple):
    """What a signal has to wait for.

    Args:
        what: The node, asset or input that something is done for; else what will have been done then, in words.
        is_made: Whether it is being made or ended.
        prospect: What becomes of it.
    """

    what: Place | str
    is_made: bool
    prospect: Prospect


class StopSignals:
    """The signals that ask a run to stop: SIGINT, SIGTERM and SIGHUP, those left out that are ignored from the start.

    The first one lets the run end after the epoch under way. If that takes too long, or a second one comes, what a node
    or a source does is interrupted. What makes or ends something is left alone, so that nothing is left half made or
    half ended, until a third one comes: then that one thing is given up. All others are ended in any case.

    Args:
        runner: What is to stop.
        grace: For how many seconds the epoch under way may go on.
        interruptible: The functions that may be interrupted besides those of nodes and sources, and what each does.
        on_wait: Told, once for each signal and by another thread, of what it has to wait for.
        on_hangup: What SIGHUP does instead of asking to stop, if it does something else.
    """

    def __init__(
        self,
        runner: SynchronousRunner,
        grace: float,
        interruptible: Mapping[Callable[..., object], Doing],
        on_wait: Callable[[Wait], object],
        on_hangup: Callable[[], object] | None = None,
    ) -> None:
        self.first: int | None = None
        """The number of the signal that came first."""
        self._runner = runner
        self._grace = grace
        self._interruptible = {_code_of(function): doing for function, doing in interruptible.items()}
        self._on_wait = on_wait
        self._on_hangup = on_hangup
        self._count = 0
        self._came = 0.0
        """When the last signal came."""
        self._is_overdue = grace <= 0
        self._is_due = False
        """Whether it is wanted more than when something was interrupted for the last time."""
        self._is_unseen = False
        """Whether a signal has come that the main thread may not have looked at."""
        self._before: dict[int, Any] = {}
        self._is_over = False
        self._news, self._tell = os.pipe()
        """A pipe with a byte for each signal, as soon as it is there: see `_attend`."""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the place of the handlers that there were, while what is inside runs.

        If a signal has come, all are ignored from then on: the program is about to end.

        Raises:
            Interrupted: What is inside was interrupted.
        """
        for number in STOPPING:
            means_something_else = self._on_hangup is not None and number == signal.SIGHUP
            if means_something_else or signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave_alone)
        try:
            with self._attended() if _POKE is not None else nullcontext():
                yield
        finally:
            self._is_over = True
            self._stop_watching()
            for number, handler in self._before.items():
                # What is left to do, when it was asked to stop, is to say so.
                signal.signal(number, handler if self.first is None else signal.SIG_IGN)

    @contextmanager
    def _attended(self) -> Iterator[None]:
        """Have an attendant."""
        assert _POKE is not None
        self._before[_POKE] = signal.signal(_POKE, self._look)
        os.set_blocking(self._tell, False)
        told_before = signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        attendant = threading.Thread(target=self._attend, name="noob signals", daemon=True)
        attendant.start()
        try:
            yield
        finally:
            self._is_over = True
            signal.set_wakeup_fd(told_before)
            self._wake_attendant()
            attendant.join()
            os.close(self._news)
            os.close(self._tell)

    def _leave_alone(self) -> None:
        """Let signals do what they would have done: a process that is forked from this one has nothing to end."""
        if not self._is_over:
            self._is_over, self._is_due = True, False
            for number, handler in self._before.items():
                signal.signal(number, handler)

    def has_caused(self, error: BaseException) -> bool:
        """Whether an error is none of a node's own, but what a signal has made of what was done.

        Ctrl-C on a terminal reaches the processes that a node has started as well: what was done in them ends with a
        `KeyboardInterrupt`, the pool that they belong to is broken, or they have died of the signal.

        Args:
            error: What came.
        """
        if self.first is None:
            return False
        from concurrent.futures import BrokenExecutor
        from subprocess import CalledProcessError

        if is_of(error, CalledProcessError):
            return error.returncode in (-self.first, 128 + self.first)
        return is_of(error, KeyboardInterrupt, BrokenExecutor)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._on_hangup is not None and number == signal.SIGHUP:
            self._on_hangup()
            return
        self._count += 1
        self._came = time.monotonic()
        self._is_due = True
        if self.first is None:
            self.first = number
            self._runner.stop()
            self._wake_attendant()
        self._look(number, frame)

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Interrupt what is done, if it is time for it, and it does no harm."""
        self._is_unseen = False
        if self._is_due and not self._is_over:
            self._interrupt_if_possible(frame, _frames_left_behind())
            if self._urgency >= Urgency.overdue:
                self._watch(frame)

    @property
    def _urgency(self) -> Urgency:
        if self._count > 1:
            return Urgency.insisted if self._count == 2 else Urgency.forced
        return Urgency.overdue if self._is_overdue else Urgency.asked

    def _interrupt_if_possible(self, frame: FrameType | None, left: Collection[FrameType]) -> None:
        needed = self._needed(frame, left)
        if needed is None or self._urgency < needed:
            return
        crew = self._crew
        if crew is not None and self._waits_for_workers(frame) and crew.interrupt(self._urgency):
            # What they did comes back, as what has failed.
            self._is_due = False
            return
        self._interrupt()

    def _waits_for_workers(self, frame: FrameType | None) -> bool:
        return any(function.f_code in WAITS for function in self._stack(frame))

    def _interrupt(self) -> NoReturn:
        self._is_due = False
        self._stop_watching()
        assert self.first is not None
        raise Interrupted(self.first, self._urgency)

    def _needed(self, frame: FrameType | None, left: Collection[FrameType] = ()) -> Urgency | None:
        """How much it has to be wanted to interrupt what is done.

        Args:
            frame: Where the run is.
            left: The functions that an error has left which is looked after now.

        Returns:
            None if it can't be interrupted here.
        """
        forced = None if frame is None or frame.f_code.co_filename.startswith(OWN_CODE) else Urgency.forced
        for function in self._stack(frame):
            code = function.f_code
            if code in self._interruptible:
                return self._interruptible[code].needed
            if code in WAITS:
                crew = self._crew
                return Urgency.forced if crew is not None and crew.makes_something() else Urgency.overdue
            if code in UNINTERRUPTED:
                return forced
            if code is Starter.start_node.__code__:
                # What is done after it has been made is not to be left out.
                return Urgency.overdue if forced else None
            if code.co_filename.startswith(GENERATED):
                place = self._compiled_place(function)
                if place is None or function in left:
                    return None
                return forced if place.kind == "asset" else Urgency.overdue
        return None

    # What has to wait

    def _attend(self) -> None:
        """Have the main thread look, when a signal has come, when the grace is over, and when it can be interrupted.

        A signal that another thread has got does not end what the main thread waits for, nor does one that comes just
        before it begins to wait; with the number of a signal, the system writes to a pipe at once.
        """
        main = threading.main_thread().ident
        assert main is not None
        ends: float | None = None
        told = 0
        while not self._is_over:
            patience = None if ends is None and not self._is_unseen else _SECONDS_BETWEEN
            readable, _, _ = select.select([self._news], [], [], patience)
            self._is_unseen |= bool(readable) and any(number != _POKE for number in os.read(self._news, 4096))
            if self._is_unseen:
                # Once may be too early, if it comes just before it begins to wait as well.
                _poke(main)
            if self.first is None:
                continue
            if ends is None:
                ends = time.monotonic() + self._grace
            if not self._is_overdue and time.monotonic() >= ends:
                self._is_overdue = True
                # Two signals have said more than that.
                self._is_due |= self._count == 1
                _poke(main)
            frame = sys._current_frames().get(main)
            needed = self._needed(frame)
            if self._is_due and needed is not None and self._urgency >= needed:
                _poke(main)
            if told < self._count and time.monotonic() - self._came >= _SECONDS_UNNOTICED:
                told = self._count
                wait = self._wait(frame, needed or Urgency.forced)
                if wait is not None and not self._is_over:
                    self._on_wait(wait)

    def _wait(self, frame: FrameType | None, needed: Urgency) -> Wait | None:
        """What is waited for; None if nothing is known of it."""
        prospect = self._prospect(needed)
        for function in self._stack(frame):
            code = function.f_code
            if code in self._interruptible:
                return Wait(self._interruptible[code].until, False, prospect)
            if code in WAITS:
                place = None if self._crew is None else next(iter(self._crew.at_work()), None)
                what = WAITS[code] if place is None else place
                is_asset = place is not None and place.kind == "asset"
                if self._urgency is Urgency.insisted or is_asset:
                    prospect = Prospect.third
                return None if what is None else Wait(what, is_asset or WAITS[code] is not None, prospect)
            if (made := made_in(function)) is not None:
                return Wait(made, True, prospect)
            if code.co_filename.startswith(GENERATED):
                place = self._compiled_place(function)
                return None if place is None else Wait(place, place.kind == "asset", prospect)
        return None

    def _prospect(self, needed: Urgency) -> Prospect:
        if self._urgency >= needed:
            return Prospect.soon if self._is_due else Prospect.again
        if needed is Urgency.overdue:
            return Prospect.grace
        return Prospect.second if needed is Urgency.insisted else Prospect.third

    def _stack(self, frame: FrameType | None) -> Iterator[FrameType]:
        """The functions that are under way, from the innermost: while a coroutine waits, those that are waited for."""
        run = self._runner.current_run
        return stack_from(frame) if run is None else run.strand.stack(frame)

    @property
    def _crew(self) -> Crew | None:
        run = self._runner.current_run
        return None if run is None else run.crew

    def _compiled_place(self, function: FrameType) -> Place | None:
        """The node or asset that a function of the generated code is at work for."""
        run = self._runner.current_run
        return None if run is None else run.compiled_place(function.f_code.co_filename, function.f_lineno)

    def _wake_attendant(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._tell, b"\0")

    def _watch(self, frame: FrameType | None) -> None:
        """Look at each line of the generated code from here on: assets may follow each other without a pause.

        A debugger is not disturbed.
        """
        if sys.gettrace() is not None:
            return
        for function in self._stack(frame):
            if function.f_code.co_filename.startswith(GENERATED):
                function.f_trace = self._at_line
        sys.settrace(self._at_call)

    def _stop_watching(self) -> None:
        if sys.gettrace() == self._at_call:
            sys.settrace(None)

    def _at_call(self, frame: FrameType, event: str, argument: object) -> None:
        """Functions that are called are not looked at."""

    def _at_line(self, frame: FrameType, event: str, argument: object) -> Any:
        if event == "line" and self._is_due:
            self._interrupt_if_possible(frame, _frames_left_behind())
        return self._at_line


def _code_of(function: Any) -> CodeType:
    code: CodeType = function.__code__
    return code


def _frames_left_behind() -> list[FrameType]:
    """The functions that the error has left which is being handled where a signal has come."""
    error = sys.exception()
    traceback = None if error is None else error.__traceback__
    left = []
    while traceback is not None:
        left.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return left


def _poke(thread: int) -> None:
    """End what a thread waits for, where the system can do that."""
    if _POKE is not None:
        signal.pthread_kill(thread, _POKE)
