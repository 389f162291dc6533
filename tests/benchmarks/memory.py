"""Whether memory stays flat: in a run of many epochs, and where a large value is carried.

The peak of a run is that of a process of its own, which is this module: `python -m tests.benchmarks.memory EPOCHS ON`.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from tests.benchmarks.by_hand import NODES
from tests.benchmarks.measure import Case, Comparison, Measurement
from tests.benchmarks.nodes import grid_of, raise_first

ROOT = Path(__file__).parents[2]
STATUS = Path("/proc/self/status")

TUBE = {
    "input": {"epochs": {"type": "int"}},
    "assets": {"total": {"type": "int", "scope": "runner", "depends": "add.value"}},
    "nodes": {
        "count": {"type": "itertools.repeat", "params": {"object": 3, "times": "input.epochs"}},
        "square": {"type": "operator.mul", "depends": ["count.value", "count.value"]},
        "add": {"type": "operator.add", "depends": ["square.value", "assets.total"]},
        "result": {"type": "return", "depends": [{"total": "add.value"}]},
    },
}


LIGHT = {
    "nodes": {
        "count": {"type": "itertools.count"},
        "root": {"type": "math.sqrt", "depends": "count.value"},
        "result": {"type": "return", "depends": "root.value"},
    },
}


def peak_after(epochs: int, on: str) -> float:
    """Run the tube in this process; its peak memory in megabytes.

    Args:
        epochs: How many epochs.
        on: What does several at once; `sync` if nothing does.
    """
    if on == "sync":
        runner = SynchronousRunner(Tube.from_specification(TUBE, input={"epochs": epochs}))
        runner.run()
    else:
        runner = ParallelRunner(Tube.from_specification(LIGHT), on=on, workers=2)
        for _ in runner.iter(epochs=epochs):
            pass
    assert runner.made == epochs
    # What `resource` says is no less than the peak of the process that started this one.
    kilobytes = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:")).split()[1]
    return int(kilobytes) / 1024


def without_status() -> str | None:
    return None if STATUS.exists() else f"there is no {STATUS}"


def measure_peak(epochs: int, on: str = "sync") -> Measurement:
    """The same in a process of its own."""
    return Measurement(float(subprocess.check_output([sys.executable, "-m", __name__, str(epochs), on], cwd=ROOT)))


def carrying(megabytes: int) -> dict[str, Any]:
    """A tube that carries a large array, which nobody else receives."""
    grid = {"type": f"{NODES}.grid_of", "scope": "runner", "params": [megabytes], "depends": "raise.grid"}
    return {
        "assets": {"grid": grid},
        "nodes": {
            "raise": {"type": f"{NODES}.raise_first", "depends": "assets.grid"},
            "return": {"type": "return", "depends": "raise.first"},
        },
    }


def carry(megabytes: int) -> Measurement:
    with SynchronousRunner(Tube.from_specification(carrying(megabytes))) as runner:
        return needed(lambda: runner.run(10))


def carry_by_hand(megabytes: int) -> Measurement:
    grid = grid_of(megabytes)

    def work(grid: bytearray) -> list[int]:
        results = []
        for _ in range(10):
            grid, first = raise_first(grid)
            results.append(first)
        return results

    return needed(lambda: work(grid))


def needed(work: Callable[[], Any]) -> Measurement:
    """The most memory that something needs at a time, beyond what is there before."""
    tracemalloc.start()
    try:
        result = work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Measurement(peak / 1024**2, result)


CASES = (
    Case(
        "memory",
        ours=measure_peak,
        reference=lambda n: measure_peak(n // 100),
        at_most=2,
        size=1_000_000,
        small=1_000,
        pairs=3,
        comparison=Comparison.difference,
        missing=without_status,
    ),
    *(
        Case(
            f"memory-on-{on}",
            ours=partial(measure_peak, on=on),
            reference=lambda n, on=on: measure_peak(n // 100, on),
            at_most=2,
            size=1_000_000,
            small=1_000,
            pairs=1,
            comparison=Comparison.difference,
            missing=without_status,
        )
        for on in ("threads", "processes")
    ),
    Case(
        "carried-array",
        ours=carry,
        reference=carry_by_hand,
        at_most=1,
        size=100,
        small=1,
        pairs=3,
        comparison=Comparison.difference,
    ),
)

if __name__ == "__main__":
    print(peak_after(int(sys.argv[1]), sys.argv[2]))
