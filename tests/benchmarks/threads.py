"""What several epochs at once on threads gain where code in C lets other threads run."""

from __future__ import annotations

import random
import time
import zlib
from typing import Any

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from tests.benchmarks.measure import Case, Measurement
from tests.benchmarks.processes import without_two_processors

SPEC: dict[str, Any] = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "size": {"type": "tests.benchmarks.threads.compressed", "depends": "number.value"},
        "return": {"type": "return", "depends": "size.value"},
    }
}
DATA = random.Random(0).choices(range(16), k=1 << 20)


def compressed(number: int, data: bytes = bytes(DATA)) -> int:
    """How small 1 MB becomes."""
    return len(zlib.compress(data, 1))


def taken_by(runner: SynchronousRunner, n: int) -> Measurement:
    with runner:
        began = time.perf_counter()
        results = list(runner.iter(epochs=n))
        return Measurement(time.perf_counter() - began, results)


CASES: tuple[Case, ...] = (
    Case(
        "compressing-on-two-threads",
        lambda n: taken_by(ParallelRunner(Tube.from_specification(SPEC), on="threads", workers=2), n),
        lambda n: taken_by(SynchronousRunner(Tube.from_specification(SPEC)), n),
        1 / 1.7,
        size=100,
        small=4,
        pairs=7,
        missing=without_two_processors,
    ),
)
