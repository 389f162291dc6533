"""The Python that a tube becomes, for people to read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from noob_cli.plan.epochs import Form, compile_to_read
from noob_cli.plan.lowering import lower
from noob_cli.plan.steps import Binding, Fixed, OfAsset, OfNode, Plan
from noob_cli.tube import Tube


def readable_source(tube: Tube) -> str:
    """The function that makes the epochs of a tube: one for each record, if each needs one.

    Args:
        tube: The tube, its inputs given.
    """
    plan = lower(tube, tube.disabled)
    form = Form.stream if tube.required_process_inputs else Form.run
    lines = str(compile_to_read(plan, form)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith("def ") and number > 0)
    function = textwrap.dedent("\n".join(line.rstrip() for line in lines[start:]))
    return "\n".join([f"# {tube.name}", *_names(plan), "", "", function, ""])


def _names(plan: Plan) -> Iterator[str]:
    """What the names in it stand for, as comments."""
    for name, binding in plan.bindings.items():
        yield f"# {name}: {_described(binding)}"
    for state in plan.state:
        kind, owner = state.key
        of = f" of '{owner}'" if owner else ""
        yield f"# {state.name}: kept from epoch to epoch: {kind}{of}"


def _described(binding: Binding) -> str:
    if isinstance(binding, OfNode):
        return f"a method of the instance of '{binding.node}'"
    if isinstance(binding, OfAsset):
        return f"the object of the asset '{binding.asset}'"
    return _described_object(binding)


def _described_object(binding: Fixed) -> str:
    value: Any = binding.value
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    text = f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else repr(value)
    text = text.splitlines()[0]
    return text if len(text) <= 80 else f"{text[:77]}..."
