"""What the names in the generated code are bound to in a run."""

from __future__ import annotations

from typing import Any

from noob_cli.nodes.shown import as_called
from noob_cli.plan.plan import Binding, Fixed, MakerOf, OfAsset, OfCode, OfNode
from noob_cli.runners.given import tube_around
from noob_cli.runners.starting import Starter
from noob_cli.tube import Tube


def bound_to(binding: Binding, tube: Tube, starter: Starter) -> Any:
    """What a name in the generated code is bound to.

    Args:
        binding: What the plan says of it.
        tube: The tube that is run.
        starter: What was made at the start.
    """
    if isinstance(binding, Fixed):
        return binding.value
    if isinstance(binding, OfNode):
        return (starter.flushes if binding.flush else starter.calls)[binding.node]
    if isinstance(binding, OfAsset):
        return starter.assets[binding.asset].obj
    if isinstance(binding, OfCode):
        around, name = tube_around(binding.node, tube)
        kind = around.graph.nodes[name].kind
        return as_called(kind.code, kind)
    if isinstance(binding, MakerOf):
        around, name = tube_around(binding.asset, tube)
        return around.assets.maker(name)
    around, name = tube_around(binding.input, tube)
    # What comes with a record is told by the runner, since the epoch has not begun.
    return around.adapters[name].validator.validate_python if around is tube else around.validator(name, binding.input)
