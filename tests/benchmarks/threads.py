"""What several epochs at once on threads gain where code in C lets other threads run."""

from __future__ import annotations

import random
import zlib
from typing import Any

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from tests.benchmarks.measure import Case, iterated
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


CASES: tuple[Case, ...] = (
    Case(
        "compressing-on-two-threads",
        lambda n: iterated(ParallelRunner(Tube.from_specification(SPEC), on="threads", workers=2), n),
        lambda n: iterated(SynchronousRunner(Tube.from_specification(SPEC)), n),
        1 / 1.7,
        size=100,
        small=4,
        pairs=7,
        missing=without_two_processors,
    ),
)
