"""Retry policies: whether, and after how long, a call of a node that has failed is made again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from noob_cli.errors import NoobError
from noob_cli.events import EndOfRun
from noob_cli.plan.plan import RetryOf
from noob_cli.raised import errors_in, is_of, members_of

_LONGEST: Final = 3600.0
"""How long waits may grow, in seconds."""

_random = random.Random()
"""A generator of its own: who seeds that of Python gets the same numbers from it as ever."""


class RetryPolicy:
    """Says whether, and after how long, a call of a node that has failed is made again.

    Args:
        retry: What the plan says.
        on: The exceptions with which it is made again.
    """

    def __init__(self, retry: RetryOf, on: Sequence[type[Exception]]) -> None:
        self.node = retry.node
        self.times = retry.times
        self._wait = retry.wait
        self._backoff = retry.backoff
        self._on = on

    def admits(self, error: Exception) -> bool:
        """Whether a call is made again that has failed with an error; with a group, if it is with all that is in it."""
        if is_of(error, *self._on):
            return not is_of(error, EndOfRun, NoobError)
        return bool(members_of(error)) and all(
            is_of(member, *self._on) for member in errors_in(error) if not members_of(member)
        )

    def wait(self, attempt: int) -> float:
        """How many seconds to wait before a call is made again.

        Args:
            attempt: How often it has been made.
        """
        try:
            longest = min(self._wait * self._backoff ** (attempt - 1), max(_LONGEST, self._wait))
        except OverflowError:
            longest = _LONGEST
        return _random.uniform(longest / 2, longest)
