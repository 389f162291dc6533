"""A crew of processes: for code that computes in Python, on every core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Final

from noob_cli.errors import NotPortableError, WorkerDiedError
from noob_cli.events import NoEvent
from noob_cli.plan.place import Place
from noob_cli.raised import add_note, describe
from noob_cli.runners.crews.crew import Epochs, Failed, Job, Report, Underway, waits
from noob_cli.runners.crews.portability import failure_of, names_of, refused
from noob_cli.runners.crews.shipment import Answers, Elsewhere, SentReport, Shipment, shipment_of
from noob_cli.runners.crews.travelling import SentFailed, received
from noob_cli.runners.crews.wire import Parcel, is_plain, packed, read, size_of, unpacked, write
from noob_cli.runners.failure import Failure
from noob_cli.runners.own_code import OWN_CODE
from noob_cli.runners.stop_signals import Interrupted
from noob_cli.runners.urgency import Urgency
from noob_cli.tube import Tube
from noob_cli.wording import listing

_SECONDS_AT_ONCE: Final = 0.01
"""For how long a worker works at what it gets at once: then the way there and back is next to nothing."""

_SECONDS_AHEAD: Final = 0.05
"""For how long each has something to do at the most, unless that is a single epoch or two."""

_MOST_AHEAD: Final = 1000
"""For how many epochs at the most."""

_BYTES_AT_ONCE: Final = 1 << 20
"""How many bytes it gets at once."""

_MOST_BYTES: Final = 1 << 26
"""How many bytes may be under way."""

_PLAIN_BYTES: Final = 100
"""How many bytes a small epoch may have."""

_TRIES: Final = 3
"""How often an epoch is begun at which workers die."""

_START = """
import sys
if {folder!r} not in sys.path: sys.path.insert(0, {folder!r})
from noob_cli.collector import look_seldom
look_seldom()
from noob_cli.runners.crews.serving import main
main()
"""


class Processes:
    """Does regions in processes.

    Args:
        workers: How many processes.
        ahead: How many epochs may be under way; by default as many as keep the processes at work for a while, 1,000 for
            each at the most.
    """

    def __init__(self, workers: int, ahead: int | None = None) -> None:
        self._number = workers
        self._pace = _Pace(workers, ahead)
        self._job: Job | None = None
        self._tickets: SimpleQueue[_Ticket | None] = SimpleQueue()
        self._done = threading.Event()
        self._processes: list[_Process] = []
        self._held = 0
        """How many bytes are under way."""

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        return self._pace.ahead if self._held < _MOST_BYTES else 1

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it."""
        self._job = job
        shipment = shipment_of(job)
        if (refusal := _refusal(job.tube, shipment)) is not None:
            return Failed(refusal, [])
        while len(self._processes) < self._number:
            name = f"worker {len(self._processes) + 1}"
            self._processes.append(_Process(name, self._pace, self._tickets, self._done))
        for process in self._processes:
            process.begin(job, shipment)
        # They start at the same time.
        failed = [process.begun() for process in self._processes]
        return next((each for each in failed if each is not None), None)

    def map(self, number: int, epochs: Epochs) -> Epochs:
        """Do the region of a stage for all epochs, in order."""
        under_way: deque[_Ticket] = deque()
        try:
            for epoch in epochs:
                if epoch is not None:
                    under_way.append(self._put(number, epoch))
                elif not (under_way and under_way[0].answer is not None):
                    yield None
                while under_way and under_way[0].answer is not None:
                    yield self._taken(under_way.popleft())
            while under_way:
                yield self._taken(under_way.popleft()) if under_way[0].answer is not None else None
        finally:
            for ticket in under_way:
                ticket.is_over = True
                self._held -= ticket.size

    def _put(self, region: int, epoch: Underway) -> _Ticket:
        """Have an epoch done."""
        number, at, failed, notes, values = epoch
        if failed is None and is_plain(values):
            ticket = _Ticket(region, number, None, epoch, _PLAIN_BYTES)
        else:
            try:
                parcel = packed(epoch if failed is None else (number, at, Elsewhere(), notes, values))
            except Exception as error:
                assert self._job is not None
                names = names_of(self._job, region, is_result=False)
                number, at, failed, notes, values = refused(self._job, epoch, names, error)
                parcel = packed((number, at, Elsewhere(), notes, values))
            ticket = _Ticket(region, number, failed, parcel, size_of(parcel))
        self._held += ticket.size
        self._tickets.put(ticket)
        return ticket

    def _taken(self, ticket: _Ticket) -> Underway:
        """An epoch that has been done."""
        self._held -= ticket.size
        answer = ticket.answer
        if type(answer) is tuple:
            return answer  # type: ignore[return-value]
        job = self._job
        assert job is not None
        if isinstance(answer, Failed):
            return self._failed(ticket, _first_in(job, ticket.region), answer)
        if isinstance(answer, SentFailed):
            return self._unreadable(ticket, received(answer, job.tube).error, is_result=False)
        try:
            number, at, failed, notes, values = unpacked(answer)  # type: ignore[arg-type]
        except Exception as error:
            return self._unreadable(ticket, error, is_result=True)
        if failed is not None:
            failed = ticket.failed if isinstance(failed, Elsewhere) else received(failed, job.tube)
        return number, at, failed, notes, values

    def _unreadable(self, ticket: _Ticket, error: BaseException, *, is_result: bool) -> Underway:
        """An epoch of which something was pickled on one side, and could not be made again on the other."""
        assert self._job is not None
        names = names_of(self._job, ticket.region, is_result=is_result)
        name, what = names[0], "pickled there, and can't be made here of that"
        if not is_result:
            # It is most often of a class of the script, which is no module there.
            given = zip(names, ticket.epoch[4], strict=True)
            name, value = max(given, key=lambda pair: type(pair[1]).__module__ == "__main__")
            what = f"of type '{type(value).__name__}', and can't be made there of its pickle"
        at, failed = failure_of(self._job, ticket.number, name, what, error)
        return self._failed(ticket, at, failed)

    def _failed(self, ticket: _Ticket, at: int, failed: Failed) -> Underway:
        """An epoch that has failed in a region, with the values that were there before."""
        assert self._job is not None
        number, before, _, notes, values = ticket.epoch
        known = dict(zip(names_of(self._job, ticket.region, is_result=False), values, strict=True))
        names = names_of(self._job, ticket.region, is_result=True)
        after = tuple(known.get(name, NoEvent) for name in names)
        return number, min(before, at), failed if at < before else ticket.failed, notes, after

    @waits
    def wait(self, seconds: float | None) -> None:
        """Wait until something has been done."""
        self._done.wait(seconds)
        self._done.clear()

    def interrupt(self, urgency: Urgency) -> bool:
        """Interrupt what the workers do; nothing that has not been begun is done."""
        for ticket in self._waiting():
            ticket.answer = _interrupted()
        for process in self._processes:
            process.interrupt(urgency)
        self._done.set()
        return True

    def _waiting(self) -> Iterator[_Ticket]:
        """What no process has begun to do; it is not done any more."""
        with suppress(Empty):
            while (ticket := self._tickets.get_nowait()) is not None:
                yield ticket

    def at_work(self) -> Sequence[Place]:
        """What workers are at work for is not known here."""
        return ()

    def stop(self, urgency: Urgency) -> Iterator[Report]:
        """End the processes, each after what it is doing."""
        processes, self._processes = self._processes, []
        deque(self._waiting(), maxlen=0)
        if urgency >= Urgency.insisted:
            for process in processes:
                process.interrupt(urgency)
        for _ in processes:
            self._tickets.put(None)
        for process in processes:
            if (report := process.report()) is not None:
                yield report
            process.leave()
        for process in processes:
            process.join()


class _Ticket:
    """An epoch that is to be done.

    Attributes:
        region: The number of the stage.
        number: The number of the epoch.
        failed: Why it has failed before.
        parcel: The epoch, as it is or packed.
        size: How many bytes that are.
        answer: What has come of it: the epoch, as it is or packed, or why that could not be made again or be done; None
            if it has not been done yet.
        is_over: Whether nobody waits for it any more.
    """

    __slots__ = ("answer", "failed", "is_over", "number", "parcel", "region", "size")

    def __init__(self, region: int, number: int, failed: Failed | None, parcel: Underway | Parcel, size: int) -> None:
        self.region = region
        self.number = number
        self.failed = failed
        self.parcel = parcel
        self.size = size
        self.answer: Underway | Parcel | SentFailed | Failed | None = None
        self.is_over = False

    @property
    def epoch(self) -> Underway:
        """The epoch as it was handed over."""
        if type(self.parcel) is tuple:
            return self.parcel  # type: ignore[return-value]
        epoch: Underway = unpacked(self.parcel)  # type: ignore[arg-type]
        return epoch


class _Pace:
    """How fast processes are.

    Args:
        workers: How many there are.
        ahead: How many epochs may be under way; None for as many as keep them at work for a while.
    """

    def __init__(self, workers: int, ahead: int | None) -> None:
        self.workers = workers
        self.ahead = ahead or 2 * workers + 2
        self._is_given = ahead is not None
        self._seconds: dict[int, float] = {}
        """How long an epoch takes, for each region."""
        self._bytes: dict[int, float] = {}
        """How many bytes come of it."""

    def of(self, ticket: _Ticket) -> float:
        """How many seconds an epoch is expected to take; what is not known yet, so long that it is done by itself."""
        return self._seconds.get(ticket.region, _SECONDS_AT_ONCE)

    def note(self, region: int, epochs: int, seconds: float, size: int) -> None:
        """Note how many epochs of a region have been done, how long they took, and how many bytes came of them."""
        for known, seen in ((self._seconds, seconds / epochs), (self._bytes, size / epochs)):
            known[region] = (known.get(region, seen) + seen) / 2
        if not self._is_given:
            wanted = int(_SECONDS_AHEAD / sum(self._seconds.values()))
            fitting = int(_MOST_BYTES / (1 + sum(self._bytes.values())))
            self.ahead = min(self.workers * min(max(wanted, 2), _MOST_AHEAD) + 2, max(fitting, 1))


class _Died(Exception):
    """A worker process has died.

    Args:
        code: Its exit code.
    """

    def __init__(self, code: int) -> None:
        self.code = code


class _Process:
    """A worker process, and the thread that talks to it: it sends, then it waits for the answer.

    Args:
        name: What the worker is called.
        pace: How fast they are.
        tickets: What there is to do, for all of them; None for each that is to end.
        done: Set when something has been done.
    """

    def __init__(self, name: str, pace: _Pace, tickets: SimpleQueue[_Ticket | None], done: threading.Event) -> None:
        self._pace = pace
        self._tickets = tickets
        self._done = done
        self._popen: subprocess.Popen[bytes] | None = None
        self._incoming: BinaryIO
        self._outgoing: BinaryIO
        self._job: Job
        self._shipment: Shipment
        self._talking = threading.Lock()
        self._is_given_up = False
        """Whether nobody wants any more what the process does."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    # In the thread of the run

    def begin(self, job: Job, shipment: Shipment) -> None:
        """Begin to make a job there."""
        self._talking.acquire()
        self._job, self._shipment = job, shipment
        with suppress(_Died):
            self._ship()

    def begun(self) -> Failed | None:
        """Wait until the job is there; why it is not, if it could not be made."""
        try:
            return self._started()
        finally:
            self._talking.release()

    def report(self) -> Report | None:
        """Let the process end what it has made for the run; what it has to tell, if it is there."""
        with self._talking, suppress(_Died):
            if self._popen is not None:
                report: SentReport = self._ask(None)
                failed = None if report.failed is None else received(report.failed, self._job.tube)
                return Report(report.timers, failed)
        return None

    def leave(self) -> None:
        """Let the process end, since nobody is there any more."""
        self._thread.join()
        if self._popen is not None:
            self._hang_up()

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
            self._is_given_up = True
            popen.send_signal(signal.SIGKILL if urgency is Urgency.forced else signal.SIGTERM)

    # In its own

    def _run(self) -> None:
        """Do what there is to do."""
        while (ticket := self._tickets.get()) is not None:
            with self._talking:
                self._is_given_up = False
                try:
                    self._do([each for each in (ticket, *self._more(ticket)) if not each.is_over])
                finally:
                    self._done.set()

    def _more(self, first: _Ticket) -> Iterator[_Ticket]:
        """What is done together with an epoch, if it is there: never so much that others have nothing to do."""
        share = self._tickets.qsize() // self._pace.workers
        seconds, size = self._pace.of(first), first.size
        while share > 0 and seconds < _SECONDS_AT_ONCE and size < _BYTES_AT_ONCE:
            try:
                ticket = self._tickets.get_nowait()
            except Empty:
                return
            if ticket is None:
                self._tickets.put(None)
                return
            yield ticket
            share -= 1
            seconds += self._pace.of(ticket)
            size += ticket.size

    def _do(self, batch: Sequence[_Ticket]) -> None:
        """Have epochs done. If the process dies of it, another does them, one by one, so that it shows of which."""
        if not batch:
            return
        try:
            self._ask_for(batch)
            return
        except _Died as died:
            code = died.code
        for ticket in batch:
            tries = 1 if len(batch) == 1 else 0
            while ticket.answer is None and not self._is_given_up and tries < _TRIES:
                tries += 1
                try:
                    self._ask_for([ticket])
                except _Died as died:
                    code = died.code
            if ticket.answer is None:
                ticket.answer = _interrupted() if self._is_given_up else self._died_of(ticket, code)

    def _ask_for(self, batch: Sequence[_Ticket]) -> None:
        if self._popen is None:
            with suppress(_Died):
                self._ship()
            failed = self._started()
            if failed is not None:
                for ticket in batch:
                    ticket.answer = failed
                return
        self._write([(ticket.region, ticket.parcel) for ticket in batch])
        left = deque(batch)
        sizes: Counter[int] = Counter()
        while True:
            answers: Answers = self._read()
            for answer in answers.epochs:
                ticket = left.popleft()
                ticket.answer = answer
                if type(answer) is not tuple and not isinstance(answer, SentFailed):
                    sizes[ticket.region] += size_of(answer)  # type: ignore[arg-type]
            if answers.seconds is not None:
                break
            self._done.set()
        for region, (number, seconds) in answers.seconds.items():
            self._pace.note(region, number, seconds, sizes[region])
        for ticket in left:
            ticket.answer = _interrupted()

    def _died_of(self, ticket: _Ticket, code: int) -> Failed:
        units = [unit for unit in self._job.stages.stages[ticket.region].region if unit.effects.calls]
        places = list(dict.fromkeys(unit.step.place for unit in units if unit.step.place is not None))
        error = WorkerDiedError(
            f"{_TRIES} worker processes, one after the other, have died of epoch {ticket.number}: {_exit(code)}, "
            f"while they did {listing([place.name for place in places])}"
        )
        failures = [Failure(error, place, ticket.number, place.span, {}, {}) for place in places[:1]]
        for failure in failures:
            add_note(error, str(failure))
        return Failed(error, failures)

    # The process

    def _ship(self) -> None:
        """Start the process, unless it is there, and send it the job."""
        if self._popen is None:
            self._spawn()
        self._write(self._shipment)

    def _started(self) -> Failed | None:
        """Wait until the job that was sent is there."""
        for _ in range(_TRIES):
            try:
                if self._popen is None:
                    self._ship()
                failed: SentFailed | None = self._read()
            except _Died as died:
                code = died.code
            else:
                return None if failed is None else received(failed, self._job.tube)
        message = f"{_TRIES} worker processes, one after the other, have died when they started: {_exit(code)}"
        return Failed(WorkerDiedError(message), [])

    def _spawn(self) -> None:
        there, outgoing = os.pipe()
        incoming, here = os.pipe()
        folder = str(Path(OWN_CODE[0]).parent)
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        command = [sys.executable, *flags, "-P", "-c", _START.format(folder=folder)]
        try:
            self._popen = subprocess.Popen(
                [*command, self._thread.name, str(there), str(here)], stdin=subprocess.DEVNULL, pass_fds=(there, here)
            )
        finally:
            os.close(there)
            os.close(here)
        self._incoming, self._outgoing = os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")

    def _ask(self, message: Any) -> Any:
        self._write(message)
        return self._read()

    def _write(self, message: Any) -> None:
        try:
            write(self._outgoing, message)
        except OSError:
            raise _Died(self._close()) from None

    def _read(self) -> Any:
        try:
            return read(self._incoming)
        except (EOFError, OSError):
            raise _Died(self._close()) from None

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


def _interrupted() -> Failed:
    return Failed(Interrupted(signal.SIGTERM), [])


def _first_in(job: Job, region: int) -> int:
    """Where in the plan the first step of a region stands."""
    return min(unit.at for unit in job.stages.stages[region].region)


def _refusal(tube: Tube, shipment: Shipment) -> NotPortableError | None:
    """Why a job can't go to another process, if it can't."""
    begins = "the tube can't go to another process"
    of_script = sorted(code for code in _types(tube) if code.startswith("__main__."))
    if of_script:
        what = f"{of_script[0]} is in the script that is run, which is no module there: put it into a module"
        return NotPortableError(f"{begins}: {what}")
    for part, what in (
        (shipment.given, "what was given for its inputs"),
        (shipment.document, "what it is made of"),
        (shipment, "its plan"),
    ):
        try:
            packed(part)
        except Exception as error:
            return NotPortableError(f"{begins}: {what} can't be pickled ({describe(error)})")
    return None


def _types(tube: Tube) -> Iterator[str]:
    """The code that a tube, and those nested in it, name."""
    yield from (str(node.spec.type_) for node in tube.graph.nodes.values())
    yield from (str(asset.spec.type_) for asset in tube.graph.assets.values())
    for child in tube.children.values():
        yield from _types(child)


def _exit(code: int) -> str:
    """How a process has ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
