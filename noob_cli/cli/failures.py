"""How an error of a node or an asset is shown: its place, what it was given, and the user's part of the traceback."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType

from noob_cli.cli.messages import display_path, display_span, report_error, report_error_at, say
from noob_cli.runners.failure import Failure, errors_in
from noob_cli.short_repr import short_repr

_STANDARD_LIBRARY = Path(os.__file__).parent
_OURS = (
    str(Path(__file__).parent.parent),
    "<tube ",
    str(_STANDARD_LIBRARY / "asyncio"),
    str(_STANDARD_LIBRARY / "concurrent"),
)
"""Where the files are whose frames are not the user's: ours, the generated code, and what runs coroutines."""

_MOST_VALUES = 20
"""How many values a report shows."""

_ENDED = re.compile(r"while (?P<what>.*) was ended", re.DOTALL)
"""The note of an error that came while something was ended."""

_PLACE = re.compile(r"\((?P<file>/[^\n]*?)(?P<at>:\d+:\d+)\)")
"""A place in a tube's file, as it stands in notes."""


def report_exit(error: SystemExit, failure: Failure | None) -> int:
    """Say that a node or an asset has ended the program, and which one.

    Args:
        error: What it raised.
        failure: Where the last error came from, if that is known.

    Returns:
        The exit code that it asks for.
    """
    code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    said = "" if error.code is None or isinstance(error.code, int) else f": {error.code}"
    if failure is not None and failure.error is error:
        say(f"{failure.place} ended the run {_when(failure)}{_where(failure)}: exit code {code}{said}")
    else:
        say(f"{_ended_with(error) or 'something'} ended the program while it was ended: exit code {code}{said}")
    return code


def report_failure(error: BaseException, failures: Sequence[Failure]) -> None:
    """Print an error that ended a run, or an epoch of it: where it came from, what that was given, and the traceback.

    Args:
        error: The error, or a group of errors if ending what was made failed as well.
        failures: Where the errors came from, as far as that is known.
    """
    apart = list(_apart(error, failures))
    for each, failure in apart:
        if failure is None:
            report_error(f"{_ended_with(each) or 'the run'} could not be ended as it should")
        else:
            report_error_at(failure.span, _what_happened(failure), _what_was_given(failure))
        _trim(each, failure, [other for other, _ in apart if other is not each])
        say("".join(traceback.format_exception(each)).rstrip())


def _apart(error: BaseException, failures: Sequence[Failure]) -> Iterator[tuple[BaseException, Failure | None]]:
    """The errors that come from different places, each with its own; a group that a node has raised is one."""
    known = {id(each.error): each for each in failures}
    own = known.get(id(error))
    if own is None and isinstance(error, BaseExceptionGroup) and any(id(each) in known for each in errors_in(error)):
        for each in error.exceptions:
            yield from _apart(each, failures)
    else:
        yield error, own


def _what_happened(failure: Failure) -> str:
    if failure.while_ended:
        return f"{failure.place} could not be ended as it should"
    return f"{failure.place} failed {_when(failure)}"


def _what_was_given(failure: Failure) -> Iterator[tuple[str, list[str]]]:
    for word, given in (("got", failure.given.values), ("params", failure.given.params)):
        shown = [f"{name} = {short_repr(value)}" for name, value in islice(given.items(), _MOST_VALUES)]
        more = len(given) - len(shown)
        yield word, shown + ([f"and {more} more"] if more else [])


def _when(failure: Failure) -> str:
    return "when the run started" if failure.epoch is None else f"in epoch {failure.epoch}"


def _where(failure: Failure) -> str:
    return f" ({display_span(failure.span)})" if failure.span is not None else ""


def _ended_with(error: BaseException) -> str | None:
    """What was ended when an error came, with its place; None if it came from elsewhere."""
    found = (_ENDED.fullmatch(note) for note in getattr(error, "__notes__", ()) if isinstance(note, str))
    return next((_shown(match["what"]) for match in found if match), None)


def _shown(note: str) -> str:
    """A note, with the places in it as seen from the working folder."""
    return _PLACE.sub(lambda match: f"({display_path(Path(match['file']))}{match['at']})", note)


def _trim(error: BaseException, failure: Failure | None, reported: Sequence[BaseException]) -> None:
    """Leave in a traceback what is the user's and is not said elsewhere, here and in what caused it.

    Args:
        error: The error.
        failure: Where it came from.
        reported: The errors that have a report of their own.
    """
    seen = {id(each) for each in reported}
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = _users_part(each.__traceback__)
        if each.__context__ is not None and any(
            one is other for one in errors_in(each.__context__) for other in reported
        ):
            each.__context__ = None
        if hasattr(each, "__notes__"):
            notes = [note for note in each.__notes__ if not _is_said(note, each, failure)]
            each.__notes__ = [_shown(note) if isinstance(note, str) else note for note in notes]
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _is_said(note: object, error: BaseException, failure: Failure | None) -> bool:
    """Whether a note of an error says what its report says above it."""
    if failure is None or not isinstance(note, str):
        return False
    is_of_end = failure.while_ended and error is failure.error and _ENDED.fullmatch(note) is not None
    return is_of_end or note == str(failure)


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this package and of the code that it generates at its beginning."""
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    return trace


def _is_ours(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return file.startswith(_OURS)
