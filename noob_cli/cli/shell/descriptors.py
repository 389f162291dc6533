"""Descriptors that are none of the standard ones."""

from __future__ import annotations

import os

_LAST_STANDARD = 2


def apart(descriptor: int) -> int:
    """The same by a number that is none of the standard ones, which may be free if those are closed.

    Args:
        descriptor: The descriptor, which is closed if another takes its place.
    """
    copies = [descriptor]
    while copies[-1] <= _LAST_STANDARD:
        copies.append(os.dup(copies[-1]))
    for standard in copies[:-1]:
        os.close(standard)
    return copies[-1]
