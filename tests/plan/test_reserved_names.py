"""Nothing of a tube gets a name that the generated code uses itself."""

from __future__ import annotations

import ast
import builtins
from pathlib import Path

import pytest

from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.codegen.reading import readable_source
from noob_cli.codegen.runtime import RUNTIME
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.plan import Plan
from noob_cli.plan.reserved_names import RESERVED_NAMES
from tests.conformance.cases import Case, read_section
from tests.conformance.ways import tube_of

CASES = [case for section in range(1, 9) for case in read_section(section) if case.results is not None]


def names_of_values(plan: Plan) -> set[str]:
    """The names that lowering has given."""
    roles = ("Reads", "Writes", "Changes", "Keeps", "Calls")
    names = {name for part in plan.body.walk() for name in part.names(*roles)}
    kept = [(state.name, state.committed, state.length) for state in plan.state]
    return names | {name for each in kept for name in each if name} | plan.bindings.keys()


def test_what_the_code_calls_is_reserved() -> None:
    assert RUNTIME.keys() <= {*RESERVED_NAMES}


@pytest.mark.many
@pytest.mark.parametrize("case", CASES[::5], ids=lambda case: case.id)
@pytest.mark.parametrize("options", [{}, {"tracing": True, "timing": True, "undoing": True}], ids=["plain", "told"])
def test_the_code_uses_no_other_name(case: Case, options: dict[str, bool], tmp_path: Path) -> None:
    plan = lower(tube_of(case, tmp_path), options=LoweringOptions(**options))
    tree = ast.parse("".join(str(compile_form(plan, form)) for form in Form))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

    unknown = used - names_of_values(plan) - {*RESERVED_NAMES} - {*dir(builtins)}
    assert {name for name in unknown if not name.startswith(("outlined_", "left_"))} == set()


@pytest.mark.many
@pytest.mark.parametrize("case", CASES[::3], ids=lambda case: case.id)
def test_what_is_shown_to_people_explains_each_name(case: Case, tmp_path: Path) -> None:
    text = readable_source(tube_of(case, tmp_path))
    explained = {line[2:].partition(":")[0] for line in text.splitlines() if line.startswith("# ")}
    nodes = list(ast.walk(ast.parse(text)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ExceptHandler)}

    assert {name.id for name in names} - explained - own - {*dir(builtins)} == set()
