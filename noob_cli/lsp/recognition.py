"""Whether a YAML file is a tube: editors show all of them to a server, and most are something else."""

from __future__ import annotations

import re
from pathlib import Path

from noob_cli.nodes.special import SPECIAL_TYPES
from noob_cli.specification.tube import TubeSpecification

_KEYS = frozenset(field.alias or name for name, field in TubeSpecification.model_fields.items())
_OF_TUBES_ONLY = frozenset({"noob_id", "noob_model", "noob_version"})

_KEY_AT_TOP = re.compile(r"""^\ufeff?["']?([A-Za-z_][\w.-]*)["']?[ \t]*:(?=\s|$)""", re.MULTILINE)
_LIST_OF_NODES = re.compile(r"^\ufeff?nodes[ \t]*:(?:[ \t]*(?:#.*)?\n)*[ \t]*(?:-\s|\[)", re.MULTILINE)
_NAMES_CODE = re.compile(
    rf"""\btype[ \t]*:[ \t]*["']?(?:{"|".join(SPECIAL_TYPES)}|[^\W\d]\w*(?:\.[^\W\d]\w*)+)["']?[ \t]*(?:[,}}#\n]|$)"""
)


def is_tube(source: str, file: Path | None) -> bool:
    """Whether a text is that of a tube, so that it can be said what is wrong with it.

    It has a key that only tubes have; or `nodes` that are no list, and either no key beside it that tubes don't have,
    or a `type` that names code; or `extends`, and nothing else than tubes have. A file whose name begins with a dot is
    that of another tool, unless it has a key that only tubes have.

    Args:
        source: The text, which need not be YAML yet.
        file: Its file.
    """
    keys = set(_KEY_AT_TOP.findall(source))
    if keys & _OF_TUBES_ONLY:
        return True
    if file is not None and file.name.startswith("."):
        return False
    if "nodes" in keys and _LIST_OF_NODES.search(source) is None:
        return keys <= _KEYS or _NAMES_CODE.search(source) is not None
    return "extends" in keys and keys <= _KEYS


def may_be_a_tube(source: str, file: Path | None) -> bool:
    """Whether a text is that of a tube, or may be the beginning of one: it has no key that tubes don't have.

    Args:
        source: The text, which need not be YAML yet.
        file: Its file.
    """
    return is_tube(source, file) or set(_KEY_AT_TOP.findall(source)) <= _KEYS
