"""Looking at a run from time to time, and telling what is seen."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final

from noob_cli.codegen.values import Values, seconds_behind
from noob_cli.plan.place import Place, reference_to
from noob_cli.raised import describe, notes_of
from noob_cli.runners.failure import Failure
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.runners.whereabouts import made_in
from noob_cli.secret_inputs import MASKED
from noob_cli.tube import Tube
from noob_cli.view.display import display
from noob_cli.view.feed import Tell
from noob_cli.view.gate import Gate

_SECONDS_FOR_THE_LAST: Final = 3.0
"""How long the last look may take: a run ends, whatever its values do when they are to be shown."""

_MOST_LETTERS: Final = 4000


class Sampler:
    """Looks at a run ten times in a second, in a thread of its own, while somebody watches.

    Args:
        runner: What makes its epochs, in the thread that makes this.
        results: Says how many results there were.
        gate: What the run waits at.
        tell: Gets what is seen.
    """

    def __init__(self, runner: SynchronousRunner, results: Callable[[], int], gate: Gate, tell: Tell) -> None:
        self._runner = runner
        self._results = results
        self._gate = gate
        self._tell = tell
        self._thread_of_run = threading.get_ident()
        self._began = time.monotonic()
        self._watching = ExitStack()
        self._values: Values | None = None
        self._inputs = dict(_inputs_of(runner.tube))
        self._counts: dict[str, int] = {}
        self._at: tuple[tuple[str, ...], int] = ((), -1)
        self._since = 0.0
        self._finished = threading.Event()
        self._changing = threading.Lock()
        self._thread = threading.Thread(target=self._keep_looking, name="noob view", daemon=True)

    def begin(self) -> None:
        """Begin to look."""
        self._thread.start()

    def end(self) -> None:
        """Look for the last time, at what the run has come to; a value that takes too long to show is left alone."""
        self._finished.set()
        self._thread.join(_SECONDS_FOR_THE_LAST)

    def watch(self, is_watched: bool) -> None:
        """Somebody begins to watch, or nobody does any more.

        Args:
            is_watched: Which of them.
        """
        with self._changing:
            if is_watched == (self._values is not None):
                return
            self._counts.clear()
            self._values = None
            self._watching.close()
            if is_watched:
                self._values = self._watching.enter_context(self._runner.watching())

    def _keep_looking(self) -> None:
        pause = seconds_behind(0)
        while not self._finished.wait(pause):
            begun = time.perf_counter()
            if self._values is not None:
                self._look("running" if self._gate.is_open else "paused")
            pause = seconds_behind(time.perf_counter() - begun)
        self._look("ended")
        self.watch(False)

    def _look(self, state: str) -> None:
        with self._changing:
            facts = dict(self._facts(state))
        self._tell(facts)

    def _facts(self, state: str) -> Iterator[tuple[str, Any]]:
        """All that a page is told now, by what it is about."""
        runner = self._runner
        yield (
            "run",
            {
                "state": state,
                "epochs": runner.made,
                "results": self._results(),
                "seconds": round(time.monotonic() - self._began, 1),
                **self._at_work(),
            },
        )
        if self._values is not None:
            counts = self._values.counts
            for name in dict.fromkeys((*self._values, *self._inputs)):
                if counts.get(name) != self._counts.get(name, -1):
                    value = self._inputs[name] if name in self._inputs else self._values[name]
                    yield f"value {name}", display(value) | {"count": counts.get(name, 0)}
            self._counts = counts
        for name, asset in tuple(runner.assets.items()):
            yield f"value {reference_to('asset', name)}", display(asset.obj)
        for name, timer in runner.measured().items():
            yield f"time {name}", {"calls": timer.calls, "mean": timer.mean, "seconds": timer.seconds}
        for failure in runner.failures:
            yield f"error {failure.place.reference}", _error(failure)

    def _at_work(self) -> dict[str, Any]:
        """The nodes and assets that are at work, and for how long they have been already."""
        at = tuple(dict.fromkeys(place.reference for place in self._places_at_work())), self._runner.made
        if at != self._at:
            self._at, self._since = at, time.monotonic()
        return {"at": at[0], "waiting": int(time.monotonic() - self._since) if at[0] else 0}

    def _places_at_work(self) -> Iterator[Place]:
        run = self._runner.current_run
        if run is None:
            return
        for function in run.strand.stack(sys._current_frames().get(self._thread_of_run)):
            place = made_in(function) or run.compiled_place(function.f_code.co_filename, function.f_lineno)
            if place is not None:
                yield place
                break
        if run.crew is not None:
            yield from run.crew.at_work()


def _inputs_of(tube: Tube) -> Iterator[tuple[str, Any]]:
    """What a tube, and those nested in it, are given, by the names in the drawing; secrets also if they come later."""
    for around, inner in tube.with_nested():
        for name in inner.graph.inputs:
            if name in inner.secrets:
                yield f"{around}input.{name}", MASKED
            elif name in inner.input:
                yield f"{around}input.{name}", inner.input[name]


def _error(failure: Failure) -> dict[str, Any]:
    text = "\n".join([describe(failure.error), *notes_of(failure.error)])
    return {"text": text[:_MOST_LETTERS], "epoch": failure.epoch}
