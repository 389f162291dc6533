"""Each pass makes a plan better without changing what a tube returns; each can be left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from noob_cli import Tube
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.passes.passes import PASSES
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Together, When
from noob_cli.runners import linking
from tests.conformance.cases import Case, read_section
from tests.conformance.test_conformance import compare
from tests.conformance.ways import by_process, tube_of

CASES = [case for section in range(1, 9) for case in read_section(section) if case.results is not None]

TUBE = """
nodes:
  a: {type: itertools.count}
  odd: {type: "tests.plan.test_passes.odd", depends: a.value}
  one: {type: "tests.plan.test_passes.slow", depends: odd.value}
  two: {type: "tests.plan.test_passes.slow", depends: odd.value}
  three: {type: str, depends: odd.value}
  four: {type: repr, depends: odd.value}
  return: {type: return, depends: [one.value, two.value, three.value, four.value]}
"""


def odd(number: int) -> int | None:
    return number if number % 2 else None


async def slow(number: int) -> int:
    return number


@pytest.fixture(params=sorted(PASSES))
def without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    passes = [name for name in PASSES if name != request.param]

    def lower_without(tube: Tube, disabled: Collection[str], options: LoweringOptions, **run: Any) -> Plan:
        return lower(tube, disabled, options._replace(passes=passes), **run)

    monkeypatch.setattr(linking, "lower", lower_without)
    return request.param


@pytest.mark.parametrize("case", CASES[::4], ids=lambda case: case.id)
def test_results_are_the_same_without_a_pass(case: Case, without: str, tmp_path: Path) -> None:
    seen = by_process(case, tube_of(case, tmp_path))
    case = case if without != "coroutines" else _without_log(case)
    compare(case, "process", seen)


def _without_log(case: Case) -> Case:
    """Coroutines that are awaited one by one note things in another order."""
    return replace(case, log=None)


def test_coroutines_are_joined(tmp_path: Path) -> None:
    assert _kinds(tmp_path, PASSES)[Together] == 1
    assert Together not in _kinds(tmp_path, ["conditions"])


def test_conditions_are_joined(tmp_path: Path) -> None:
    assert _kinds(tmp_path, PASSES)[When] < _kinds(tmp_path, ["coroutines"])[When]


def _kinds(tmp_path: Path, passes: object) -> dict[type, int]:
    (tmp_path / "tube.yaml").write_text(TUBE)
    plan = lower(Tube.from_specification(tmp_path / "tube.yaml"), options=LoweringOptions(passes=passes))
    kinds: dict[type, int] = {}
    for part in plan.body.walk():
        kinds[type(part)] = kinds.get(type(part), 0) + 1
    return kinds
