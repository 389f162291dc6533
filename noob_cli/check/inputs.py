"""Rules on inputs: their types exist, and each is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from noob_cli.check.finding import Finding
from noob_cli.diagnostics import Severity
from noob_cli.graph.graph import Graph
from noob_cli.importing import ModuleFailedError
from noob_cli.spec.input import InputSpecification
from noob_cli.spec.reference import inputs_in, parse_reference
from noob_cli.spec.type_expression import TypeExpressionError, resolve_type, type_adapter


def resolve_input_types(
    inputs: dict[str, InputSpecification], folders: Sequence[Path]
) -> tuple[dict[str, TypeAdapter[Any]], list[Finding]]:
    """The validators of a tube's inputs, and I003 for those whose type can't be understood.

    Args:
        inputs: What the file says of the inputs.
        folders: The folders of the tube, for types that live there.
    """
    adapters: dict[str, TypeAdapter[Any]] = {}
    findings = []
    for name, spec in inputs.items():
        try:
            adapters[name] = type_adapter(resolve_type(spec.type_, folders))
        except (TypeExpressionError, ModuleFailedError) as error:
            hint = "write a Python type, such as 'int', 'list[str]' or 'pathlib.Path'"
            findings.append(Finding("I003", str(error), ("input", name, "type"), hint))
    return adapters, findings


def check_unused_inputs(graph: Graph) -> Iterator[Finding]:
    """I004: an input that nothing uses."""
    if graph.broken:
        return
    used = set()
    for node in graph.nodes.values():
        used.update(node.takes("input"))
        used.update(name for name, _ in inputs_in(node.spec.params))
        if isinstance(node.spec.enabled, str):
            used.add(parse_reference(node.spec.enabled).name)
    for asset in graph.assets.values():
        used.update(name for name, _ in inputs_in(asset.spec.params))
    for name in graph.inputs:
        if name not in used:
            message = f"nothing uses the input '{name}'"
            yield Finding("I004", message, ("input", name), at_key=True, severity=Severity.warning)
