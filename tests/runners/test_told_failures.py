"""Who wants to look at what fails is told before it is ended, and once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.runners.failure import Failure
from noob_cli.runners.parallel import ParallelRunner

steps: list[str] = []


def held() -> Iterator[int]:
    try:
        yield 1
    finally:
        steps.append("ended")


def divide(value: int) -> float:
    return 1 / (value - 2)


async def divide_later(value: int) -> float:
    return divide(value)


def refuse() -> None:
    raise ValueError("no")


def tube_of(node: str, scope: str = "process") -> Tube:
    return Tube.from_specification(
        {
            "assets": {"held": {"type": f"{__name__}.held", "scope": scope}},
            "nodes": {
                "n": {"type": "itertools.count"},
                "take": {"type": "operator.add", "depends": ["n.value", "assets.held"]},
                "divide": {"type": f"{__name__}.{node}", "depends": ["n.value"]},
                "too": {"type": f"{__name__}.{node}", "depends": ["n.value"]},
            },
        }
    )


def note(failure: Failure) -> None:
    steps.append(f"{failure.place} in {failure.epoch}")


@pytest.mark.parametrize("node", ["divide", "divide_later"])
@pytest.mark.parametrize(("make", "scope"), [("sync", "process"), ("sync", "runner"), ("threads", "runner")])
def test_of_an_epoch(node: str, make: str, scope: str) -> None:
    steps.clear()
    tube = tube_of(node, scope)
    runner: Any = SynchronousRunner(tube, failed=note) if make == "sync" else ParallelRunner(tube, failed=note)

    with pytest.raises(ZeroDivisionError):
        runner.run()

    before = ["ended"] * 2 if scope == "process" else []
    assert steps == [*before, "the node 'divide' in 2", "ended"]


def test_of_each_that_fails() -> None:
    steps.clear()
    runner = SynchronousRunner(tube_of("divide", "runner"), failed=note)
    with runner:
        for _ in range(4):
            try:
                runner.process()
            except ZeroDivisionError:
                steps.append("raised")

    assert steps == ["the node 'divide' in 2", "raised", "ended"]


def test_of_the_start() -> None:
    steps.clear()
    assets = {
        "held": {"type": f"{__name__}.held", "scope": "runner"},
        "refused": {"type": f"{__name__}.refuse", "scope": "runner"},
    }
    runner = SynchronousRunner(
        Tube.from_specification({"assets": assets, "nodes": {"n": {"type": "itertools.count"}}}), failed=note
    )

    with pytest.raises(ValueError, match="no"):
        runner.init()

    assert steps == ["the asset 'refused' in None", "ended"]
