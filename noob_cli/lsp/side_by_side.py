"""What is left to another server that knows YAML, and the schema of tubes, in a file that names its schema."""

from __future__ import annotations

import re

from noob_cli.check.catalogue import RULES
from noob_cli.diagnostics import Diagnostic
from noob_cli.lsp.text import Text

_SCHEMA_NAMED = re.compile(r"^#\s*yaml-language-server:\s*\$schema=", re.MULTILINE)

_OF_PARAMS = 4
"""How many steps lead to a param of a node."""


def names_schema(text: Text) -> bool:
    """Whether a file names its schema for another server, to which is left what that knows."""
    return _SCHEMA_NAMED.search(text.source[:2000]) is not None


def is_left_to_schema(diagnostic: Diagnostic) -> bool:
    """Whether the other server says it, too."""
    path, rule = diagnostic.path, RULES[diagnostic.code]
    if path and (path[-1] is None or isinstance(path[-1], bool)):
        # A schema sees keys as text.
        return False
    # The schema knows the params of a gather, and not what it depends on.
    return diagnostic.is_of_yaml or rule.in_schema or (rule.code == "G015" and len(path) == _OF_PARAMS)
