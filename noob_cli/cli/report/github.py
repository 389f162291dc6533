"""What was found in tubes as GitHub annotations: workflow commands, which GitHub Actions shows at their lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from noob_cli.cli.report.checking import Checked
from noob_cli.cli.shell.messages import display_path
from noob_cli.diagnostics import Diagnostic
from noob_cli.printable import printable


def write_github(checked: Iterable[Checked], stdout: TextIO) -> None:
    """Write a line for each diagnostic.

    Args:
        checked: The tubes, each written as soon as it has been checked.
        stdout: Where the lines go.
    """
    for tube in checked:
        if tube.problem is not None:
            stdout.write(_command("error", {"title": "noob"}, tube.problem))
        for diagnostic in tube.diagnostics:
            stdout.write(_annotation(diagnostic))


def _annotation(diagnostic: Diagnostic) -> str:
    properties: dict[str, object] = {}
    span = diagnostic.span
    if span is not None:
        properties |= {
            "file": display_path(span.file),
            "line": span.line,
            "col": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
    properties["title"] = diagnostic.code
    text = diagnostic.message + (f"\nhint: {diagnostic.hint}" if diagnostic.hint else "")
    return _command(diagnostic.severity.value, properties, text)


def _command(name: str, properties: dict[str, object], message: str) -> str:
    pairs = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items())
    return f"::{name} {pairs}::{_escaped(message)}\n"


def _escaped(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
