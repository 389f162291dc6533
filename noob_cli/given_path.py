"""Paths that lead where they led when they were given: nodes may change the working folder."""

from __future__ import annotations

import os

from noob_cli.named_tuple import NamedTuple


class GivenPath(NamedTuple):
    """A path that leads to one place whatever the working folder is, and is shown as it was given.

    `str` gives what is shown; whatever opens files, or makes a `Path` of it, gets the place.

    Args:
        place: The path from the root on.
        shown: What it is called in messages.
    """

    place: str
    shown: str

    def __str__(self) -> str:
        return self.shown

    def __fspath__(self) -> str:
        return self.place

    def __truediv__(self, name: str) -> GivenPath:
        return GivenPath(os.path.join(self.place, name), os.path.join(self.shown, name))

    def beside(self, name: str) -> GivenPath:
        """The path of a file in the same folder.

        Args:
            name: The name of the file.
        """
        return GivenPath(*(os.path.join(os.path.dirname(path), name) for path in self))


def given_path(path: str | os.PathLike[str]) -> GivenPath:
    """A path that leads from here on to where it leads now.

    Args:
        path: The path, as it was given.
    """
    if isinstance(path, GivenPath):
        return path
    # `..` behind a link is what the system takes it for, and none of it is asked for where nothing is relative.
    place = path if os.path.isabs(path) else os.path.join(os.getcwd(), path)
    return GivenPath(os.fspath(place), str(path))
