"""A tube: loaded, its code found, checked, ready to run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from noob_cli.assets.asset import Asset, asset_of
from noob_cli.assets.registry import AssetRegistry
from noob_cli.check.assets import check_stored_signals, check_unused_assets
from noob_cli.check.code import find_all_code
from noob_cli.check.cycles import check_carried_readers, check_cycles, check_order
from noob_cli.check.entries import read_entries
from noob_cli.check.finding import Finding
from noob_cli.check.inputs import check_unused_inputs, resolve_input_types
from noob_cli.check.slots import (
    check_asset_params,
    check_param_inputs,
    check_references,
    check_returns,
    check_slots,
)
from noob_cli.diagnostics import Diagnostic, Span, suggest
from noob_cli.errors import InputError, TubeError
from noob_cli.graph.graph import Graph, build_graph
from noob_cli.importing import put_first
from noob_cli.nodes.interface import UNREADABLE, Interface, interface_of
from noob_cli.spec.document import Document, read_document
from noob_cli.spec.input import InputScope, InputSpecification
from noob_cli.spec.reference import input_named
from noob_cli.spec.search import find_tube
from noob_cli.spec.tube import ENTRIES, TubeSpecification


@dataclass
class Tube:
    """A tube that is ready to run.

    Args:
        spec: What its file says.
        graph: Its nodes, assets and inputs, with their code.
        document: Its file, with the place of each key and value.
        adapters: What validates its inputs, by name.
        warnings: What was found in it that does not keep it from running.
        input: The values of its tube-scoped inputs.
        assets: Its assets, with their params; there once the inputs are given.
    """

    spec: TubeSpecification
    graph: Graph
    document: Document
    adapters: Mapping[str, TypeAdapter[Any]] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    input: Mapping[str, Any] = field(default_factory=dict)
    assets: AssetRegistry = field(default_factory=lambda: AssetRegistry({}))

    @classmethod
    def from_specification(
        cls,
        spec: TubeSpecification | os.PathLike[str] | str | dict[str, Any],
        input: Mapping[str, Any] | None = None,
    ) -> Tube:
        """Load a tube.

        Example:
            >>> tube = Tube.from_specification("sunspots.yaml", input={"first": 1900})

        Args:
            spec: A path, an id, the tube as a dict, or a specification.
            input: The values of its tube-scoped inputs.

        Returns:
            The tube, ready to run.

        Raises:
            TubeNotFoundError: There is no such file or id.
            TubeError: Something in the tube is wrong.
            InputError: A tube-scoped input is missing, unknown or of a wrong type.
        """
        tube = load_tube(document_of(spec))
        tube.give_inputs(input or {})
        return tube

    @property
    def name(self) -> str:
        """Its id, or, without one, its file's stem."""
        if self.spec.noob_id is not None:
            return self.spec.noob_id
        return self.document.file.stem if self.document.file is not None else "tube"

    @property
    def disabled(self) -> frozenset[str]:
        """The nodes that the file says do not run."""
        return frozenset(name for name, node in self.graph.nodes.items() if not self.resolved(node.spec.enabled))

    @property
    def process_inputs(self) -> dict[str, InputSpecification]:
        """The inputs that come with every epoch."""
        return {name: spec for name, spec in self.graph.inputs.items() if spec.scope is InputScope.process}

    @property
    def required_process_inputs(self) -> list[str]:
        """The inputs without which an epoch can't be made."""
        return [name for name, spec in self.process_inputs.items() if spec.required]

    def give_inputs(self, values: Mapping[str, Any]) -> None:
        """Set the tube-scoped inputs.

        Args:
            values: By name.

        Raises:
            InputError: One is missing, unknown, comes with every epoch, or has a wrong type.
        """
        for name in values:
            self._refuse_unknown(name)
        found: dict[str, Any] = {}
        for name, spec in self.graph.inputs.items():
            if spec.scope is not InputScope.tube:
                continue
            if name in values:
                found[name] = self.validated(name, values[name])
            elif spec.required:
                raise InputError(f"the input '{name}' ({spec.type_}) is missing", name)
            else:
                found[name] = spec.default
        self.input = found
        self.assets = AssetRegistry(
            {
                name: asset_of(asset.code, asset.spec, self.resolved(asset.spec.params))
                for name, asset in self.graph.assets.items()
            }
        )

    def validated(self, name: str, value: Any) -> Any:
        """The value of an input, as its type says.

        Raises:
            InputError: The type does not admit it.
        """
        try:
            return self.adapters[name].validate_python(value)
        except ValidationError as error:
            raise self.wrong_input(name, error) from error

    def wrong_input(self, name: str, error: ValidationError) -> InputError:
        """The error for a value that the type of an input does not admit."""
        first = error.errors(include_url=False, include_context=False)[0]
        at = "".join(f"[{step!r}]" for step in first["loc"])
        given = repr(first["input"])
        given = given if len(given) <= 80 else f"{given[:77]}..."
        expected = self.graph.inputs[name].type_
        message = f"the input '{name}'{at} should be {expected}, given {given}: {first['msg']}"
        return InputError(message, name)

    def resolved(self, value: Any) -> Any:
        """A param with its `input.x`, at any depth, replaced by the inputs they stand for."""
        name = input_named(value)
        if name is not None:
            return self.input[name]
        if isinstance(value, dict):
            return {key: self.resolved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        return value

    def span(self, *path: str | int) -> Span | None:
        """Where the key at a path of its document stands in its file."""
        return self.document.key_span(path)

    def _refuse_unknown(self, name: str) -> None:
        spec = self.graph.inputs.get(name)
        if spec is None:
            raise InputError(f"there is no input '{name}': {suggest(name, self.graph.inputs, 'inputs')}", name)
        if spec.scope is not InputScope.tube:
            raise InputError(f"the input '{name}' comes with every epoch: give it in the records", name)


def document_of(spec: TubeSpecification | os.PathLike[str] | str | dict[str, Any]) -> Document:
    """The document of a tube.

    Args:
        spec: A path, an id, the tube as a dict, or a specification.

    Raises:
        TubeNotFoundError: There is no such file or id.
        TubeError: It can't be read as YAML.
    """
    if isinstance(spec, TubeSpecification):
        without_ids = {section: {"__all__": {"id"}} for section in ENTRIES}
        data = spec.model_dump(by_alias=True, exclude_unset=True, exclude=without_ids)
        return Document(data)
    if isinstance(spec, dict):
        return Document(spec)
    path = find_tube(spec).path if isinstance(spec, str) else Path(spec)
    return read_document(path.read_bytes(), path)


def load_tube(document: Document) -> Tube:
    """The tube that a document describes, its inputs not yet given.

    Raises:
        TubeError: Something in it is wrong; the error has all that is.
    """
    folders = [document.file.resolve().parent, Path.cwd()] if document.file else [Path.cwd()]
    put_first(folders)
    entries = read_entries(document)
    code = find_all_code(entries.spec, folders)
    graph = build_graph(entries.spec, code.kinds, code.assets, frozenset(entries.broken))
    adapters, wrong_types = resolve_input_types(entries.spec.input, folders)
    findings = [*entries.findings, *code.findings, *wrong_types, *_graph_findings(graph)]
    diagnostics = [*document.problems, *(finding.locate(document) for finding in findings)]
    if any(each.is_error for each in diagnostics):
        raise TubeError(_in_order(diagnostics))
    return Tube(entries.spec, graph, document, adapters, tuple(_in_order(diagnostics)))


def _graph_findings(graph: Graph) -> list[Finding]:
    parameters = {name: _asset_parameters(asset.code) for name, asset in graph.assets.items()}
    return [
        *check_references(graph),
        *check_slots(graph),
        *check_asset_params(graph, parameters),
        *check_returns(graph),
        *check_param_inputs(graph),
        *check_cycles(graph),
        *check_carried_readers(graph),
        *check_order(graph),
        *check_stored_signals(graph),
        *check_unused_assets(graph),
        *check_unused_inputs(graph),
    ]


def _asset_parameters(code: Any) -> Interface:
    """What making an asset takes. A subclass of `Asset` does with its params what it wants."""
    return UNREADABLE if isinstance(code, type) and issubclass(code, Asset) else interface_of(code)


def _in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics in the order of the file."""
    return sorted(diagnostics, key=lambda each: (each.span.line, each.span.column) if each.span else (0, 0))
