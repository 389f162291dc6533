"""What has failed, on its way from one process to another: errors with their tracebacks, and the values around them."""

from __future__ import annotations

import ast
import copyreg
import os
import pickle
import sys
from collections.abc import Mapping
from io import BytesIO
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any

from noob_cli.codegen.compiled import GENERATED
from noob_cli.diagnostics import Span
from noob_cli.named_tuple import NamedTuple
from noob_cli.pickling import TBLIB
from noob_cli.plan.place import Place
from noob_cli.raised import (
    add_note,
    cause_of,
    context_of,
    drop_note,
    exit_code_of,
    is_failure,
    is_of,
    members_of,
    message_of,
    name_of,
    notes_of,
    set_cause,
    set_context,
    set_exit_code,
    set_suppresses_context,
    set_traceback,
    suppresses_context,
    text_of,
    traceback_of,
)
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.crews.crew import Failed
from noob_cli.runners.failure import Failure
from noob_cli.tube import Tube
from noob_cli.wording import short_repr

_MOST_BEHIND = 20
"""How many errors are told of that one came from."""


class SentText(str):
    """What is shown of a value that has stayed in another process."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


_Where = tuple[int | None, int | None, int | None, int | None]


class _Frame(NamedTuple):
    """A function that an error has left.

    Args:
        file: Where its code is.
        name: What it is called.
        where: Where it stood: the first and the last line, the first and the last column, as far as that is known.
    """

    file: str
    name: str
    where: _Where


class _Sent(NamedTuple):
    """An error on its way.

    Args:
        error: The error, if it can be pickled and made again.
        name: The name, the qualified name and the module of its class.
        base: The nearest class of Python's own that it is of.
        text: What it says.
        frames: The functions that it has left, the outermost first.
        notes: Its notes.
        cause: What it was raised from.
        context: What was being handled when it was raised.
        is_context_suppressed: Whether that has nothing to do with it.
        members: Of a group, the errors in it.
        exit_code: Of one that ends the program, what it is to end with.
    """

    error: BaseException | None
    name: tuple[str, str, str]
    base: type[BaseException]
    text: str
    frames: tuple[_Frame, ...]
    notes: tuple[str, ...]
    cause: _Sent | None
    context: _Sent | None
    is_context_suppressed: bool
    members: tuple[_Sent, ...]
    exit_code: int | str | None


class SentFailed(NamedTuple):
    """Why an epoch has failed, on its way to another process.

    Args:
        data: The errors, and where they came from: the pickle of it, since who passes it on may not know their classes.
    """

    data: bytes


_Contents = tuple[tuple[_Sent, ...], tuple[tuple[int, Failure], ...]]
"""The errors, and where they came from, each with the number of its error; the first is that of the epoch."""


def sent(failed: Failed, origins: Mapping[str, str] | None = None) -> SentFailed:
    """What can be pickled of what has failed.

    Args:
        failed: What has failed.
        origins: The folders in which the code of the tube stands here, each with that in which it stands where it is
            told, if that is another one.
    """
    errors = list(
        {id(error): error for error in (failed.error, *(failure.error for failure in failed.failures))}.values()
    )
    at = {id(error): number for number, error in enumerate(errors)}
    failures = (
        (
            at[id(failure.error)],
            failure._replace(error=Exception(), values=_shown(failure.values), params=_shown(failure.params)),
        )
        for failure in failed.failures
    )
    folders = origins or {}
    contents: _Contents = tuple(_sent(error, folders, _MOST_BEHIND) for error in errors), tuple(failures)
    return SentFailed(_pickled(contents))


def received(failed: SentFailed, tube: Tube) -> Failed:
    """What has failed, where it is told.

    Args:
        failed: What was sent.
        tube: The tube that is run, which knows where its nodes stand.
    """
    contents: _Contents = pickle.loads(failed.data)
    errors = [_received(error) for error in contents[0]]
    failures = []
    for at, sent_failure in contents[1]:
        failure = sent_failure._replace(error=errors[at])
        place = failure.place._replace(span=_span(failure.place, tube))
        failures.append(failure._replace(place=place))
        if str(failure) != str(failures[-1]):
            drop_note(errors[at], str(failure))
            add_note(errors[at], str(failures[-1]))
    return Failed(errors[0], failures)


def _span(place: Place, tube: Tube) -> Span | None:
    around, _ = tube_around(place.name, tube)
    return around.document.key_span(place.path)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are shown; numbers stay numbers."""
    return {
        name: value if type(value) in (int, float, bool, type(None), SentText) else SentText(short_repr(value))
        for name, value in values.items()
    }


def _sent(error: BaseException, origins: Mapping[str, str], most: int) -> _Sent:
    cause, context = cause_of(error), context_of(error)
    members = members_of(error) if most > 0 else ()
    kind = type(error)
    return _Sent(
        error if _is_portable(error) and (members or not is_of(error, BaseExceptionGroup)) else None,
        (name_of(error), str(kind.__qualname__), str(kind.__module__)),
        _base_of(kind, is_group=bool(members)),
        message_of(error) if is_of(error, BaseExceptionGroup) and members else text_of(error),
        tuple(_frames(traceback_of(error), origins)),
        tuple(notes_of(error)),
        None if cause is None or most == 0 else _sent(cause, origins, most - 1),
        None if context is None or context is cause or most == 0 else _sent(context, origins, most - 1),
        suppresses_context(error),
        tuple(_sent(member, origins, most - 1) for member in members),
        _code_of(error) if is_of(error, SystemExit) else None,
    )


def _code_of(error: Any) -> int | str | None:
    """What the program is to end with; only a number, or nothing, is more than what is said of it."""
    code = exit_code_of(error)
    return code if type(code) in (int, bool, type(None)) else text_of(code)


def _base_of(kind: type[BaseException], *, is_group: bool) -> type[BaseException]:
    """The nearest class of Python's own that a class of errors is of; one of groups only if it is to have members."""
    own = (base for base in kind.__mro__ if base.__module__ == "builtins" and issubclass(base, BaseException))
    return next(base for base in own if is_group or not issubclass(base, BaseExceptionGroup))


def _is_portable(error: BaseException) -> bool:
    """Whether an error can be pickled and made again: that takes more than many classes of errors think of."""
    try:
        made = pickle.loads(_pickled(error))
        return type(made) is type(error) and text_of(made) == text_of(error)
    except BaseException as refusal:
        if not is_failure(refusal):
            raise
        return False


def _pickled(errors: object) -> bytes:
    file = BytesIO()
    _Pickler(file, 5).dump(errors)
    return file.getvalue()


class _Pickler(pickle.Pickler):
    """Pickles errors as their classes say.

    Distributed, when it is imported, has another package pickle all errors of the classes that there are, with their
    tracebacks. Groups that are made in a way of their own can't be made again of that.
    """

    def reducer_override(self, value: Any) -> Any:
        """What a value is made again of; as always, if it is no error, or its reducer is its own."""
        reducer = copyreg.dispatch_table.get(type(value))
        if getattr(reducer, "__module__", None) == TBLIB and is_of(value, BaseException):
            return value.__reduce_ex__(5)
        return NotImplemented


def _frames(traceback: TracebackType | None, origins: Mapping[str, str]) -> list[_Frame]:
    """The functions of a traceback, from the generated code on: what has called that is another in each process."""
    frames: list[_Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename.startswith(GENERATED) and not any(frame.file.startswith(GENERATED) for frame in frames):
            frames.clear()
        positions = islice(code.co_positions(), traceback.tb_lasti // 2, None)
        where = next(positions, (traceback.tb_lineno, None, None, None))
        frames.append(_Frame(_there(code.co_filename, origins), code.co_name, where))
        traceback = traceback.tb_next
    return frames


def _there(file: str, origins: Mapping[str, str]) -> str:
    """The name of a file where it has come from."""
    for folder, origin in origins.items():
        if file.startswith(folder + os.sep):
            return origin + file.removeprefix(folder)
    return file


def _received(sent_error: _Sent) -> BaseException:
    """An error as it was in the process that it was sent from."""
    error = sent_error.error
    if sent_error.members:
        error = _group(sent_error)
    elif error is None:
        error = _stand_in(sent_error)
    for note in sent_error.notes:
        if note not in notes_of(error):
            add_note(error, note)
    if sent_error.cause is not None:
        set_cause(error, _received(sent_error.cause))
    if sent_error.context is not None:
        set_context(error, _received(sent_error.context))
    set_suppresses_context(error, sent_error.is_context_suppressed)
    if isinstance(error, SystemExit) and (type(sent_error.exit_code) is not str or exit_code_of(error) is None):
        # Who makes one again of its arguments, or of its text, may not know it.
        set_exit_code(error, sent_error.exit_code)
    set_traceback(error, _traceback(sent_error.frames))
    return error


def _group(sent_error: _Sent) -> BaseException:
    """A group of errors, with what it has besides these."""
    kind: Any = sent_error.base if sent_error.name[2] == "builtins" else _class_like(sent_error)
    if sent_error.error is not None:
        kind = type(sent_error.error)
    group: BaseException = BaseExceptionGroup.__new__(kind, sent_error.text, [*map(_received, sent_error.members)])
    if sent_error.error is not None:
        vars(group).update(vars(sent_error.error))
    return group


def _stand_in(sent_error: _Sent) -> BaseException:
    """An error of another class of the same name, that says the same."""
    text = sent_error.text
    kind = _class_like(sent_error, __str__=lambda self: text)
    return kind.__new__(kind, text)


def _class_like(sent_error: _Sent, **methods: Any) -> type[BaseException]:
    """A class that has the name of another one."""
    name, qualified, module = sent_error.name
    return type(name, (sent_error.base,), {"__qualname__": qualified, "__module__": module, **methods})


def _traceback(frames: tuple[_Frame, ...]) -> TracebackType | None:
    """A traceback through functions that have stood in another process."""
    traceback = None
    for frame in reversed(frames):
        made = _frame_of(frame)
        traceback = TracebackType(traceback, made, made.f_lasti, frame.where[0] or made.f_lineno)
    return traceback


def _frame_of(frame: _Frame) -> FrameType:
    """A function that stands where another has stood."""
    module = ast.parse("frame = here()")
    for node in ast.walk(module):
        if isinstance(node, ast.stmt | ast.expr):
            first, last, begin, end = frame.where
            node.lineno, node.end_lineno = first or 1, last or first or 1
            node.col_offset, node.end_col_offset = (0, 0) if begin is None or end is None else (begin, end)
    code: CodeType = compile(module, frame.file, "exec").replace(co_name=frame.name)
    names: dict[str, Any] = {"here": sys._getframe}
    exec(code, names)
    made: FrameType = names["frame"]
    return made
