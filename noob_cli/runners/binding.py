"""What a plan is bound to when a run makes epochs with it: names, and the state that is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from noob_cli.codegen.runtime import copied_whole
from noob_cli.errors import UndoError
from noob_cli.nodes.shown import as_called
from noob_cli.plan.place import Place
from noob_cli.plan.plan import (
    ASSET,
    GATHER,
    OVER,
    Binding,
    Fixed,
    MakerOf,
    OfAsset,
    OfCode,
    OfNode,
    Plan,
    RateOf,
    RetryOf,
    StateKey,
)
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.rates import Rates
from noob_cli.runners.starting import Starter
from noob_cli.specification.durations import seconds_between
from noob_cli.tube import Tube


def bound_to(binding: Binding, tube: Tube, starter: Starter, rates: Rates) -> Any:
    """What a name in the generated code is bound to.

    Args:
        binding: What the plan says of it.
        tube: The tube that is run.
        starter: What was made at the start.
        rates: Says how long calls of nodes that have a rate have to wait.
    """
    if isinstance(binding, Fixed):
        return binding.value
    if isinstance(binding, OfNode):
        return (starter.flushes if binding.flush else starter.calls)[binding.node]
    if isinstance(binding, OfAsset):
        return starter.assets.made[binding.asset].obj
    if isinstance(binding, OfCode):
        around, name = tube_around(binding.node, tube)
        kind = around.graph.nodes[name].kind
        return as_called(kind.code, kind)
    if isinstance(binding, MakerOf):
        around, name = tube_around(binding.asset, tube)
        return around.assets.maker(name)
    if isinstance(binding, RateOf):
        return partial(rates.wait, binding.node, seconds_between(binding.rate))
    if isinstance(binding, RetryOf):
        from noob_cli.runners.retry_policy import RetryPolicy

        around, name = tube_around(binding.node, tube)
        return RetryPolicy(binding, around.graph.nodes[name].kind.retried)
    around, name = tube_around(binding.input, tube)
    # What comes with a record is told by the runner, since the epoch has not begun.
    if around is tube:
        return around.adapters[name].validator.validate_python
    return around.validation.validator(name, binding.input)


def owner_of(binding: Binding) -> tuple[str, str]:
    """The node or the asset that has what a name in the generated code is bound to: what it is, and its name."""
    assert isinstance(binding, OfNode | OfAsset)
    return ("node", binding.node) if isinstance(binding, OfNode) else ("asset", binding.asset)


def may_be_several(place: Place, tube: Tube) -> bool:
    """Whether there may be an instance of a node, or an object of an asset, for each worker.

    Args:
        place: The node or asset.
        tube: The tube that is run.
    """
    around, name = tube_around(place.name, tube)
    if place.kind == "node":
        return around.graph.nodes[name].per_worker
    # What is drawn from gets its assets when the run starts.
    at_start = (node for node in around.graph.nodes.values() if node.is_called_at_start)
    is_taken = any(name in node.takes("assets") for node in at_start)
    return around.graph.assets[name].per_worker and not is_taken


def note_finished(plan: Plan, ended: defaultdict[str, set[str]]) -> None:
    """Note of the nested tubes which have nothing to give from the start.

    Args:
        plan: The plan of the tube around them.
        ended: Gets what has ended in each tube, by the tube's name.
    """
    # The innermost first: one that has nothing to give is finished for the one around it.
    for path in sorted(plan.finish, key=lambda path: -path.count(".")):
        if path and plan.finish[path].has_ended(ended[path]):
            around, _, name = path.rpartition(".")
            ended[around].add(name)


def at_first(key: StateKey, plan: Plan, starter: Starter, ended: Mapping[str, Collection[str]]) -> Any:
    """What is kept from epoch to epoch, before the first; what draws from a source is no matter of this.

    Args:
        key: What it is.
        plan: The plan.
        starter: What was made at the start.
        ended: What has ended in each tube, by the tube's name.
    """
    kind, name = key
    if kind == OVER:
        return plan.finish[name].has_ended(ended.get(name, ()))
    if kind == ASSET:
        return starter.assets.made[name].obj
    return [] if kind == GATHER else -1


def refuse_uncopied(
    plan: Plan, state: Mapping[StateKey, Any], on_error: Callable[[BaseException, Place], object]
) -> None:
    """Refuse a carried asset that can't be copied, before the first epoch rather than in it.

    Args:
        plan: The plan.
        state: What is kept from epoch to epoch.
        on_error: Told of the error, and where it came from.

    Raises:
        UndoError: There is one.
    """
    for kept in plan.state:
        if kept.copied is not None:
            try:
                copied_whole(state[kept.key], kept.copied.name, {})
            except UndoError as error:
                on_error(error, kept.copied)
                raise
