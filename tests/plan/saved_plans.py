"""Runs tubes on plans that were made and pickled by another process, and pickles what they return.

It is given a folder with `jobs`: for each tube its file, its inputs and records, and the plans in the order in which
they were needed.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from noob_cli import SynchronousRunner, Tube
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.plan.plan import Plan


class Job(NamedTuple):
    """A tube that is run.

    Args:
        file: Its file.
        folder: The folder that it is run in.
        input: Its tube-scoped inputs.
        records: Its process-scoped inputs, for each epoch; None if it has none.
        number: How many results are asked for.
    """

    file: Path
    folder: Path
    input: dict[str, Any]
    records: list[dict[str, Any]] | None
    number: int | None


@contextmanager
def plans_passing(handle: Any) -> Iterator[None]:
    """Each plan that is compiled passes through a function."""
    original = CompiledPlan.__init__

    def passing(self: CompiledPlan, plan: Plan, *args: Any, **named: Any) -> None:
        original(self, handle(plan), *args, **named)

    CompiledPlan.__init__ = passing  # type: ignore[method-assign]
    try:
        yield
    finally:
        CompiledPlan.__init__ = original  # type: ignore[method-assign]


@contextmanager
def modules_of(folder: Path) -> Iterator[None]:
    """What is imported from a folder is forgotten at the end."""
    known, path = set(sys.modules), list(sys.path)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and Path(file).is_relative_to(folder):
            del sys.modules[name]


def outcome(job: Job) -> list[str]:
    """What a tube returns, and the error that ends it."""
    found: list[str] = []
    try:
        runner = SynchronousRunner(Tube.from_specification(job.file, input=job.input), warn=lambda _: None)
        results = runner.iter(job.number) if job.records is None else runner.stream(job.records, job.number)
        found += map(repr, results)
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
    return found


def main(folder: Path) -> None:
    """Run all jobs, each with the plans that were pickled for it."""
    jobs: list[tuple[Job, bytes]] = pickle.loads((folder / "jobs").read_bytes())
    outcomes = []
    for job, pickled in jobs:
        plans = iter(pickle.loads(pickled))
        equal: list[bool] = []

        def replaced(plan: Plan, plans: Iterator[Plan] = plans, equal: list[bool] = equal) -> Plan:
            saved = next(plans)
            equal.append(saved == plan)
            return saved

        with plans_passing(replaced), modules_of(job.folder):
            outcomes.append((outcome(job), equal))
    (folder / "outcomes").write_bytes(pickle.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
