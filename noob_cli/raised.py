"""What there is to know of an error that somebody else's code has raised.

Its class is not asked: attributes of it may refuse to be set (a frozen data class is an exception too) or to be read,
and its `__class__`, `__bool__` or `__str__` may raise or lie. What Python itself keeps of every exception is there all
the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TypeGuard, TypeVar

_Kind = TypeVar("_Kind", bound=BaseException)

_PYTHONS_OWN: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What is raised to end something, and not because it has failed."""

_dict_of = vars(BaseException)["__dict__"]
_traceback = vars(BaseException)["__traceback__"]
_cause = vars(BaseException)["__cause__"]
_context = vars(BaseException)["__context__"]
_suppress_context = vars(BaseException)["__suppress_context__"]
_exceptions = vars(BaseExceptionGroup)["exceptions"]
_message = vars(BaseExceptionGroup)["message"]
_exit_code = vars(SystemExit)["code"]
_name = vars(type)["__name__"]


def is_of(error: BaseException, *kinds: type[_Kind]) -> TypeGuard[_Kind]:
    """Whether an error is of one of some classes, whatever it says that its class is."""
    return issubclass(type(error), kinds)


def is_failure(error: BaseException) -> bool:
    """Whether an error says that something has failed, which an epoch may fail with, or a module that is imported.

    That is an `Exception`, and any other class that is none of Python's own: Rust extensions have one. A group is, if
    all that is in it is.

    Args:
        error: What was raised.
    """
    return is_of(error, Exception) or not any(
        is_of(member, *_PYTHONS_OWN) or is_cancellation(member) for member in errors_in(error)
    )


def is_cancellation(error: BaseException) -> bool:
    """Whether an error is the cancellation of a task, which only asks it to end: what has asked knows why."""
    # Who has not imported `asyncio` has not raised it either.
    module = sys.modules.get("asyncio.exceptions")
    return module is not None and is_of(error, module.CancelledError)


def errors_in(error: BaseException) -> Iterator[BaseException]:
    """An error, and if it is a group, all that are in it."""
    waiting = [error]
    while waiting:
        error = waiting.pop()
        yield error
        waiting += reversed(members_of(error))


def members_of(error: BaseException) -> tuple[BaseException, ...]:
    """The errors that a group is made of; of any other error, none."""
    members: tuple[BaseException, ...] = _exceptions.__get__(error) if is_of(error, BaseExceptionGroup) else ()
    return members


def message_of(group: BaseExceptionGroup) -> str:
    """What a group says of the errors that it is made of."""
    message: str = _message.__get__(group)
    return message


def traceback_of(error: BaseException) -> TracebackType | None:
    """Where an error was raised, and the way that it has gone."""
    traceback: TracebackType | None = _traceback.__get__(error)
    return traceback


def set_traceback(error: BaseException, traceback: TracebackType | None) -> None:
    """Say where an error was raised, and the way that it has gone."""
    _traceback.__set__(error, traceback)


def forget_traceback(error: BaseException) -> None:
    """Let go of what the functions hold that an error has left."""
    set_traceback(error, None)


def cause_of(error: BaseException) -> BaseException | None:
    """What an error was raised from."""
    cause: BaseException | None = _cause.__get__(error)
    return cause


def set_cause(error: BaseException, cause: BaseException) -> None:
    """Say what an error was raised from."""
    _cause.__set__(error, cause)


def context_of(error: BaseException) -> BaseException | None:
    """What was being handled when an error was raised."""
    context: BaseException | None = _context.__get__(error)
    return context


def set_context(error: BaseException, context: BaseException | None) -> None:
    """Say in the wake of what an error was raised."""
    _context.__set__(error, context)


def suppresses_context(error: BaseException) -> bool:
    """Whether what was being handled when an error was raised has nothing to do with it."""
    return bool(_suppress_context.__get__(error))


def suppress_context(error: BaseException, *, is_suppressed: bool) -> None:
    """Say whether what was being handled when an error was raised has nothing to do with it."""
    _suppress_context.__set__(error, is_suppressed)


def exit_code_of(error: SystemExit) -> Any:
    """What the program is to end with."""
    return _exit_code.__get__(error)


def set_exit_code(error: SystemExit, code: Any) -> None:
    """Say what the program is to end with."""
    _exit_code.__set__(error, code)


def notes_of(error: BaseException) -> list[str]:
    """The notes that were added to an error."""
    notes = _dict_of.__get__(error).get("__notes__")
    if notes is None:
        try:
            # They may be those of its class.
            notes = error.__notes__
        except KeyboardInterrupt:
            raise
        except BaseException:
            notes = None
    return [note for note in notes if type(note) is str] if type(notes) in (list, tuple) else []


def add_note(error: BaseException, note: str) -> None:
    """Add a note to an error, as `add_note` does."""
    own = _dict_of.__get__(error)
    notes = own.get("__notes__")
    if type(notes) is list:
        notes.append(note)
    elif notes is None:
        own["__notes__"] = [*notes_of(error), note]


def drop_note(error: BaseException, note: str) -> None:
    """Take a note of an error away, if it has it."""
    notes = _dict_of.__get__(error).get("__notes__")
    if type(notes) is list and note in notes:
        notes.remove(note)


def name_of(value: object) -> str:
    """The name of the class of an error, or of anything else."""
    name: str = _name.__get__(type(value))
    return name


def text_of(value: Any) -> str:
    """What something says of itself; of what can't, or says nothing that is a text, an empty one."""
    try:
        # One of a class of its own may say something else when it is asked again.
        return str.__str__(str(value))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""


def describe(error: BaseException) -> str:
    """An error as its class and its message, also if it can't say its message."""
    text = text_of(error)
    return f"{name_of(error)}: {text}" if text else name_of(error)
