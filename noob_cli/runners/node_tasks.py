"""The functions that are the tasks of single nodes, where several nodes stand in one line of the generated code."""

from __future__ import annotations

from types import CodeType
from typing import Final

OF_NODE: Final[set[CodeType]] = set()
"""The code of functions that do it: each has variables with the `name` of the node and the `epoch`."""
