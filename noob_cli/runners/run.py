"""A run: what is made when it starts, makes its epochs, and is thrown away when it ends."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from operator import length_hint
from types import FrameType
from typing import TYPE_CHECKING, Any

from noob_cli.assets.lifetimes import Lifetimes
from noob_cli.bracket import Bracket
from noob_cli.code.context import Runner
from noob_cli.codegen.compiled import Epochs
from noob_cli.codegen.runtime import ENDED
from noob_cli.errors import RunnerBusyError
from noob_cli.plan.place import Place
from noob_cli.plan.plan import ASSET, GATHER, OVER, STORED_AT, StateKey
from noob_cli.runners.binding import refuse_uncopied
from noob_cli.runners.callers import is_called_by
from noob_cli.runners.failure import Failures
from noob_cli.runners.last_epochs import LastEpochs
from noob_cli.runners.linking import Linked, Linker
from noob_cli.runners.own_messages import OwnMessages
from noob_cli.runners.setup import Setup
from noob_cli.runners.standing import Standing
from noob_cli.runners.starting import Starter
from noob_cli.runners.strand import stack_from
from noob_cli.runners.teardown import tear_down
from noob_cli.runners.timers import Timers
from noob_cli.runners.whereabouts import Whereabouts, is_in_epoch, whereabouts
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.codegen.timing import Timer
    from noob_cli.runners.staged import Staged


class Run:
    """A run, from its start to its end: a runner makes one for each.

    It starts the assets and nodes (`Starter`), has the plan made and compiled, and again when nodes are enabled or a
    nested tube ends (`Linker`), and holds where it stands between two epochs (`Standing`).

    Args:
        runner: The runner that a node's `init` may ask for.
        setup: The tube, and what a run of it is made with.
        is_stopping: Says whether no more epochs are wanted.
    """

    def __init__(self, runner: Runner, setup: Setup, is_stopping: Callable[[], bool]) -> None:
        observers, strand = setup.observers, setup.strand
        self.crew = setup.crew
        """The workers that do several things at once; None if all is done in order."""
        self.strand = strand
        """Does all that the run does, in one context."""
        self.is_open = False
        """Whether it has been started, and is not being ended."""
        self.is_stale = False
        """Whether the plan has to be made anew before the next epoch."""
        self.makes_last = False
        """Whether it only makes last epochs any more."""
        self.making: Any = None
        """The generator that makes epochs, or has done so last; `Busy` while something else makes some."""
        self.process: Callable[[Mapping[str, Any]], Any] = self._process_anew
        """Makes one epoch with the given inputs."""
        self.is_out_of_records = False
        """Whether the records that it has got have come to their end."""
        self.wanted: Callable[[], int] = lambda: sys.maxsize
        """How many results are wanted at the most from now on: no more epochs are under way at once than that."""
        self.is_stopping = is_stopping
        """Whether no more epochs are wanted."""
        self.process_id = os.getpid()
        """The process that it belongs to."""
        self._tube = setup.tube
        self._disabled = setup.disabled
        self._observers = observers
        self._standing = Standing()
        lifetimes = Lifetimes[Place]()
        self._last_epochs = LastEpochs(setup.tube, setup.disabled)
        self.failures = Failures(setup.tube, strand)
        self.failures.tell = observers.failed
        self.starter = Starter(
            runner,
            lambda: is_stopping() and not self.is_open,
            lifetimes,
            strand,
            self.failures.note_at_start,
            observers.log,
        )
        """What it has made at its start."""
        self._timers = Timers()
        self.timers = self._timers.by_name
        """What the nodes have taken and emitted, by name, if that is measured."""
        self._linker = Linker(
            setup,
            self._standing,
            self.failures,
            self.starter,
            self._timers,
            self._outdate,
            lambda: self.wanted(),
        )
        self._tear_down = partial(tear_down, setup, lifetimes, self.failures, self._timers)
        self.source = self._linker.source
        """Gives what an epoch draws from for a source, by its name."""
        self._linked: Linked | None = None
        hear = observers.hear
        self._own_messages = None if hear is None else OwnMessages(hear, observers.hears_from, self.whereabouts)

    def start(self) -> None:
        """Start the run: make the runner-scoped assets and the nodes, then compile the plan.

        Nothing is compiled if the run is stopped meanwhile.

        Raises:
            BaseException: What an asset or a node raised.
        """
        self.starter.assets.before_a_look = self._store_carried
        if self._own_messages is not None:
            self._own_messages.begin()
        self.failures.unwrapped(self.strand.do, self.starter.start_tube(self._tube, self._disabled))
        if not self.is_stopping():
            self._link()
            refuse_uncopied(self._plan.code.plan, self._standing.state, self.failures.note_at_start)
        self.is_open = True

    def end(self, error: BaseException | None, is_stopped: bool) -> None:
        """End all that lives as long as the run, last made first.

        Args:
            error: The error that is under way.
            is_stopped: Whether the run was asked to stop.

        Raises:
            BaseException: What an end raised; a group if there is more than one error.
        """
        was_open, self.is_open = self.is_open, False
        # An iterator that is still around makes no further epoch.
        self.stop()
        if self._staged is not None:
            self._staged.drop()
        self._standing.state = self.state
        self.starter.assets.freeze()
        try:
            self._tear_down(error)
        finally:
            if self._own_messages is not None:
                self._own_messages.end()
            if was_open and error is None:
                self._warn_of_what_is_left()
                if not is_stopped and (why := self.why_no_epoch()) is not None:
                    self._observers.warn(f"no epoch was made: {why}")

    def _warn_of_what_is_left(self) -> None:
        for (kind, name), values in self._standing.state.items():
            if kind == GATHER and values:
                count = count_of(len(values), "value")
                self._observers.warn(f"the node '{name}' has {count} left that it did not emit")

    # Where it stands

    def _settle(self) -> None:
        """Bring the epochs to their end that are under way."""
        if self._staged is not None:
            self._staged.settle()

    @property
    def state(self) -> dict[StateKey, Any]:
        """What is kept from epoch to epoch."""
        state = self._standing.state
        return state if self._linked is None else {**state, **self._linked.epochs.save()}

    @property
    def epoch(self) -> int:
        """The number of the last epoch; -1 before the first."""
        return -1 if self._linked is None else self._linked.epochs.number()

    def done(self, thread: int | None) -> int:
        """How many epochs are done; another thread may ask.

        Args:
            thread: The one that makes them.
        """
        linked, made = self._linked, self.epoch + 1
        if linked is None or linked.staged is not None:
            return made
        return made - is_in_epoch(self.strand.stack(sys._current_frames().get(thread or 0)), linked.code)

    def measured(self) -> dict[str, Timer]:
        """What the nodes have taken and emitted so far, but for what other processes tell at their end."""
        return self._timers.measured(() if self.crew is None else self.crew.measured())

    @property
    def length(self) -> int | None:
        """How many values its one source has still to give, or has had at its start; None if that isn't known."""
        iterated = [*self.starter.iterated.values()]
        with suppress(Exception):
            return (length_hint(iterated[0]) or None) if len(iterated) == 1 else None
        return None

    @property
    def has_ended(self) -> bool:
        """Whether the tube has come to its end, but for its last epochs."""
        linked = self._linked
        is_over = self._standing.state.get((OVER, "")) if linked is None else linked.epochs.is_over
        return bool(is_over) and not self.behind

    @property
    def behind(self) -> int:
        """How many epochs have begun after the one that was delivered last."""
        return 0 if self._staged is None else self._staged.behind

    def why_no_epoch(self) -> str | None:
        """Why the run has come to its end before the first epoch; None if it has not, or has made one."""
        if self._linked is None or self.epoch >= 0:
            return None
        if not self._linked.epochs.is_over:
            return "no record was given" if self.is_out_of_records else None
        from noob_cli.runners.no_epoch import why_no_epoch

        return why_no_epoch(self._linked.code.plan.finish, self._standing.ended)

    def save(self) -> Standing:
        """Where it stands between two epochs. The values are the objects of the run itself, not copies."""
        self._settle()
        ended = {tube: set(names) for tube, names in self._standing.ended.items()}
        return Standing(dict(self.state), defaultdict(set, ended), self._standing.events)

    def restore(self, standing: Standing) -> None:
        """Go on from where a run stood.

        Args:
            standing: What `save` gave; state that is not in it stays.
        """
        self._settle()
        self._standing.state = {**self.state, **standing.state}
        self._standing.ended.update(standing.ended)
        self._standing.events = standing.events
        self.is_stale |= standing.has_ended_within
        self._take_up(self._linker.relink(self._plan))

    def _store_carried(self) -> None:
        """Write what is carried into the asset objects, for who looks at an asset, and for its end."""
        state = self.state
        for (kind, name), value in state.items():
            if kind == ASSET:
                asset = self.starter.assets.made[name]
                asset.obj, asset.stored_at = value, state[STORED_AT, name]

    # What makes its epochs

    @property
    def _staged(self) -> Staged | None:
        return None if self._linked is None else self._linked.staged

    @property
    def _plan(self) -> Linked:
        if self._linked is None:
            raise RuntimeError("the runner was stopped before its first epoch")
        return self._linked

    def current(self) -> Epochs:
        """The functions that make epochs, of a plan that is up to date."""
        linked = self._plan
        if self.process == self._process_anew:
            self._settle()
            self._standing.state = self.state
            linked = self._link() if self.is_stale else self._take_up(self._linker.relink(linked))
        return linked.epochs

    def _process_first(self, inputs: Mapping[str, Any]) -> Any:
        process = self._plan.epochs.process
        if self._staged is None:
            # It is compiled only now; a call around each epoch would be much of what that takes.
            self.process = process
        else:
            self.refuse_called()
        return process(inputs)

    def _process_anew(self, inputs: Mapping[str, Any]) -> Any:
        self.refuse_called()
        return ENDED if self.makes_last else self.current().process(inputs)

    def last(self) -> AbstractContextManager[Epochs | None]:
        """The function that makes the next of the last epochs; None if there is none."""
        # Records may come to an end where the tube has none: what is called next goes on with it.
        self.makes_last = self.has_ended
        may_flush = self.is_open and not self.is_stopping()
        flushing = self._last_epochs.next(self.epoch, self.state) if may_flush else None
        if flushing is None:
            return nullcontext()
        self._standing.state = self.state
        return Bracket(lambda: self._link(flushing).epochs, self._note_last)

    def _note_last(self) -> None:
        self._last_epochs.note_made(self.epoch)
        # What makes further epochs, if there are any, is another plan.
        self._outdate()

    def change(self) -> None:
        """Have the plan made anew before the next epoch; the one that is under way is finished as it began."""
        self.makes_last = False
        self._outdate()
        self.stop()

    def _outdate(self) -> None:
        self.is_stale, self.process = True, self._process_anew

    def pause(self) -> None:
        """Let the functions that make epochs return after the epoch that is under way; called again, they go on.

        Another thread may call it, too. Nothing happens if no epoch is under way.
        """
        self.process = self._process_anew
        self.stop()

    def stop(self) -> None:
        """Let the functions that make epochs return after the epoch that is under way."""
        if self._linked is not None:
            self._linked.epochs.stop()

    def _link(self, flushing: str | None = None) -> Linked:
        """Have the plan made and compiled anew, and make epochs with it from here on; see `Linker.link`."""
        # Another thread may ask for a change meanwhile.
        self.is_stale = False
        try:
            linked = self._linker.link(flushing)
        except BaseException:
            self.is_stale = True
            raise
        return self._take_up(linked)

    def _take_up(self, linked: Linked) -> Linked:
        """Make epochs with a plan from here on."""
        self._linked, self.process = linked, self._process_first
        if self.is_stale:
            self._outdate()
        if self.is_stale or self.is_stopping():
            linked.epochs.stop()
        return linked

    # What it does

    def refuse_at_work(self) -> None:
        """What a run calls may stop it, but can't end what it is using, nor make another epoch in the middle of one."""
        if self.strand.is_busy or (self.making is not None and self.making.gi_running):
            raise RunnerBusyError
        self.refuse_called()

    def refuse_called(self) -> None:
        """Refuse what a node asks for, in whichever thread, while others have what is made between two epochs."""
        if self._linked is not None and is_called_by(self._linked.code.file, self.strand.stack(sys._getframe())):
            raise RunnerBusyError

    def compiled_place(self, file: str, line: int) -> Place | None:
        """The node or asset that a line of the code is about that the tube was compiled to; None if it is about none.

        Args:
            file: The name under which tracebacks show that code.
            line: The line, from 1.
        """
        code = None if self._linked is None else self._linked.code
        return code.places.get(line) if code is not None and file == code.file else None

    def whereabouts(self, frame: FrameType) -> Whereabouts:
        """What a thread is at work for.

        Args:
            frame: The innermost function of the thread.
        """
        code = None if self._linked is None else self._linked.code
        # Of several epochs that wait for something, none is that of a task that does not say so.
        stack = self.strand.stack(frame) if self._staged is None else stack_from(frame)
        return whereabouts(stack, code)
