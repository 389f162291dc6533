"""A worker process, and the thread that talks to it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any, BinaryIO, Final

from noob_cli.codegen.timing import Timer
from noob_cli.errors import WorkerStartError
from noob_cli.held_signals import STOPPING
from noob_cli.interpreter import command_of_python
from noob_cli.plan.place import Place
from noob_cli.runners.crews.batches import TRIES, Batch, Died, NotBegun
from noob_cli.runners.crews.crew import SECONDS_TO_LEAVE, Failed, waits
from noob_cli.runners.crews.pace import Pace
from noob_cli.runners.crews.seen import Told
from noob_cli.runners.crews.shipment import GIVE_UP, Answers, SentReport, Shipment
from noob_cli.runners.crews.travelling import SentFailed, sent
from noob_cli.runners.crews.wire import read, write
from noob_cli.runners.failure import Failure
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.own_code import OWN_CODE
from noob_cli.runners.urgency import Urgency

_BUFFER: Final = 1 << 20
"""How many bytes may be on the way to it, and from it."""

_TOO_MANY: Final = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What the system says where it admits no further process, or open file."""

_START = """
import signal, sys
heeded = [number for number in {signals} if signal.getsignal(number) is not signal.SIG_IGN]
before = {{number: signal.signal(number, lambda *_: None) for number in heeded}}
signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
if {folder!r} not in sys.path: sys.path.insert(0, {folder!r})
from noob_cli.collector import collect_seldom
collect_seldom()
from noob_cli.runners.crews.serving import main
main(before)
"""


class _Died(Exception):
    """A worker process has died.

    Args:
        code: Its exit code.
    """

    def __init__(self, code: int) -> None:
        self.code = code


class _NotStarted(Exception):
    """A process could not be started.

    Args:
        error: Why not.
    """

    def __init__(self, error: OSError) -> None:
        self.error = error


class Process:
    """A worker process, and the thread that talks to it: it sends, then it waits for the answer.

    Args:
        name: What the worker is called.
        pace: How fast they are.
        next_batch: Waits for what there is to do; gives None when it is to end.
        on_done: Called when something has been done.
        tell: Called with what the worker tells.
        folder: The folder that it begins in; that of this process, if nothing is said.
    """

    def __init__(
        self,
        name: str,
        pace: Pace,
        next_batch: Callable[[], Batch | None],
        on_done: Callable[[], object],
        tell: Callable[[Told], object],
        folder: str | None = None,
    ) -> None:
        self._pace = pace
        self._next = next_batch
        self._on_done = on_done
        self._tell = tell
        self._folder = folder
        self._popen: Popen[bytes] | None = None
        self._incoming: BinaryIO
        self._outgoing: BinaryIO
        self._shipment: Shipment
        self._interruptions: int
        """How often the crew had been interrupted when the job was sent."""
        self.at_work: Place | None = None
        """The node or asset that the process is at work for, if it has been for a while."""
        self.measured: list[Mapping[str, Timer]] = []
        """What the nodes have taken and emitted in those that have died, and last in the one that is there, by name."""
        self._talking = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    # In the thread of the run

    def begin(self, shipment: Shipment) -> None:
        """Begin to make a job there."""
        self._talking.acquire()
        self._shipment, self._interruptions = shipment, self._pace.interruptions
        with suppress(_Died, _NotStarted):
            self._ship()

    @waits("the workers have started")
    def begun(self) -> SentFailed | Died | None:
        """Wait until the job is there; why it is not, if it could not be made, and is not worked at then."""
        try:
            failed = self._started(self._interruptions)
        finally:
            self._talking.release()
        if failed is None and self._thread.ident is None:
            try:
                self._thread.start()
            except RuntimeError as error:
                return self._not_started(error)
        return failed

    @waits("the workers have ended")
    def rest(self, seconds: float | None = None) -> bool:
        """Wait until nothing is done any more, since there is nothing left to do.

        Args:
            seconds: For how long; None if it has to be waited for.

        Returns:
            Whether nothing is done any more.
        """
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    @waits("the workers have ended")
    def reports(self) -> list[SentReport]:
        """Let the process end what it has made for the run, after what it is doing.

        Returns:
            What it has to tell, if it is there, and what is known of those that have died before.
        """
        reports: list[SentReport] = []
        with self._talking, suppress(_Died):
            if self._popen is not None:
                reports = [self._ask(None)]
        measured, self.measured = self.measured, [{} for _ in reports]
        return [*(SentReport(timers, None) for timers in measured[: len(measured) - len(reports)]), *reports]

    def leave(self) -> None:
        """Let the process end, since nobody is there any more."""
        if self._popen is not None:
            self._hang_up()

    @waits("the workers have ended")
    def join(self) -> None:
        """Wait for the end of the process."""
        if self._popen is not None:
            self._popen.wait()

    def interrupt(self, urgency: Urgency) -> None:
        """Interrupt what the process does, if that is something; what takes even that takes the process.

        Args:
            urgency: How much it is wanted: `forced` kills the process.
        """
        popen = self._popen
        if popen is not None and self._talking.locked():
            popen.send_signal(signal.SIGKILL if urgency is Urgency.forced else GIVE_UP)

    def kill_at_work(self) -> None:
        """Kill the process if it is at work, and stays so."""
        popen = self._popen
        if self._talking.acquire(timeout=SECONDS_TO_LEAVE):
            self._talking.release()
        elif popen is not None:
            popen.kill()

    # In its own

    def _run(self) -> None:
        """Do what there is to do."""
        while (batch := self._next()) is not None:
            with self._talking:
                try:
                    self._do(batch)
                finally:
                    self._on_done()

    def _do(self, batch: Batch) -> None:
        """Have epochs done. If the process dies of it, another does them, one by one, so that it shows of which."""
        try:
            self._ask_for(batch, batch.left)
        except _Died as died:
            code = died.code
        if batch.left and self._pace.is_given_up(batch):
            batch.answer([interrupted(self.at_work, batch.entries[batch.done][0])])
            batch.answer_all(interrupted())
        while batch.left and not batch.is_over:
            left, tries = batch.left, 1 if len(batch.answers) == 1 else 0
            while batch.left == left and tries < TRIES:
                tries += 1
                try:
                    self._ask_for(batch, 1)
                except _Died as died:
                    code = died.code
            if batch.left == left:
                batch.answer([interrupted() if self._pace.is_given_up(batch) else Died(_exit(code))])

    def _ask_for(self, batch: Batch, number: int) -> None:
        """Have so many more epochs done, if they are wanted."""
        before, last = self._pace.interruptions, batch.done + number
        while batch.done < last and not batch.is_over:
            if self._pace.is_given_up(batch):
                batch.answer_all(interrupted())
                return
            if self._popen is None:
                with suppress(_Died, _NotStarted):
                    self._ship()
                failed = self._started(before)
                if failed is not None:
                    batch.answer([NotBegun(failed)] * (last - batch.done))
                    return
            self._write((batch.region, batch.parcels(last - batch.done)))
            if self._pace.interruptions > before:
                # It has come before there was something to interrupt.
                self.interrupt(Urgency.insisted)
            size = 0
            while True:
                answers: Answers = self._read()
                if not batch.is_over:
                    self._pace.hold(answers.size)
                size += answers.size
                batch.answer(answers.epochs)
                self.at_work = answers.at_work
                self.measured[-1] = answers.timers
                if answers.seconds is not None:
                    break
                self._on_done()
            done, seconds = answers.seconds
            if done:
                self._pace.note(batch.region, done, seconds, size)
            # An interruption that came too late for what was done before has kept others, too, from being begun.

    # The process

    def _ship(self) -> None:
        """Start the process, unless it is there, and send it the job."""
        if self._popen is None:
            self._spawn()
        self._write(self._shipment)

    def _started(self, interruptions: int) -> SentFailed | Died | None:
        """Wait until the job that was sent is there, unless the crew is interrupted and the process dies of it.

        Args:
            interruptions: How often the crew had been interrupted when the job was sent.
        """
        for _ in range(TRIES):
            try:
                if self._popen is None:
                    self._ship()
                failed: SentFailed | None = self._read()
            except _Died as died:
                code = died.code
                if self._pace.interruptions > interruptions:
                    return sent(interrupted())
            except _NotStarted as refused:
                return self._not_started(refused.error)
            else:
                return failed
        return Died(_exit(code))

    def _not_started(self, error: OSError | RuntimeError) -> SentFailed:
        return sent(Failed(start_error(self._thread.name, error), []))

    def _spawn(self) -> None:
        try:
            self._incoming, self._outgoing, there = _connection()
            try:
                self._popen = self._process(there)
            except OSError:
                self._hang_up()
                raise
            finally:
                there.close()
        except OSError as error:
            raise _NotStarted(error) from error
        self.measured.append({})

    def _process(self, there: socket.socket) -> Popen[bytes]:
        """Start the process with its end of the connection."""
        folder = str(Path(OWN_CODE[0]).parent)
        # A terminal, or who stops a service, sends these to all processes: the one that starts this knows what to do.
        command = command_of_python("-c", _START.format(folder=folder, signals=[*map(int, STOPPING)]))
        # They wait until there is who leaves them alone.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            return Popen(
                [*command, self._thread.name, str(there.fileno())],
                stdin=DEVNULL,
                pass_fds=(there.fileno(),),
                cwd=self._folder,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    def _ask(self, message: Any) -> Any:
        self._write(message)
        return self._read()

    def _write(self, message: Any) -> None:
        try:
            write(self._outgoing, message)
        except OSError:
            raise _Died(self._close()) from None

    def _read(self) -> Any:
        """The next answer; what is told meanwhile is told."""
        try:
            while isinstance(message := read(self._incoming), Told):
                self._tell(message)
        except (EOFError, OSError):
            raise _Died(self._close()) from None
        return message

    def _close(self) -> int:
        """Wait for the end of a process that has died; its exit code."""
        assert self._popen is not None
        self._hang_up()
        popen, self._popen = self._popen, None
        return popen.wait()

    def _hang_up(self) -> None:
        for file in (self._incoming, self._outgoing):
            with suppress(OSError):
                file.close()


def _connection() -> tuple[BinaryIO, BinaryIO, socket.socket]:
    """What comes from a process, what goes to it, and its end of that."""
    # Large messages take a third of the time that they take through pipes.
    here, there = socket.socketpair()
    try:
        for end in (here, there):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        outgoing = os.dup(here.fileno())
    except OSError:
        here.close()
        there.close()
        raise
    return os.fdopen(here.detach(), "rb"), os.fdopen(outgoing, "wb"), there


def start_error(name: str, error: OSError | RuntimeError) -> Exception:
    """What keeps a worker from being started: that the system admits no further one, or else the error itself.

    Args:
        name: What the worker is called.
        error: What the system says.
    """
    if not isinstance(error, OSError):
        return WorkerStartError(name, str(error))
    return WorkerStartError(name, error.strerror or str(error)) if error.errno in _TOO_MANY else error


def interrupted(place: Place | None = None, epoch: int | None = None) -> Failed:
    """Why an epoch has failed that nobody wants any more.

    Args:
        place: What was at work for it, if that is known.
        epoch: The number of the epoch.
    """
    error = Interrupted(signal.SIGINT)
    return Failed(error, [] if place is None else [Failure(error, place, epoch)])


def _exit(code: int) -> str:
    """How a process has ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
