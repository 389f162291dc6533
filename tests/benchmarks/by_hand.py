"""Cases whose reference is a loop that is written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from noob_cli import SynchronousRunner, Tube
from tests.benchmarks.measure import Case, Measurement, timed

NODES = "tests.benchmarks.nodes"
"""The module of the nodes, which tubes name and loops import."""

EPOCHS = 10_000
"""Of a run whose time is judged: enough that a start doesn't count, and not so many that the results, which both sides
keep, need ever more memory from the operating system, and that costs more than what is compared."""


def run_tube(tube: Mapping[str, Any], epochs: int) -> Measurement:
    """What `run` takes for a number of epochs; the start and the stop of the runner are not counted."""
    with SynchronousRunner(Tube.from_specification(dict(tube))) as runner:
        # What makes no epoch compiles the function that makes them.
        runner.run(0)
        return timed(lambda: runner.run(epochs))


def loop_case(
    name: str,
    tube: Mapping[str, Any],
    loop: Callable[[int], list[Any]],
    *,
    at_most: float = 1.5,
    epochs: int = EPOCHS,
) -> Case:
    """A case that compares `run` with a loop.

    Args:
        name: Of the case.
        tube: What is run.
        loop: Does the same so many times, and returns the results.
        at_most: The target.
        epochs: How many, in a run whose time is judged.
    """
    return Case(
        name,
        ours=lambda n: run_tube(tube, n),
        reference=lambda n: timed(lambda: loop(n)),
        at_most=at_most,
        size=epochs,
        small=20,
    )
