"""A tube that goes round and round with nothing to do, and nothing that it would have to wait for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from noob_cli.cli.shell.messages import report_warning

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner

_SECONDS_BETWEEN = 1.0

_MOST_EPOCHS = 1_000_000
"""How many epochs may be without a result."""


class IdleWarning:
    """Warns once of a tube that does nothing as fast as it can, while what is inside of `with` runs.

    That is one without a source and without records, of which a million epochs have had no result. Who has said how
    many epochs there are to be knows.

    Args:
        options: What was asked for.
        runner: What makes the epochs.
        writer: What counts the results.
        has_records: Whether each epoch is made for a record.
    """

    def __init__(
        self, options: RunOptions, runner: SynchronousRunner, writer: ResultWriter, *, has_records: bool
    ) -> None:
        graph = runner.tube.graph
        waits = has_records or any(node.is_source for node in graph.nodes.values())
        self._may_idle = not waits and graph.return_node is not None and options.epochs is None
        self._runner = runner
        self._writer = writer
        self._finished = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if self._may_idle:
            self._thread = threading.Thread(target=self._watch, name="noob idling", daemon=True)
            self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        if self._thread is not None:
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
