"""Liveness: which values a part of a plan needs from before it, and which of its own are read behind it.

A value that nothing reads needs no name in the generated code. What is live into or out of a part is what a function
takes and returns that the part becomes.
"""

from __future__ import annotations

from collections import Counter

from noob_cli.plan.part import Part


def read_counts(part: Part) -> Counter[str]:
    """In how many places each value is read, by its name.

    Args:
        part: What happens in an epoch, with the tubes nested in it, or a part of that.
    """
    return Counter(name for inner in part.walk() for name in inner.names("Reads", "Changes"))


def live_in(part: Part) -> list[str]:
    """The names of the values that are read in a part before they are written there."""
    names: dict[str, None] = {}
    _note_live_in(part, names, set())
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


def _note_live_in(part: Part, names: dict[str, None], written: set[str]) -> None:
    """Add the names that a part reads, unless they are written before, and those that it writes, in its order."""
    for field, role in part.roles.items():
        if role == "Holds":
            for inner in part.parts_in(field):
                _note_live_in(inner, names, written)
        elif role in ("Reads", "Writes", "Changes"):
            values = part.names_in(field)
            if role != "Writes":
                names.update(dict.fromkeys(name for name in values if name not in written))
            if role != "Reads":
                written.update(values)
