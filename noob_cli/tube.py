"""A tube that is ready to run: loaded, its inputs given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, Self
from weakref import WeakSet

from noob_cli.assets.asset import arguments_of
from noob_cli.assets.registry import AssetRegistry, Declared
from noob_cli.code.context import InputCollection
from noob_cli.errors import InputError
from noob_cli.graph.graph import Edge, GraphNode
from noob_cli.graph.schedule import Schedule, make_schedule
from noob_cli.loading.input_validation import InputValidation
from noob_cli.loading.loaded import Loaded
from noob_cli.loading.loading import document_of, load
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import NodeKind, Role
from noob_cli.nodes.special import CONCURRENCY, COUNT, NUMBER_FROM_1, is_number_from_1
from noob_cli.secret_inputs import MASKED, is_secret
from noob_cli.specification.document import DocumentFragment
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import INPUT, inputs_in, with_inputs
from noob_cli.specification.tube import TubeSpecification
from noob_cli.spelling import suggest
from noob_cli.wording import count_of, listing, short_repr


class _Runner(Protocol):
    """What a tube asks of its runners."""

    def enable_node(self, node_id: str) -> None: ...

    def disable_node(self, node_id: str) -> None: ...


class Tube:
    """A tube that is ready to run.

    Example:
        >>> Tube.from_specification("sunspots.yaml").name
        'sunspots'

    Args:
        loaded: The tube as it is loaded, its inputs not yet given.

    Attributes:
        spec: What its file says.
        graph: Its nodes, assets and inputs, with their code.
        document: Its file, with the place of each key and value.
        adapters: What validates its inputs, by name.
        defaults: What its inputs are that are not given.
        warnings: What was found in it that does not keep it from running.
        children: The tubes that are nodes of it.
        input: The values of its tube-scoped inputs.
        given: What was given for them.
        assets: Its assets, with their params; there once the inputs are given.
        switched: The nodes that were enabled or disabled from Python, and which of these.
        runners: The runners that were made of it, which are told.
        secrets: The inputs whose values are not shown: by their names, or since they are given from such of the tube
            around.
        validation: Validates the values of its inputs.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.spec = loaded.spec
        self.graph = loaded.graph
        self.document = loaded.document
        self.adapters = loaded.adapters
        self.defaults = loaded.defaults
        self.warnings = loaded.warnings
        self.children = {name: Tube(child) for name, child in loaded.children.items()}
        self.input: Mapping[str, Any] = {}
        self.given: Mapping[str, Any] = {}
        self.assets = AssetRegistry({})
        self.switched: dict[str, bool] = {}
        self.runners: WeakSet[_Runner] = WeakSet()
        self.secrets = {name for name in self.graph.inputs if is_secret(name)}
        self.validation = InputValidation(self.graph.inputs, self.adapters, self.secrets)
        self._schedule: Schedule | None = loaded.schedule

    @classmethod
    def from_specification(
        cls, spec: TubeSpecification | os.PathLike[str] | str | dict[str, Any], input: Mapping[str, Any] | None = None
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
            TypeError: What was given is nothing of that.
        """
        tube = cls.load(spec)
        tube.give_inputs({} if input is None else input)
        return tube

    @classmethod
    def load(cls, spec: TubeSpecification | os.PathLike[str] | str | dict[str, Any]) -> Self:
        """Load a tube whose inputs are given later.

        Args:
            spec: A path, an id, the tube as a dict, or a specification.

        Raises:
            TubeNotFoundError: There is no such file or id.
            TubeError: Something in the tube is wrong.
            TypeError: What was given is nothing of that.
        """
        return cls(load(document_of(spec)))

    def __repr__(self) -> str:
        file = "" if self.document.file is None else f", {self.document.file}"
        assets = f", {count_of(len(self.graph.assets), 'asset')}" if self.graph.assets else ""
        inputs = f", with the inputs {listing(list(self.graph.inputs))}" if self.graph.inputs else ""
        return f"<Tube '{self.name}'{file}: {count_of(len(self.graph.nodes), 'node')}{assets}{inputs}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Itself in the forms that a notebook chooses from: a picture of its graph."""
        # Few have a notebook.
        from noob_cli.drawing.notebook import mimebundle

        return mimebundle(repr(self), self)

    def run(self, records: Iterable[Mapping[str, Any]] | None = None, n: int | None = None) -> list[Any]:
        """Run it to its end, in order, and return what its epochs have returned.

        Example:
            >>> Tube.from_specification("squares.yaml").run(n=2)
            [{'number': 0, 'square': 0}, {'number': 1, 'square': 1}]

        Args:
            records: The inputs of each epoch, by name; None if the tube needs none.
            n: How many results at the most; None for all.

        Returns:
            The results, a list that a notebook shows as a table; empty if the tube has no `return` node.

        Raises:
            InputError: An input is missing or wrong.
            Exception: What a node or an asset raised, with a note that says where.
        """
        # Runners stand above tubes, and import them.
        results: list[Any] = import_module("noob_cli.runners.whole_run").run_whole(self, records, n)
        return results

    @property
    def name(self) -> str:
        """Its id, or, without one, its file's stem, or the name of the node that it stands in."""
        if self.spec.noob_id is not None:
            return self.spec.noob_id
        if isinstance(self.document, DocumentFragment):
            return self.document.name
        return self.document.file.stem if self.document.file is not None else "tube"

    def find_out(self, node: str, kind: NodeKind) -> None:
        """Take a node for what its code has turned out to be when it was called.

        Args:
            node: Its name.
            kind: What it is.
        """
        nodes = {**self.graph.nodes, node: self.graph.nodes[node]._replace(kind=kind)}
        self.graph = self.graph.replace(nodes=nodes)
        self._schedule = None

    @property
    def schedule(self) -> Schedule:
        """Who has a turn when, in an epoch."""
        if self._schedule is None:
            # Something is a source, or none, other than the file let expect.
            self._schedule = make_schedule(self.graph)
        return self._schedule

    def with_nested(self, around: str = "") -> Iterator[tuple[str, Tube]]:
        """Itself and the tubes nested in it, each behind what its names begin with: nothing, `short.`, `a.b.`."""
        yield around, self
        for name, child in self.children.items():
            yield from child.with_nested(f"{around}{name}.")

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
        """The nodes that are enabled. One of them does not run if it needs the signal of a disabled node."""
        return {name: node for name, node in self.nodes.items() if node.enabled}

    @property
    def input_collection(self) -> InputCollection:
        """The values of its tube-scoped inputs, under the name that `RunnerContext` has for them."""
        return self.input

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What the slots of its nodes are connected to, in the order of the file."""
        return self.graph.edges

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
        if not isinstance(node_id, str) or node_id not in self.graph.nodes:
            raise KeyError(f"there is no node '{node_id}': {suggest(str(node_id), self.graph.nodes, 'nodes')}")
        return node_id

    @property
    def process_inputs(self) -> dict[str, InputSpecification]:
        """The inputs that come with every epoch."""
        return self._inputs_of(InputScope.process)

    @property
    def required_process_inputs(self) -> list[str]:
        """The inputs without which an epoch can't be made."""
        return [name for name, spec in self.process_inputs.items() if spec.required]

    @property
    def required_names(self) -> list[str]:
        """The names that every record has to have."""
        return [name for name in self.required_process_inputs if not self.process_inputs[name].record]

    def give_inputs(self, values: Mapping[str, Any], around: Mapping[str, _FromAround] | None = None) -> None:
        """Set the tube-scoped inputs.

        Args:
            values: By name.
            around: For a nested tube, the inputs of the tubes around it that have a value, by name: it takes over
                those that it declares as well and is not given.

        Raises:
            InputError: One is missing, unknown, comes with every epoch, or has a wrong type.
            TypeError: They are no mapping.
        """
        if not isinstance(values, Mapping):
            raise TypeError(f"inputs are values by their names, as a dict has them, found {short_repr(values)}")
        for name in values:
            self._refuse_unknown(name)
        self.given = dict(values)
        inputs: dict[str, Any] = {}
        inheritable = dict(around or {})
        for name, spec in self._inputs_of(InputScope.tube).items():
            if name in values:
                inputs[name] = self.validation.validated(name, values[name])
            elif name in inheritable:
                inputs[name] = self._taken_over(name, inheritable[name])
            elif spec.required:
                message = f"the input '{name}' ({spec.type_}) is missing"
                hint = f"give it with '-i {name}=...', or from Python in 'input'"
                if around is not None:
                    hint = f"give it in 'params', or give the input '{name}' of the tube around it"
                raise InputError(f"{message}: {hint}", name)
            else:
                inputs[name] = self.defaults[name]
                if "default" not in spec.model_fields_set:
                    continue
            inheritable[name] = _FromAround(inputs[name], f"the input '{name}'{self._at(INPUT, name)}")
        self.input = inputs
        self.assets = AssetRegistry(
            {
                name: Declared(asset.code, asset.spec, self.resolved(arguments_of(asset.code, asset.spec.params)))
                for name, asset in self.graph.assets.items()
            }
        )
        self._check_numbers()
        for name, child in self.children.items():
            params = self.graph.nodes[name].spec.params or {}
            child.secrets.update(self._secrets_given_to(name))
            try:
                child.give_inputs(
                    {str(key): self.resolved(value) for key, value in params.items() if key != "tube"}, inheritable
                )
            except InputError as error:
                raise InputError(f"{self._where(name)}: {error.message}", error.input_name) from error

    def _secrets_given_to(self, name: str) -> set[str]:
        """The slots and params of a node that get the value of an input that is not shown."""
        node = self.graph.nodes[name]
        params = (node.spec.params or {}).items()
        secret = {str(key) for key, value in params if any(name in self.secrets for name, _ in inputs_in(value))}
        return secret | set(self.secret_slots(node))

    def secret_slots(self, node: GraphNode) -> Iterator[str]:
        """The slots of a node that get an input whose value is not shown."""
        for argument in node.arguments:
            if argument.reference.is_input and argument.reference.name in self.secrets:
                yield from {str(argument.slot), str(argument.means)}

    def _check_numbers(self) -> None:
        """An `n`, or a `concurrency`, that is an input is known only now."""
        for name, node in self.graph.nodes.items():
            if node.kind.role not in (Role.gather, Role.map):
                continue
            param = COUNT if node.kind.role is Role.gather else CONCURRENCY
            number = self.resolved((node.spec.params or {}).get(param, 1))
            if not is_number_from_1(number):
                raise InputError(f"{self._where(name)}: '{param}' is {NUMBER_FROM_1}, found {number!r}")

    def _where(self, node: str) -> str:
        return f"the node '{node}'{self._at('nodes', node)}"

    def _at(self, section: str, name: str) -> str:
        """Where an entry stands, for a message."""
        span = self.document.key_span((section, name))
        return "" if span is None else f" ({span})"

    def _taken_over(self, name: str, outer: _FromAround) -> Any:
        try:
            return self.validation.validated(name, outer.value)
        except InputError as error:
            raise InputError(f"{error.message} (it is {outer.place} of the tube around it)", name) from error

    def resolved(self, value: Any) -> Any:
        """A param with its `input.x`, at any depth, replaced by the inputs they stand for."""
        return with_inputs(value, self.input)

    def masked(self, value: Any) -> Any:
        """The same, to be shown: what stands for secrets is replaced by something that tells nothing."""
        return with_inputs(value, {**self.input, **dict.fromkeys(self.secrets, MASKED)})

    def _inputs_of(self, scope: InputScope) -> dict[str, InputSpecification]:
        return {name: spec for name, spec in self.graph.inputs.items() if spec.scope is scope}

    def _refuse_unknown(self, name: str) -> None:
        spec = self.graph.inputs.get(name)
        if spec is None:
            raise InputError(f"there is no input '{name}': {suggest(str(name), self.graph.inputs, 'inputs')}", name)
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
