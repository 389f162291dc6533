"""The branch tube here and with other libraries for graphs of functions, where they are installed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.benchmarks.by_hand import run_tube
from tests.benchmarks.epochs import BRANCH
from tests.benchmarks.measure import Case, Measurement
from tests.benchmarks.peer_run import PEERS

SCRIPT = Path(__file__).with_name("peer_run.py")


def peer_cases(python: Path) -> list[Case]:
    """A case without a target for each of the peers.

    Args:
        python: The interpreter of an environment that has them, or some.
    """
    return [_case(peer, python) for peer in PEERS]


def _case(peer: str, python: Path) -> Case:
    return Case(
        f"branch-{peer}",
        ours=lambda n: run_tube(BRANCH, n),
        reference=lambda n: _run(peer, python, n),
        at_most=None,
        size=2_000,
        small=20,
        pairs=5,
        missing=lambda: _without(peer, python),
    )


def _run(peer: str, python: Path, epochs: int) -> Measurement:
    found = json.loads(subprocess.check_output([python, SCRIPT, peer, str(epochs)]))
    return Measurement(found["seconds"], found["results"])


def _without(peer: str, python: Path) -> str | None:
    done = subprocess.run([python, "-c", f"import {peer}"], capture_output=True)
    return f"{peer} is not installed" if done.returncode else None
