"""What there is to know of a tube before it is run, as facts for scripts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from noob_cli.checkpoints.held import Held, held_assets
from noob_cli.cli.show.asset_table import AssetFacts, asset_facts
from noob_cli.cli.show.stages import StageFacts, stage_facts
from noob_cli.drawing.describing import slot_of
from noob_cli.graph.finish import Finish, finish_of
from noob_cli.graph.graph import GraphNode
from noob_cli.nodes.kinds import Role
from noob_cli.plan.last_epochs import last_epochs
from noob_cli.runners.no_epoch import why_no_epoch
from noob_cli.secret_inputs import MASKED, is_secret
from noob_cli.specification.document import DocumentFragment
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.reference import input_named
from noob_cli.specification.tube import TubeSpecification
from noob_cli.tube import Tube
from noob_cli.wording import listing


class InputFacts(TypedDict):
    """An input."""

    name: str
    type: str
    scope: str
    required: bool
    default: Any
    record: bool
    description: str | None


class SlotFacts(TypedDict):
    """A slot of a node, and what it takes."""

    name: str
    takes: str
    required: bool


class NodeFacts(TypedDict):
    """A node."""

    name: str
    type: str
    kind: str
    slots: list[SlotFacts]
    signals: list[str]
    params: dict[str, Any]
    enabled: bool | str
    loops: list[str]
    stateful: bool
    retry: dict[str, Any] | None
    timeout: str | None
    rate: str | None
    description: str | None


class CheckpointFacts(TypedDict):
    """Whether a checkpoint holds all that a run keeps, and what it holds of each runner-scoped asset."""

    ready: bool
    assets: dict[str, str]


class TubeFacts(TypedDict):
    """All of it. What depends on inputs that are missing is None."""

    id: str
    path: str
    description: str | None
    command: str
    missing_inputs: list[str]
    inputs: list[InputFacts]
    nodes: list[NodeFacts]
    assets: list[AssetFacts]
    sources: list[str]
    end: str | None
    checkpoint: CheckpointFacts | None
    parallel: list[StageFacts] | None


def tube_facts(tube: Tube, name: str, missing: Iterable[str]) -> TubeFacts:
    """What there is to know of a tube.

    Args:
        tube: The tube.
        name: What it is called on the command line: its path.
        missing: The tube-scoped inputs that are required and not given.
    """
    missing = list(missing)
    is_whole = not missing
    return TubeFacts(
        id=tube.name,
        path=name,
        description=tube.spec.description,
        command=command_for(tube.spec, name, has_source=tube.graph.has_source),
        missing_inputs=missing,
        inputs=input_facts(tube.spec),
        nodes=list(_node_facts(tube)),
        assets=asset_facts(tube, name),
        sources=[node.id for node in tube.graph.nodes.values() if node.is_source],
        end=_end_of(tube) if is_whole else None,
        checkpoint=_checkpoint_facts(tube) if is_whole else None,
        parallel=stage_facts(tube) if is_whole else None,
    )


def input_facts(spec: TubeSpecification) -> list[InputFacts]:
    """The facts of every input of a tube.

    Args:
        spec: What its file says.
    """
    return [
        InputFacts(
            name=name,
            type=declared.type_,
            scope=declared.scope.value,
            required=declared.required,
            default=default_of(name, declared),
            record=declared.record,
            description=declared.description,
        )
        for name, declared in spec.input.items()
    ]


def command_for(spec: TubeSpecification, name: str, *, has_source: bool) -> str:
    """A command line that runs a tube, with the types of required inputs in their places.

    Args:
        spec: What its file says.
        name: What it is called.
        has_source: Whether one of its nodes draws its values.
    """
    arguments = ["noob", "run", name]
    required = {key: declared for key, declared in spec.input.items() if declared.required}
    for key, declared in required.items():
        if declared.scope is InputScope.tube:
            arguments += ["-i", f"{key}={declared.type_.upper()}"]
    if any(declared.scope is InputScope.process for declared in required.values()):
        arguments += ["-f", "RECORDS"]
    elif not has_source:
        arguments += ["-n", "10"]
    return shlex.join(arguments)


def default_of(name: str, spec: InputSpecification) -> Any:
    """The default of an input, as it may be shown.

    Args:
        name: The input.
        spec: What the file says of it.
    """
    return MASKED if is_secret(name) and spec.default is not None else spec.default


def _node_facts(tube: Tube, around: str = "") -> Iterator[NodeFacts]:
    """The facts of a tube's nodes, and of those in tubes that stand in the file."""
    for name, node in tube.graph.nodes.items():
        spec = node.spec
        yield NodeFacts(
            name=f"{around}{name}",
            type=spec.type_,
            kind=node.kind.role.value,
            slots=[
                SlotFacts(name=slot_of(argument), takes=f"{around}{argument.reference}", required=not argument.optional)
                for argument in node.arguments
            ],
            signals=[] if node.kind.role is Role.return_ else [signal.name for signal in node.kind.interface.signals],
            params=_params_of(node),
            enabled=spec.enabled,
            loops=[f"{around}{loop}" for loop in tube.schedule.loops.levels[name]],
            stateful=node.stateful,
            retry=None if spec.retry is None else spec.retry.model_dump(mode="json"),
            timeout=spec.timeout,
            rate=spec.rate,
            description=spec.description,
        )
        child = tube.children.get(name)
        # A tube in a file of its own has its own facts.
        if child is not None and isinstance(child.document, DocumentFragment):
            yield from _node_facts(child, f"{around}{name}.")


def _params_of(node: GraphNode) -> dict[str, Any]:
    params = {str(key): value for key, value in (node.spec.params or {}).items()}
    if isinstance(params.get("tube"), dict) and node.kind.role is Role.tube:
        del params["tube"]
    secret = {key for key, value in params.items() if is_secret(key) and input_named(value) is None}
    return params | dict.fromkeys(secret, MASKED)


def _checkpoint_facts(tube: Tube) -> CheckpointFacts:
    held = {asset.name: asset.held for asset in held_assets(tube)}
    return CheckpointFacts(
        ready=Held.nothing not in held.values(), assets={name: state.value for name, state in held.items()}
    )


def _end_of(tube: Tube) -> str:
    """When a run of the tube ends, in words."""
    finish = finish_of(tube.graph, tube.schedule.nodes(), tube.disabled)
    if finish.has_ended(()):
        return f"at once, without an epoch: {why_no_epoch({'': finish}, {})}"
    ends = [*_ends_by_sources(tube, finish)]
    if tube.required_process_inputs:
        ends.append("the records end")
    elif tube.process_inputs and not ends:
        ends.append("the records end, if it is given any")
    if not ends:
        return "when it is stopped: give it an end with '-n' or '--epochs'"
    flushed = [flushing.node for flushing in last_epochs(tube, tube.disabled)]
    then = f"; then {listing(flushed)} {'give' if len(flushed) > 1 else 'gives'} what is held back" if flushed else ""
    return f"when {' or '.join(ends)}{then}"


def _ends_by_sources(tube: Tube, finish: Finish) -> Iterator[str]:
    sources = [name for name, node in tube.graph.nodes.items() if node.is_source and name not in tube.disabled]
    alone = [name for name in sources if finish.has_ended({name})]
    if alone:
        yield f"{'one of ' if len(alone) > 1 else ''}{listing(alone)} has ended"
    elif sources and finish.has_ended(sources):
        yield f"{listing(sources)} have ended"
