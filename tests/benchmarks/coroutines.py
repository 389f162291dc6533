"""What it gains to wait for the answers to several epochs, or to several items of a map, at once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from tests.benchmarks.measure import Case, iterated

SPEC: dict[str, Any] = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "answer": {"type": "tests.benchmarks.coroutines.answered", "depends": "number.value"},
        "return": {"type": "return", "depends": "answer.value"},
    }
}


def map_of(items: int, code: str = "answered", **params: int) -> dict[str, Any]:
    """A tube with a map of so many items, for each of which it waits."""
    return {
        "nodes": {
            "number": {"type": "itertools.count"},
            "items": {"type": "tests.benchmarks.coroutines.several", "depends": "number.value", "params": {"n": items}},
            "each": {"type": "map", "depends": "items.value", "params": params},
            "answer": {"type": f"tests.benchmarks.coroutines.{code}", "depends": "each.value"},
            "answers": {"type": "gather", "depends": ["answer.value", {"n": "each.n"}]},
            "return": {"type": "return", "depends": "answers.value"},
        }
    }


def several(number: int, n: int) -> range:
    return range(number, number + n)


async def answered(number: int) -> int:
    """Wait as for a server."""
    await asyncio.sleep(0.05)
    return number


def waited_for(number: int) -> int:
    """The same, and nobody else goes on meanwhile in the same thread."""
    time.sleep(0.05)
    return number


CASES: tuple[Case, ...] = (
    Case(
        "twenty-requests-awaited",
        lambda n: iterated(ParallelRunner(Tube.from_specification(SPEC), on="async", ahead=20), n),
        lambda n: iterated(SynchronousRunner(Tube.from_specification(SPEC)), n),
        1 / 13,
        size=100,
        small=20,
        pairs=3,
    ),
    Case(
        "twenty-items-awaited",
        lambda n: iterated(SynchronousRunner(Tube.from_specification(map_of(n, concurrency=20))), 1),
        lambda n: iterated(SynchronousRunner(Tube.from_specification(map_of(n))), 1),
        1 / 13,
        size=100,
        small=20,
        pairs=3,
    ),
    Case(
        "twenty-items-on-threads",
        lambda n: iterated(ParallelRunner(Tube.from_specification(map_of(n, "waited_for")), workers=20), 1),
        lambda n: iterated(SynchronousRunner(Tube.from_specification(map_of(n, "waited_for"))), 1),
        1 / 13,
        size=100,
        small=20,
        pairs=3,
    ),
)
