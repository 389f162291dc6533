"""How an error of a node or an asset is shown: its place in the tube, and the user's own part of the traceback."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from types import TracebackType

from noob_cli.cli.messages import code_frame, display_span, report_error, say
from noob_cli.runners.failure import Failure

_STANDARD_LIBRARY = Path(os.__file__).parent
_OURS = (
    str(Path(__file__).parent.parent),
    "<tube ",
    str(_STANDARD_LIBRARY / "asyncio"),
    str(_STANDARD_LIBRARY / "concurrent"),
)
"""Where the files are whose frames are not the user's: ours, the generated code, and what runs coroutines."""


def report_failure(error: BaseException, failure: Failure | None) -> None:
    """Print an error that ended a run, or an epoch of it.

    Args:
        error: The error, or a group of errors if ending what was made failed as well.
        failure: Where the first of them came from, if that is known.
    """
    if failure is not None:
        when = "when the run started" if failure.epoch is None else f"in epoch {failure.epoch}"
        where = f" ({display_span(failure.span)})" if failure.span is not None else ""
        report_error(f"{failure.place} failed {when}{where}")
        if failure.span is not None:
            say("\n".join(code_frame(failure.span)))
    else:
        report_error("the run could not be stopped as it should")
    _trim(error, str(failure))
    say("".join(traceback.format_exception(error)).rstrip())


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
