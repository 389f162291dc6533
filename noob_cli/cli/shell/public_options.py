"""Command lines that were written for the command of the public package: how they are written here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

_NAMES = {"-if": "--input-format", "-of": "--output-format"}
"""Its options of two letters."""


def hint_for(arguments: Sequence[str]) -> str | None:
    """What to write instead of a command line that was written for the public package.

    Args:
        arguments: The command and its arguments: `run tube.yaml -if jsonl -i by 8`.

    Returns:
        The hint; None if it is written as it is here.
    """
    written = list(_written_here(arguments))
    if arguments[:1] != ["run"] or written == list(arguments):
        return None
    return f"this is how the command of the public package is written; here it is: noob {shlex.join(written)}"


def _written_here(arguments: Sequence[str]) -> Iterator[str]:
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            yield from (word, *left)
            return
        yield _NAMES.get(word, word)
        is_apart = word in ("-i", "--input") and len(left) > 1 and "=" not in left[0]
        if is_apart and not left[1].startswith("-"):
            yield f"{left.pop(0)}={left.pop(0)}"
