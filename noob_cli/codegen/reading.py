"""The Python that a tube becomes, for people to read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.plan import Plan
from noob_cli.plan.printing import bound_text, kept_text
from noob_cli.plan.reserved_names import EXPLAINED
from noob_cli.printable import one_line
from noob_cli.tube import Tube


def readable_source(tube: Tube) -> str:
    """The function that makes the epochs of a tube: one for each record, if each needs one.

    Args:
        tube: The tube, its inputs given.
    """
    plan = lower(tube, tube.disabled)
    form = Form.stream if tube.required_process_inputs else Form.run
    function = "\n".join(map(str.rstrip, str(compile_form(plan, form, commented=True)).splitlines()))
    return "\n".join([f"# {one_line(tube.name)}", *_names(plan), *_hooks(function), "", "", function, ""])


def _hooks(function: str) -> Iterator[str]:
    """What the functions are that the runner gives to it, as comments."""
    used = {node.id for node in ast.walk(ast.parse(function)) if isinstance(node, ast.Name)}
    for name, meaning in EXPLAINED.items():
        if name in used:
            yield f"# {name}: {meaning}"


def _names(plan: Plan) -> Iterator[str]:
    """What the names in it stand for, as comments."""
    for name, binding in plan.bindings.items():
        yield f"# {name}: {bound_text(binding)}"
    for state in plan.state:
        yield f"# {state.name}: kept from epoch to epoch: {kept_text(state)}"
