"""What was found in tubes as a JSON list, for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from noob_cli.cli.report.checking import Checked
from noob_cli.cli.shell.messages import display_document_path, display_path
from noob_cli.diagnostics import Severity

_FACTS = ("file", "line", "column", "end_line", "end_column", "code", "severity", "message", "hint", "path")
"""What a script needs to know of a diagnostic, by name; a place is None where there is none."""


def write_json(checked: Iterable[Checked], stdout: TextIO) -> None:
    """Write a list with an object for each diagnostic; what is no tube has neither a code nor a place.

    Args:
        checked: The tubes.
        stdout: Where the list goes.
    """
    # In ASCII, so that also the name of a file that is no UTF-8 can be written.
    stdout.write(json.dumps([facts for tube in checked for facts in _facts_of(tube)], indent=2) + "\n")


def _facts_of(checked: Checked) -> Iterator[dict[str, Any]]:
    if checked.problem is not None:
        problem = {"file": checked.name, "severity": Severity.error.value, "message": checked.problem}
        yield {**dict.fromkeys(_FACTS), **problem}
    for diagnostic in checked.diagnostics:
        span = diagnostic.span
        place: tuple[Any, ...] = (None,) * 5
        if span is not None:
            place = (display_path(span.file), span.line, span.column, span.end_line, span.end_column)
        path = display_document_path(diagnostic.path)
        facts = (*place, diagnostic.code, diagnostic.severity.value, diagnostic.message, diagnostic.hint, path)
        yield dict(zip(_FACTS, facts, strict=True))
