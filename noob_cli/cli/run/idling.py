"""A tube that goes round and round with nothing to do, and nothing that it would have to wait for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from noob_cli.cli.shell.messages import report_warning

if TYPE_CHECKING:
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner

_SECONDS_BETWEEN = 1.0

_MOST_EPOCHS = 1_000_000
"""How many epochs may be without a result."""


class IdleWarning:
    """Warns once if a million epochs have had no result, while what is inside of `with` runs.

    Args:
        runner: What makes the epochs.
        writer: What counts the results.
    """

    def __init__(self, runner: SynchronousRunner, writer: ResultWriter) -> None:
        self._runner = runner
        self._writer = writer
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="noob idling", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        self._thread.join()

    def _watch(self) -> None:
        since, results = 0, 0
        while not self._finished.wait(_SECONDS_BETWEEN):
            made = self._runner.made
            if self._writer.results != results:
                since, results = made, self._writer.results
            elif made - since > _MOST_EPOCHS:
                report_warning(
                    f"{made - since} epochs have had no result, and nothing makes the next one wait: the tube has no "
                    "source and gets no records. Let a node wait for what it looks for, or give the run an end with "
                    "'--epochs'"
                )
                return
