"""A call of a coroutine that takes too long is cancelled, and has ended before anything else is done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from noob_cli import AsyncRunner, ParallelRunner, SynchronousRunner
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)
LOG: list[str] = []

IN_TIME = """
    nodes:
      n: {type: my.numbers}
      x: {type: my.CALLED, depends: [n.value], timeout: 200ms}
      after: {type: my.noted, depends: [n.value, x.value]}
      return: {type: return, depends: after.value}
    """


@pytest.fixture(autouse=True)
def _forget() -> None:
    LOG.clear()


def numbers() -> Any:
    yield from range(3)


async def second_hangs(value: int) -> int:
    try:
        if value == 1:
            await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        LOG.append(f"{value} has ended")
    return value


async def returns_all_the_same(value: int) -> int:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return -value
    return value


async def fails_when_cancelled(value: int) -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise KeyError(value) from None


async def has_a_timeout_inside(value: int) -> int:
    async with asyncio.timeout(0.001):
        await asyncio.Event().wait()
    return value


class Slow:
    async def process(self, value: int) -> int:
        return await second_hangs(value)


def noted(value: int, of_x: int) -> int:
    LOG.append(f"after {value}")
    return of_x


def runner(called: str, kind: Any = SynchronousRunner, **options: Any) -> Any:
    return kind(TUBES.tube(IN_TIME.replace("CALLED", called)), **options)


@pytest.mark.parametrize("called", ["second_hangs", "Slow"])
def test_the_epoch_fails_and_the_next_is_made(called: str) -> None:
    with runner(called) as one:
        results = [one.process()]
        with pytest.raises(TimeoutError, match="it has taken longer than 200ms") as caught:
            one.process()
        results.append(one.process())

    assert results == [0, 2]
    assert LOG == ["0 has ended", "after 0", "1 has ended", "2 has ended", "after 2"]
    assert caught.value.__notes__ == ["in the node 'x', epoch 1"]
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)


def test_so_it_is_where_several_epochs_are_under_way() -> None:
    one = runner("second_hangs", ParallelRunner, on="async", warn=pytest.fail)
    results = one.iter()
    assert next(results) == 0
    with pytest.raises(TimeoutError, match="200ms"):
        next(results)
    one.deinit()


def test_so_it_is_in_an_event_loop_of_others() -> None:
    async def run() -> None:
        async with runner("second_hangs", AsyncRunner) as one:
            await one.process()
            with pytest.raises(TimeoutError, match="200ms"):
                await one.process()

    asyncio.run(run())


def test_what_it_returns_when_it_is_cancelled_is_its_result() -> None:
    assert runner("returns_all_the_same").run() is None
    assert list(runner("returns_all_the_same").iter()) == [0, -1, -2]


def test_what_it_raises_when_it_is_cancelled_is_its_error() -> None:
    with pytest.raises(KeyError):
        runner("fails_when_cancelled").run()


def test_a_timeout_of_its_own_is_not_this_one() -> None:
    with pytest.raises(TimeoutError) as caught:
        runner("has_a_timeout_inside").run()
    assert str(caught.value) == ""


def test_who_has_the_same_turn_is_cancelled_with_it() -> None:
    text = IN_TIME.replace("CALLED", "second_hangs").replace(
        "after:", "y: {type: my.waits, depends: [n.value]}\n      after:"
    )
    with pytest.raises(TimeoutError, match="200ms"):
        SynchronousRunner(TUBES.tube(text)).run()
    assert LOG[-2:] == ["1 has ended", "the other is cancelled"]


async def waits(value: int) -> int:
    try:
        if value == 1:
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        LOG.append("the other is cancelled")
        raise
    return value
