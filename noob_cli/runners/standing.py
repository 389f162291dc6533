"""Where a run stands between two epochs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from noob_cli.plan.plan import StateKey
from noob_cli.struct import Struct, field


class Standing(Struct):
    """Where a run stands between two epochs.

    Args:
        state: What is kept from epoch to epoch.
        ended: The sources that have ended, and the nested tubes, for each tube by name.
        events: How many events have been made.
    """

    state: dict[StateKey, Any] = field(factory=dict)
    ended: defaultdict[str, set[str]] = field(factory=lambda: defaultdict(set))
    events: int = 0

    @property
    def has_ended_within(self) -> bool:
        """Whether something in a nested tube has ended: what goes on without it is compiled for that."""
        return any(tube and ended for tube, ended in self.ended.items())
