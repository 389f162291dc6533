"""A crew of coroutines: for code that awaits, many epochs under way on one event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Mapping, Sequence
from contextvars import Context
from itertools import chain

from noob_cli.assets.lifetimes import joined
from noob_cli.raised import is_cancellation, is_of
from noob_cli.runners.crews.crew import AwaitedPiece, Underway
from noob_cli.runners.crews.sharing import Sharing
from noob_cli.runners.failure import Failures
from noob_cli.runners.strand import Strand

Drawn = AsyncGenerator[Underway | None]
"""Epochs that have been drawn; None while none may be."""


class Coroutines:
    """Does regions on the event loop of the run, each for each epoch in a task of its own.

    Args:
        ahead: How many epochs may be under way.
        strand: Does what the run does.
        context: What the tasks get a copy of: the same for all, whatever is done in order meanwhile.
        make_region: Makes the region of a stage, which does it for one epoch at a time.
        sharing: What the epochs that are under way have to do with.
        failures: Gets what was interrupted.
    """

    def __init__(
        self,
        ahead: int,
        strand: Strand,
        context: Context,
        make_region: Callable[[int], AwaitedPiece],
        sharing: Sharing,
        failures: Failures,
    ) -> None:
        self._failures = failures
        self._ahead = ahead
        self._sharing = sharing
        self._strand = strand
        self._context = context
        self._make_region = make_region
        self._free: defaultdict[int, list[AwaitedPiece]] = defaultdict(list)
        self._stages: Sequence[deque[asyncio.Task[Underway]]] = ()
        """What is under way, in each region."""
        self._segments: Sequence[AwaitedPiece] = ()
        self._come: Mapping[int, Callable[[Underway], object]] = {}
        self._again: Sequence[Underway] | None = None
        """What goes once more through what comes behind the first segment that stores early."""

    @property
    def ahead(self) -> int:
        """How many epochs may be under way."""
        return self._sharing.fitting(self._ahead)

    def chain(
        self,
        first: Drawn,
        segments: Sequence[AwaitedPiece],
        come: Mapping[int, Callable[[Underway], object]],
        patience: Callable[[], float | None],
    ) -> Generator[Underway, None, None]:
        """The epochs of a run, in order, when they are through all stages.

        What a region has done goes on before the next epoch is drawn. Segments are done in the task of the run.

        Args:
            first: Segment 0, which draws the epochs.
            segments: The others, each behind the region of its stage.
            come: Called with what comes to a segment that stores early, by the number of its stage.
            patience: Says after how many seconds it is looked again whether one may be drawn; None if not before
                another is through.
        """
        self._strand.look_beside(lambda: chain(*reversed(self._stages)))
        self._segments, self._come, self._again = segments, come, None
        return self._strand.awaited(self._chain(first, patience))

    def do_again(self, epochs: Sequence[Underway]) -> None:
        """Let epochs go once more through what comes from the first segment on that stores early.

        Args:
            epochs: All that have come to it, and are not through all stages, as they have come.
        """
        self._again = epochs

    async def _chain(self, first: Drawn, patience: Callable[[], float | None]) -> AsyncGenerator[Underway]:
        stages = self._stages = [deque[asyncio.Task[Underway]]() for _ in self._segments]
        try:
            while True:
                for at in reversed(range(len(stages))):
                    while stages[at] and stages[at][0].done():
                        done = self._sharing.leave(at + 1, stages[at].popleft().result())
                        if (epoch := await self._go_on(at, done)) is not None:
                            yield epoch
                            await self._go_back()
                if (drawn := await anext(first, None)) is not None:
                    stages[0].append(self._begin(1, drawn))
                    # Who draws without awaiting anything lets those that are under way go on, too.
                    await asyncio.sleep(0)
                elif foremost := [tasks[0] for tasks in stages if tasks]:
                    await asyncio.wait(foremost, timeout=patience(), return_when=asyncio.FIRST_COMPLETED)
                else:
                    return
        finally:
            try:
                # What is to be delivered first is in the last stage.
                await self._cancel(list(chain(*reversed(stages))))
            finally:
                self._sharing.clear()
                await first.aclose()

    async def _go_on(self, at: int, epoch: Underway) -> Underway | None:
        """Do a segment for an epoch, and begin with the region behind it; the epoch, if there is none."""
        if at + 1 in self._come:
            self._come[at + 1](epoch)
        epoch = await self._segments[at](*epoch)
        if at + 1 == len(self._segments):
            return epoch
        self._stages[at + 1].append(self._begin(at + 2, epoch))
        return None

    async def _go_back(self) -> None:
        """Begin anew with what goes once more through some of the stages."""
        if self._again is None:
            return
        epochs, self._again, first = self._again, None, min(self._come)
        regions = [at for at in reversed(range(first, len(self._stages))) for _ in self._stages[at]]
        await self._cancel(list(chain(*reversed(self._stages[first:]))))
        for tasks in self._stages[first:]:
            tasks.clear()
        left = [self._sharing.leave(at + 1, epoch) for at, epoch in zip(regions, epochs, strict=True)]
        for epoch in left:
            await self._go_on(first - 1, epoch)

    def _begin(self, number: int, epoch: Underway) -> asyncio.Task[Underway]:
        # What notes the failures of an epoch serves one at a time.
        free = self._free[number]
        region = free.pop() if free else self._make_region(number)
        work = region(*self._sharing.enter(number, epoch))
        task = asyncio.get_running_loop().create_task(work, context=self._context.copy())
        task.add_done_callback(lambda _: free.append(region))
        task.add_done_callback(self._weigh)
        return task

    def _weigh(self, task: asyncio.Task[Underway]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._sharing.weigh(task.result())

    async def _cancel(self, tasks: Collection[asyncio.Task[Underway]]) -> None:
        """Cancel what is under way, and wait until it has ended.

        Raises:
            BaseException: What failed because of that; a group if there is more than one error.
        """
        cancelled = [task for task in tasks if not task.done()]
        for task in cancelled:
            task.cancel()
        for task in tasks:
            if task not in cancelled and not task.cancelled():
                # An interruption has ended the run already.
                task.exception()
        outcomes = await asyncio.gather(*cancelled, return_exceptions=True)
        failed = [outcome[2] for outcome in outcomes if isinstance(outcome, tuple) and outcome[2] is not None]
        interrupted = (
            failure.failures for failure in failed if any(is_of(of.error, KeyboardInterrupt) for of in failure.failures)
        )
        self._failures.last = next(interrupted, self._failures.last)
        raised = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        errors = [error for error in (*raised, *(failure.error for failure in failed)) if not is_cancellation(error)]
        if errors:
            raise errors[0] if len(errors) == 1 else joined(errors)
