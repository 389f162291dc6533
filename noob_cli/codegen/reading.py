"""The Python that a tube becomes, for people to read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.plan import Plan
from noob_cli.plan.printing import bound_text
from noob_cli.plan.reserved_names import EXPLAINED
from noob_cli.printable import one_line
from noob_cli.tube import Tube

_NONLOCAL = re.compile(r"\s*nonlocal \w+(, \w+)*")
"""A line that says which names are those of the function around."""

_FUNCTION = re.compile(r"\s*(async )?def ")
"""A line that begins a function."""


def readable_source(tube: Tube) -> str:
    """The function that makes the epochs of a tube: one for each record, if each needs one.

    Args:
        tube: The tube, its inputs given.
    """
    plan = lower(tube, tube.disabled)
    form = Form.stream if tube.required_process_inputs else Form.run
    lines = str(compile_form(plan, form, commented=True)).splitlines()
    start = next(number for number, line in enumerate(lines) if _FUNCTION.match(line) and number > 0)
    # Without the functions around it, that it shares names with them is no Python.
    kept = [line.rstrip() for line in lines[start:] if not _NONLOCAL.fullmatch(line.rstrip())]
    function = textwrap.dedent("\n".join(kept))
    return "\n".join([f"# {one_line(tube.name)}", *_names(plan), *_hooks(function), "", "", function, ""])


def _hooks(function: str) -> Iterator[str]:
    """What the functions are that the runner gives to it, as comments."""
    used = set(re.findall(r"(?<![\w.'\"])[A-Za-z_]+(?![\w'\"])", function))
    for name, meaning in EXPLAINED.items():
        if name in used:
            yield f"# {name}: {meaning}"


def _names(plan: Plan) -> Iterator[str]:
    """What the names in it stand for, as comments."""
    for name, binding in plan.bindings.items():
        yield f"# {name}: {bound_text(binding)}"
    for state in plan.state:
        kind, owner = state.key
        of = f" of '{owner}'" if owner else ""
        yield f"# {state.name}: kept from epoch to epoch: {kind}{of}"
