"""The runner that makes several epochs at once, where nothing keeps them in order."""

from __future__ import annotations

import os
from typing import Any

from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.crews.threads import Threads
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.tube import Tube


class ParallelRunner(SynchronousRunner):
    """Runs a tube as `SynchronousRunner` does, what keeps no state for several epochs at once.

    Example:
        >>> runner = ParallelRunner(tube, on="threads", workers=4)

    Args:
        tube: The tube.
        on: What does several things at once: `threads`, or `processes`.
        workers: How many; by default as many as there are processors.
        ahead: How many epochs may be under way; by default twice as many as there are workers, and two; on
            processes, which get many at once if they are light, 1,000 for each.
        options: Those of the `SynchronousRunner`.

    Raises:
        ValueError: `on` is something else.
    """

    def __init__(
        self, tube: Tube, on: str = "threads", *, workers: int | None = None, ahead: int | None = None, **options: Any
    ) -> None:
        super().__init__(tube, **options)
        if on not in ("threads", "processes"):
            raise ValueError(f"'on' should be 'threads' or 'processes', found {on!r}")
        self._on = on
        self._workers = workers or os.cpu_count() or 1
        self._ahead = ahead or (2 * self._workers + 2 if on == "threads" else 1000 * self._workers)

    def _crew(self) -> Crew | None:
        if self._on == "threads":
            return Threads(self._workers, self._ahead)
        from noob_cli.runners.crews.processes import Processes

        return Processes(self._workers, self._ahead)
