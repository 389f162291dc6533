"""The last values of signals in a worker process, on their way to who watches the run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from noob_cli.codegen.values import Values, seconds_behind
from noob_cli.named_tuple import NamedTuple
from noob_cli.runners.crews.shipment import Said
from noob_cli.runners.observers import Observers
from noob_cli.summary import sendable


class Seen(NamedTuple):
    """Signals that have had values in a worker since they were looked at before.

    Args:
        values: How many each has had, by name, and the last as it is sent.
    """

    values: Mapping[str, tuple[int, Any]]

    def tell(self, observers: Observers) -> None:
        """Tell it where somebody wants to know."""
        observers.values.add(self.values)

    def with_before(self, before: Seen) -> Seen:
        """This and what was seen before it."""
        values = dict(before.values)
        for name, (times, value) in self.values.items():
            values[name] = times + values.get(name, (0, None))[0], value
        return Seen(values)


Told = Said | Seen
"""What a worker tells at any time."""


class ValueWatcher:
    """Looks at the values in a worker from time to time: none are there while nobody watches.

    Args:
        values: The values.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        self._counts: Mapping[str, int] = {}
        self._due = 0.0

    def look(self, *, is_last: bool = False) -> Seen | None:
        """What is seen, if that is something new, and it is time to look.

        Args:
            is_last: Whether it is time in any case.
        """
        begun = time.perf_counter()
        if begun < self._due and not is_last:
            return None
        counts = self._values.counts
        new = {name: times for name, count in counts.items() if (times := count - self._counts.get(name, 0))}
        if not new:
            return None
        last = self._values.last
        seen = Seen({name: (times, sendable(last[name])) for name, times in new.items() if name in last})
        self._counts = counts
        ended = time.perf_counter()
        self._due = ended + seconds_behind(ended - begun)
        return seen
