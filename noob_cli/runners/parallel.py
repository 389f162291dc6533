"""The runner that makes several epochs at once, where nothing keeps them in order."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.crews.verified import Verified
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.spelling import suggest
from noob_cli.tube import Tube

CREWS = {
    "async": None,
    "processes": "processes.Processes",
    "threads": "threads.Threads",
}
"""What does several things at once, by name: its module among the crews, and its class; None for coroutines alone."""

_COROUTINES = 16
"""For how many epochs something is awaited at once, if nobody says."""


class ParallelRunner(SynchronousRunner):
    """Runs a tube as `SynchronousRunner` does, what keeps no state for several epochs at once.

    Example:
        >>> runner = ParallelRunner(tube, on="threads", workers=4)

    Args:
        tube: The tube.
        on: What does several things at once: `threads`, `processes`, or `async` for nothing but coroutines. Those of a
            tube that awaits something are awaited on one event loop in any case.
        workers: How many; by default as many as there are processors.
        ahead: How many epochs may be under way; the default depends on what does them.
        verify: For how many epochs it is looked whether all of that has been as in order.
        options: Those of the `SynchronousRunner`.

    Raises:
        ValueError: `on` is something else.
    """

    def __init__(
        self,
        tube: Tube,
        on: str = "threads",
        *,
        workers: int | None = None,
        ahead: int | None = None,
        verify: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(tube, **options)
        if on not in CREWS:
            raise ValueError(f"'on' says what does several things at once, found '{on}': {suggest(on, CREWS, 'crews')}")
        self._on = on
        self._workers = workers or _processors()
        self._ahead = ahead
        self._coroutines = ahead or _COROUTINES
        self._verify = verify

    def _crew(self) -> Crew | None:
        path = CREWS[self._on]
        if path is None:
            return None
        module, _, name = path.partition(".")
        # Who runs a tube on threads doesn't pay for the import of what other crews need.
        crew: Crew = getattr(import_module(f"noob_cli.runners.crews.{module}"), name)(self._workers, self._ahead)
        return Verified(crew, self._verify) if self._verify else crew


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
