"""What a run with several epochs under way has made, and not delivered yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from noob_cli.runners.crews.crew import Underway

Records = Iterable[Mapping[str, Any]]


class Backlog:
    """Epochs that have been brought to their end, and are delivered to who asks next.

    Attributes:
        outcomes: They, in order; an error instead of one if it could not be drawn.
        records: What they were made for, besides the values of sources.
    """

    def __init__(self) -> None:
        self.outcomes: deque[Underway | BaseException] = deque()
        self.records: Records | None = None
