"""The outcomes of epochs that were made and not delivered yet, where several are under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from noob_cli.runners.crews.crew import Underway

Records = Iterable[Mapping[str, Any]]


class Backlog:
    """The outcomes of epochs that have ended: who asks for results next gets them first.

    Attributes:
        outcomes: The outcomes, in order; an error in place of an epoch whose record could not be had.
        records: The records that the epochs were made for; None if for none.
        has_lost_some: Whether epochs had begun behind the last in which a node has ended its tube, which don't count.
    """

    def __init__(self) -> None:
        self.outcomes: deque[Underway | BaseException] = deque()
        self.records: Records | None = None
        self.has_lost_some = False

    def keep(self, outcome: Underway) -> None:
        """Keep the outcome of an epoch; the calls of nested tubes in it have been counted."""
        number, at, failed, notes, values = outcome
        self.outcomes.append((number, at, failed, tuple(note for note in notes if isinstance(note, str)), values))

    def is_of(self, records: Records | None) -> bool:
        """Whether it is of these records: of an iterator, which goes on where it was."""
        return records is self.records and (records is None or iter(records) is records)
