"""What tells a file from all others, by whatever name it goes."""

from __future__ import annotations

import os

Identity = tuple[int, int]
"""The device of a file and its number there, which are its own as long as it exists."""


def identity_of(file: int | str | os.PathLike[str]) -> Identity:
    """Which file it is.

    Args:
        file: Its name, or a descriptor.

    Raises:
        OSError: There is no such file.
    """
    return identity_in(os.stat(file))


def identity_in(status: os.stat_result) -> Identity:
    """Which file it is that the system says this of."""
    return status.st_dev, status.st_ino


def known_identity_of(file: int | str | os.PathLike[str]) -> Identity | None:
    """The same; None if it isn't there.

    Args:
        file: Its name, or a descriptor.
    """
    try:
        return identity_of(file)
    except OSError:
        return None
