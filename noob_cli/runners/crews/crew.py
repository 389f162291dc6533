"""What a crew is: an ordered map over the epochs of a region, for several epochs at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.runners.failure import Failure
from noob_cli.runners.observers import Observers
from noob_cli.runners.rates import Rates
from noob_cli.runners.urgency import Urgency
from noob_cli.tube import Tube

if TYPE_CHECKING:
    # Only a run with several epochs under way pays for how they are cut, and one that is measured for how that is done.
    from noob_cli.codegen.timing import Timer
    from noob_cli.plan.stages import Stages

Underway = tuple[int, int, Any, tuple[Any, ...], tuple[Any, ...]]
"""An epoch on its way: its number, where it has failed, the failure, what is noted, and its values."""

OnTheirWay = Iterator[Underway | None]
"""Epochs on their way, in order; None says that just now there is none to be had."""

AwaitedPiece = Callable[..., Coroutine[Any, Any, Underway]]
"""Does a region, or a segment, for one epoch, and is awaited."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

MOST_BYTES: Final = 1 << 26
"""From how many bytes under way on no further epoch begins before another has ended."""

SECONDS_TO_LEAVE: Final = 2.0
"""How long a worker process may go on with what nobody wants any more."""

WAITS: dict[CodeType, str | None] = {}
"""The code of what waits for workers, and is marked with `waits`; with what they will have done then."""


def waits(until: str | None = None) -> Callable[[_Function], _Function]:
    """Mark a function that does nothing but wait for workers. `StopSignals` looks for the mark.

    Args:
        until: What they will have done then, in words; None if it is what nodes and assets do.
    """

    def mark(function: _Function) -> _Function:
        marked: Any = function
        WAITS[marked.__code__] = until
        return function

    return mark


class Failed(NamedTuple):
    """Why an epoch has failed, or the start or the end of a worker.

    Args:
        error: The error.
        failures: Where it came from, and what failed to end because of it.
    """

    error: BaseException
    failures: list[Failure]


class Report(NamedTuple):
    """What a worker has to tell at its end.

    Args:
        timers: What the nodes have taken and emitted there, by name, if that is measured.
        failed: What has failed to end; None if nothing has.
    """

    timers: Mapping[str, Timer]
    failed: Failed | None


class Job(NamedTuple):
    """What a crew works at: a plan of a run, in stages. All but the observers can be made anew from what pickles.

    Args:
        tube: The tube.
        code: Its plan, as code.
        stages: The stages of the plan.
        observers: Are told of what happens.
        rates: Says how long calls of nodes that have a rate have to wait.
    """

    tube: Tube
    code: CompiledPlan
    stages: Stages
    observers: Observers
    rates: Rates


class Crew(Protocol):
    """Does the regions of a plan for several epochs at once, and gives them back in order.

    A `Worker` for each thread, process or event loop makes what there is one of for each, and does the regions. Only
    `wait` blocks on workers; that no more epochs are under way than `ahead` is seen to by who draws them.
    """

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""

    @property
    def workers(self) -> int:
        """How many epochs, or parts of them, are done at the same time."""

    def start(self, job: Job) -> Failed | None:
        """Begin to work for a run, or go on with another plan of it, when nothing is under way.

        Args:
            job: What to work at.

        Returns:
            Why a worker could not be started; None if all could.
        """

    def map(self, number: int, epochs: OnTheirWay) -> OnTheirWay:
        """Do the region of a stage for all epochs, in order.

        What has been done is given before another epoch is drawn. Who gets None gives what has been done next, or None,
        and sends what it has been holding back to fill a batch.

        Args:
            number: The number of the stage.
            epochs: The epochs.
        """

    def wait(self, seconds: float | None) -> None:
        """Wait until something has been done that was not the last time; a crew that does it in `map` need not.

        Args:
            seconds: For how long at the most; None for as long as it takes.
        """

    def interrupt(self, urgency: Urgency) -> bool:
        """Interrupt what the workers do; what was interrupted comes back as failed.

        Args:
            urgency: How much it is wanted.

        Returns:
            Whether that can be done: if not, nobody waits for the workers any more.
        """

    def at_work(self) -> Collection[Place]:
        """The nodes and assets that workers are at work for, as far as that is known."""

    def measured(self) -> Iterable[Mapping[str, Timer]]:
        """What the nodes have taken and emitted so far at each worker of which that is known before its end."""

    def makes_something(self) -> bool:
        """Whether a worker makes or ends something now, and nobody can interrupt but who gives it up."""

    def stop(self, urgency: Urgency) -> Iterable[Report]:
        """End all workers, each after it has ended what it has made.

        Args:
            urgency: How much it is wanted: `insisted` leaves those that are still at work.

        Returns:
            What each has to tell.
        """
