"""Ending what was made: last made first, each once, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from noob_cli.assets.context_managers import AsyncEnd, End, uninterrupted
from noob_cli.raised import add_note, cause_of, describe, is_cancellation, is_failure, is_of, notes_of, traceback_of

_Made = TypeVar("_Made")


@uninterrupted
async def close(end: End, error: BaseException | None = None) -> None:
    """End something, which is told of the error that is under way, if there is one."""
    exc_info = (None, None, None) if error is None else (type(error), error, traceback_of(error))
    if isinstance(end, AsyncEnd):
        await end(*exc_info)
    else:
        end(*exc_info)


@uninterrupted
async def end_all(
    ends: Iterable[tuple[_Made, End | None]],
    error: BaseException | None,
    on_end: Callable[[_Made], object],
    on_failure: Callable[[BaseException, _Made], BaseException],
    *,
    is_left: bool = False,
) -> None:
    """Call every end, also when some of them fail.

    Args:
        ends: What is to be ended, and what ends it, in order; None is passed over.
        error: The error that is under way, which each of them is told.
        on_end: Told of what was ended.
        on_failure: Told of each error of an end, and what was ended; says what is raised for it.
        is_left: Whether the error is none, but how a generator is closed.

    Raises:
        BaseException: What an end raised. If there is more than one error, `error` included, a group of all of them.
            A cancellation that is under way is no error beside what an end makes of it.
    """
    began = error
    failures: list[BaseException] = []
    for what, end in ends:
        if end is None:
            continue
        try:
            await close(end, error)
            on_end(what)
        except BaseException as raised:
            failure = uncovered(raised)
            if failure is not error:
                failure = on_failure(failure, what)
                failures.append(failure)
                error = failure if error is None else error
    if not failures:
        return
    errors = failures if began is None or is_left or is_cancellation(began) else [began, *failures]
    if len(errors) == 1:
        raise errors[0]
    raise joined(errors) from None


def uncovered(error: BaseException) -> BaseException:
    """An error as it was raised: a `StopIteration` can't leave a coroutine, and is another error behind it."""
    cause = cause_of(error)
    is_covered = is_of(error, RuntimeError) and cause is not None and is_of(cause, StopIteration)
    return cause if is_covered and cause is not None and error.args == ("coroutine raised StopIteration",) else error


def joined(errors: list[BaseException]) -> BaseException:
    """Several errors as one."""
    try:
        return BaseExceptionGroup("several errors, the first of which began it", errors)
    except BaseException as refusal:
        if not is_failure(refusal):
            raise
    # A group asks its members for their `__class__`, which one of them doesn't tell.
    first, *others = errors
    for error in others:
        add_note(first, f"then {describe(error)}, {', '.join(notes_of(error))}")
    return first


class Lifetimes(Generic[_Made]):
    """What a run has made and has still to end."""

    def __init__(self) -> None:
        self._ends: list[tuple[_Made, End]] = []

    def add(self, what: _Made, end: End | None) -> None:
        """Something was made that has to be ended.

        Args:
            what: What it is.
            end: What ends it; None if nothing has to.
        """
        if end is not None:
            self._ends.append((what, end))

    def take(self) -> Iterator[tuple[_Made, End]]:
        """All of it, to be ended, last made first; there is nothing left of it here then."""
        ends, self._ends = self._ends, []
        return reversed(ends)
