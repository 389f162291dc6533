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
    """

    def __init__(self) -> None:
        self.outcomes: deque[Underway | BaseException] = deque()
        self.records: Records | None = None
