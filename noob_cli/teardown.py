"""Ending what was made: last made first, each once, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

_MADE_BY_CONTEXTMANAGER = contextmanager(lambda: iter(())).__code__
"""The code that all functions have in common that `contextlib.contextmanager` makes."""

End = Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], object]
"""Ends something, told of the error under way as `__exit__` is; what it returns is not looked at."""


def is_context_manager(kind: type) -> bool:
    """Whether instances of a class are entered and exited, with `with` or with `async with`."""
    return _is_sync(kind) or is_async_context_manager(kind)


def is_async_context_manager(kind: type) -> bool:
    """Whether instances of a class are entered and exited with `async with`."""
    return hasattr(kind, "__aenter__") and hasattr(kind, "__aexit__")


def makes_context_managers(function: Callable[..., Any]) -> bool:
    """Whether a function is a generator function with `contextlib.contextmanager` around it."""
    return getattr(function, "__code__", None) is _MADE_BY_CONTEXTMANAGER


def enter(made: Any, wait: Callable[[Any], Any]) -> tuple[Any, End | None]:
    """Enter an object if it is a context manager; one that can be both sync and async is entered as an async one.

    Args:
        made: The object.
        wait: Runs a coroutine to its end.

    Returns:
        What `__enter__` or `__aenter__` returns, and what ends it; the object itself and None if it is neither.
    """
    kind: Any = type(made)
    if is_async_context_manager(kind):
        value = wait(kind.__aenter__(made))
        return value, lambda *error: wait(kind.__aexit__(made, *error))
    if _is_sync(kind):
        value = kind.__enter__(made)
        return value, kind.__exit__.__get__(made, kind)
    return made, None


def _is_sync(kind: type) -> bool:
    return hasattr(kind, "__enter__") and hasattr(kind, "__exit__")


def end_all(
    ends: Iterable[tuple[object, End | None]],
    error: BaseException | None,
    on_failure: Callable[[BaseException, object], object],
) -> None:
    """Call every end, also when some of them fail.

    Args:
        ends: What is to be ended, described, and what ends it, in order; None is passed over.
        error: The error that is under way, which each of them is told.
        on_failure: Told of each error of an end, and what was ended.

    Raises:
        BaseException: What an end raised. If there is more than one error, `error` included, a group of all of them.
    """
    began = error
    failures: list[BaseException] = []
    for what, end in ends:
        if end is None:
            continue
        try:
            if error is None:
                end(None, None, None)
            else:
                end(type(error), error, error.__traceback__)
        except BaseException as failure:
            if failure is not error:
                failure.add_note(f"while {what} was ended")
                on_failure(failure, what)
                failures.append(failure)
                error = error or failure
    if not failures:
        return
    # A generator that is being closed has no error of its own to report.
    errors = failures if began is None or isinstance(began, GeneratorExit) else [began, *failures]
    if len(errors) == 1:
        raise errors[0]
    raise BaseExceptionGroup("several errors, the first of which began it", errors) from None


class Lifetimes:
    """What a run has made and has still to end."""

    def __init__(self) -> None:
        self._ends: list[tuple[object, End]] = []

    def add(self, what: object, end: End | None) -> None:
        """Something was made that has to be ended.

        Args:
            what: What it is, as a text, or as something that is one if need be: `the asset 'db'`.
            end: What ends it; None if nothing has to.
        """
        if end is not None:
            self._ends.append((what, end))

    def take(self) -> Iterator[tuple[object, End]]:
        """All of it, to be ended, last made first; there is nothing left of it here then."""
        ends, self._ends = self._ends, []
        return reversed(ends)
