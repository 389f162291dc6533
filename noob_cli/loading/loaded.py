"""A tube that is loaded: all that is known of it before its inputs are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from noob_cli.code.codebase import Codebase
from noob_cli.diagnostics import Diagnostic
from noob_cli.graph.graph import Graph
from noob_cli.graph.schedule import Schedule
from noob_cli.specification.document import Document
from noob_cli.specification.input import InputScope
from noob_cli.specification.tube import TubeSpecification
from noob_cli.struct import Struct, field


class Loaded(Struct):
    """A tube whose code is found and checked.

    Args:
        spec: What its file says.
        graph: Its nodes, assets and inputs, with their code.
        schedule: The order in which its nodes and loops have their turns.
        document: Its file, with the place of each key and value.
        codebase: The code that it may name.
        adapters: What validates its inputs, by name.
        defaults: What its inputs are that are not given.
        children: The tubes that are nodes of it.
        warnings: What was found in it that does not keep it from running.
    """

    spec: TubeSpecification
    graph: Graph
    schedule: Schedule
    document: Document
    codebase: Codebase
    adapters: Mapping[str, TypeAdapter[Any]]
    defaults: Mapping[str, Any]
    children: Mapping[str, Loaded] = field(factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def input_types(self) -> dict[str, tuple[str, TypeAdapter[Any]]]:
        """The type of each input, as the file says it, and what validates it."""
        return {name: (self.graph.inputs[name].type_, adapter) for name, adapter in self.adapters.items()}

    @property
    def tube_inputs(self) -> list[str]:
        """The inputs that are given once."""
        return [name for name, spec in self.graph.inputs.items() if spec.scope is InputScope.tube]

    @property
    def inherited_inputs(self) -> frozenset[str]:
        """The tube-scoped inputs that its nested tubes take over from it or from the tubes around it."""
        inherited = set()
        for name, child in self.children.items():
            own = set(child.tube_inputs)
            if name in self.graph.nodes:
                inherited |= own - (self.graph.nodes[name].spec.params or {}).keys()
            inherited |= child.inherited_inputs - own
        return frozenset(inherited)
