"""How the time before the first epoch grows: a chain of ten times as many nodes."""

from __future__ import annotations

from noob_cli import SynchronousRunner, Tube, TubeSpecification
from tests.benchmarks.by_hand import NODES
from tests.benchmarks.measure import Case, Measurement, expect, timed


def chain_of(nodes: int) -> TubeSpecification:
    """A tube that adds 1 in each of its nodes."""
    names = [f"node_{number}" for number in range(nodes)]
    inputs = ["input.start", *(f"{name}.value" for name in names)]
    chain = {name: {"type": f"{NODES}.increase", "depends": given} for name, given in zip(names, inputs, strict=False)}
    return TubeSpecification.model_validate(
        {
            "input": {"start": {"type": "int", "scope": "process"}},
            "nodes": {**chain, "return": {"type": "return", "depends": inputs[-1]}},
        }
    )


def compile_chain(nodes: int) -> Measurement:
    """Resolve, check, lower and compile a chain, and make its first epoch."""
    spec = chain_of(nodes)

    def work() -> tuple[SynchronousRunner, int]:
        runner = SynchronousRunner(Tube.from_specification(spec))
        return runner, runner.process(start=0)

    found = timed(work)
    runner, result = found.result
    expect(result, nodes, f"a chain of {nodes} nodes")
    runner.deinit()
    return Measurement(found.amount)


CASES = (
    Case(
        "chain",
        ours=compile_chain,
        reference=lambda n: compile_chain(n // 10),
        at_most=12,
        size=10_000,
        small=100,
        per_one=False,
        pairs=3,
    ),
)
