"""What a run does when an epoch fails."""

from __future__ import annotations

from enum import StrEnum


class OnError(StrEnum):
    """What a run does when an epoch fails, or a record is refused."""

    stop = "stop"
    skip = "skip"
