"""A run that was saved by one runner goes on with any other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from noob_cli.checkpoints.state import Checkpoints
from noob_cli.loading.loaded import Loaded
from noob_cli.loading.loading import document_of, load
from noob_cli.runners.run import Run
from tests.runners.warm import Warm

MY = "tests.checkpoints.test_between_runners"
AHEAD = 4
WARM = Warm(2, AHEAD)
RUNNERS = ("sync", "threads", "processes", "async")
PAIRS = [(*pair, node) for pair in product(RUNNERS, RUNNERS) for node in ("square", "awaited")]
WITH_DASK = [(*pair, "square") for pair in product((*RUNNERS, "dask"), repeat=2) if "dask" in pair]


@pytest.fixture(scope="module", autouse=True)
def _processes() -> Iterator[None]:
    yield
    WARM.close()


@pytest.fixture(scope="module")
def warm_dask() -> Iterator[Any]:
    """A cluster that is there for all that is done on it."""
    pytest.importorskip("distributed")
    from tests.runners.warm_dask import WarmDask

    warm = WarmDask(2, AHEAD)
    yield warm
    warm.close()


def numbers(n: int = 12) -> Iterator[int]:
    yield from range(n)


def square(number: int) -> int:
    return number * number


async def awaited(number: int) -> int:
    await asyncio.sleep(0.001)
    return number * number


class Total:
    def __init__(self) -> None:
        self.total = 0

    def process(self, number: int) -> int:
        self.total += number
        return self.total


CHILD = {
    "input": {"value": {"type": "int", "scope": "process"}},
    "assets": {"seen": {"type": "int", "scope": "runner", "depends": "more.value"}},
    "nodes": {
        "squared": {"type": f"{MY}.square", "depends": "input.value"},
        "more": {"type": "operator.add", "depends": ["squared.value", "assets.seen"]},
        "return": {"type": "return", "depends": "more.value"},
    },
}


def spec(node: str) -> dict[str, Any]:
    return {
        "assets": {"sum": {"type": "int", "scope": "runner", "depends": "add.value"}},
        "nodes": {
            "number": {"type": f"{MY}.numbers"},
            "x": {"type": f"{MY}.{node}", "depends": "number.value"},
            "add": {"type": "operator.add", "depends": ["x.value", "assets.sum"]},
            "y": {"type": f"{MY}.{node}", "depends": "add.value"},
            "total": {"type": f"{MY}.Total", "depends": "y.value"},
            "child": {"type": "tube", "params": {"tube": CHILD}, "depends": [{"value": "number.value"}]},
            "pairs": {"type": "gather", "depends": "total.value", "params": {"n": 2}},
            "return": {
                "type": "return",
                "depends": [
                    *({name: f"{name}.value"} for name in ("number", "add", "total", "child", "pairs")),
                ],
            },
        },
    }


@cache
def loaded(node: str) -> Loaded:
    """The tube as it is found and checked, which is the same for all runs of it."""
    return load(document_of(spec(node)))


def tube_with(node: str) -> Tube:
    tube = Tube(loaded(node))
    tube.give_inputs({})
    return tube


@cache
def results_of(node: str) -> list[Any]:
    """What is returned by a run that nothing interrupts."""
    return list(SynchronousRunner(tube_with(node)).iter())


def runner(on: str, node: str, monkeypatch: pytest.MonkeyPatch, warm: Any = WARM) -> SynchronousRunner:
    tube = tube_with(node)
    if on == "sync":
        return SynchronousRunner(tube)
    made = ParallelRunner(tube, on=on, workers=None if on == "async" else 2, ahead=AHEAD, warn=lambda text: None)
    if on in ("processes", "dask"):
        monkeypatch.setattr(made, "_crew", lambda: warm if on == "dask" else WARM)
    return made


@pytest.mark.many
@pytest.mark.parametrize(("first", "then", "node"), PAIRS)
def test_it_goes_on_with_another(first: str, then: str, node: str, monkeypatch: pytest.MonkeyPatch):
    goes_on_with_another(first, then, node, monkeypatch, WARM)


@pytest.mark.slow
@pytest.mark.parametrize(("first", "then", "node"), WITH_DASK)
def test_it_goes_on_with_another_with_dask(
    first: str, then: str, node: str, monkeypatch: pytest.MonkeyPatch, warm_dask: Any
):
    goes_on_with_another(first, then, node, monkeypatch, warm_dask)


def goes_on_with_another(first: str, then: str, node: str, monkeypatch: pytest.MonkeyPatch, warm: Any) -> None:
    monkeypatch.setattr(Run, "_warn_of_what_is_left", lambda self: None)
    whole = results_of(node)
    assert len(whole) == 12
    for made in (0, 1, 5, 12):
        with runner(first, node, monkeypatch, warm) as running:
            checkpoints = Checkpoints(running)
            checkpoints.check()
            results = list(running.iter(epochs=made))
            saved = checkpoints.save()
        with runner(then, node, monkeypatch, warm) as running:
            Checkpoints(running).restore(saved)
            assert running.epoch == made - 1
            results += running.iter()
        assert results == whole


@pytest.mark.parametrize("node", ["square", "awaited"])
@pytest.mark.parametrize("on", RUNNERS)
def test_what_is_under_way_when_it_is_paused_is_delivered_before_it_is_saved(
    on: str, node: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Run, "_warn_of_what_is_left", lambda self: None)
    whole = results_of(node)
    with runner(on, node, monkeypatch) as running:
        checkpoints, results = Checkpoints(running), []
        checkpoints.check()
        for result in running.iter():
            results.append(result)
            if len(results) == 4:
                running.pause()
        assert 4 <= len(results) <= 4 + AHEAD
        saved = checkpoints.save()
    with runner("sync", node, monkeypatch) as running:
        Checkpoints(running).restore(saved)
        assert [*results, *running.iter()] == whole
