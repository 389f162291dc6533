"""Loops over the items of a map in which several items are under way at once, in a task each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from noob_cli.assets.lifetimes import joined
from noob_cli.raised import is_cancellation
from noob_cli.runners.failure import OF_ITEM, Failures
from noob_cli.runners.strand import Strand
from noob_cli.runners.timers import Timers
from noob_cli.tube import Tube

if TYPE_CHECKING:
    # Only a run that is measured pays for what does that.
    from noob_cli.codegen.timing import Timer

Outcome = tuple[list[list[Any]], list[str]]
"""What has been collected of an item, and the nodes that have ended their tube meanwhile."""

OfItem = Callable[..., Coroutine[Any, Any, Outcome]]
"""Does what is done for an item."""


class ItemTasks:
    """Runs the loops of maps with a task for each item.

    Args:
        tube: The tube.
        strand: Does what the run does.
        timed: The nodes whose calls are measured, by name.
        timers: Make the timers of each task.
    """

    def __init__(self, tube: Tube, strand: Strand, timed: Collection[str], timers: Timers) -> None:
        self._tube = tube
        self._strand = strand
        self._timed = timed
        self._timers = timers
        self._free: list[Mapping[str, Timer]] = []
        self._bounds: dict[str, asyncio.Semaphore] = {}
        """For each map, how many items more may be under way, in whatever epoch or loop."""
        self._under_way: list[_UnderWay] = []

    def _foremost(self) -> Iterator[asyncio.Task[Outcome]]:
        """The tasks that are waited for; those of the loop that was begun last come first."""
        return (task for under_way in reversed(self._under_way) for task in under_way.tasks if not task.done())

    async def do(
        self,
        failures_of_epoch: Failures,
        name: str,
        most: int,
        of_item: OfItem,
        items: Iterable[tuple[Any, ...]],
        lists: Sequence[list[Any]],
    ) -> tuple[int, list[str], BaseException | None]:
        """Run a loop: start a task for each item, and join what is collected of each, in their order.

        Args:
            failures_of_epoch: Gets what has failed.
            name: The map.
            most: How many items of it may be under way.
            of_item: What is done for each.
            items: What that gets.
            lists: Get what it collects.

        Returns:
            How many items count, the nodes that have ended their tube with the last of these, and the error of the
            first item, in their order, that has failed; a group of it and of what those raise that are cancelled
            because of it, if they do. It is not raised here, since a `StopIteration` can't leave a coroutine.
        """
        failures = OF_ITEM.get(failures_of_epoch)
        under_way = _UnderWay(self._bounds.setdefault(name, asyncio.Semaphore(most)))
        self._under_way.append(under_way)
        self._strand.look_inside(self._foremost)
        began: BaseException | None = None
        ended: list[str] = []
        done = 0
        try:
            await self._begin_all(under_way, of_item, items)
            for task in under_way.tasks:
                if not task.done():
                    await asyncio.wait([task])
                began = under_way.error_of(done)
                if began is not None:
                    failures.last = under_way.failures[done].last
                done += 1
                if began is not None:
                    break
                collected, ended = task.result()
                for values, more in zip(lists, collected, strict=True):
                    values += more
                if ended:
                    break
        except BaseException as error:
            began = error
        errors = [] if began is None or is_cancellation(began) else [began]
        for another, last in await under_way.cancel(done):
            failures.last = [*(failures.last if errors else ()), *last]
            errors.append(another)
        self._under_way.remove(under_way)
        if began is not None and not errors and under_way.failures[done:]:
            # It is said of the first that was under way what has been cancelled.
            failures.last = under_way.failures[done].last
        if len(errors) > 1:
            return done, ended, joined(errors)
        return done, ended, errors[0] if errors else began

    async def _begin_all(self, under_way: _UnderWay, of_item: OfItem, items: Iterable[tuple[Any, ...]]) -> None:
        """Start a task for each item, as long as they count."""
        for item in items:
            if not await under_way.may_begin():
                return
            failures = Failures(self._tube, self._strand)
            under_way.begin(self._in_task(failures, of_item, item), failures)

    async def _in_task(self, failures: Failures, of_item: OfItem, item: tuple[Any, ...]) -> Outcome:
        OF_ITEM.set(failures)
        if not self._timed:
            return await of_item(*item)
        if not self._free:
            self._free.append(self._timers.beside(self._timed))
        timers = self._free.pop()
        try:
            return await of_item(timers, *item)
        finally:
            self._free.append(timers)


class _UnderWay:
    """The items of a loop that have been begun.

    Args:
        bound: Says how many more may be under way.

    Attributes:
        tasks: The tasks, in the order of the items.
        failures: What has failed in each.
    """

    def __init__(self, bound: asyncio.Semaphore) -> None:
        self._bound = bound
        self.tasks: list[asyncio.Task[Outcome]] = []
        self.failures: list[Failures] = []
        self._cancelled: set[asyncio.Task[Outcome]] = set()
        self._is_over = False
        """Whether items behind those that have been begun don't count."""

    async def may_begin(self) -> bool:
        """Wait until another item may be begun; whether one is wanted."""
        await self._bound.acquire()
        if self._is_over:
            self._bound.release()
        return not self._is_over

    def begin(self, work: Coroutine[Any, Any, Outcome], failures: Failures) -> None:
        """Begin with another item, for which a place is taken."""
        task = asyncio.ensure_future(work)
        task.add_done_callback(partial(self._end, len(self.tasks)))
        self.tasks.append(task)
        self.failures.append(failures)

    def _end(self, at: int, task: asyncio.Task[Outcome]) -> None:
        """Note that an item is through. If it has failed, or has ended the tube, those behind it don't count."""
        self._bound.release()
        if task.cancelled() or task.exception() is not None or task.result()[1]:
            self._is_over = True
            self._cancel(at + 1)

    def _cancel(self, first: int) -> None:
        for task in self.tasks[first:]:
            if not task.done():
                self._cancelled.add(task)
                task.cancel()

    def error_of(self, at: int) -> BaseException | None:
        """What an item that is through has failed with, as it was raised; None if it has not, or was cancelled."""
        task = self.tasks[at]
        error = None if task.cancelled() else task.exception()
        return self.failures[at].own_error(error) if isinstance(error, RuntimeError) else error

    async def cancel(self, first: int) -> list[tuple[BaseException, list[Any]]]:
        """Cancel the items from one on, and wait until they have ended.

        Args:
            first: The first.

        Returns:
            The errors of those that have failed because of that, each with what is noted of it.
        """
        self._cancel(first)
        outcomes = await asyncio.gather(*self.tasks[first:], return_exceptions=True)
        return [
            (outcome, failures.last)
            for task, outcome, failures in zip(self.tasks[first:], outcomes, self.failures[first:], strict=True)
            if task in self._cancelled and isinstance(outcome, BaseException) and not is_cancellation(outcome)
        ]
