"""Names in the generated code: like those in the tube's file, and all different, also from Python's keywords."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

from noob_cli.names import normalized

_EMITTED = re.compile(r"(outlined|left|region|segment)_\d+")
"""The names that code generation gives to functions, and to what loops go through."""


class Naming:
    """Gives out names, each once.

    Args:
        taken: Names that the generated code uses itself.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*taken, *keyword.kwlist, *keyword.softkwlist, *vars(builtins)}

    def new(self, *wanted: str) -> str:
        """A name that nothing has yet: the first wanted one that is free, else the last with a number."""
        names = [normalized(name) for name in wanted]
        number = 2
        for name in names:
            if name not in self._taken and not _EMITTED.fullmatch(name):
                return self._take(name)
        while f"{names[-1]}_{number}" in self._taken:
            number += 1
        return self._take(f"{names[-1]}_{number}")

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name
