"""A tube: loaded, its code found, checked, ready to run."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from weakref import WeakSet

from pydantic import TypeAdapter, ValidationError

from noob_cli.assets.asset import Asset
from noob_cli.assets.registry import AssetRegistry, Declared
from noob_cli.check.assets import check_unused_assets
from noob_cli.check.code import find_all_code
from noob_cli.check.consequences import without_consequences
from noob_cli.check.cycles import check_carried_readers, check_cycles
from noob_cli.check.entries import read_entries
from noob_cli.check.finding import Finding, missing_in
from noob_cli.check.inputs import check_unused_inputs, read_inputs
from noob_cli.check.loops import check_flushing, check_gathers, check_loops, flushes
from noob_cli.check.params import check_asset_params, check_params, check_start_methods
from noob_cli.check.references import (
    check_broken_entries,
    check_param_inputs,
    check_references,
    check_stored_signals,
    without_references,
)
from noob_cli.check.slots import check_returns, check_slots
from noob_cli.code.compatibility import extends
from noob_cli.code.context import InputCollection
from noob_cli.code.finding import ModuleFailedError, put_first
from noob_cli.code.interface import Interface, interface_of, params_of
from noob_cli.code.looking import is_class, is_subclass
from noob_cli.diagnostics import Diagnostic, DocumentPath, Span, nearest, suggest
from noob_cli.errors import InputError, TubeError, TubeNotFoundError
from noob_cli.garbage import not_looked_for
from noob_cli.graph.graph import Edge, Graph, GraphAsset, GraphNode, build_graph
from noob_cli.nodes.kinds import NodeKind, Role
from noob_cli.nodes.special import COUNT, tube_kind
from noob_cli.secret_inputs import MASKED, is_secret
from noob_cli.specification.document import Document, DocumentPart, open_document
from noob_cli.specification.extends import folders_of, merge_extended
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import INPUT, Reference, input_named, with_inputs
from noob_cli.specification.search import WHERE_TO_LOOK, find_tube
from noob_cli.specification.tube import ENTRIES, TubeSpecification
from noob_cli.specification.type_expression import TypeExpressionError, resolve_type
from noob_cli.specification.wrong_value import what_is_wrong
from noob_cli.working_folder import working_folders

MOST_NESTED = 80
"""How deep tubes may be nested."""

MOST_TUBES = 1_000
"""How many tubes may be nested in one."""


class _Runner(Protocol):
    """What a tube asks of its runners."""

    def enable_node(self, node_id: str) -> None: ...

    def disable_node(self, node_id: str) -> None: ...


@dataclass(eq=False, repr=False)
class Tube:
    """A tube that is ready to run.

    Example:
        >>> Tube.from_specification("sunspots.yaml").name
        'sunspots'

    Args:
        spec: What its file says.
        graph: Its nodes, assets and inputs, with their code.
        document: Its file, with the place of each key and value.
        adapters: What validates its inputs, by name.
        defaults: What its inputs are that are not given.
        children: The tubes that are nodes of it.
        warnings: What was found in it that does not keep it from running.
        input: The values of its tube-scoped inputs.
        assets: Its assets, with their params; there once the inputs are given.
        switched: The nodes that were enabled or disabled from Python, and which of these.
        runners: The runners that were made of it, which are told.
    """

    spec: TubeSpecification
    graph: Graph
    document: Document
    adapters: Mapping[str, TypeAdapter[Any]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    children: Mapping[str, Tube] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    input: Mapping[str, Any] = field(default_factory=dict)
    assets: AssetRegistry = field(default_factory=lambda: AssetRegistry({}))
    switched: dict[str, bool] = field(default_factory=dict)
    runners: WeakSet[_Runner] = field(default_factory=WeakSet)
    secrets: set[str] = field(init=False)
    """The inputs whose values are not shown: by their names, or since they are given from such of the tube around."""

    def __post_init__(self) -> None:
        self.secrets = {name for name in self.graph.inputs if is_secret(name)}

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
        """Its id, or, without one, its file's stem, or the name of the node that it stands in."""
        if self.spec.noob_id is not None:
            return self.spec.noob_id
        if isinstance(self.document, DocumentPart):
            return self.document.name
        return self.document.file.stem if self.document.file is not None else "tube"

    def find_out(self, node: str, kind: NodeKind) -> None:
        """Take a node for what its code has turned out to be when it was called.

        Args:
            node: Its name.
            kind: What it is.
        """
        nodes = {**self.graph.nodes, node: self.graph.nodes[node]._replace(kind=kind)}
        self.graph = replace(self.graph, nodes=nodes)

    @property
    def nodes(self) -> dict[str, NodeSpecification]:
        """Its nodes by name, in the order of the file: what that says of them, and whether they are enabled now.

        Example:
            >>> [name for name, node in tube.nodes.items() if node.type_ == "map"]
            ['each']
        """
        disabled = self.disabled
        return {
            name: node.spec.model_copy(update={"enabled": name not in disabled})
            for name, node in self.graph.nodes.items()
        }

    @property
    def enabled_nodes(self) -> dict[str, NodeSpecification]:
        """Those of its nodes that run, unless they need one that doesn't."""
        return {name: node for name, node in self.nodes.items() if node.enabled}

    @property
    def input_collection(self) -> InputCollection:
        """The values of its tube-scoped inputs, under the name that `RunnerContext` has for them."""
        return self.input

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What the slots of its nodes are connected to, in the order of the file."""
        return tuple(
            Edge(
                *argument.reference,
                node.id,
                None if isinstance(node.spec.depends, str) else argument.slot,
                not argument.optional,
            )
            for node in self.graph.nodes.values()
            for argument in node.arguments
        )

    @property
    def disabled(self) -> frozenset[str]:
        """The nodes that do not run: as the file says, unless they were enabled or disabled since."""
        enabled = {name: self.resolved(node.spec.enabled) for name, node in self.graph.nodes.items()} | self.switched
        return frozenset(name for name, is_enabled in enabled.items() if not is_enabled)

    def enable_node(self, node_id: str) -> None:
        """Let a node run from the next epoch on, in all runners of the tube.

        Raises:
            KeyError: There is no such node.
        """
        self.switched[self.known(node_id)] = True
        for runner in self.runners:
            runner.enable_node(node_id)

    def disable_node(self, node_id: str) -> None:
        """Let a node, and those that need its signals, not run from the next epoch on, in all runners of the tube.

        Raises:
            KeyError: There is no such node.
        """
        self.switched[self.known(node_id)] = False
        for runner in self.runners:
            runner.disable_node(node_id)

    def known(self, node_id: str) -> str:
        """The name of a node.

        Raises:
            KeyError: There is no such node.
        """
        if node_id not in self.graph.nodes:
            raise KeyError(f"there is no node '{node_id}': {suggest(node_id, self.graph.nodes, 'nodes')}")
        return node_id

    @property
    def process_inputs(self) -> dict[str, InputSpecification]:
        """The inputs that come with every epoch."""
        return self._inputs_of(InputScope.process)

    @property
    def required_process_inputs(self) -> list[str]:
        """The inputs without which an epoch can't be made."""
        return [name for name, spec in self.process_inputs.items() if spec.required]

    def give_inputs(self, values: Mapping[str, Any], around: Mapping[str, _FromAround] | None = None) -> None:
        """Set the tube-scoped inputs.

        Args:
            values: By name.
            around: For a nested tube, the inputs of the tubes around it that have a value, by name: it takes over
                those that it declares as well and is not given.

        Raises:
            InputError: One is missing, unknown, comes with every epoch, or has a wrong type.
        """
        for name in values:
            self._refuse_unknown(name)
        found: dict[str, Any] = {}
        known = dict(around or {})
        for name, spec in self._inputs_of(InputScope.tube).items():
            if name in values:
                found[name] = self.validated(name, values[name])
            elif name in known:
                found[name] = self._taken_over(name, known[name])
            elif spec.required:
                message = f"the input '{name}' ({spec.type_}) is missing"
                hint = f"give it with '-i {name}=...', or from Python in 'input'"
                if around is not None:
                    hint = f"give it in 'params', or give the input '{name}' of the tube around it"
                raise InputError(f"{message}: {hint}", name)
            else:
                found[name] = self.defaults[name]
                if "default" not in spec.model_fields_set:
                    continue
            known[name] = _FromAround(found[name], f"the input '{name}'{self._at(INPUT, name)}")
        self.input = found
        self.assets = AssetRegistry(
            {
                name: Declared(asset.code, asset.spec, self.resolved(_asset_params(asset)))
                for name, asset in self.graph.assets.items()
            }
        )
        self._check_gathers()
        for name, child in self.children.items():
            params = self.graph.nodes[name].spec.params or {}
            child.secrets |= self._secrets_given_to(name)
            try:
                child.give_inputs(
                    {str(key): self.resolved(value) for key, value in params.items() if key != "tube"}, known
                )
            except InputError as error:
                raise InputError(f"{self._where(name)}: {error.message}", error.input_name) from error

    def _secrets_given_to(self, name: str) -> set[str]:
        """The slots and params of a node that get the value of an input that is not shown."""
        node = self.graph.nodes[name]
        params = {str(key) for key, value in (node.spec.params or {}).items() if self._has_secret(value)}
        return params | set(self.secret_slots(node))

    def _has_secret(self, value: Any) -> bool:
        if isinstance(value, dict | list):
            return any(map(self._has_secret, value.values() if isinstance(value, dict) else value))
        return input_named(value) in self.secrets

    def secret_slots(self, node: GraphNode) -> Iterator[str]:
        """The slots of a node that get an input whose value is not shown."""
        for each in node.arguments:
            if each.reference.is_input and each.reference.name in self.secrets:
                yield from {str(each.slot), str(each.means)}

    def _check_gathers(self) -> None:
        """An `n` that is an input is known only now."""
        for name, node in self.graph.nodes.items():
            number = self.resolved((node.spec.params or {}).get(COUNT, 1))
            if node.kind.role is Role.gather and not (type(number) is int and number > 0):
                raise InputError(f"{self._where(name)}: 'n' is a whole number from 1 on, found {number!r}")

    def _where(self, node: str) -> str:
        return f"the node '{node}'{self._at('nodes', node)}"

    def _at(self, section: str, name: str) -> str:
        """Where an entry stands, for a message."""
        span = self.document.key_span((section, name))
        return "" if span is None else f" ({span})"

    def _taken_over(self, name: str, outer: _FromAround) -> Any:
        try:
            return self.validated(name, outer.value)
        except InputError as error:
            raise InputError(f"{error.message} (it is {outer.place} of the tube around it)", name) from error

    @property
    def taken_over(self) -> frozenset[str]:
        """The tube-scoped inputs that its nested tubes take over from it or from the tubes around it."""
        found = set()
        for name, child in self.children.items():
            own = child._inputs_of(InputScope.tube).keys()
            found |= own - (self.graph.nodes[name].spec.params or {}).keys() if name in self.graph.nodes else set()
            found |= child.taken_over - own
        return frozenset(found)

    def validated(self, name: str, value: Any) -> Any:
        """The value of an input, as its type says.

        Raises:
            InputError: The type does not admit it.
        """
        try:
            return self.adapters[name].validate_python(value)
        except ValidationError as error:
            raise self.wrong_input(name, error) from self.cause_of_wrong(name, error)

    def takes_anything(self, name: str) -> bool:
        """Whether an input admits all values as they are."""
        return bool(self.adapters[name].core_schema["type"] == "any")

    def validator(self, name: str, qualified: str) -> Callable[[Any], Any]:
        """What validates values of an input; it raises what `validated` does.

        Args:
            name: The input.
            qualified: What it is called in a message: with the names of the nodes around it.
        """
        validate = self.adapters[name].validator.validate_python

        def validated(value: Any) -> Any:
            try:
                return validate(value)
            except ValidationError as error:
                raise self.wrong_input(name, error, qualified) from self.cause_of_wrong(name, error)

        return validated

    def cause_of_wrong(self, name: str, error: ValidationError) -> ValidationError | None:
        """Why an input is refused; that shows what was given, so that it is nothing for one that is not shown."""
        return None if name in self.secrets else error

    def wrong_input(self, name: str, error: ValidationError, qualified: str | None = None) -> InputError:
        """The error for a value that the type of an input does not admit."""
        expected = self.graph.inputs[name].type_
        subject = f"the input '{qualified or name}'"
        if name in self.secrets:
            # The words of a validator may have the value in them, and so has a key on the way to it.
            return InputError(f"{subject} should be {expected}, given {MASKED}", name)
        return InputError(what_is_wrong(subject, expected, error), name)

    @property
    def _validated(self) -> dict[str, tuple[str, TypeAdapter[Any]]]:
        """The type of each input, as the file says it, and what validates it."""
        return {name: (self.graph.inputs[name].type_, adapter) for name, adapter in self.adapters.items()}

    def resolved(self, value: Any) -> Any:
        """A param with its `input.x`, at any depth, replaced by the inputs they stand for."""
        return with_inputs(value, self.input)

    def masked(self, value: Any) -> Any:
        """The same, to be shown: what stands for secrets is replaced by something that tells nothing."""
        name = input_named(value)
        if name is not None:
            return MASKED if name in self.secrets else self.input.get(name, value)
        if isinstance(value, dict):
            return {key: self.masked(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.masked(item) for item in value]
        return value

    def _inputs_of(self, scope: InputScope) -> dict[str, InputSpecification]:
        return {name: spec for name, spec in self.graph.inputs.items() if spec.scope is scope}

    def _refuse_unknown(self, name: str) -> None:
        spec = self.graph.inputs.get(name)
        if spec is None:
            raise InputError(f"there is no input '{name}': {suggest(name, self.graph.inputs, 'inputs')}", name)
        if spec.scope is not InputScope.tube:
            raise InputError(f"the input '{name}' comes with every epoch: give it in the records", name)


class _FromAround(NamedTuple):
    """A tube-scoped input of a tube around a nested one.

    Args:
        value: Its value.
        place: What it is, in words, with its place in the file.
    """

    value: Any
    place: str


def document_of(spec: TubeSpecification | os.PathLike[str] | str | dict[str, Any]) -> Document:
    """The document of a tube.

    Args:
        spec: A path, an id, the tube as a dict, or a specification.

    Raises:
        TubeNotFoundError: There is no such file or id, or it can't be opened.
        TubeError: It can't be read as YAML.
    """
    if isinstance(spec, TubeSpecification):
        without_ids = {section: {"__all__": {"id"}} for section in ENTRIES}
        return Document(spec.model_dump(by_alias=True, exclude_unset=True, exclude=without_ids))
    if isinstance(spec, dict):
        return Document(spec)
    found = find_tube(os.fspath(spec))
    return open_document(*found)


@dataclass(eq=False, repr=False)
class _Around:
    """The tubes around one that is nested in them.

    Args:
        files: The files that they stand in, the outermost first.
        depth: How many there are.
        numbers: Counts the tubes that are nested in the outermost.
        inputs: The tube-scoped inputs that they declare.
    """

    files: tuple[Path, ...] = ()
    depth: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    inputs: frozenset[str] = frozenset()

    def and_one_in(self, file: Path | None, inputs: Mapping[str, InputSpecification]) -> _Around:
        """With one more, which stands in a file and has some inputs."""
        files = self.files if file is None else (*self.files, file.resolve())
        declared = {name for name, spec in inputs.items() if spec.scope is InputScope.tube}
        return _Around(files, self.depth + 1, self.numbers, self.inputs | declared)

    def refuse_more(self, path: DocumentPath, span: Span | None) -> None:
        """Y007, in a `TubeError`, if another tube can't be nested in them."""
        if self.depth > MOST_NESTED:
            message = f"tubes are nested more than {MOST_NESTED} deep here"
        elif (number := next(self.numbers)) > MOST_TUBES:
            if number > MOST_TUBES + 1:
                # It has been said of the first.
                raise TubeError([])
            message = f"more than {MOST_TUBES:,} tubes are nested in one, and those in them counted each time"
        else:
            return
        raise TubeError([Diagnostic("Y007", message, path, span, "put what they do into fewer tubes")])


def load_tube(document: Document) -> Tube:
    """The tube that a document describes, its inputs not yet given.

    Args:
        document: The document.

    Raises:
        TubeError: Something in it is wrong; the error has all that is.
    """
    tube, found = _examined(document, _Around())
    if any(each.is_error for each in found):
        raise TubeError(found)
    return replace(tube, warnings=tuple(found))


def diagnostics_of(document: Document) -> list[Diagnostic]:
    """All that is wrong with a tube and with those nested in it, types along the edges included, in order.

    Args:
        document: The document that describes it.
    """
    tube, found = _examined(document, _Around())
    return _in_order([*found, *type_findings(tube)])


def _examined(document: Document, around: _Around) -> tuple[Tube, list[Diagnostic]]:
    """A tube, as far as it can be made, and what is wrong with it. If that are errors, it lacks what they are about."""
    document = merge_extended(document)
    with not_looked_for():
        entries = read_entries(document)
    nested = _Nested(document, entries.spec, around)
    own = folders_of(document)
    folders = list(dict.fromkeys([*own[:1], *working_folders(), *own[1:], *nested.folders]))
    put_first(folders)
    code = find_all_code(entries.spec, entries.types, folders, nested.kinds)
    inputs = read_inputs(entries.spec.input, folders)
    with not_looked_for():
        graph = build_graph(entries.spec, code.kinds, code.assets, frozenset(entries.broken))
        in_graph, sound = _graph_findings(graph, document.data)
    known = {problem.path for problem in document.problems} | ({("extends",)} if not document.is_whole else set())
    findings = without_consequences(
        [*entries.findings, *nested.findings, *code.findings, *inputs.findings, *in_graph], known
    )
    diagnostics = [
        *document.problems,
        *(finding.locate(document) for finding in findings),
        *dict.fromkeys(nested.diagnostics),
    ]
    tube = Tube(entries.spec, sound, document, inputs.adapters, inputs.defaults, nested.tubes)
    is_whole = not graph.broken and not any(each.is_error for each in diagnostics)
    if is_whole and graph.nodes:
        passed_over = entries.passed_over | {Reference(INPUT, name) for name in tube.taken_over}
        diagnostics += [finding.locate(document) for finding in _unused(graph, passed_over)]
    return tube, _in_order(diagnostics)


def type_findings(tube: Tube) -> list[Diagnostic]:
    """What is wrong with the types along the edges of a tube, and of those nested in it.

    It is not asked before a run: the answer takes the reading of annotations, and what it is about may not be reached.

    Args:
        tube: A tube, as far as it could be loaded.
    """
    # A run doesn't import what only the command `validate` needs.
    from noob_cli.check.constants import check_constants, check_constants_for_tubes
    from noob_cli.check.types import check_types

    folders = folders_of(tube.document)
    types = {}
    for name, spec in tube.graph.inputs.items():
        with suppress(TypeExpressionError, ModuleFailedError):
            types[name] = resolve_type(spec.type_, folders)
    findings = [
        *check_types(tube.graph, types, tube.defaults),
        *check_constants(tube.graph),
        *check_constants_for_tubes(tube.graph, {name: child._validated for name, child in tube.children.items()}),
    ]
    found = [finding.locate(tube.document) for finding in findings]
    for child in tube.children.values():
        found += type_findings(child)
    return _in_order(found)


class _Nested:
    """The tubes that are nodes of another.

    Args:
        document: The document of the tube around them.
        spec: What it says.
        around: The tubes around that.
    """

    def __init__(self, document: Document, spec: TubeSpecification, around: _Around) -> None:
        self.tubes: dict[str, Tube] = {}
        self.kinds: dict[str, NodeKind] = {}
        self.folders: list[Path] = []
        self.findings: list[Finding] = []
        self.diagnostics: list[Diagnostic] = []
        self._document = document
        self._around = around.and_one_in(document.file, spec.input)
        for name, node in spec.nodes.items():
            if node.type_ == "tube":
                params = node.params or {}
                if isinstance(params.get("tube"), str | dict):
                    self._load(name, params["tube"], bool(node.depends))
                else:
                    self.findings.append(_without_tube(name, params))

    def _load(self, name: str, reference: str | dict[str, Any], has_depends: bool) -> None:
        path = ("nodes", name, "params", "tube")
        try:
            document = self._open(reference, path)
        except TubeError as error:
            self.diagnostics += error.diagnostics
            return
        self.tubes[name], found = _examined(document, self._around)
        self.diagnostics += found
        self.folders += folders_of(self.tubes[name].document)
        if not any(each.is_error for each in found):
            self.kinds[name] = _kind_of(self.tubes[name], has_depends, self._around.inputs)

    def _open(self, reference: str | dict[str, Any], path: DocumentPath) -> Document:
        document = self._document
        self._around.refuse_more(path, document.value_span(path))
        if isinstance(reference, dict):
            return document.part(path)
        origin = document.file_of(path)
        span = document.value_span(path)
        try:
            found = find_tube(reference, None if origin is None else origin.resolve().parent)
            file = found.path
            files = self._around.files
            if file.resolve() in files:
                way = " → ".join(each.name for each in [*files[files.index(file.resolve()) :], file])
                hint = "take it out of one of them: an epoch of it would never end"
                raise TubeError([Diagnostic("G017", f"this tube contains itself: {way}", path, span, hint)])
            return open_document(*found)
        except TubeNotFoundError as error:
            raise TubeError([Diagnostic("G016", str(error), path, span, WHERE_TO_LOOK)]) from None


def _without_tube(name: str, params: Collection[str | int]) -> Finding:
    """G016: a node of type `tube` is not told which."""
    path = ("nodes", name)
    meant = nearest("tube", tuple(map(str, params)))
    hint = "give it an id, a path, or a tube that stands there"
    if meant is not None:
        hint = f"did you mean 'tube' by '{meant}'?"
    return Finding(
        "G016",
        f"'{name}' is a tube and needs the param 'tube'",
        path,
        hint,
        at_key=True,
        explains=missing_in(path),
        explained_by=((*path, "params"), ("extends",)),
    )


def _kind_of(tube: Tube, has_depends: bool, around: Collection[str]) -> NodeKind:
    """A tube as a node. The tube-scoped inputs that a tube around it declares as well, it need not be given."""
    scopes: dict[InputScope, dict[str, bool]] = {scope: {} for scope in InputScope}
    for name, spec in tube.graph.inputs.items():
        scopes[spec.scope][name] = spec.required and not (spec.scope is InputScope.tube and name in around)
    returned = tube.graph.return_node
    signals = [] if returned is None else [signal.name for signal in returned.kind.interface.signals]
    return tube_kind(
        scopes[InputScope.process],
        scopes[InputScope.tube],
        signals,
        is_source=tube.graph.has_source and not has_depends,
        flush=next((node.id for node in tube.graph.nodes.values() if flushes(node)), None),
    )


def _unused(graph: Graph, passed_over: Collection[Reference]) -> Iterator[Finding]:
    yield from check_unused_assets(graph, passed_over)
    yield from check_unused_inputs(graph, passed_over)


def _graph_findings(graph: Graph, data: Any) -> tuple[list[Finding], Graph]:
    """What is wrong with a graph, and the graph without the edges that it is about."""
    parameters = {name: _asset_parameters(asset.code) for name, asset in graph.assets.items()}
    found = [
        *check_references(graph),
        *check_stored_signals(graph),
        *check_broken_entries(graph, data),
        *check_slots(graph),
        *check_params(graph),
        *check_start_methods(graph),
        *check_gathers(graph),
        *check_asset_params(graph, parameters),
        *check_returns(graph),
        *check_param_inputs(graph),
    ]
    sound = without_references(graph, {finding.path for finding in found})
    wrong = {str(finding.path[1]) for finding in found if finding.path[0] == "nodes" and finding.is_error}
    return [
        *found,
        *check_cycles(sound),
        *check_carried_readers(sound),
        *check_loops(sound, wrong),
        *check_flushing(sound, wrong),
    ], sound


def _asset_parameters(code: Any) -> Interface:
    """What making an asset takes. A subclass of `Asset` does with its params what it wants."""
    parameters = interface_of(code)
    if not (is_class(code) and (is_subclass(code, Asset) or extends(code, "Asset"))):
        return parameters
    own = {name: slot for name, slot in parameters.slots.items() if name not in Asset.model_fields}
    return parameters._replace(slots=own, any_positions=True, any_names=True)


def _asset_params(asset: GraphAsset) -> Mapping[str | int, Any] | list[Any] | None:
    """The arguments of what makes an asset, each by how it is given."""
    params = asset.spec.params
    if not isinstance(params, dict) or all(isinstance(key, str) for key in params):
        return params
    return {each.slot: each.value for each in params_of(params, _asset_parameters(asset.code))}


def _in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics in the order of the file; of what stands there once and is used often, by its aliases, one."""
    different: dict[Any, Diagnostic] = {}
    for each in diagnostics:
        place = each.path if each.span is None else each.span
        different.setdefault((each.code, each.message, place), each)
    return sorted(different.values(), key=_order)


def _order(diagnostic: Diagnostic) -> tuple[str, int, int]:
    span = diagnostic.span
    return ("", 0, 0) if span is None else (str(span.file), span.line, span.column)
