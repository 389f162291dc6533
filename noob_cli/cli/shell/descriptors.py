"""Descriptors that are none of the standard ones."""

from __future__ import annotations

import os

_LAST_STANDARD = 2


def apart(descriptor: int) -> int:
    """The same by a number that is none of the standard ones, which may be free if those are closed.

    Args:
        descriptor: The descriptor, which is closed if another takes its place.
    """
    found = [descriptor]
    while found[-1] <= _LAST_STANDARD:
        found.append(os.dup(found[-1]))
    for each in found[:-1]:
        os.close(each)
    return found[-1]
