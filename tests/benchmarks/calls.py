"""What a call from Python costs: an epoch by `process`, and epochs by `iter`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from pydantic import TypeAdapter

from noob_cli import SynchronousRunner, Tube
from tests.benchmarks.by_hand import EPOCHS, NODES
from tests.benchmarks.epochs import LINEAR
from tests.benchmarks.measure import Case, Measurement, timed
from tests.benchmarks.nodes import double, increase, negate

PROCESS: dict[str, Any] = {
    "input": {"number": {"type": "int", "scope": "process"}},
    "nodes": {
        "double": {"type": f"{NODES}.double", "depends": "input.number"},
        "return": {"type": "return", "depends": "double.value"},
    },
}


def records_of(n: int) -> list[dict[str, int]]:
    return [{"number": number} for number in range(n)]


def process(n: int) -> Measurement:
    records = records_of(n)
    with SynchronousRunner(Tube.from_specification(PROCESS)) as runner:

        def work() -> list[int]:
            results = []
            for record in records:
                results.append(runner.process(number=record["number"]))
            return results

        return timed(work)


def process_by_hand(n: int) -> Measurement:
    records = records_of(n)
    adapter = TypeAdapter(int)

    def work() -> list[int]:
        results = []
        for record in records:
            results.append(double(adapter.validate_python(record["number"])))
        return results

    return timed(work)


def iter_(n: int) -> Measurement:
    with SynchronousRunner(Tube.from_specification(LINEAR)) as runner:
        list(runner.iter(epochs=0))

        def work() -> list[int]:
            results = []
            for result in runner.iter(n):
                results.append(result)
            return results

        return timed(work)


def linear() -> Iterator[int]:
    for number in count():
        yield negate(increase(double(number)))


def iter_by_hand(n: int) -> Measurement:
    def work() -> list[int]:
        results = []
        for result in islice(linear(), n):
            results.append(result)
        return results

    return timed(work)


CASES = (
    Case("process", process, process_by_hand, at_most=1.5, size=EPOCHS, small=20),
    Case("iter", iter_, iter_by_hand, at_most=1.5, size=EPOCHS, small=20),
)
