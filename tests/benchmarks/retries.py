"""What it costs that a call would be made again if it failed, where it does and where no node says so."""

from __future__ import annotations

from itertools import count, islice
from typing import Any

from tests.benchmarks.by_hand import EPOCHS, NODES, loop_case, run_tube
from tests.benchmarks.epochs import LINEAR
from tests.benchmarks.measure import Case
from tests.benchmarks.nodes import double, increase, negate

_RETRY = {"times": 3, "wait": "1s", "on": ["OSError"]}

RETRIED = {
    "nodes": {
        name: {**node, "retry": _RETRY} if name in ("double", "increase", "negate") else node
        for name, node in LINEAR["nodes"].items()
    }
}

RETRIED_ELSEWHERE = {
    "nodes": {
        **LINEAR["nodes"],
        "never": {"type": f"{NODES}.double", "depends": "number.value", "retry": _RETRY, "enabled": False},
    }
}


def retried(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        attempt = 1
        while True:
            try:
                doubled = double(number)
                break
            except OSError:
                if attempt == 4:
                    raise
            attempt += 1
        attempt = 1
        while True:
            try:
                increased = increase(doubled)
                break
            except OSError:
                if attempt == 4:
                    raise
            attempt += 1
        attempt = 1
        while True:
            try:
                negated = negate(increased)
                break
            except OSError:
                if attempt == 4:
                    raise
            attempt += 1
        results.append(negated)
    return results


def _case(name: str, tube: dict[str, Any], reference: dict[str, Any], at_most: float) -> Case:
    return Case(name, lambda n: run_tube(tube, n), lambda n: run_tube(reference, n), at_most, EPOCHS, 20)


CASES = (
    loop_case("retry", RETRIED, retried),
    _case("retry-everywhere", RETRIED, LINEAR, 1.3),
    _case("retry-unused", RETRIED_ELSEWHERE, LINEAR, 1.03),
)
