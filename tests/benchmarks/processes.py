"""What several epochs at once in processes gain where epochs take long, and cost where they don't."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from noob_cli.runners.crews.crew import Crew
from tests.benchmarks.measure import Case, Measurement, iterated
from tests.benchmarks.memory import without_status
from tests.runners.in_line import InLine

NODES = "tests.benchmarks.processes"

SLEEPING = {
    "assets": {"total": {"type": "int", "scope": "runner", "depends": "sum.value"}},
    "nodes": {
        "number": {"type": "itertools.count"},
        "before": {"type": f"{NODES}.slept", "depends": "number.value"},
        "sum": {"type": f"{NODES}.added", "depends": ["before.value", "assets.total"]},
        "after": {"type": f"{NODES}.slept", "depends": "sum.value"},
        "return": {"type": "return", "depends": "after.value"},
    },
}


def one_node(code: str) -> dict[str, Any]:
    return {
        "nodes": {
            "number": {"type": "itertools.count"},
            "x": {"type": code, "depends": "number.value"},
            "return": {"type": "return", "depends": "x.value"},
        }
    }


def added(number: int, total: int) -> int:
    """What is carried."""
    return total + number


def slept(number: int) -> int:
    """Wait as for something elsewhere: four to eight milliseconds."""
    time.sleep(0.004 + number % 5 * 0.001)
    return number


def computed(number: int) -> int:
    """Compute in Python for some three milliseconds."""
    total = number
    for each in range(60_000):
        total = (total + each) % 1_000_003
    return total


_barrier: Barrier
"""Where processes meet before they compute."""


class InStages(SynchronousRunner):
    """Cuts epochs as for processes, and does all of it here."""

    def _crew(self) -> Crew:
        return InLine()


def in_order(
    spec: dict[str, Any], clock: Callable[[], float], n: int, *, kind: type[SynchronousRunner] = SynchronousRunner
) -> Measurement:
    return iterated(kind(Tube.from_specification(spec)), n, clock)


def in_processes(
    spec: dict[str, Any], workers: int, clock: Callable[[], float], n: int, *, is_all: bool = False
) -> Measurement:
    """The same in processes that are there already.

    Args:
        is_all: Whether what the processes have taken counts, too.
    """
    with ParallelRunner(Tube.from_specification(spec), on="processes", workers=workers) as runner:
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        others = [process._popen.pid for process in crew._processes] if is_all else []
        before, began = sum(map(taken_by, others)), clock()
        results = list(runner.iter(epochs=n))
        return Measurement(clock() - began + sum(map(taken_by, others)) - before, results)


def in_order_side_by_side(n: int) -> Measurement:
    """Half of it in each of two processes at the same time, in order.

    Two that compute at once slow each other down, also where they know nothing of each other.
    """
    context = get_context("spawn")
    with context.Pool(2, _meet_at, (context.Barrier(2),)) as pool:
        halves = pool.starmap(_computed_from, [(0, n // 2), (n // 2, n - n // 2)], chunksize=1)
    return Measurement(sum(half.amount for half in halves), [each for half in halves for each in half.result])


def _meet_at(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _computed_from(first: int, n: int) -> Measurement:
    spec = one_node(f"{NODES}.computed")
    spec["nodes"]["number"]["params"] = {"start": first}
    _barrier.wait()
    return in_order(spec, time.process_time, n)


def on_dask(n: int) -> Measurement:
    """The same on a Dask cluster with two processes, which is there already: batches of 75 milliseconds and more."""
    spec = one_node(f"{NODES}.computed")
    with ParallelRunner(Tube.from_specification(spec), on="dask", workers=2) as runner:
        results = runner.iter(epochs=n)
        # It is known then how many go together, and the second process is there.
        first = [next(results) for _ in range(min(40, n // 2))]
        began = time.perf_counter()
        found = [*first, *results]
        return Measurement((time.perf_counter() - began) * n / (n - len(first)), found)


def without_dask() -> str | None:
    """Why it can't be measured what a Dask cluster gains; None if it can."""
    return without_two_processors() if find_spec("distributed") else "distributed is not installed"


def taken_by(process: int) -> float:
    """How many seconds of the processor a process has taken."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def started(n: int) -> Measurement:
    """The start of two processes."""
    tube = Tube.from_specification(one_node("math.sqrt"))
    runner = ParallelRunner(tube, on="processes", workers=2)
    began = time.perf_counter()
    for _ in range(n):
        runner.init()
        taken = time.perf_counter() - began
        runner.deinit()
    return Measurement(taken)


def imported(n: int) -> Measurement:
    """A Python that imports what they can't do without."""
    began = time.perf_counter()
    for _ in range(n):
        subprocess.run([sys.executable, "-c", "import noob_cli.runners.worker"], check=True)
    return Measurement(time.perf_counter() - began)


def without_two_processors() -> str | None:
    return None if len(os.sched_getaffinity(0)) > 1 else "there is one processor"


CASES = (
    *(
        Case(
            f"sleeping-in-{workers}-processes",
            ours=partial(in_processes, SLEEPING, workers, time.perf_counter),
            reference=partial(in_order, SLEEPING, time.perf_counter),
            at_most=at_most,
            size=160,
            small=8,
            pairs=5,
        )
        for workers, at_most in ((2, 0.53), (4, 0.264), (8, 0.139))
    ),
    Case(
        "computing-in-processes",
        ours=partial(in_processes, one_node(f"{NODES}.computed"), 2, time.process_time, is_all=True),
        reference=in_order_side_by_side,
        at_most=1.05,
        size=400,
        small=4,
        pairs=7,
        missing=without_status,
    ),
    Case(
        "computing-elsewhere",
        ours=partial(in_processes, one_node(f"{NODES}.computed"), 2, time.process_time),
        reference=partial(in_order, one_node(f"{NODES}.computed"), time.process_time),
        at_most=0.03,
        size=200,
        small=4,
        pairs=7,
    ),
    Case(
        "computing-in-two-processes",
        ours=partial(in_processes, one_node(f"{NODES}.computed"), 2, time.perf_counter),
        reference=partial(in_order, one_node(f"{NODES}.computed"), time.perf_counter),
        at_most=1 / 1.7,
        size=400,
        small=4,
        pairs=7,
        missing=without_two_processors,
    ),
    Case(
        "computing-on-dask",
        ours=on_dask,
        reference=partial(in_order, one_node(f"{NODES}.computed"), time.perf_counter),
        at_most=1 / 1.5,
        size=400,
        small=4,
        pairs=5,
        missing=without_dask,
    ),
    Case(
        "light-in-processes",
        ours=partial(in_processes, one_node("math.sqrt"), 2, time.process_time),
        reference=partial(in_order, one_node("math.sqrt"), time.process_time, kind=InStages),
        at_most=1.3,
        size=50_000,
        small=200,
        pairs=7,
    ),
    Case(
        "start-of-processes",
        ours=started,
        reference=imported,
        at_most=1.5,
        size=1,
        small=1,
        per_one=False,
        pairs=7,
    ),
)
