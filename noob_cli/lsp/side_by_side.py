"""What is left to another server that knows YAML, and the schema of tubes, in a file that names its schema."""

from __future__ import annotations

import re

from noob_cli.diagnostics import Diagnostic
from noob_cli.lsp.text import Text

_SCHEMA_NAMED = re.compile(r"^#\s*yaml-language-server:\s*\$schema=", re.MULTILINE)

_IN_SCHEMA = frozenset({"Y002", "K001", "K002", "K003", "K004", "K005", "K006", "A001", "G019"})
_TAKEN_BY_OTHERS = re.compile("second document|merge key")
_OF_PARAMS = 4
"""How many steps lead to a param of a node."""


def names_schema(text: Text) -> bool:
    """Whether a file names its schema for another server, to which is left what that knows.

    Args:
        text: Its text.
    """
    return _SCHEMA_NAMED.search(text.source[:2000]) is not None


def is_left_to_schema(diagnostic: Diagnostic) -> bool:
    """Whether the other server says it, too.

    Args:
        diagnostic: What is wrong.
    """
    code, path, span = diagnostic.code, diagnostic.path, diagnostic.span
    if code == "Y001":
        # What this package alone does not take is a node, and not the letter at which a parser stops.
        is_letter = span is not None and (span.end_line, span.end_column) == (span.line, span.column + 1)
        return (is_letter and _TAKEN_BY_OTHERS.search(diagnostic.message) is None) or "the tag" in diagnostic.message
    if path and (path[-1] is None or isinstance(path[-1], bool)):
        # A schema sees keys as text.
        return False
    return code in _IN_SCHEMA or (code == "G015" and len(path) == _OF_PARAMS)
