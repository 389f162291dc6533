"""What a worker process does: regions of its job, until it is told to end, or nobody is there any more."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, BinaryIO

from noob_cli.code.own_imports import hide
from noob_cli.collector import collect_as_usual
from noob_cli.plan.place import Place
from noob_cli.raised import add_note, is_failure
from noob_cli.runners.crews.batches import Columns, Values
from noob_cli.runners.crews.crew import SECONDS_TO_LEAVE, Failed, Job, Report, Underway
from noob_cli.runners.crews.portability import refused
from noob_cli.runners.crews.seen import ValueWatcher
from noob_cli.runners.crews.shipment import GIVE_UP, Answers, FailedElsewhere, Said, SentReport, Shipment, job_of
from noob_cli.runners.crews.travelling import SentFailed, sent
from noob_cli.runners.crews.uploading import missing_module, what_to_do
from noob_cli.runners.crews.wire import (
    Parcel,
    is_plain,
    packed,
    read,
    size_of,
    unpacked,
    write,
)
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.observers import Observers
from noob_cli.runners.own_messages import Message, OwnMessages
from noob_cli.runners.strand import stack_from
from noob_cli.runners.urgency import Urgency
from noob_cli.runners.whereabouts import Whereabouts, is_making, place_in, whereabouts
from noob_cli.runners.worker import Worker

_MAIN = threading.get_ident()
"""The thread in which all is done."""

_SECONDS_HELD = 0.02
"""How long what has been done may wait for what came with it."""

_SECONDS_TO_END = 300.0
"""How long something may be made or ended when nobody is there any more, who else would give it up."""

_MOST_GIVEN_UP = 10
"""How many ends may be given up then, one after the other."""


def main(before: Mapping[int, Any]) -> None:
    """Be a worker: the arguments are its name, and the descriptor by which it is told what to do, and answers.

    Args:
        before: What signals did that are left to the one that has started it, by their numbers.
    """
    name, incoming = sys.argv[1], int(sys.argv[2])
    os.set_inheritable(incoming, False)
    outgoing = os.dup(incoming)
    for descriptor in (incoming, outgoing):
        # Who waits for this process to end does not wait for those that nodes start.
        os.register_at_fork(after_in_child=partial(os.close, descriptor))
    os.register_at_fork(after_in_child=partial(_leave_alone, {**before, GIVE_UP: signal.getsignal(GIVE_UP)}))
    streams = sys.stdout, sys.stderr = _Named(name, sys.stdout), _Named(name, sys.stderr)
    sys.argv[:] = sys.argv[:1]
    threading.current_thread().name = name
    _Serving(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")).serve()
    for stream in streams:
        stream.finish()


def _leave_alone(before: Mapping[int, Any]) -> None:
    """Let signals do what they would have done: nobody else ends a process that a node has forked."""
    for number, handler in before.items():
        signal.signal(number, handler)


class _Named:
    """A stream with the name of the worker before each line, which is written as a whole.

    Args:
        name: The name.
        stream: The stream.
    """

    def __init__(self, name: str, stream: Any) -> None:
        self._name = name
        self._stream = stream
        self._line = ""

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._stream, attribute)

    def write(self, text: str) -> int:
        """Write the lines that are complete."""
        *lines, self._line = (self._line + text).split("\n")
        if lines:
            self._stream.write("".join(f"{self._name}: {line}\n" for line in lines))
            self._stream.flush()
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Write several texts."""
        for text in texts:
            self.write(text)

    def close(self) -> None:
        """Leave it open: who prints next, in this worker, has closed nothing."""

    def finish(self) -> None:
        """Write the last line, if it has no end."""
        if self._line:
            self.write("\n")


class _Serving:
    """Does what it is told.

    Args:
        incoming: Where it is told.
        outgoing: Where it answers.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._job: Job | None = None
        self._worker: Worker | None = None
        self._origins: Mapping[str, str] = {}
        self._own_messages: OwnMessages | None = None
        self._observers = Observers(partial(self._say, is_warning=True), self._say)
        self._looking = ValueWatcher(self._observers.values)
        self._is_due = False
        """Whether what is being done is to be given up."""
        self._was_interrupted = False
        """Whether a node, or an import, was."""
        self._is_loading = False
        """Whether modules of the user's are imported."""
        self._is_to_end = False
        """Whether all is to be ended in the middle of a node that goes on whatever it gets."""
        self._is_ending = False
        """Whether that is done, or has been."""
        self._is_heard = False
        """Whether a signal has come to this thread since it was sent last: most code in C keeps it waiting."""
        self._is_forced = False
        """Whether what is made or ended is to be given up, too."""
        self._done: list[Values | Parcel | SentFailed] = []
        """What has been done of what came last, and not been answered."""
        # A value that is looked at may tell something.
        self._answering = threading.RLock()
        self._is_at_work = threading.Event()
        self._batches = 0

    def serve(self) -> None:
        """Do what there is to do, then end what was made."""
        signal.signal(GIVE_UP, self._interrupt)
        sys.breakpointhook = self._pass_over
        for watch in (self._see_to_the_end, self._see_to_answers):
            threading.Thread(target=watch, daemon=True).start()
        try:
            while True:
                message = read(self._incoming)
                if message is None:
                    report = self._end()
                    failed = None if report.failed is None else self._sent(report.failed)
                    self._write(SentReport(report.timers, failed))
                elif isinstance(message, Shipment):
                    self._write(self._begin(message))
                    collect_as_usual()
                else:
                    self._do(*message)
        except (EOFError, OSError):
            # Nobody is there any more, and nothing is done for anybody: what was made may take its time to end.
            self._is_at_work.clear()
            self._end()

    def _write(self, message: Any) -> None:
        with self._answering:
            write(self._outgoing, message)

    def _begin(self, shipment: Shipment) -> SentFailed | None:
        """Begin with a job, and answer whether that could be."""
        self._let_see_the_last()
        self._is_ending = False
        try:
            self._origins = shipment.origins
            hide([entry for entry in shipment.path if entry not in sys.path])
            sys.path[:] = shipment.path
            tube = None if self._job is None else self._job.tube
            self._is_loading = True
            self._job = job_of(shipment.contents, tube, self._observers)
            self._is_loading = False
            if self._own_messages is None and shipment.hears_from is not None:
                name = threading.current_thread().name
                self._own_messages = OwnMessages(self._say, shipment.hears_from, self._whereabouts, name)
                self._own_messages.begin()
            self._worker = self._worker or Worker(self._job.tube)
            if shipment.folder is not None and os.path.isdir(shipment.folder):
                os.chdir(shipment.folder)
            failed = self._worker.start(self._job)
        except BaseException as error:
            if not is_failure(error) and not isinstance(error, Interrupted):
                raise
            self._is_loading = False
            failed = Failed(error, [])
        return None if failed is None else self._sent(failed)

    def _do(self, region: int, parcels: Sequence[Underway | Parcel] | Columns) -> None:
        assert self._worker is not None
        clock, do, done = time.perf_counter, self._worker.do, 0
        self._is_at_work.set()
        began = clock()
        given: Iterable[Any] = parcels.rows() if isinstance(parcels, Columns) else parcels
        for parcel in given:
            if self._is_due:
                break
            try:
                epoch: Any = parcel if type(parcel) is tuple else unpacked(parcel)
            except Exception as error:
                self._done.append(self._sent(Failed(error, [])))
                continue
            self._done.append(self._packed(region, do(region, epoch)))
            done += 1
        self._answer((done, clock() - began))

    def _answer(self, seconds: tuple[int, float]) -> None:
        with self._answering:
            self._let_see()
            write(self._outgoing, self._answers(self._done, seconds))
            self._done = []
            self._batches += 1
            self._is_at_work.clear()
            self._is_due = False

    def _see_to_answers(self) -> None:
        """Answer with what has been done, if what is done together with it takes long, and say what that is."""
        told: tuple[int, Place | None] = -1, None
        while self._is_at_work.wait():
            batches = self._batches
            time.sleep(_SECONDS_HELD)
            with self._answering, suppress(OSError):
                # Meanwhile more may be done.
                done = self._done[:]
                is_the_same = batches == self._batches and self._is_at_work.is_set()
                at_work = self._place_at(sys._current_frames()[_MAIN]) if is_the_same else None
                if is_the_same:
                    self._let_see()
                if is_the_same and (done or (told != (batches, at_work) and at_work is not None)):
                    del self._done[: len(done)]
                    told = batches, at_work
                    write(self._outgoing, self._answers(done, None, at_work))

    def _answers(
        self,
        done: Sequence[Values | Parcel | SentFailed],
        seconds: tuple[int, float] | None,
        at_work: Place | None = None,
    ) -> Answers:
        """What is answered, with what was measured until then."""
        timers = {} if self._worker is None else self._worker.timers
        return Answers(done, sum(map(size_of, done)), seconds, at_work, timers)

    def _packed(self, region: int, epoch: Underway) -> Values | Parcel:
        if epoch[2] is None and not epoch[3] and is_plain(epoch[4]):
            return epoch[4]
        try:
            return packed(self._with_failure_sent(epoch))
        except Exception as error:
            assert self._job is not None
            return packed(self._with_failure_sent(refused(self._job, epoch, region, error, is_result=True)))

    def _with_failure_sent(self, epoch: Underway) -> Underway:
        number, at, failed, notes, values = epoch
        if failed is None or isinstance(failed, FailedElsewhere):
            return epoch
        return number, at, self._sent(failed), notes, values

    def _sent(self, failed: Failed) -> SentFailed:
        """What has failed, on its way. A module that is missing here need not be where it is told."""
        if self._origins and (name := missing_module(failed.error)) is not None:
            add_note(failed.error, what_to_do(name, threading.current_thread().name))
        return sent(failed, self._origins)

    def _pass_over(self, *_: object, **__: object) -> None:
        """Nobody can answer a debugger here."""
        frame = sys._getframe(1)
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        text = f"breakpoint() at {place} is passed over by worker processes: another runner, such as sync, stops there"
        if self._observers.is_new(text):
            self._observers.warn(text)

    def _whereabouts(self, frame: FrameType) -> Whereabouts:
        return whereabouts(stack_from(frame), None if self._job is None else self._job.code)

    def _say(self, what: str | Message, *, is_warning: bool = False) -> None:
        # Who has made something ends it, whether or not somebody is there to be told.
        with suppress(OSError):
            self._write(Said(what, is_warning))

    def _let_see(self, *, is_last: bool = False) -> None:
        """Tell the last values of signals, if it is time to."""
        seen = self._looking.look(is_last=is_last)
        if seen is not None:
            write(self._outgoing, seen)

    def _let_see_the_last(self) -> None:
        """Tell them once more, and hold them no longer: there may come another plan, or nobody watches any more."""
        with self._answering, suppress(OSError):
            self._let_see(is_last=True)
        self._observers.values.forget()
        self._looking = ValueWatcher(self._observers.values)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Give up what is being done: a node, or an import, at once, unless something is made or ended."""
        self._is_due = self._is_heard = True
        if self._is_to_end and not self._is_ending and not self._is_making(frame):
            try:
                self._end()
            finally:
                os._exit(1)
        if self._is_forced:
            raise Interrupted(signal.SIGINT, Urgency.forced)
        if self._is_loading or self._is_in_node(frame):
            self._was_interrupted = True
            raise Interrupted(signal.SIGINT)

    def _is_in_node(self, frame: FrameType | None) -> bool:
        return self._place_at(frame) is not None and not self._is_making(frame)

    def _is_making(self, frame: FrameType | None) -> bool:
        job = self._job
        return job is not None and is_making(stack_from(frame), job.code)

    def _place_at(self, frame: FrameType | None) -> Place | None:
        """The node or asset that a function is at work for."""
        return None if self._job is None else place_in(stack_from(frame), self._job.code)

    def _see_to_the_end(self) -> None:
        """Give up what is being done when the one who wants it has gone."""
        if hasattr(select, "poll"):
            gone = select.poll()
            gone.register(self._incoming, select.POLLHUP)
            gone.poll()
            ends = time.monotonic() + SECONDS_TO_LEAVE
            self._was_interrupted = False
            while time.monotonic() < ends:
                if not self._was_interrupted:
                    # Until there is a node: it may be about to begin.
                    os.kill(os.getpid(), GIVE_UP)
                time.sleep(_SECONDS_HELD)
            self._see_to_the_end_of_what_goes_on()

    def _see_to_the_end_of_what_goes_on(self) -> None:
        """Give up what nobody else gives up any more: a node that an interruption doesn't end, and what hangs."""
        if self._is_loading:
            # It is in code that no signal interrupts.
            os._exit(1)
        ends = time.monotonic() + _SECONDS_TO_END
        while self._is_at_work.is_set() and not self._is_ending and time.monotonic() < ends:
            # Behind what is made or ended, there may be such a node.
            self._is_to_end, self._is_heard = True, False
            os.kill(os.getpid(), GIVE_UP)
            time.sleep(SECONDS_TO_LEAVE)
            if not self._is_heard and not self._is_making(sys._current_frames()[_MAIN]):
                os._exit(1)
        time.sleep(max(ends - time.monotonic(), 0))
        self._is_forced = True
        for _ in range(_MOST_GIVEN_UP):
            os.kill(os.getpid(), GIVE_UP)
            time.sleep(SECONDS_TO_LEAVE)
        os._exit(1)

    def _end(self) -> Report:
        """End what was made for a run; there may come another."""
        # What has begun to end is left alone by those who would begin with it.
        self._is_ending = True
        self._let_see_the_last()
        worker, self._worker, self._job = self._worker, None, None
        return Report({}, None) if worker is None else worker.stop()
