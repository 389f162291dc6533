"""Measuring: ours and its reference in turn, and the ratios of the pairs."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from noob_cli import SynchronousRunner


class WrongResultError(Exception):
    """What was measured didn't do what it was to do."""


@dataclass(frozen=True)
class Measurement:
    """What one run took.

    Args:
        amount: The seconds, or the megabytes.
        result: What came out; it has to be the same for ours and for the reference.
    """

    amount: float
    result: Any = None


Measure = Callable[[int], Measurement]
"""Makes one run of a size and measures it."""


class Comparison(Enum):
    """How ours and the reference become the one number that has a target; the value is the format of that number."""

    ratio = ".3g"
    """Ours divided by the reference, both in seconds."""
    difference = "+.1f"
    """Ours without the reference, both in megabytes."""


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Args:
        name: What it is called on the command line.
        ours: Measures this project.
        reference: Measures what it is compared with.
        at_most: The target; None if it has none.
        size: How many epochs, or whatever else is counted, in a run whose time is judged.
        small: The same in a quick run.
        per_one: Whether the table shows the time of one of `size`, or of all.
        pairs: How many pairs of runs.
        comparison: Which number is judged.
        missing: Says what it needs and isn't here, if anything.
    """

    name: str
    ours: Measure
    reference: Measure
    at_most: float | None
    size: int
    small: int
    per_one: bool = True
    pairs: int = 51
    comparison: Comparison = Comparison.ratio
    missing: Callable[[], str | None] = lambda: None


@dataclass(frozen=True)
class Outcome:
    """What was found for a case.

    Args:
        case: The case.
        size: Of its runs.
        pairs: What ours and the reference took, pair by pair.
        is_judged: Whether the numbers mean anything.
    """

    case: Case
    size: int
    pairs: tuple[tuple[float, float], ...]
    is_judged: bool

    @property
    def ours(self) -> float:
        """The median of what ours took."""
        return statistics.median(ours for ours, _ in self.pairs)

    @property
    def reference(self) -> float:
        """The median of what the reference took."""
        return statistics.median(reference for _, reference in self.pairs)

    @property
    def compared(self) -> list[float]:
        """The ratio, or the difference, of each pair."""
        if self.case.comparison is Comparison.ratio:
            return [ours / reference for ours, reference in self.pairs]
        return [ours - reference for ours, reference in self.pairs]

    @property
    def median(self) -> float:
        """The number that is judged."""
        return statistics.median(self.compared)

    @property
    def spread(self) -> tuple[float, float]:
        """Between which numbers the middle half of the pairs is."""
        if len(self.pairs) == 1:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.compared, method="inclusive")
        return low, high

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None if there is none, or the run was too small to say."""
        if self.case.at_most is None or not self.is_judged:
            return None
        return self.median <= self.case.at_most


@dataclass(frozen=True)
class Skipped:
    """A case that couldn't run.

    Args:
        case: The case.
        why: What is missing.
    """

    case: Case
    why: str
    is_met = None


def timed(work: Callable[[], Any]) -> Measurement:
    """How much of the processor's time something takes, with the garbage of others out of the way.

    What else the machine is doing in the meantime is not counted.
    """
    gc.collect()
    start = time.process_time()
    result = work()
    return Measurement(time.process_time() - start, result)


def iterated(runner: SynchronousRunner, epochs: int, clock: Callable[[], float] = time.perf_counter) -> Measurement:
    """What the results of a number of epochs take by a clock; the start and the end of the run are not counted."""
    with runner:
        began = clock()
        results = list(runner.iter(epochs=epochs))
        return Measurement(clock() - began, results)


def expect(found: Any, expected: Any, what: str) -> None:
    """Let a benchmark that measures something else than it says fail.

    Raises:
        WrongResultError: The two aren't equal.
    """
    if found != expected:
        raise WrongResultError(f"{what}: {_short(found)} instead of {_short(expected)}")


def measure(case: Case, *, quick: bool = False) -> Outcome | Skipped:
    """Run a case and its reference in turn.

    Args:
        case: The case.
        quick: One pair of small runs, which are not judged.

    Raises:
        WrongResultError: Ours and the reference have different results.
    """
    missing = case.missing()
    if missing is not None:
        return Skipped(case, missing)
    if quick:
        return Outcome(case, case.small, (_pair(case, case.small),), is_judged=False)
    # The first pair finds caches cold, and is not counted.
    _pair(case, case.size)
    return Outcome(case, case.size, tuple(_pair(case, case.size) for _ in range(case.pairs)), is_judged=True)


def _pair(case: Case, size: int) -> tuple[float, float]:
    ours, reference = case.ours(size), case.reference(size)
    expect(ours.result, reference.result, case.name)
    return ours.amount, reference.amount


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
