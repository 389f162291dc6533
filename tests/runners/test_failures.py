"""Where an error came from, and what was given there."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from noob_cli import Asset
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)


def fail(value: Any, other: Any = None) -> None:
    raise ValueError(value)


def same(value: Any) -> Any:
    return value


def pairs() -> Iterator[list[int]]:
    while True:
        yield [1, 2]


class Stuck:
    def __enter__(self) -> int:
        return 1

    def __exit__(self, *error: object) -> None:
        raise OSError("stuck")


def test_values_where_parts_of_the_code_stand_apart():
    depth = 16
    maps = "\n".join(
        f"  m{at}: {{type: map, depends: {f's{at - 1}' if at else 'pairs'}.value}}\n"
        f"  s{at}: {{type: my.pair, depends: [m{at}.value]}}"
        for at in range(depth)
    )
    runner = TUBES.runner(f"nodes:\n  pairs: {{type: my.pairs}}\n{maps}\n  x: {{type: my.fail, depends: [s15.value]}}")

    with runner, pytest.raises(ValueError, match="1"):
        runner.process()

    assert runner.failure.values == {"value": [1, 1]}


def pair(value: int) -> list[int]:
    return [value, value]


def test_a_slot_without_a_value_is_left_out():
    runner = TUBES.runner(
        """
        nodes:
          pairs: {type: my.pairs}
          none: {type: my.nothing, depends: [pairs.value]}
          x: {type: my.fail, depends: [{value: pairs.value}, {other: none.value}]}
        """
    )

    with runner, pytest.raises(ValueError, match="1, 2"):
        runner.process()

    assert runner.failure.values == {"value": [1, 2]}


@pytest.mark.parametrize(
    ("rest", "place", "given"),
    [
        ("x: {type: my.divide, depends: [n.value, z.value]}", "x", {"left": 0, "right": 0}),
        (
            "m: {type: map, depends: pairs.value}\n"
            "  x: {type: my.divide, depends: [{right: m.value}, {left: z.value}]}\n"
            "  g: {type: gather, depends: [{value: x.value}, {n: m.n}]}",
            "x",
            {"left": 0, "right": 0},
        ),
    ],
    ids=["the last node", "a node whose values are gathered"],
)
def test_values_of_a_node_whose_result_has_no_name(rest, place, given):
    last = "g" if "g:" in rest else "x"
    runner = TUBES.runner(
        f"""
nodes:
  n: {{type: itertools.count}}
  z: {{type: operator.mul, depends: [n.value, n.value]}}
  pairs: {{type: my.down, depends: n.value}}
  {rest}
  r: {{type: return, depends: {last}.value}}
"""
    )

    with pytest.raises(ZeroDivisionError) as raised:
        runner.run(3)

    assert raised.value.__notes__ == [f"in the node '{place}', epoch 0"]
    assert runner.failure.values == given


def divide(left: int, right: int) -> float:
    return left / right


def down(value: int) -> list[int]:
    return [2, 1, 0]


def nothing(value: Any) -> Any:
    from noob_cli import NoEvent

    return NoEvent


def test_a_callback_fails_and_not_the_node_whose_event_it_was_given():
    runner = TUBES.runner("nodes:\n  pairs: {type: my.pairs}\n  x: {type: my.same, depends: [pairs.value]}")

    def watch(event):
        if event["node_id"] == "x":
            raise KeyError("watching")

    runner.add_callback(watch)
    with runner, pytest.raises(KeyError) as raised:
        runner.process()

    (note,) = raised.value.__notes__
    assert note == f"in the callback '{watch.__qualname__}', epoch 0"
    assert runner.failure.values == {"x.value": [1, 2]}


def test_a_callback_that_fails_at_the_end_of_an_epoch():
    runner = TUBES.runner("nodes:\n  pairs: {type: my.pairs}")

    def watch(event):
        if event["node_id"] == "meta":
            raise KeyError("watching")

    runner.add_callback(watch)
    with runner, pytest.raises(KeyError):
        runner.process()

    assert str(runner.failure.place) == f"the callback '{watch.__qualname__}'"


def test_what_fails_to_end_comes_after_what_began_it():
    runner = TUBES.runner(
        """
        assets:
          run: {type: my.Stuck, scope: runner}
          epoch: {type: my.Stuck, scope: process}
          call: {type: my.Stuck, scope: node}
        nodes:
          pairs: {type: my.pairs}
          x: {type: my.fail, depends: [assets.call, assets.epoch]}
          y: {type: my.same, depends: [assets.run]}
        """
    )

    with pytest.raises(ExceptionGroup), runner:
        runner.process()

    said = [(each.place.name, each.epoch, each.while_ended) for each in runner.failures]
    assert said == [("x", 0, False), ("call", 0, True), ("epoch", 0, True), ("run", None, True)]
    assert [type(each.error) for each in runner.failures] == [ValueError, OSError, OSError, OSError]


def test_a_failed_epoch_does_not_count_when_a_later_end_fails():
    runner = TUBES.runner(
        """
        assets:
          run: {type: my.Stuck, scope: runner}
        nodes:
          pairs: {type: my.pairs}
          x: {type: my.fail, depends: [assets.run]}
        """
    )
    runner.init()
    with pytest.raises(ValueError, match="1"):
        runner.process()
    with pytest.raises(OSError, match="stuck"):
        runner.deinit()

    assert [each.place.name for each in runner.failures] == ["run"]


class StuckAsync:
    async def __aenter__(self) -> int:
        return 1

    async def __aexit__(self, *error: object) -> None:
        raise OSError("stuck")


def stuck() -> Iterator[int]:
    yield 1
    raise OSError("stuck")


async def stuck_async() -> AsyncIterator[int]:
    yield 1
    raise OSError("stuck")


def unknown():
    return Stuck()


class StuckAsset(Asset):
    def init(self) -> None:
        self.obj = 1

    def deinit(self) -> None:
        raise OSError("stuck")


async def wait(value: Any) -> Any:
    return value


@pytest.mark.parametrize("kind", ["Stuck", "StuckAsync", "stuck", "stuck_async", "unknown", "StuckAsset"])
@pytest.mark.parametrize("taker", ["same", "wait"])
@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_what_fails_at_its_normal_end_failed_while_it_was_ended(scope, kind, taker):
    runner = TUBES.runner(
        f"""
        assets:
          a: {{type: my.{kind}, scope: {scope}}}
        nodes:
          pairs: {{type: my.pairs}}
          x: {{type: my.{taker}, depends: [assets.a]}}
          y: {{type: my.{taker}, depends: [pairs.value]}}
        """
    )

    with pytest.raises(OSError, match="stuck") as raised:
        runner.run(1)

    when = "" if scope == "runner" else ", epoch 0"
    assert raised.value.__notes__ == [f"while the asset 'a' was ended{when}"]
    assert [(each.place.name, each.while_ended) for each in runner.failures] == [("a", True)]


def test_a_failure_can_be_pickled():
    runner = TUBES.runner("nodes:\n  pairs: {type: my.pairs}\n  x: {type: my.fail, depends: [pairs.value]}")
    with runner, pytest.raises(ValueError, match="1, 2"):
        runner.process()
    failure = pickle.loads(pickle.dumps(runner.failure))
    assert str(failure) == "in the node 'x', epoch 0"
    assert failure[1:] == runner.failure[1:]
    assert str(failure.error) == str(runner.failure.error)


async def waits(value: Any, other: Any = None) -> None:
    await asyncio.sleep(60)


async def fails_soon(value: Any) -> None:
    await asyncio.sleep(0)
    raise ValueError(value)


async def fails_when_cancelled(value: Any) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        raise KeyError(value)


def test_what_is_cancelled_beside_a_failure_is_reported_with_it():
    runner = TUBES.runner(
        """
        assets: {x: {type: my.Stuck, scope: node}, y: {type: my.Stuck, scope: node}}
        nodes:
          pairs: {type: my.pairs}
          a: {type: my.waits, depends: [pairs.value, assets.x]}
          b: {type: my.fails_soon, depends: pairs.value}
          c: {type: my.fails_when_cancelled, depends: pairs.value}
          d: {type: my.waits, depends: [pairs.value, assets.y]}
          e: {type: my.waits, depends: pairs.value}
        """
    )

    with runner:
        for epoch in range(2):
            with pytest.raises(ExceptionGroup) as caught:
                runner.process()

            assert [type(error) for error in caught.value.exceptions] == [ValueError, OSError, KeyError, OSError]
            assert [(each.place.name, each.epoch) for each in runner.failures] == [
                (name, epoch) for name in ("b", "x", "y", "c")
            ]
            notes = [note.split(",")[0] for each in caught.value.exceptions for note in each.__notes__]
            assert notes == [
                *["in the node 'b'", "while the asset 'x' was ended"],
                *["in the node 'c'", "while the asset 'y' was ended"],
            ]


def test_what_only_lets_itself_be_cancelled_beside_a_failure_is_not():
    runner = TUBES.runner(
        """
        nodes:
          pairs: {type: my.pairs}
          a: {type: my.waits, depends: [pairs.value]}
          b: {type: my.fails_soon, depends: pairs.value}
        """
    )

    with runner, pytest.raises(ValueError, match="1"):
        runner.process()
    assert [each.place.name for each in runner.failures] == ["b"]
