"""The frames of libraries in a traceback, told in a line in place of two or three each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from traceback import FrameSummary, StackSummary
from typing import Any, Final

from noob_cli.wording import count_of

STANDARD_LIBRARY: Final = Path(os.__file__).parent

_INSTALLED: Final = ("site-packages", "dist-packages")
_FROZEN: Final = "<frozen "


def package_of(file: str) -> str | None:
    """The package or module of a library that code is in; None if it is no library's.

    Args:
        file: The name of its file.
    """
    if file.startswith(_FROZEN):
        return file.removeprefix(_FROZEN).partition(".")[0].rstrip(">")
    path = Path(file)
    for index, folder in enumerate(path.parts[:-1]):
        if folder in _INSTALLED:
            return path.parts[index + 1].removesuffix(".py")
    if path.is_relative_to(STANDARD_LIBRARY):
        return path.relative_to(STANDARD_LIBRARY).parts[0].removesuffix(".py")
    return None


class FoldedStack(StackSummary):
    """The frames of a traceback, of which those of libraries are counted.

    Args:
        frames: The frames.
        whole: A package whose frames are shown all the same.
    """

    def __init__(self, frames: Iterable[FrameSummary], whole: str | None) -> None:
        super().__init__(frames)
        self._whole = whole

    def format(self, **options: Any) -> list[str]:
        return list(self._lines(options))

    def _lines(self, options: dict[str, Any]) -> Iterator[str]:
        for is_folded, group in groupby(self, self._is_folded):
            frames = list(group)
            if is_folded:
                packages = dict.fromkeys(filter(None, (package_of(frame.filename) for frame in frames)))
                yield f"  ... {count_of(len(frames), 'frame')} in {', '.join(packages)}\n"
            else:
                yield from StackSummary.from_list(frames).format(**options)

    def _is_folded(self, frame: FrameSummary) -> bool:
        return package_of(frame.filename) not in (None, self._whole)
