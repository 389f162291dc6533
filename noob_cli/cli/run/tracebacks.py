"""The traceback of an error as text, whatever the error does when it is looked at."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from traceback import TracebackException

from noob_cli.raised import (
    cause_of,
    context_of,
    is_failure,
    members_of,
    name_of,
    notes_of,
    suppresses_context,
    text_of,
    traceback_of,
)

_UNREADABLE = "<it can't say what is wrong>"


def told(error: BaseException) -> TracebackException:
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
    except BaseException as refusal:
        if not is_failure(refusal):
            raise
        return TracebackException.from_exception(_stand_in(error, {}), compact=True)
    return traceback


def all_in(traceback: TracebackException) -> Iterator[TracebackException]:
    """What is told of an error, and of each that it came from or is made of."""
    yield traceback
    for related in (traceback.__cause__, traceback.__context__, *(traceback.exceptions or ())):
        if related is not None:
            yield from all_in(related)


def last_line(error: BaseException) -> str:
    """An error as the last line of its traceback says it, without its notes."""
    traceback = told(error)
    traceback.__notes__ = None
    return "".join(traceback.format_exception_only()).strip()


def _stand_in(error: BaseException, made: dict[int, BaseException]) -> BaseException:
    """An error that says the same and refuses nothing."""
    if id(error) in made:
        return made[id(error)]
    text = text_of(error) or _UNREADABLE
    members = [_stand_in(member, made) for member in members_of(error)]
    base = BaseExceptionGroup if members else BaseException
    body = {"__module__": "builtins", "__str__": lambda self: text}
    kind = type(name_of(error), (base,), body)
    stand_in: BaseException = kind(text, members) if members else kind(text)
    made[id(error)] = stand_in
    for note in notes_of(error):
        stand_in.add_note(note)
    cause, context = cause_of(error), context_of(error)
    stand_in.__cause__ = None if cause is None else _stand_in(cause, made)
    stand_in.__context__ = None if context is None else _stand_in(context, made)
    stand_in.__suppress_context__ = suppresses_context(error)
    return stand_in.with_traceback(traceback_of(error))
