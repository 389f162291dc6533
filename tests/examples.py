"""How many random examples there are of something, and how they are made."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_SHORT_RUN = 500


def examples(asked_for: int, made: int | None = None) -> settings:
    """The settings for a number of examples: a short run makes the same each time, a long one looks for new ones.

    Args:
        asked_for: How many the options of the test command ask for.
        made: How many of these are made; all, if nothing is said.
    """
    return settings(
        max_examples=asked_for if made is None else made,
        derandomize=asked_for <= _SHORT_RUN,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
