"""Versions of the state of a tube, which can be put back: it was stored early, and its epoch has failed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import CellType
from typing import Any

from noob_cli.plan.plan import ASSET, STORED_AT, Plan, StateKey

Version = tuple[Any, ...]
"""What some of the state has been between two epochs."""


class Versions:
    """Takes versions of some of the state, and puts them back.

    Args:
        cells: The variables that the functions share which make epochs, by name.
        plan: The plan that they were compiled from.
        names: The names of carried assets and gathers in the generated code.
    """

    def __init__(self, cells: Mapping[str, CellType], plan: Plan, names: Container[str]) -> None:
        stored = {state.key[1] for state in plan.state if state.name in names and state.key[0] == ASSET}
        self._kept = [
            state for state in plan.state if state.name in names or state.key in {(STORED_AT, name) for name in stored}
        ]
        self._growing = [state for state in self._kept if state.length is not None]
        lengths = [cells[state.length] for state in self._growing if state.length is not None]
        self._cells = [*(cells[state.name] for state in self._kept), *lengths]
        self._committed = [cells[state.committed] for state in self._growing if state.committed is not None]

    def now(self) -> Version:
        """What it is between two epochs."""
        return tuple([cell.cell_contents for cell in self._cells])

    def put_back(self, version: Version) -> None:
        """Let it be what it was: a list that has grown since is shortened."""
        for cell, value in zip(self._cells, version, strict=True):
            cell.cell_contents = value
        for cell, (values, length) in zip(self._committed, self._grown(version), strict=True):
            del values[length:]
            cell.cell_contents = values

    def state(self, version: Version) -> Mapping[StateKey, Any]:
        """What it was, by what it is."""
        kept = {state.key: value for state, value in zip(self._kept, version, strict=False)}
        grown = zip(self._growing, self._grown(version), strict=True)
        return kept | {state.key: values[:length] for state, (values, length) in grown}

    def _grown(self, version: Version) -> list[tuple[list[Any], int]]:
        values = [value for state, value in zip(self._kept, version, strict=False) if state.length is not None]
        return list(zip(values, version[len(self._kept) :], strict=True))
