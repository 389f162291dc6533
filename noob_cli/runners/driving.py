"""The loops that drive a run: they call the compiled functions for as long as somebody wants results.

`iterate`, `stream`, `flush` and `collect` are the methods `iter`, `stream`, `flush` and `run` of a runner.
"""

from __future__ import annotations

import itertools
import operator
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from functools import partial
from typing import Any

from noob_cli.bracket import Bracket
from noob_cli.codegen.compiled import Appendable, Epochs
from noob_cli.codegen.runtime import ENDED
from noob_cli.errors import InputError
from noob_cli.runners.run import Run
from noob_cli.tally import Tally
from noob_cli.wording import short_repr


class Busy:
    """Stands for the generator that makes epochs, where a function makes them."""

    gi_running = True


Opened = AbstractContextManager[Run]
"""A run that is open while something is done with it."""


def process_last(run: Run) -> Any:
    """Make the next of the last epochs, and return its result; `ENDED` if there is none."""
    with run.last() as epochs:
        return ENDED if epochs is None else run.failures.unwrapped(epochs.process, {})


def iterate(opened: Opened, n: int | None, epochs: int | None, flushing: bool) -> Generator[Any, None, None]:
    """Make epochs and yield what they return.

    Args:
        opened: The run; if it is not open yet, it is while this is done.
        n: How many results at the most.
        epochs: How many epochs at the most.
        flushing: Whether the last epochs are made, too, when the tube has ended.
    """
    results, epochs = _Results(n), _limit("epochs", epochs, "epochs")
    with opened as run:
        last = None if epochs is None else run.epoch + epochs
        while results.are_wanted(run):
            try:
                left = None if last is None else last - run.epoch
                with results.being_made(run), closing(run.current().iterate(left)) as made:
                    run.making = made
                    yield from results.first_of(made)
            except RuntimeError as error:
                run.failures.recognise(error)
                raise
            if not run.is_stale:
                break
        if flushing and run.has_ended:
            yield from _last_results(run, results, last)


def stream(
    opened: Opened, records: Iterable[Mapping[str, Any]], n: int | None, epochs: int | None, flushing: bool
) -> Generator[Any, None, None]:
    """Make an epoch for each record and yield what it returns.

    Args:
        opened: The run; if it is not open yet, it is while this is done.
        records: The inputs of each epoch, by name.
        n: How many results at the most.
        epochs: How many epochs at the most.
        flushing: Whether the last epochs are made, too, when the records or the tube have ended.
    """
    results, epochs = _Results(n), _limit("epochs", epochs, "epochs")
    _refuse_other_than_records(records)
    with opened as run:
        first = run.epoch
        # What makes epochs may change in the middle of them.
        records = iter(records)
        while results.are_wanted(run):
            try:
                left = None if epochs is None else first + epochs - run.epoch
                with results.being_made(run), closing(run.current().stream(records, left)) as made:
                    run.making = made
                    yield from results.first_of(made)
                run.is_out_of_records = epochs is None or run.epoch - first < epochs
            except InputError as error:
                failure = run.failures.first
                if failure is None or failure.error is not error:
                    error.record = error.record or run.epoch - first + 1
                elif failure.is_of_input:
                    # One that a node has raised is about what that has called.
                    error.record = run.epoch - first
                raise
            except RuntimeError as error:
                run.failures.recognise(error)
                raise
            if not run.is_stale:
                break
        if flushing and (run.is_out_of_records or run.has_ended):
            yield from _last_results(run, results, None if epochs is None else first + epochs)


def flush(run: Run | None, n: int | None, epochs: int | None) -> Generator[Any, None, None]:
    """Make the last epochs of a run, and yield what they return.

    Args:
        run: The run; without one, there are none.
        n: How many results at the most.
        epochs: How many epochs at the most.
    """
    results, epochs = _Results(n), _limit("epochs", epochs, "epochs")
    return _last_results(run, results, None if epochs is None or run is None else run.epoch + epochs)


def collect(opened: Opened, n: int | None) -> list[Any] | None:
    """Make epochs, and return their results.

    Args:
        opened: The run; if it is not open yet, it is while this is done.
        n: How many epochs at the most; None to go on to the end, keeping no result.
    """
    n = _limit("n", n, "epochs")
    results: list[Any] = []
    # Without a number nobody gets them, and none is kept.
    taking = results if n is not None else deque[Any](maxlen=0)
    with opened as run:
        first, left = run.epoch, n
        while not run.is_stopping() or run.behind > 0:
            with _Results(None).being_made(run):
                _make(run, run.current(), left, taking)
            if not run.is_stale:
                break
            left = None if n is None else n - (run.epoch - first)
        while run.has_ended and not run.is_stopping() and (n is None or run.epoch - first < n):
            with run.last() as epochs:
                if epochs is None:
                    break
                _make(run, epochs, 1, taking)
    return None if n is None else results


def _make(run: Run, epochs: Epochs, limit: int | None, results: Appendable) -> None:
    before, run.making = run.making, Busy
    try:
        run.failures.unwrapped(epochs.run, limit, results)
    finally:
        run.making = before


def _limit(name: str, most: int | None, noun: str) -> int | None:
    # Said here, before a node starts: below, the node under way would get the blame.
    if most is None:
        return None
    problem = f"'{name}' says how many {noun} are made at the most, found {most!r}"
    try:
        limit = operator.index(most)
    except TypeError:
        raise TypeError(f"{problem}: give a whole number, or None for all") from None
    if limit < 0:
        raise ValueError(problem)
    # No more than can be counted in C.
    return min(limit, sys.maxsize)


def _refuse_other_than_records(records: object) -> None:
    is_one = isinstance(records, Mapping)
    is_iterable = hasattr(records, "__iter__") or hasattr(records, "__getitem__")
    if is_iterable and not is_one and not isinstance(records, str | bytes):
        return
    is_number = isinstance(records, int)
    advice = ": put it into a list" if is_one else f": 'n={records}' says how many results" if is_number else ""
    what = "'records' are mappings, one for each epoch, in a list or the like"
    raise TypeError(f"{what}, found {short_repr(records)}{advice}")


class _Results:
    """The results that somebody wants.

    Args:
        n: How many at the most; None for all.

    Raises:
        TypeError: It is no whole number.
        ValueError: The number is negative.
    """

    def __init__(self, n: int | None) -> None:
        self._n = _limit("n", n, "results")
        self._yielded = Tally()

    def are_wanted(self, run: Run) -> bool:
        """Whether a run makes more epochs for them; one that is to stop brings to its end what is under way."""
        is_wanted = run.is_open and (self._n is None or self._yielded.count < self._n)
        return is_wanted and (not run.is_stopping() or run.behind > 0)

    def left(self) -> int:
        """How many are still wanted at the most."""
        return sys.maxsize if self._n is None else self._n - self._yielded.count

    def being_made(self, run: Run) -> Bracket[None]:
        """While something is done with it, a run makes no more epochs at once than these are."""
        # It may have been asked for them in the middle of others.
        return Bracket(partial(setattr, run, "wanted", self.left), partial(setattr, run, "wanted", run.wanted))

    def first_of(self, made: Iterator[Any]) -> Iterator[Any]:
        """Those of some results that are still wanted; the epoch after the last is not made."""
        return made if self._n is None else self._yielded.of(itertools.islice(made, self._n - self._yielded.count))


def _last_results(run: Run | None, results: _Results, last: int | None) -> Generator[Any, None, None]:
    while run is not None and results.are_wanted(run) and (last is None or run.epoch < last):
        with run.last() as epochs:
            if epochs is None:
                return
            try:
                with closing(epochs.iterate(1)) as made:
                    run.making = made
                    yield from results.first_of(made)
            except RuntimeError as error:
                run.failures.recognise(error)
                raise
