"""Each kind of step says what it reads and writes: the Python that it becomes does no more and no less."""

from __future__ import annotations

import ast
import builtins
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from noob_cli.codegen import emission
from noob_cli.codegen.emission import Emission
from noob_cli.codegen.emitters import EMITTERS
from noob_cli.codegen.source import Source
from noob_cli.plan.liveness import read_counts
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.part import Part
from noob_cli.plan.plan import Plan
from noob_cli.plan.reserved_names import RESERVED_NAMES
from tests.conformance.cases import Case, read_section
from tests.conformance.test_conformance import compare
from tests.conformance.ways import by_process, tube_of

CASES = [case for section in range(1, 9) for case in read_section(section) if case.results is not None]
OPTIONS = [{}, {"tracing": True, "timing": True, "undoing": True, "showing": True}]
_NO_VALUES = {*RESERVED_NAMES, *dir(builtins)}


def _no_values_in(plan: Plan) -> set[str]:
    """What has a name in all of the Python of a plan; whatever fails is noted with the epoch."""
    return {*plan.bindings, plan.body.counter}


def _in_code(emitted: Emission, step: Part) -> tuple[set[str], set[str]]:
    """The names that the Python of a step reads, and those that it writes."""
    before = len(str(emitted.source))
    emitted.steps([step])
    code = f"async def step():\n{textwrap.indent(str(emitted.source)[before:], '    ') or '    pass'}"
    names = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    no_values = _NO_VALUES | _no_values_in(emitted.plan)
    values = [name for name in names if name.id not in no_values and not name.id.startswith("left_")]
    read = {name.id for name in values if isinstance(name.ctx, ast.Load)}
    return read, {name.id for name in values if isinstance(name.ctx, ast.Store)}


def _declared(step: Part, *roles: str) -> set[str]:
    return {name for part in step.walk() for name in part.names(*roles)}


@pytest.mark.many
@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "told"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_step_says_what_it_reads_and_writes(case: Case, options: dict[str, bool], tmp_path: Path) -> None:
    plan = lower(tube_of(case, tmp_path), options=LoweringOptions(**options))
    read_at_all = read_counts(plan.body).keys()
    emitted = Emission(plan, Source(), EMITTERS)
    for step in plan.body.walk():
        if type(step) not in EMITTERS:
            continue
        read, written = _in_code(emitted, step)
        assert read <= _declared(step, "Reads", "Writes", "Changes", "Keeps", "Calls"), step
        assert written <= _declared(step, "Writes", "Changes", "Keeps"), step
        if not step.parts:
            # What it writes only now and then stays what it was otherwise.
            assert _declared(step, "Reads") - _no_values_in(plan) - _declared(step, "Writes") <= read, step
            assert _declared(step, "Changes") <= read | written, step
            # What nothing reads is not written.
            assert _declared(step, "Writes") & read_at_all <= written, step


@pytest.mark.many
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_any_step_can_be_a_function_of_its_own(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emission, "_MOST_BLOCKS", 0)
    compare(case, "process", by_process(case, tube_of(case, tmp_path)))


@pytest.mark.parametrize("kind", Part.__subclasses__(), ids=lambda kind: kind.__name__)
def test_the_fields_of_a_step_are_in_the_order_in_which_they_are_used(kind: type[Part]) -> None:
    roles = [role for role in kind.roles.values() if role in ("Reads", "Writes", "Holds")]
    for role, following in pairwise(roles):
        assert (role, following) != ("Writes", "Reads"), kind.fields
