"""How an error of a node or an asset is shown: its place in the tube, and the user's own part of the traceback."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from types import TracebackType

from noob_cli.cli.messages import code_frame, display_path, display_span, report_error, say
from noob_cli.runners.failure import Failure

_STANDARD_LIBRARY = Path(os.__file__).parent
_OURS = (
    str(Path(__file__).parent.parent),
    "<tube ",
    str(_STANDARD_LIBRARY / "asyncio"),
    str(_STANDARD_LIBRARY / "concurrent"),
)
"""Where the files are whose frames are not the user's: ours, the generated code, and what runs coroutines."""


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


def report_failure(error: BaseException, failure: Failure | None) -> None:
    """Print an error that ended a run, or an epoch of it.

    Args:
        error: The error, or a group of errors if ending what was made failed as well.
        failure: Where the first of them came from, if that is known.
    """
    if failure is not None:
        report_error(f"{failure.place} failed {_when(failure)}{_where(failure)}")
        if failure.span is not None:
            say("\n".join(code_frame(failure.span)))
    else:
        report_error(f"{_ended_with(error) or 'the run'} could not be ended as it should")
    _trim(error, str(failure))
    say("".join(traceback.format_exception(error)).rstrip())


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


def _trim(error: BaseException, note: str) -> None:
    """Leave in a traceback what is the user's, here and in what caused it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = _users_part(each.__traceback__)
        if note in getattr(each, "__notes__", ()):
            each.__notes__.remove(note)
        if hasattr(each, "__notes__"):
            each.__notes__ = [_shown(text) if isinstance(text, str) else text for text in each.__notes__]
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this package and of the code that it generates at its beginning."""
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    return trace


def _is_ours(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return file.startswith(_OURS)
