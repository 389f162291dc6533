"""Rules on inputs: their types exist, and each is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from noob_cli.check.finding import Finding
from noob_cli.diagnostics import Severity
from noob_cli.graph.graph import Graph
from noob_cli.importing import ModuleFailedError
from noob_cli.spec.input import InputSpecification
from noob_cli.spec.reference import inputs_in, parse_reference
from noob_cli.spec.type_expression import TypeExpressionError, resolve_type, type_adapter


@dataclass
class Inputs:
    """The inputs of a tube, as far as they could be understood.

    Args:
        adapters: What validates each.
        defaults: What each is that is not given.
        findings: What is wrong with the rest.
    """

    adapters: dict[str, TypeAdapter[Any]] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_inputs(inputs: Mapping[str, InputSpecification], folders: Sequence[Path]) -> Inputs:
    """The validators and defaults of a tube's inputs.

    I003 is a type that can't be understood, I005 a default that the type does not admit.

    Args:
        inputs: What the file says of the inputs.
        folders: The folders of the tube, for types that live there.
    """
    found = Inputs()
    for name, spec in inputs.items():
        try:
            adapter = type_adapter(resolve_type(spec.type_, folders))
        except (TypeExpressionError, ModuleFailedError) as error:
            hint = "write a Python type, such as 'int', 'list[str]' or 'pathlib.Path'"
            found.findings.append(Finding("I003", str(error), ("input", name, "type"), hint))
            continue
        found.adapters[name] = adapter
        found.defaults[name] = spec.default
        if spec.default is not None:
            try:
                found.defaults[name] = adapter.validate_python(spec.default)
            except ValidationError as error:
                problem = error.errors(include_url=False, include_context=False)[0]["msg"]
                message = f"the default should be {spec.type_}, found {spec.default!r}: {problem}"
                found.findings.append(Finding("I005", message, ("input", name, "default")))
    return found


def check_unused_inputs(graph: Graph) -> Iterator[Finding]:
    """I004: an input that nothing uses."""
    if graph.broken:
        return
    used = set()
    for node in graph.nodes.values():
        used.update(node.takes("input"))
        used.update(name for name, _ in node.inputs_in_params())
        if isinstance(node.spec.enabled, str):
            used.add(parse_reference(node.spec.enabled).name)
    for asset in graph.assets.values():
        used.update(name for name, _ in inputs_in(asset.spec.params))
    for name in graph.inputs:
        if name not in used:
            message = f"nothing uses the input '{name}'"
            yield Finding("I004", message, ("input", name), at_key=True, severity=Severity.warning)
