"""Two tubes here and with other libraries for graphs of functions, and for processes, where they are installed."""

from __future__ import annotations

import json
import subprocess
import time
from functools import partial
from pathlib import Path

from tests.benchmarks.by_hand import run_tube
from tests.benchmarks.epochs import BRANCH
from tests.benchmarks.measure import Case, Measure, Measurement
from tests.benchmarks.peer_run import IN_PROCESSES, PEERS
from tests.benchmarks.processes import in_processes, one_node

SCRIPT = Path(__file__).with_name("peer_run.py")
MODULES = {"zmq": "noob.runner.zmq", "dask": "dask.bag"}
"""What is imported of a peer, if that has another name."""


def peer_cases(python: Path) -> list[Case]:
    """A case without a target for each of the peers.

    Args:
        python: The interpreter of an environment that has them, or some.
    """
    light = one_node("math.sqrt")
    return [
        *(_case("branch", peer, python, partial(run_tube, BRANCH), 2_000) for peer in PEERS),
        *(
            _case("light", peer, python, partial(in_processes, light, 2, time.perf_counter), 2_000)
            for peer in IN_PROCESSES
        ),
    ]


def _case(job: str, peer: str, python: Path, ours: Measure, size: int) -> Case:
    return Case(
        f"{job}-{peer}",
        ours=ours,
        reference=lambda n: _run(job, peer, python, n),
        at_most=None,
        size=size,
        small=20,
        pairs=5,
        missing=lambda: _without(peer, python),
    )


def _run(job: str, peer: str, python: Path, epochs: int) -> Measurement:
    found = json.loads(subprocess.check_output([python, SCRIPT, job, peer, str(epochs)]))
    return Measurement(found["seconds"], found["results"])


def _without(peer: str, python: Path) -> str | None:
    done = subprocess.run([python, "-c", f"import {MODULES.get(peer, peer)}"], capture_output=True)
    return f"{peer} is not installed" if done.returncode else None
