"""Diagnostics as the protocol has them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.uris import from_fs_path

from noob_cli.diagnostics import Diagnostic, Severity, Span
from noob_cli.lsp.text import Text

TextOf = Callable[[Path | None], Text]
"""The text of a file."""

SOURCE = "noob"
"""Who says it."""

_SEVERITY = {Severity.error: types.DiagnosticSeverity.Error, Severity.warning: types.DiagnosticSeverity.Warning}


def uri_of(file: Path) -> str:
    """The address of a file."""
    return from_fs_path(str(file)) or ""


def reported(diagnostic: Diagnostic, own: str, text_of: TextOf) -> types.Diagnostic:
    """A diagnostic as the editor shows it: what is wrong, what to do, and the change that is meant as data.

    Args:
        diagnostic: The diagnostic.
        own: The address of the file that it is about, for places that have none.
        text_of: Gives the text of a file.
    """
    hint = "" if diagnostic.hint is None else f"\n{diagnostic.hint}"
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(own if other.span.file is None else uri_of(other.span.file), range_of(other.span, text_of)),
            other.message,
        )
        for other in diagnostic.related
        if other.span is not None
    ]
    return types.Diagnostic(
        range_of(diagnostic.span, text_of),
        f"{diagnostic.message}{hint}",
        _SEVERITY[diagnostic.severity],
        code=diagnostic.code,
        source=SOURCE,
        related_information=related or None,
        data=_data_of(diagnostic),
    )


def range_of(span: Span | None, text_of: TextOf) -> types.Range:
    """A place in a file; its beginning if it isn't known."""
    if span is None:
        return types.Range(types.Position(0, 0), types.Position(0, 1))
    text = text_of(span.file)
    return text.range(*text.bounds(span))


def _data_of(diagnostic: Diagnostic) -> dict[str, Any]:
    data: dict[str, Any] = {"path": list(diagnostic.path)}
    if diagnostic.changes:
        changes = diagnostic.changes
        data["changes"] = [
            {"action": change.action.value, "text": change.text, "old": change.old, "at": change.at}
            for change in changes
        ]
    if diagnostic.hint is not None:
        data["hint"] = str(diagnostic.hint)
    return data
