"""What was found in tubes as SARIF 2.1.0, the format in which code scanning services take results."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import noob_cli
from noob_cli.check.catalogue import RULES
from noob_cli.check.catalogue.rule import Rule
from noob_cli.cli.report.checking import Checked
from noob_cli.cli.shell.messages import display_document_path, display_path
from noob_cli.diagnostics import Diagnostic, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_INDICES = {code: index for index, code in enumerate(RULES)}


def write_sarif(checked: Iterable[Checked], stdout: TextIO) -> None:
    """Write a SARIF log of one run.

    Args:
        checked: The tubes.
        stdout: Where the log goes.
    """
    # In ASCII, so that also the name of a file that is no UTF-8 can be written.
    stdout.write(json.dumps(sarif_log(list(checked)), indent=2) + "\n")


def sarif_log(checked: Sequence[Checked]) -> dict[str, Any]:
    """The log: all rules, a result for each diagnostic, and a notification for each name that is no tube."""
    problems = [tube.problem for tube in checked if tube.problem is not None]
    invocation: dict[str, Any] = {"executionSuccessful": not problems}
    if problems:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": problem}} for problem in problems
        ]
    driver = {
        "name": "noob",
        "semanticVersion": noob_cli.__version__,
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic) for tube in checked for diagnostic in tube.diagnostics],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nWrong:\n\n{rule.bad.tube}\nRight:\n\n{rule.good.tube}"},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    text = diagnostic.message + (f"\nhint: {diagnostic.hint}" if diagnostic.hint else "")
    result: dict[str, Any] = {"ruleId": diagnostic.code, "level": diagnostic.severity.value, "message": {"text": text}}
    if diagnostic.code in _INDICES:
        result["ruleIndex"] = _INDICES[diagnostic.code]
    location: dict[str, Any] = {} if diagnostic.span is None else _place(diagnostic.span)
    if diagnostic.path:
        location["logicalLocations"] = [{"fullyQualifiedName": display_document_path(diagnostic.path)}]
    if location:
        result["locations"] = [location]
    related = [
        {"id": number, **_place(note.span), "message": {"text": note.message}}
        for number, note in enumerate(diagnostic.related)
        if note.span is not None
    ]
    if related:
        result["relatedLocations"] = related
    return result


def _place(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}


def _uri(file: Path | None) -> str:
    """The URI of a file, relative to the working folder if it is below it."""
    shown = Path(display_path(file))
    return shown.as_uri() if shown.is_absolute() else quote(os.fsencode(shown.as_posix()))
