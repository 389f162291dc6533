"""What the shell is told on standard error: errors, warnings, and diagnostics with the line they are about."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from noob_cli.diagnostics import Diagnostic, Span, format_path
from noob_cli.working_folder import working_folders

_MOST_COLUMNS = 160
"""How much of a long line is shown."""


def say(text: str) -> None:
    """Print a line on standard error."""
    print(text, file=sys.stderr, flush=True)


def report_error(message: str) -> None:
    """Print an error on standard error."""
    say(f"error: {message}")


def report_warning(message: str) -> None:
    """Print a warning on standard error."""
    say(f"warning: {message}")


def report_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics, each with its place, the line that it is about, and what to do."""
    for diagnostic in diagnostics:
        say(format_diagnostic(diagnostic))


def format_diagnostic(diagnostic: Diagnostic) -> str:
    """A diagnostic as text of several lines."""
    where = display_span(diagnostic.span) if diagnostic.span else format_path(diagnostic.path)
    lines = [f"{where}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    if diagnostic.span is not None:
        lines += code_frame(diagnostic.span)
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    for related in diagnostic.related:
        if related.span is not None:
            lines.append(f"  note: {related.message}: {display_span(related.span)}")
    return "\n".join(lines)


def display_span(span: Span) -> str:
    """A place as `file:line:column`, the file as seen from the working folder."""
    return f"{display_path(span.file)}:{span.line}:{span.column}"


def display_path(file: Path | None) -> str:
    """A file as seen from the working folder, if it is below it."""
    if file is None:
        return "<stdin>"
    for folder in working_folders():
        if file.resolve().is_relative_to(folder):
            return str(file.resolve().relative_to(folder))
    return str(file)


def code_frame(span: Span) -> list[str]:
    """The line that a span begins on, with carets under the span."""
    text = _line_of(span)
    if text is None:
        return []
    number = str(span.line)
    end = span.end_column if span.end_line == span.line else len(text.rstrip()) + 1
    first = max(0, span.column - 1 - _MOST_COLUMNS // 2)
    shown = text[first : first + _MOST_COLUMNS]
    length = max(1, min(end - 1, first + len(shown)) - (span.column - 1))
    blank = "".join("\t" if each == "\t" else " " for each in shown[: span.column - 1 - first])
    # Whatever stands in a file, it must not steer the terminal.
    shown = "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in shown)
    return [f"  {number} | {shown}", f"  {' ' * len(number)} | {blank}{'^' * length}"]


def _line_of(span: Span) -> str | None:
    if span.file is None:
        return None
    try:
        lines = span.file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return None
    return lines[span.line - 1] if span.line <= len(lines) else None
