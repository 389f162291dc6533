"""What the shell is told on standard error: errors, warnings, and diagnostics with the line they are about."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from noob_cli.cli.shell.stderr import message_stream, print_messages
from noob_cli.diagnostics import Diagnostic, DocumentPath, Severity, Span, format_path
from noob_cli.errors import CheckpointError, NoobError, TubeError
from noob_cli.named_tuple import NamedTuple
from noob_cli.printable import one_line, printable
from noob_cli.specification.file import read_file
from noob_cli.working_folder import seen_from_here

_MOST_COLUMNS = 160
"""How much of a long line is shown."""

_LINE_ENDS = r"\r\n|\r|\n"
"""What ends a line in YAML 1.2: fewer than `splitlines` knows."""


class Level(IntEnum):
    """How much something matters to who looks on."""

    debug = 1
    """What happens in each epoch."""
    info = 2
    """What happens once in a run."""
    warning = 3
    error = 4


class _Audience(NamedTuple):
    """From which level on messages are shown and logged, and what writes the log."""

    shown: Level = Level.warning
    logged: Level = Level.warning
    log: Callable[[Level, str], object] | None = None


_audience = _Audience()


def tell(shown: Level, logged: Level = Level.warning, log: Callable[[Level, str], object] | None = None) -> None:
    """Choose how much of what is reported from here on is told.

    Args:
        shown: From which level on on standard error.
        logged: From which level on in a log.
        log: Gets what is logged.
    """
    global _audience
    _audience = _Audience(shown, logged, log)


def is_told(level: Level) -> bool:
    """Whether what is reported at a level is told to anybody."""
    return level >= _audience.shown or (_audience.log is not None and level >= _audience.logged)


def is_shown(level: Level) -> bool:
    """Whether what is reported at a level is shown on standard error."""
    return level >= _audience.shown


def say(text: str, level: Level = Level.error) -> None:
    """Print a line on standard error, if there is one, and log it.

    Args:
        text: What there is to say.
        level: How much it matters.
    """
    _tell(level, text, lambda: print_messages(one_line(text)))


def say_lines(text: str) -> None:
    """Print a text of several lines as an error, without saying that it is one."""
    _tell(Level.error, text, lambda: print_messages(printable(text)))


def report_error(*lines: str) -> None:
    """Report an error.

    Args:
        lines: What is wrong, in a line or several.
    """
    report_at(Level.error, *lines)


def report_problem(error: NoobError) -> None:
    """Report what is wrong with a tube, an input, a record or a checkpoint, as that says it.

    Args:
        error: Says what is wrong.
    """
    if isinstance(error, TubeError):
        report_diagnostics(error.diagnostics)
    else:
        report_error(*(error.lines if isinstance(error, CheckpointError) else (str(error),)))


def report_warning(message: str) -> None:
    """Report something that should be known and is no error."""
    report_at(Level.warning, message)


def report_info(message: str) -> None:
    """Report what happens once in a run."""
    report_at(Level.info, message)


def report_debug(message: str) -> None:
    """Report what happens in an epoch."""
    report_at(Level.debug, message)


def report_at(level: Level, *lines: str, is_shown: bool = True) -> None:
    """Report something at a level.

    Args:
        level: How much it matters.
        lines: What there is to say.
        is_shown: Whether it is shown on standard error; else it is only logged.
    """
    text = "\n".join(map(one_line, lines))
    _tell(level, text, lambda: print_messages(f"{level.name}: {text}") if is_shown else None)


def _tell(level: Level, text: str, show: Callable[[], object]) -> None:
    """Show something on standard error, and log it, for those who want to know."""
    if level >= _audience.shown:
        show()
    if _audience.log is not None and level >= _audience.logged:
        _audience.log(level, printable(text))


def report_diagnostics(diagnostics: Iterable[Diagnostic], stdin: str | None = None) -> None:
    """Print diagnostics, each with its place, the line that it is about, and what to do.

    In colour on a terminal, unless `NO_COLOR` is set.

    Args:
        diagnostics: What was found.
        stdin: The text of what was found on standard input.
    """
    for diagnostic in diagnostics:
        _tell_lines(Level[diagnostic.severity.name], _lines_of(diagnostic, stdin))


def report_error_at(span: Span | None, message: str, details: Iterable[tuple[str, Sequence[str]]] = ()) -> None:
    """Print an error in the form of a diagnostic: its place, the line that it is about, and what else is known.

    Args:
        span: The place.
        message: What has happened.
        details: More about it: a word, and what it stands for, which may have several lines.
    """
    style = _STYLES[Severity.error]
    head: _Line = [("error", style), (f": {message}", "")]
    lines = (
        [head] if span is None else [[(display_span(span), _PLACE), (": ", ""), *head], *_frame_of(span, None, style)]
    )
    for word, texts in details:
        label = f"  {word}:"
        for text in texts:
            lines.append([(label, _NOTE), (f" {text}", "")])
            label = " " * len(label)
    _tell_lines(Level.error, lines)


def format_diagnostic(diagnostic: Diagnostic) -> str:
    """A diagnostic of a file as text of several lines."""
    return _plain(_lines_of(diagnostic, None))


def display_span(span: Span) -> str:
    """A place as `file:line:column`, the file as seen from the working folder."""
    return f"{display_path(span.file)}:{span.line}:{span.column}"


def display_document_path(path: DocumentPath) -> str:
    """A path in a document, as text; empty for the document itself."""
    # A key may be whatever YAML has scalars for.
    return format_path(tuple(step if isinstance(step, int | str) else str(step) for step in path)) if path else ""


def display_path(file: Path | None) -> str:
    """A file as seen from the working folder, if it is below it."""
    return "<stdin>" if file is None else seen_from_here(file)


_Line = list[tuple[str, str]]
"""Parts of a line, each with the style that it has on a terminal."""

_STYLES = {Severity.error: "bold red", Severity.warning: "bold yellow"}
_PLACE, _MARGIN, _NOTE = "bold", "blue", "bold cyan"


def _lines_of(diagnostic: Diagnostic, stdin: str | None) -> list[_Line]:
    style = _STYLES[diagnostic.severity]
    where = display_span(diagnostic.span) if diagnostic.span else display_document_path(diagnostic.path) or "<tube>"
    kind = f"{diagnostic.severity}[{diagnostic.code}]"
    lines: list[_Line] = [[(where, _PLACE), (": ", ""), (kind, style), (f": {diagnostic.message}", "")]]
    if diagnostic.span is not None:
        lines += _frame_of(diagnostic.span, stdin, style)
    if diagnostic.hint:
        lines.append([("  hint:", _NOTE), (f" {diagnostic.hint}", "")])
    for related in diagnostic.related:
        if related.span is not None:
            lines.append([("  note:", _NOTE), (f" {related.message}: {display_span(related.span)}", "")])
    return lines


def _frame_of(span: Span, stdin: str | None, style: str) -> list[_Line]:
    text = _line_of(span, stdin)
    if text is None:
        return []
    number = str(span.line)
    end = span.end_column if span.end_line == span.line else len(text.rstrip()) + 1
    first = max(0, span.column - 1 - _MOST_COLUMNS // 2)
    shown = text[first : first + _MOST_COLUMNS]
    before = shown[: span.column - 1 - first]
    under = shown[len(before) : end - 1 - first]
    blank = "".join("\t" if letter == "\t" else " " * _columns(letter) for letter in before)
    carets = "^" * max(1, sum(map(_columns, under)))
    margin = [(f"  {number} |", _MARGIN), (f" {shown}", "")]
    return [margin, [(f"  {' ' * len(number)} |", _MARGIN), (f" {blank}", ""), (carets, style)]]


def _columns(letter: str) -> int:
    """How many columns of a terminal a letter takes."""
    if not letter.isprintable():
        return len(one_line(letter))
    if letter.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _line_of(span: Span, stdin: str | None) -> str | None:
    try:
        lines = _split(stdin or "") if span.file is None else _lines_of_file(span.file)
    except OSError:
        return None
    return lines[span.line - 1] if span.line <= len(lines) else None


def _lines_of_file(file: Path) -> list[str]:
    # A pipe or a device that was read has nothing more to say, or never ends.
    return _read_lines(file, file.stat().st_mtime_ns) if file.is_file() else []


@lru_cache(maxsize=1)
def _read_lines(file: Path, _changed: int) -> list[str]:
    """The lines of a file, read once for all that is wrong in it, until it changes."""
    return _split(read_file(file).decode("utf-8-sig", errors="replace"))


@lru_cache(maxsize=1)
def _split(text: str) -> list[str]:
    return re.split(_LINE_ENDS, text) if text else []


def _plain(lines: Iterable[_Line]) -> str:
    return "\n".join("".join(one_line(text) for text, _ in line) for line in lines)


def _tell_lines(level: Level, lines: list[_Line]) -> None:
    text = _plain(lines)
    _tell(level, text, lambda: _show_in_colour(lines) if _wants_colour() else print_messages(text))


def _show_in_colour(lines: Iterable[_Line]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=message_stream())
    for line in lines:
        console.print(Text.assemble(*((one_line(text), style) for text, style in line)), soft_wrap=True)


def _wants_colour() -> bool:
    stream = message_stream()
    is_terminal = stream is not None and stream.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
