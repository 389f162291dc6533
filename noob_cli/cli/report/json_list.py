"""What was found in tubes as a JSON list, for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TextIO, TypedDict

from noob_cli.cli.report.checking import Checked
from noob_cli.cli.shell.messages import display_document_path, display_path
from noob_cli.diagnostics import Diagnostic, Severity


class DiagnosticFacts(TypedDict):
    """What a script needs to know of a diagnostic; a place is None where there is none."""

    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    code: str | None
    severity: str
    message: str
    hint: str | None
    path: str | None


def write_json(checked: Iterable[Checked], stdout: TextIO) -> None:
    """Write a list with an object for each diagnostic; what is no tube has neither a code nor a place.

    Args:
        checked: The tubes.
        stdout: Where the list goes.
    """
    # In ASCII, so that also the name of a file that is no UTF-8 can be written.
    json.dump([facts for tube in checked for facts in _facts_of(tube)], stdout, indent=2)
    stdout.write("\n")


def _facts_of(checked: Checked) -> Iterator[DiagnosticFacts]:
    if checked.problem is not None:
        yield DiagnosticFacts(
            file=checked.name,
            line=None,
            column=None,
            end_line=None,
            end_column=None,
            code=None,
            severity=Severity.error.value,
            message=checked.problem,
            hint=None,
            path=None,
        )
    yield from map(_facts, checked.diagnostics)


def _facts(diagnostic: Diagnostic) -> DiagnosticFacts:
    span = diagnostic.span
    return DiagnosticFacts(
        file=display_path(span.file) if span else None,
        line=span.line if span else None,
        column=span.column if span else None,
        end_line=span.end_line if span else None,
        end_column=span.end_column if span else None,
        code=diagnostic.code,
        severity=diagnostic.severity.value,
        message=diagnostic.message,
        hint=diagnostic.hint,
        path=display_document_path(diagnostic.path),
    )
