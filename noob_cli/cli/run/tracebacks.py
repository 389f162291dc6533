"""The traceback of an error as text, whatever the error does when it is looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from traceback import TracebackException

from noob_cli.raised import (
    cause_of,
    context_of,
    members_of,
    name_of,
    notes_of,
    suppresses_context,
    text_of,
    traceback_of,
)

_MOST_LETTERS = 10_000
"""How long the text of an error may be."""

_UNREADABLE = "<it can't say what is wrong>"


def traceback_exception_of(error: BaseException) -> TracebackException:
    """What a traceback tells of an error, and of what it came from.

    Args:
        error: The error.

    Returns:
        It, to be formatted; of an error that can't be looked at, what Python itself knows of it.
    """
    try:
        traceback = TracebackException(type(error), error, traceback_of(error), compact=True)
        # It is formatted later; what can't be shows now.
        deque(traceback.format(), maxlen=0)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return TracebackException.from_exception(_stand_in(error), compact=True)
    return traceback


def all_in(traceback: TracebackException) -> Iterator[TracebackException]:
    """What is told of an error, and of each that it came from or is made of."""
    waiting = [traceback]
    while waiting:
        traceback = waiting.pop()
        yield traceback
        related = (traceback.__cause__, traceback.__context__, *(traceback.exceptions or ()))
        waiting += [linked for linked in related if linked is not None]


def last_line(error: BaseException) -> str:
    """An error as the last line of its traceback says it, without its notes."""
    traceback = traceback_exception_of(error)
    traceback.__notes__ = None
    return cut("".join(traceback.format_exception_only()).strip())


def cut(text: str) -> str:
    """The text of an error, which may hold all that somebody has sent, as long as it is of use."""
    # One that has been cut stays as it is.
    if len(text) <= _MOST_LETTERS + _MOST_LETTERS // 100:
        return text
    end = "\n" if text.endswith("\n") else ""
    return f"{text[:_MOST_LETTERS]}... ({len(text) - len(end)} letters in all){end}"


def _stand_in(error: BaseException) -> BaseException:
    """A plain error with the same text, notes, causes and members, which can be formatted in any case."""
    made: dict[int, BaseException] = {}
    waiting: list[tuple[BaseException, BaseException]] = []

    def stand_in_for(error: BaseException) -> BaseException:
        if id(error) not in made:
            made[id(error)] = _alike(error)
            waiting.append((error, made[id(error)]))
        return made[id(error)]

    first = stand_in_for(error)
    while waiting:
        error, stand_in = waiting.pop()
        cause, context = cause_of(error), context_of(error)
        stand_in.__cause__ = None if cause is None else stand_in_for(cause)
        stand_in.__context__ = None if context is None else stand_in_for(context)
        stand_in.__suppress_context__ = suppresses_context(error)
        if members := members_of(error):
            type(stand_in).exceptions = tuple(map(stand_in_for, members))  # type: ignore[attr-defined]
    return first


def _alike(error: BaseException) -> BaseException:
    """What says the same as an error, alone."""
    text = text_of(error) or _UNREADABLE
    is_group = bool(members_of(error))
    base = BaseExceptionGroup if is_group else BaseException
    kind = type(name_of(error), (base,), {"__module__": "builtins", "__str__": lambda self: text})
    alike: BaseException = kind(text, [BaseException()]) if is_group else kind(text)
    for note in notes_of(error):
        alike.add_note(note)
    return alike.with_traceback(traceback_of(error))
