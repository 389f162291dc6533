"""A plan prints itself, compares by value, and can be pickled and run by another process."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from noob_cli import Tube
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.plan import Plan
from noob_cli.plan.printing import printed
from noob_cli.plan.steps import Isolate
from noob_cli.specification.search import tube_files
from tests.conformance import nodes
from tests.conformance.cases import Case, read_section
from tests.patience import PATIENCE
from tests.plan.saved_plans import Job, modules_of, outcome, plans_passing

ROOT = Path(__file__).parents[2]
CASES = [case for section in range(1, 9) for case in read_section(section) if case.results is not None]
SAMPLES = list(tube_files(ROOT / "sample_tubes"))
RUN_BY_OTHERS = {"pages", "scraper"}
"""Samples that need a server."""


def _job_of(case: Case, folder: Path) -> Job:
    folder.mkdir()
    return Job(case.write(folder), folder, case.input, case.records, len(case.results or []))


def _job_of_sample(file: Path) -> Job:
    records = [{"line": "1 little line"}] * 3 if file.stem in ("access_log", "tail", "words") else None
    return Job(file, file.parent, {}, records, 3)


def _record(job: Job) -> tuple[list[str], bytes]:
    """What a job returns here, and the plans that it needs."""
    plans: list[Plan] = []

    def recorded(plan: Plan) -> Plan:
        plans.append(plan)
        return plan

    nodes.LOG.clear()
    with plans_passing(recorded), modules_of(job.folder):
        found = outcome(job)
    return found, pickle.dumps(plans)


@pytest.mark.long
@pytest.mark.slow
def test_plans_are_run_by_another_process(tmp_path: Path) -> None:
    jobs = [_job_of(case, tmp_path / case.id) for case in CASES]
    jobs += [_job_of_sample(file) for file in SAMPLES if file.stem not in RUN_BY_OTHERS]
    recorded = [_record(job) for job in jobs]
    pairs = [(job, pickled) for job, (_, pickled) in zip(jobs, recorded, strict=True)]
    (tmp_path / "jobs").write_bytes(pickle.dumps(pairs))

    subprocess.run([sys.executable, "-m", "tests.plan.saved_plans", tmp_path], cwd=ROOT, check=True, timeout=PATIENCE)

    outcomes = pickle.loads((tmp_path / "outcomes").read_bytes())
    for job, (expected, _), (found, are_equal) in zip(jobs, recorded, outcomes, strict=True):
        assert found == expected, job.file
        assert all(are_equal), job.file
    assert sum(len(are_equal) for _, are_equal in outcomes) > len(jobs) / 2


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_plan_prints_each_node_with_its_line(file: Path) -> None:
    tube = Tube.from_specification(file)
    text = printed(lower(tube, tube.disabled))

    for name, node in tube.graph.nodes.items():
        span = tube.document.key_span(node.path)
        assert span is not None
        if node.id != "return":
            assert re.search(rf"the node '{name}', line {span.line}\b", text), text


TUBE = """
input: {x: {type: int, scope: process}}
assets: {total: {type: builtins.int, scope: runner, depends: sum.value}}
nodes:
  sum: {type: operator.add, depends: [input.x, assets.total]}
  return: {type: return, depends: sum.value}
"""


def test_equal_tubes_have_equal_plans(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(TUBE)
    one, other = (Tube.from_specification(tmp_path / "one.yaml") for _ in range(2))
    (tmp_path / "two.yaml").write_text(TUBE.replace("operator.add", "operator.sub"))
    different = Tube.from_specification(tmp_path / "two.yaml")

    assert lower(one) == lower(other)
    assert lower(one) != lower(different)


def test_a_plan_says_what_a_step_keeps(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(TUBE)
    text = printed(lower(Tube.from_specification(tmp_path / "one.yaml")))

    assert re.search(r"Call the node 'sum', line 5: reads x, total; writes \w+", text)
    assert re.search(r"Carried: reads \w+; keeps total, total_stored_at", text)


def test_a_plan_says_that_assets_of_one_signal_share_a_copy(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("""
assets:
  last: {type: builtins.list, scope: runner, depends: made.value}
  again: {type: builtins.list, scope: runner, depends: made.value}
nodes:
  made: {type: builtins.list}
  length: {type: builtins.len, depends: made.value}
""")
    plan = lower(Tube.from_specification(tmp_path / "one.yaml"))

    looks = [part for part in plan.body.walk() if isinstance(part, Isolate)]
    assert [(look.place.name, len(look.held.variables)) for look in looks] == [("length", 2)]


def test_what_is_said_of_calls_stands_in_the_plan() -> None:
    nodes = {
        "number": {"type": "itertools.count"},
        "later": {
            "type": "tests.conformance.nodes.async_same",
            "depends": "number.value",
            "timeout": "5s",
            "rate": "10/s",
            "retry": {"times": 3, "wait": "250ms", "backoff": 1.5, "on": ["OSError", "KeyError"]},
        },
    }
    lines = printed(lower(Tube.from_specification({"nodes": nodes}))).splitlines()

    assert [line.strip() for line in lines if "later" in line] == [
        "bind later_rate: lets 'later' be called 10/s",
        "bind later_retry: lets 'later' be called again 3 times, on OSError, KeyError: after 0.25 s at first, "
        "then 1.5 times as long",
        "end the run when these are finished: later",
        "Retry the node 'later': calls later_retry",
        "Paced the node 'later': calls later_rate",
        "Call the node 'later': reads number; calls async_same; awaited, timeout 5s",
    ]
