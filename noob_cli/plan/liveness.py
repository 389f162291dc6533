"""Liveness: which values a part of a plan needs from before it, and which of its own are read behind it.

A value that nothing reads needs no name in the generated code. What is live into or out of a part is what a function
takes and returns that the part becomes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from noob_cli.plan.part import Part


def read_counts(part: Part) -> Counter[str]:
    """In how many places each value is read, by its name.

    Args:
        part: What happens in an epoch, with the tubes nested in it, or a part of that.
    """
    return Counter(name for inner in part.walk() for name in inner.names("Reads", "Changes"))


def live_in(part: Part) -> list[str]:
    """The names of the values that are read in a part before they are written there."""
    written: set[str] = set()
    names: dict[str, None] = {}
    for name, is_written in _in_order(part):
        if is_written:
            written.add(name)
        elif name not in written:
            names[name] = None
    return list(names)


def live_out(part: Part, everywhere: Counter[str]) -> list[str]:
    """The names of the values that are written in a part and read outside of it.

    Args:
        part: The part.
        everywhere: In how many places each value is read at all.
    """
    inside = read_counts(part)
    written = (name for inner in part.walk() for name in inner.names("Writes", "Changes"))
    return list(dict.fromkeys(name for name in written if everywhere[name] > inside[name]))


def _in_order(part: Part) -> Iterator[tuple[str, bool]]:
    """The names in a part in the order in which it reads and writes them, each with whether it is written."""
    for field, role in part.roles.items():
        if role == "Holds":
            for inner in part.parts_in(field):
                yield from _in_order(inner)
        elif role in ("Reads", "Writes", "Changes"):
            names = list(part.names_in(field))
            if role != "Writes":
                yield from ((name, False) for name in names)
            if role != "Reads":
                yield from ((name, True) for name in names)
