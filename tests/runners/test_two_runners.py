"""Two runners of one tube at the same time: neither sees what the other has made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from noob_cli import SynchronousRunner, Tube
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[str] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


class Resource:
    def __enter__(self) -> Resource:
        LOG.append("entered")
        return self

    def __exit__(self, *error: object) -> None:
        LOG.append("exited")


class Total:
    def __init__(self, start: list[int]) -> None:
        self.seen = start

    def process(self, value: int, resource: Resource) -> tuple[list[int], Resource]:
        self.seen.append(value)
        return list(self.seen), resource


def numbers() -> Iterator[int]:
    yield from range(5)


def add(total: int, value: int) -> int:
    return total + value


async def add_awaited(total: int, value: int) -> int:
    await asyncio.sleep(0)
    return total + value


def together(total: int, seen: Any, gathered: list[int]) -> Any:
    return total, seen[0], seen[1], gathered


TUBE = """
    assets:
      resource: {{type: my.Resource, scope: runner}}
      total: {{type: int, scope: runner, depends: add.value}}
    nodes:
      n: {{type: my.numbers}}
      add: {{type: my.{add}, depends: [{{total: assets.total}}, {{value: n.value}}]}}
      seen: {{type: my.Total, params: {{start: []}}, depends: [{{value: n.value}}, {{resource: assets.resource}}]}}
      pairs: {{type: gather, params: {{n: 2}}, depends: n.value}}
      all:
        type: my.together
        depends: [{{total: add.value}}, {{seen: seen.value}}, {{gathered: pairs.value}}]
      return: {{type: return, depends: all.value}}
"""


@pytest.fixture(params=["add", "add_awaited"])
def tube(request) -> Tube:
    return tubes.tube(TUBE.format(add=request.param))


def runner_of(tube: Tube) -> SynchronousRunner:
    """A runner that says of nothing that it was left over."""
    return SynchronousRunner(tube, warn=lambda text: None)


def test_each_has_its_own_sources_assets_nodes_and_gathers(tube):
    one, other = runner_of(tube), runner_of(tube)
    with one, other:
        assert LOG == ["entered", "entered"]
        first = [one.process() for _ in range(4)]
        second = [other.process() for _ in range(2)]
        third = one.process()
        assert (one.epoch, other.epoch) == (4, 1)
        assert (one.assets["total"].obj, other.assets["total"].obj) == (10, 1)
        assert (one.assets["total"].stored_at, other.assets["total"].stored_at) == (4, 1)
    assert third is None
    assert [result and (result[0], result[1], result[3]) for result in first] == [
        None,
        (1, [0, 1], [0, 1]),
        None,
        (6, [0, 1, 2, 3], [2, 3]),
    ]
    assert [result and (result[0], result[1], result[3]) for result in second] == [None, (1, [0, 1], [0, 1])]
    assert first[1][2] is first[3][2]
    assert first[1][2] is not second[1][2]
    assert LOG == ["entered", "entered", "exited", "exited"]


def test_the_end_of_one_leaves_the_other_alone(tube):
    one, other = runner_of(tube), runner_of(tube)
    one.init()
    other.init()
    one.process()
    one.deinit()
    assert LOG == ["entered", "entered", "exited"]
    assert len([result for result in other.iter() if result is not None]) == 2
    assert (one.assets["total"].obj, other.assets["total"].obj) == (0, 10)
    other.deinit()
    assert (one.epoch, other.epoch) == (0, 4)


def test_the_tube_shows_the_assets_of_the_run_that_was_started_last(tube):
    one, other = runner_of(tube), runner_of(tube)
    with one:
        one.process()
        one.process()
        assert tube.assets["total"].stored_at == 1
        with other:
            assert tube.assets["total"].stored_at == -1
            other.process()
            one.process()
            assert (tube.assets["total"].obj, tube.assets["total"].stored_at) == (0, 0)
        assert one.assets["total"].obj == 3
        assert tube.assets["resource"] is other.assets["resource"]


def test_those_of_a_nested_tube(tmp_path):
    (tmp_path / "inner.yaml").write_text(
        "noob_id: inner\n"
        "input: {value: {type: int, scope: process}}\n"
        "assets: {total: {type: int, scope: runner, depends: add.value}}\n"
        "nodes:\n"
        f"  add: {{type: {__name__}.add, depends: [{{total: assets.total}}, {{value: input.value}}]}}\n"
        "  return: {type: return, depends: add.value}\n"
    )
    (tmp_path / "outer.yaml").write_text(
        "noob_id: outer\n"
        "nodes:\n"
        f"  n: {{type: {__name__}.numbers}}\n"
        "  in: {type: tube, params: {tube: inner.yaml}, depends: [{value: n.value}]}\n"
        "  return: {type: return, depends: in.value}\n"
    )
    tube = Tube.from_specification(tmp_path / "outer.yaml")
    one, other = runner_of(tube), runner_of(tube)
    with one, other:
        assert [one.process() for _ in range(3)] == [0, 1, 3]
        assert [other.process() for _ in range(2)] == [0, 1]
        assert (one.assets["in.total"].obj, other.assets["in.total"].obj) == (3, 1)
        assert tube.children["in"].assets["total"].obj == 1


def test_an_iterator_of_a_run_that_has_ended_makes_no_epoch_in_the_next(tube):
    runner = runner_of(tube)
    with runner:
        results = runner.iter()
        next(results)
    with runner:
        assert list(results) == []
        assert runner.epoch == -1


def test_in_two_threads(tube):
    def totals(runner: SynchronousRunner) -> list[int]:
        return [result[0] for result in runner.iter()]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(totals, [runner_of(tube) for _ in range(12)]))
    assert found == [[1, 6]] * 12
    assert sorted(LOG) == ["entered"] * 12 + ["exited"] * 12
