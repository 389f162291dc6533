"""What it takes to plan and compile a tube of many carried assets, compared with one of two such."""

from __future__ import annotations

from types import CodeType
from typing import Any

from noob_cli import Tube
from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.plan.lowering.lowering import lower
from tests.benchmarks.measure import Case, Comparison, Measurement, timed
from tests.benchmarks.memory import needed

MANY, FEW = 20, 2


def tube_of(assets: int, nodes: int) -> Tube:
    """A tube in which so many nodes get what is stored in the assets, behind the nodes that store it."""
    stored = {
        f"asset_{at}": {"type": "list", "scope": "runner", "depends": f"store_{at}.value"} for at in range(assets)
    }
    storing = {f"store_{at}": {"type": "list", "depends": "source.value"} for at in range(assets)}
    later = {f"later_{at}": {"type": "len", "depends": [f"store_{at % assets}.value"]} for at in range(nodes)}
    source: dict[str, Any] = {"type": "itertools.repeat", "params": {"object": [1]}}
    return Tube.from_specification({"assets": stored, "nodes": {"source": source, **storing, **later}})


def compiled(tube: Tube) -> CodeType:
    """The function that makes all epochs of a run, and those of which it is made."""
    return compile(str(compile_form(lower(tube), Form.run)), "<tube>", "exec")


def planned(assets: int, nodes: int) -> Measurement:
    """Plan and compile it."""
    tube = tube_of(assets, nodes)
    return Measurement(timed(lambda: compiled(tube)).amount, nodes)


def memory(assets: int, nodes: int) -> Measurement:
    """The same, for what it takes of memory."""
    tube = tube_of(assets, nodes)
    return Measurement(needed(lambda: compiled(tube)).amount, nodes)


CASES = (
    Case(
        "carried-assets",
        ours=lambda nodes: planned(MANY, nodes),
        reference=lambda nodes: planned(FEW, nodes),
        at_most=1.2,
        size=2_000,
        small=20,
        pairs=5,
    ),
    Case(
        "carried-assets-memory",
        ours=lambda nodes: memory(MANY, nodes),
        reference=lambda nodes: memory(FEW, nodes),
        at_most=10,
        size=2_000,
        small=20,
        pairs=3,
        comparison=Comparison.difference,
    ),
)
