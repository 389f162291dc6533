"""Rules on the types of constants: what stands in `params` can be of the type that the code takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from noob_cli.advice import Advice, respelled
from noob_cli.assets.asset import is_asset_class
from noob_cli.check.disjoint import ExactClass, OneValue, all_disjoint
from noob_cli.check.finding import Finding
from noob_cli.check.inputs import hint_to_fit
from noob_cli.check.types import shown, taken_by_code, taken_by_param
from noob_cli.check.values import described
from noob_cli.code.interface import Interface, Param, interface_of, params_of
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.graph.graph import Graph, GraphAsset
from noob_cli.nodes.kinds import Role
from noob_cli.specification.reference import input_named, inputs_in
from noob_cli.specification.wrong_value import what_is_wrong


def check_constants(graph: Graph) -> Iterator[Finding]:
    """T004: a constant in `params` that can't be what the code takes."""
    # Nodes with the same code share their kind.
    taken: dict[tuple[int, str | None], Sequence[Any]] = {}
    for node in graph.nodes.values():
        if node.kind.role not in (Role.call, Role.source):
            continue
        for param in node.declared:
            key = id(node.kind), param.parameter
            if key not in taken:
                taken[key] = taken_by_param(node, param.parameter)
            yield from _wrong(param, node.spec.type_, taken[key], (*node.path, "params"))
    for asset in graph.assets.values():
        if asset.spec.params and not is_asset_class(asset.code):
            interface = interface_of(asset.code)
            for param in _params_of(asset, interface):
                types = taken_by_code(asset.code, interface, param.parameter)
                yield from _wrong(param, asset.spec.type_, types, (*asset.path, "params"))


def check_constants_for_tubes(
    graph: Graph, inputs: Mapping[str, Mapping[str, tuple[str, TypeAdapter[Any]]]]
) -> Iterator[Finding]:
    """T004 for nested tubes: a constant that the type of an input does not admit, so that it can't run.

    Args:
        graph: The tube around them.
        inputs: The type of each input of each nested tube, by its node, and what validates it.
    """
    for name, of_tube in inputs.items():
        node = graph.nodes.get(name)
        for param in [] if node is None else node.declared:
            if param.key in of_tube and not inputs_in(param.value):
                kind, adapter = of_tube[str(param.key)]
                try:
                    adapter.validate_python(param.value)
                except ValidationError as error:
                    message = what_is_wrong(f"the input '{param.key}' of the tube", kind, error, "found")
                    hint = hint_to_fit(param.value, adapter)
                    yield Finding("T004", message, ("nodes", name, "params", param.key), hint)


def _wrong(param: Param, kind: str, taken: Sequence[Any], path: DocumentPath) -> Iterator[Finding]:
    if not taken or any(hint is type(param.value) for hint in taken) or input_named(param.value) is not None:
        return
    if all_disjoint(_types_of(param.value), taken):
        name = f"position {param.means}" if isinstance(param.means, int) else f"'{param.means}'"
        message = f"{name} of '{kind}' takes {shown(taken[:1])}, found {described(param.value)}"
        changes = respelled(param.value, lambda spelled: any(hint is type(spelled) for hint in taken))
        hint = Advice("write a value of that type, or correct the annotation", *changes)
        yield Finding("T004", message, (*path, param.key), hint, severity=Severity.warning)


def _types_of(value: Any) -> list[Any]:
    """The types of a constant: a list may be meant for a tuple, which YAML has not."""
    if isinstance(value, list):
        return [ExactClass(list), ExactClass(tuple)]
    return [ExactClass(dict)] if isinstance(value, dict) else [OneValue(value)]


def _params_of(asset: GraphAsset, interface: Interface) -> Iterable[Param]:
    params = asset.spec.params or {}
    return params_of(dict(enumerate(params)) if isinstance(params, list) else params, interface)
