"""What there is to know of an error that somebody else's code has raised.

Its class is not asked: attributes of it may refuse to be set (a frozen data class is an exception too) or to be read,
and its `__class__`, `__bool__` or `__str__` may raise or lie. What Python itself keeps of every exception is there all
the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, TypeGuard, TypeVar

_Kind = TypeVar("_Kind", bound=BaseException)

_PYTHONS_OWN: tuple[type[BaseException], ...] = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What is raised to end something, and not because it has failed."""

_of_every = vars(BaseException)
_of_group = vars(BaseExceptionGroup)

traceback_of: Callable[[BaseException], TracebackType | None] = _of_every["__traceback__"].__get__
"""Where an error was raised, and the way that it has gone."""
set_traceback: Callable[[BaseException, TracebackType | None], None] = _of_every["__traceback__"].__set__
cause_of: Callable[[BaseException], BaseException | None] = _of_every["__cause__"].__get__
"""What an error was raised from."""
set_cause: Callable[[BaseException, BaseException], None] = _of_every["__cause__"].__set__
context_of: Callable[[BaseException], BaseException | None] = _of_every["__context__"].__get__
"""What was being handled when an error was raised."""
set_context: Callable[[BaseException, BaseException | None], None] = _of_every["__context__"].__set__
suppresses_context: Callable[[BaseException], bool] = _of_every["__suppress_context__"].__get__
"""Whether what was being handled when an error was raised has nothing to do with it."""
set_suppresses_context: Callable[[BaseException, bool], None] = _of_every["__suppress_context__"].__set__
message_of: Callable[[BaseExceptionGroup], str] = _of_group["message"].__get__
"""What a group says of the errors that it is made of."""
exit_code_of: Callable[[SystemExit], Any] = vars(SystemExit)["code"].__get__
"""What the program is to end with."""
set_exit_code: Callable[[SystemExit, Any], None] = vars(SystemExit)["code"].__set__

_dict_of: Callable[[BaseException], Any] = _of_every["__dict__"].__get__
_members_of: Callable[[BaseExceptionGroup], tuple[BaseException, ...]] = _of_group["exceptions"].__get__
_name_of: Callable[[type], str] = vars(type)["__name__"].__get__


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
    return _members_of(error) if is_of(error, BaseExceptionGroup) else ()


def notes_of(error: BaseException) -> list[str]:
    """The notes that were added to an error."""
    notes = _dict_of(error).get("__notes__")
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
    own = _dict_of(error)
    notes = own.get("__notes__")
    if type(notes) is list:
        notes.append(note)
    elif notes is None:
        own["__notes__"] = [*notes_of(error), note]


def drop_note(error: BaseException, note: str) -> None:
    """Take a note of an error away, if it has it."""
    notes = _dict_of(error).get("__notes__")
    if type(notes) is list and note in notes:
        notes.remove(note)


def name_of(value: object) -> str:
    """The name of the class of an error, or of anything else."""
    return _name_of(type(value))


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
