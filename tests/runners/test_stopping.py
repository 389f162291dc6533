"""A run that is asked to stop ends after the epoch under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest

from noob_cli import ParallelRunner, SynchronousRunner
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)

COUNT = """
    nodes:
      n: {type: itertools.count}
      three: {type: my.three, depends: [n.value]}
      item: {type: map, depends: three.value}
      x: {type: my.same, depends: [item.value]}
      return: {type: return, depends: x.value}
    """

LOG: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    LOG.clear()


def three(value: int) -> list[int]:
    return [value] * 3


def same(value: Any) -> Any:
    return value


class Logged:
    runner: SynchronousRunner | None = None

    def __init__(self, name: str, stops: bool = False) -> None:
        self.name = name
        LOG.append(f"made {name}")
        if stops and Logged.runner is not None:
            Logged.runner.stop()

    def __enter__(self) -> str:
        return self.name

    def __exit__(self, *error: object) -> None:
        LOG.append(f"ended {self.name}")


def stopping_at(number: int) -> SynchronousRunner:
    runner = TUBES.runner(COUNT)
    runner.add_callback(lambda event: runner.stop() if (event["node_id"], event["value"]) == ("item", number) else None)
    return runner


def test_the_epoch_under_way_is_finished():
    runner = stopping_at(1)

    assert runner.run(5) == [[0, 0, 0], [1, 1, 1]]
    assert list(stopping_at(2).iter()) == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    # The next run is another one.
    assert not runner.is_stopping


def test_of_records():
    tube = """
        input:
          number: {type: int, scope: process}
        nodes:
          x: {type: my.same, depends: [input.number]}
          return: {type: return, depends: x.value}
        """
    runner = TUBES.runner(tube)
    runner.add_callback(lambda event: runner.stop() if event["value"] == 2 else None)

    assert list(runner.stream({"number": number} for number in range(5))) == [0, 1, 2]


def test_a_run_that_has_not_begun_makes_no_epoch():
    runner = TUBES.runner(COUNT)
    runner.stop()

    assert list(runner.iter(2)) == []
    assert list(runner.iter(2)) == [[0, 0, 0], [1, 1, 1]]


def test_what_a_change_of_the_plan_makes_anew_stops_too():
    runner = TUBES.runner(COUNT)

    def watch(event: Any) -> None:
        if event["node_id"] == "item" and event["value"] == 1:
            runner.disable_node("x")
            runner.stop()

    runner.add_callback(watch)

    assert runner.run(5) == [[0, 0, 0], [1, 1, 1]]


def test_while_it_starts_nothing_more_is_made():
    runner = TUBES.runner(
        """
        assets:
          first: {type: my.Logged, scope: runner, params: [first]}
          second: {type: my.Logged, scope: runner, params: [second, true]}
          third: {type: my.Logged, scope: runner, params: [third]}
        nodes:
          n: {type: itertools.count}
          x: {type: my.same, depends: [assets.third]}
          return: {type: return, depends: n.value}
        """
    )
    Logged.runner = runner

    assert runner.run(3) == []
    assert LOG == ["made first", "made second", "ended second", "ended first"]


@pytest.mark.parametrize("is_failing", [False, True], ids=["succeeding", "failing"])
def test_no_epoch_begins_after_that_of_those_that_may_be_under_way(is_failing):
    tube = TUBES.tube(
        """
        nodes:
          n: {type: my.Numbers, params: {is_failing: $FAILING}}
          x: {type: my.same, depends: [n.value]}
          return: {type: return, depends: x.value}
        """.replace("$FAILING", str(is_failing).lower())
    )
    Logged.runner = runner = ParallelRunner(tube, on="threads", ahead=32)

    with runner, suppress(ValueError):
        assert list(runner.iter()) == [0, 1, 2]
    assert LOG == ["drawn 0", "drawn 1", "drawn 2"]


class Numbers:
    """Counts, and stops the run at two; that it fails there, if it does, doesn't keep it from going on."""

    def __init__(self, is_failing: bool) -> None:
        self.left = count()
        self.is_failing = is_failing

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        number = next(self.left)
        LOG.append(f"drawn {number}")
        if number == 2:
            assert Logged.runner is not None
            Logged.runner.stop()
            if self.is_failing:
                raise ValueError
        return number
