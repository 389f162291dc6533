"""Whether memory stays flat: what a run of many epochs adds to that of a shorter one.

Run with `python -m tests.benchmarks.memory [EPOCHS]`. Each measurement is a process of its own, whose peak the
operating system reports.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

from noob_cli import SynchronousRunner, Tube

FEW, MANY = 10_000, 1_000_000
MOST_MEGABYTES = 2.0

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


def measure(epochs: int) -> dict[str, float]:
    """Run the tube in this process; its peak memory in megabytes, and the microseconds per epoch."""
    runner = SynchronousRunner(Tube.from_specification(TUBE, input={"epochs": epochs}))
    start = time.perf_counter()
    runner.run()
    seconds = time.perf_counter() - start
    assert runner.made == epochs
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"megabytes": peak, "microseconds": seconds / epochs * 1e6}


def measure_apart(epochs: int) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.memory", "--measure", str(epochs)]
    found: dict[str, float] = json.loads(subprocess.check_output(command))
    return found


def main() -> int:
    """Print what a long run needs more than a short one; 1 if it is too much."""
    if "--measure" in sys.argv:
        print(json.dumps(measure(int(sys.argv[-1]))))
        return 0
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    few, long = measure_apart(FEW), measure_apart(many)
    more = long["megabytes"] - few["megabytes"]
    print(f"peak after {FEW:,} epochs:  {few['megabytes']:.1f} MB")
    print(f"peak after {many:,} epochs: {long['megabytes']:.1f} MB ({more:+.1f} MB, at most {MOST_MEGABYTES:+.1f})")
    print(f"{long['microseconds']:.2f} microseconds per epoch")
    return 0 if more <= MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
