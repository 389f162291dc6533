"""Facts as JSON, for scripts."""

from __future__ import annotations

import json
from typing import Any, TextIO

import pydantic_core


def print_json(facts: Any, stdout: TextIO) -> None:
    """Print facts as indented JSON.

    Args:
        facts: The facts.
        stdout: What it is printed to.
    """
    stdout.write(as_json(facts, indent=2) + "\n")


def as_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON; of what is none, its `repr`.

    Args:
        value: The value.
        indent: By how much each level is indented; None for one line.
    """
    try:
        return pydantic_core.to_json(value, indent=indent, fallback=repr, inf_nan_mode="null").decode()
    except ValueError:
        # The name of a file may be no UTF-8.
        return json.dumps(value, indent=indent, default=repr)
