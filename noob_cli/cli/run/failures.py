"""How an error of a node or an asset is shown: its place, what it was given, and the user's part of the traceback."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from traceback import FrameSummary

from noob_cli.cli.run.folding import STANDARD_LIBRARY, FoldedStack, package_of
from noob_cli.cli.run.tracebacks import all_in, cut, traceback_exception_of
from noob_cli.cli.shell.messages import Level, display_span, is_shown, report_error, report_error_at, say, say_lines
from noob_cli.raised import context_of, errors_in, exit_code_of, members_of, set_context, text_of
from noob_cli.runners.failure import Failure
from noob_cli.runners.own_code import OWN_CODE
from noob_cli.wording import short_repr

_OURS = (*OWN_CODE, str(STANDARD_LIBRARY / "asyncio"), str(STANDARD_LIBRARY / "concurrent"))
"""Where the files are whose frames are not the user's: ours, the generated code, and what runs coroutines."""

_MOST_VALUES = 20
"""How many values a report shows."""


def apart(errors: Iterable[BaseException], failures: Sequence[Failure]) -> list[tuple[BaseException, Failure | None]]:
    """The errors that come from different places, as if each had come alone.

    Args:
        errors: What ended a run, or an epoch of it: among them groups, if ending what was made failed as well.
        failures: Where errors came from, as far as that is known.

    Returns:
        Each error, and where it came from. A group that a node has raised is one error.
    """
    known = {id(failure.error): failure for failure in failures}

    def take_apart(error: BaseException) -> Iterator[tuple[BaseException, Failure | None]]:
        if members_of(error) and id(error) not in known:
            for member in members_of(error):
                yield from take_apart(member)
        else:
            yield error, known.get(id(error))

    origins = [origin for error in errors for origin in take_apart(error)]
    shown = {id(error) for error, _ in origins}
    for error, _ in origins:
        _forget_contexts(error, shown)
    return origins


def _forget_contexts(error: BaseException, shown: Collection[int]) -> None:
    """Let Python not show with an error those in whose wake it came, if they are shown anyway."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        context = context_of(link)
        while context is not None and any(id(inner) in shown for inner in errors_in(context)):
            context = None if context_of(context) is context else context_of(context)
            set_context(link, context)
        link = context


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
        say(f"{failure.place} ended the run {_when(failure)}{_where(failure)}: exit code {code}{said}")
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
        report_error_at(failure.span, f"{failure.place} {_what_happened(failure)}", _what_was_given(failure))
    say_lines(_traceback_of(error, noted))


def report_interruptions(failures: Iterable[Failure]) -> None:
    """Say what a signal has interrupted.

    Args:
        failures: Where it was.
    """
    for failure in failures:
        say(f"{failure.place} was interrupted {_when(failure)}{_where(failure)}", Level.warning)


def _what_happened(failure: Failure) -> str:
    if not failure.while_ended:
        return f"failed {_when(failure)}"
    return "could not be ended as it should" + ("" if failure.epoch is None else f" in epoch {failure.epoch}")


def _what_was_given(failure: Failure) -> Iterator[tuple[str, list[str]]]:
    for label, values in (("got", failure.values), ("params", failure.params)):
        shown = [f"{name} = {short_repr(value)}" for name, value in islice(values.items(), _MOST_VALUES)]
        more = len(values) - len(shown)
        yield label, shown + ([f"and {more} more"] if more else [])


def _when(failure: Failure) -> str:
    if failure.while_ended:
        return "while it was ended" + ("" if failure.epoch is None else f", in epoch {failure.epoch}")
    return "when the run started" if failure.epoch is None else f"in epoch {failure.epoch}"


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
    # Of the parts, those that stand at the edge begin with what Python says, behind which the error's own text comes.
    parts = (part if part[0].isspace() else _indented(cut(part)) for part in traceback.format())
    return "".join(parts).rstrip()


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
