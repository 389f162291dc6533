"""How an error of a node or an asset is shown: its place, what it was given, and the user's part of the traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from traceback import FrameSummary

from noob_cli.cli.run.folding import STANDARD_LIBRARY, FoldedStack, package_of
from noob_cli.cli.run.tracebacks import all_in, cut, traceback_exception_of
from noob_cli.cli.shell.messages import Level, display_span, is_shown, report_error, report_error_at, say, say_lines
from noob_cli.raised import exit_code_of, text_of
from noob_cli.runners.failure import Failure
from noob_cli.runners.own_code import OWN_CODE

_OURS = (*OWN_CODE, str(STANDARD_LIBRARY / "asyncio"), str(STANDARD_LIBRARY / "concurrent"))
"""Where the files are whose frames are not the user's: ours, the generated code, and what runs coroutines."""


def report_exit(error: SystemExit, failure: Failure | None) -> int:
    """Say that a node or an asset has ended the program, and which one.

    Args:
        error: What it raised.
        failure: Where it came from, if that is known.

    Returns:
        The exit code that it asks for.
    """
    asked = exit_code_of(error)
    code = asked if type(asked) in (int, bool) else 0 if asked is None else 1
    said = "" if asked is None or type(asked) in (int, bool) else f": {cut(text_of(asked))}"
    if failure is None:
        say(f"something ended the program while it was ended: exit code {code}{said}")
    else:
        say(f"{failure.place} ended the run {failure.when}{_where(failure)}: exit code {code}{said}")
    return code


def report_failure(error: BaseException, failure: Failure | None, noted: Iterable[Failure]) -> None:
    """Print an error that ended a run, or an epoch of it: where it came from, what that was given, and the traceback.

    Args:
        error: The error.
        failure: Where it came from, if that is known.
        noted: All that is known to have failed with it.
    """
    if failure is None:
        report_error("the run could not be ended as it should")
    else:
        report_error_at(failure.span, failure.message, failure.given)
    say_lines(_traceback_of(error, noted))


def report_interruptions(failures: Iterable[Failure]) -> None:
    """Say what a signal has interrupted.

    Args:
        failures: Where it was.
    """
    for failure in failures:
        say(f"{failure.place} was interrupted {failure.when}{_where(failure)}", Level.warning)


def _where(failure: Failure) -> str:
    return f" ({display_span(failure.span)})" if failure.span is not None else ""


def _traceback_of(error: BaseException, noted: Iterable[Failure]) -> str:
    """The traceback of an error, and of what caused it: what is the user's and is not said above it."""
    said = {failure.note() for failure in noted if failure.error is error}
    shown = {failure.note(): failure.note(display_span) for failure in noted}
    traceback = traceback_exception_of(error)
    for exception in all_in(traceback):
        exception.stack[:] = _frames_of_the_user(exception.stack)
    # Code of a library that a node names itself is as good as the user's.
    whole = package_of(traceback.stack[0].filename) if traceback.stack else None
    for exception in all_in(traceback):
        if not is_shown(Level.info):
            exception.stack = FoldedStack(exception.stack, whole)
        if isinstance(exception.__notes__, list):
            notes = [note for note in exception.__notes__ if not isinstance(note, str) or note not in said]
            exception.__notes__ = [
                _indented(cut(shown.get(note, note))) if isinstance(note, str) else note for note in notes
            ]
    # Those that stand at the edge begin with what Python says, behind which the error's own text comes.
    texts = (text if text[0].isspace() else _indented(cut(text)) for text in traceback.format())
    return "".join(texts).rstrip()


def _frames_of_the_user(stack: Iterable[FrameSummary]) -> Iterator[FrameSummary]:
    """The frames of a traceback but those of ours that call the user's, be it from within an asset that saw the error.

    What runs coroutines is left where the user's code calls it itself, and so is what that calls last.
    """
    is_inside = False
    between: list[FrameSummary] = []
    for frame in stack:
        if frame.filename.startswith(_OURS):
            between.append(frame)
            continue
        if is_inside and not any(frame_between.filename.startswith(OWN_CODE) for frame_between in between):
            yield from between
        between.clear()
        is_inside = True
        yield frame
    if is_inside:
        yield from between


def _indented(text: str) -> str:
    """A text whose further lines can't be taken for something that is not in it."""
    return re.sub(r"\n(?=.)", "\n  ", text, flags=re.DOTALL)
