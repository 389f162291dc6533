"""What epochs that are under way at once have to do with, where that is in one memory."""

from __future__ import annotations

import threading
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from noob_cli.codegen.runtime import NOT_BEGUN
from noob_cli.errors import GivenAgainError
from noob_cli.runners.crews.crew import MOST_BYTES, Job, Underway
from noob_cli.runners.crews.giver import giver_of, names_of

_CHANGING = (list, dict, set, bytearray, deque, array)
"""Types of what is filled again and again."""

_WAY_OUT = "or take '--runner processes', where each epoch has a copy, or '--runner sync', for one after the other"


class Sharing:
    """Sees to it that no epoch goes on as if nothing had happened when what it works at may have been changed.

    What keeps the order of the epochs, sources above all, may give an object again that it has filled anew meanwhile.
    An epoch that still has to do with it has failed then. It is also known how much there is of all that.

    Args:
        job: What is worked at.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._given_in_order: dict[int, Sequence[bool]] = {}
        """For each region, and each of the values that it gets, whether it was given in the order of the epochs."""
        self._held: defaultdict[int, list[tuple[Hashable, Any]]] = defaultdict(list)
        """What each epoch has to do with: it is not freed before, so that no other is taken for it."""
        self._inside: Counter[int] = Counter()
        """How many parts of each epoch are in a region."""
        self._holders: defaultdict[Hashable, set[int]] = defaultdict(set)
        """The epochs that have to do with something."""
        self._spoiled: dict[int, tuple[str, int]] = {}
        """The epochs that have failed, with the name of what was given again, and in which epoch."""
        self._sizes: dict[int, int] = {}
        """How many bytes each epoch has to do with."""
        self._bytes = 0
        self._each = 0.0
        """How many bytes an epoch has to do with at the end of a region, on the average of the last ones."""
        self._weighing = threading.Lock()
        self._left: set[int] = set()
        """The regions that an epoch has been through."""

    @property
    def is_known(self) -> bool:
        """Whether an epoch has been through all regions."""
        return self._left.issuperset(self._job.stages.regions)

    def fitting(self, ahead: int) -> int:
        """How many epochs may be under way, so that they don't have too much together.

        Args:
            ahead: How many may be else.
        """
        return 1 if self._bytes >= MOST_BYTES else min(ahead, max(int(MOST_BYTES / (1 + self._each)), 1))

    def enter(self, region: int, epoch: Underway) -> Underway:
        """Note what an epoch has to do with that comes to a region.

        Args:
            region: The number of the stage.
            epoch: The epoch, which is given back.
        """
        number, at, _, _, values = epoch
        if at == NOT_BEGUN:
            return epoch
        held = []
        for place, value in enumerate(values):
            key = _identity_of(value)
            if key is not None:
                held.append((key, value))
                if key in self._holders and self._is_given_in_order(region)[place]:
                    name = names_of(self._job, region, is_result=False)[place]
                    for holder in self._holders[key] - {number}:
                        self._spoiled.setdefault(holder, (name, number))
        for key, _ in held:
            self._holders[key].add(number)
        self._held[number] += held
        self._inside[number] += 1
        size = sum(map(_size_of, values))
        with self._weighing:
            self._bytes += size
            self._sizes[number] = self._sizes.get(number, 0) + size
        return epoch

    def weigh(self, epoch: Underway) -> None:
        """Note how much an epoch has to do with that has been done. A worker may call it, too.

        Args:
            epoch: The epoch.
        """
        number, at, _, _, values = epoch
        size = 0 if at == NOT_BEGUN else sum(map(_size_of, values))
        with self._weighing:
            if number in self._sizes:
                if self._inside[number] == 1:
                    self._bytes += size - self._sizes[number]
                    self._sizes[number] = size
                self._each = (self._each + size) / 2

    def leave(self, region: int, epoch: Underway) -> Underway:
        """An epoch that comes from a region; it has failed if something that it had to do with was given again.

        Args:
            region: The number of the stage.
            epoch: The epoch.
        """
        number, at, _, notes, values = epoch
        self._left.add(region)
        self._inside[number] -= 1
        if self._inside[number] > 0:
            return epoch
        del self._inside[number]
        with self._weighing:
            self._bytes -= self._sizes.pop(number, 0)
        for key, _ in self._held.pop(number, ()):
            self._holders[key].discard(number)
            if not self._holders[key]:
                del self._holders[key]
        spoiled = self._spoiled.pop(number, None)
        if spoiled is None:
            return epoch
        name, again = spoiled
        giver = giver_of(self._job, name)
        if giver.at >= at:
            return epoch
        error = GivenAgainError(
            f"{giver} is the same object again in epoch {again}, when epoch {number} was still under way with it: let "
            "it give a copy, or another object each time"
        )
        return number, giver.at, giver.failed(error, number, _WAY_OUT), notes, values

    def clear(self) -> None:
        """Nothing is under way any more."""
        self._held.clear()
        self._inside.clear()
        self._holders.clear()
        self._spoiled.clear()
        with self._weighing:
            self._sizes.clear()
            self._bytes = 0

    def _is_given_in_order(self, region: int) -> Sequence[bool]:
        known = self._given_in_order.get(region)
        if known is None:
            stages, inputs = self._job.stages.stages, self._job.code.plan.body.inputs
            # The default of an input is the same each time.
            free = {step.target.name: True for step in inputs if step.default is not None}
            # What is stored early is not changed in place, nor is what reads it: that keeps nothing by itself.
            units = [(unit, True) for stage in stages for unit in stage.region]
            units += [(unit, bool(stage.stores)) for stage in stages for unit in stage.segment]
            for unit, is_free in sorted(units, key=lambda pair: pair[0].at):
                # Who does something more to a value has not given it.
                for name in unit.effects.writes:
                    free.setdefault(name, is_free)
            names = names_of(self._job, region, is_result=False)
            known = self._given_in_order[region] = [not free.get(name, False) for name in names]
        return known


def _identity_of(value: Any) -> Hashable:
    """What tells an object that can be filled again from others; None if it is not known to be such."""
    identity = _identifying(type(value))  # type: ignore[arg-type]
    return None if identity is None else identity(value)


@cache
def _identifying(kind: type) -> Callable[[Any], Hashable] | None:
    if issubclass(kind, _CHANGING):
        return id
    if hasattr(kind, "__array_interface__"):
        return _address_of
    return _address_of_view if kind is memoryview else None


def _address_of(values: Any) -> Hashable:
    """Where the values of an array are: there are new views of it each time. None if it has none."""
    return values.__array_interface__["data"][0] if values.size else None


def _address_of_view(view: memoryview) -> Hashable:
    if view.readonly or not view.nbytes or not view.c_contiguous:
        return None
    from ctypes import addressof, c_char

    return addressof(c_char.from_buffer(view))


def _size_of(value: Any) -> int:
    """How many bytes something has that may be large."""
    size = _measuring(type(value))  # type: ignore[arg-type]
    return 0 if size is None else size(value)


@cache
def _measuring(kind: type) -> Callable[[Any], int] | None:
    if issubclass(kind, str | bytes | bytearray):
        return len
    return attrgetter("nbytes") if hasattr(kind, "nbytes") else None
