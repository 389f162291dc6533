"""How much it is wanted that a run stops."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """How much it is wanted that a run stops, and how much it has to be wanted to interrupt something."""

    asked = 1
    """A signal has come: the epoch under way is the last one."""
    overdue = 2
    """It takes too long."""
    insisted = 3
    """A second signal has come."""
    forced = 4
    """A third signal has come."""
