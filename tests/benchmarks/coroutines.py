"""What it gains to await the answers to several epochs at once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from tests.benchmarks.measure import Case, Measurement

SPEC: dict[str, Any] = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "answer": {"type": "tests.benchmarks.coroutines.answered", "depends": "number.value"},
        "return": {"type": "return", "depends": "answer.value"},
    }
}


async def answered(number: int) -> int:
    """Wait as for a server."""
    await asyncio.sleep(0.05)
    return number


def taken_by(runner: SynchronousRunner, n: int) -> Measurement:
    with runner:
        began = time.perf_counter()
        results = list(runner.iter(epochs=n))
        return Measurement(time.perf_counter() - began, results)


CASES: tuple[Case, ...] = (
    Case(
        "twenty-requests-awaited",
        lambda n: taken_by(ParallelRunner(Tube.from_specification(SPEC), on="async", ahead=20), n),
        lambda n: taken_by(SynchronousRunner(Tube.from_specification(SPEC)), n),
        1 / 13,
        size=100,
        small=20,
        pairs=3,
    ),
)
