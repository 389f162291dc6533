"""Items of a map are under way at once; what a run gives is as in order."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from noob_cli import AsyncRunner, EndOfRun, Epoch, ParallelRunner, SynchronousRunner, TubeExhaustedError
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)
LOG: list[str] = []
NAME = ContextVar("NAME", default="none")


class Now:
    """How many are under way at once, and how many there were at the most."""

    count = most = 0


@pytest.fixture(autouse=True)
def fresh() -> None:
    LOG.clear()
    Now.count = Now.most = 0


def upto(n: int) -> Iterator[int]:
    yield from range(n)


def five(number: int) -> list[int]:
    return [10 * number + at for at in range(5)]


async def request(number: int) -> int:
    """Answers later the smaller the number is."""
    Now.count += 1
    Now.most = max(Now.most, Now.count)
    try:
        for _ in range(20 - number % 10):
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        LOG.append(f"cancelled {number}")
        raise
    finally:
        Now.count -= 1
    return number * 10


async def fails(number: int, at: list[int]) -> int:
    """Fails at some numbers: at once at the last of them, and later at those before."""
    try:
        await asyncio.sleep(0 if number == at[-1] else 0.001)
        if number in at:
            raise ValueError(number)
        await asyncio.sleep(0.001)
    except asyncio.CancelledError:
        LOG.append(f"cancelled {number}")
        raise
    LOG.append(f"done {number}")
    return number


async def ends(number: int, at: int) -> int:
    await asyncio.sleep(0)
    if number == at:
        raise EndOfRun
    await asyncio.sleep(0)
    return number


def stops(number: int) -> int:
    raise StopIteration(number)


async def epoch_of(number: int, epoch: Epoch) -> str:
    await asyncio.sleep(0)
    return str(epoch)


async def named(number: int) -> str:
    before = NAME.get()
    NAME.set(str(number))
    await asyncio.sleep(0)
    return f"{before} {NAME.get()}"


def name_of(text: str) -> str:
    return f"{text} {NAME.get()}"


@asynccontextmanager
async def group() -> AsyncIterator[asyncio.TaskGroup]:
    async with asyncio.TaskGroup() as tasks:
        yield tasks


async def in_group(number: int, tasks: asyncio.TaskGroup) -> int:
    async def work() -> int:
        await asyncio.sleep(0)
        if number == 12:
            raise ValueError(number)
        return number

    return await tasks.create_task(work())


class Resource:
    """Says when it is entered, and exited."""

    async def __aenter__(self) -> Resource:
        LOG.append("entered")
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        LOG.append(f"exited {kind.__name__ if kind else 'well'}")


async def use(number: int, resource: Resource) -> int:
    await asyncio.sleep(0)
    if number == 12:
        raise ValueError(number)
    return number


def double(number: int) -> int:
    return 2 * number


LOOP = """
    nodes:
      number: {{type: my.upto, params: {{n: {n}}}}}
      five: {{type: my.five, depends: number.value}}
      each: {{type: map, depends: five.value, params: {{concurrency: {most}}}}}
      x: {x}
      all: {{type: gather, depends: [x.value, {{n: each.n}}]}}
      return: {{type: return, depends: all.value}}
"""


Y = "      y: {{type: {}, depends: each.value}}\n"


def tube(x: str, n: int = 2, most: int = 3, more: str = "") -> str:
    return LOOP.format(n=n, most=most, x=f"{{type: my.{x}}}") + more


def test_what_items_give_stays_in_their_order_and_no_more_are_under_way_than_said() -> None:
    assert TUBES.results(tube("request, depends: each.value")) == [
        [0, 10, 20, 30, 40],
        [100, 110, 120, 130, 140],
    ]
    assert Now.most == 3


def test_without_concurrency_one_follows_the_other() -> None:
    TUBES.results(tube("request, depends: each.value").replace(", params: {concurrency: 3}", ""))
    assert Now.most == 1


def test_an_item_that_fails_fails_its_epoch_as_the_first_in_order() -> None:
    runner = TUBES.runner(tube("fails, depends: each.value, params: {at: [12, 13]}", n=3, most=5))
    with runner:
        assert runner.process() == [0, 1, 2, 3, 4]
        LOG.clear()
        with pytest.raises(ValueError, match="12") as caught:
            runner.process()
        assert [note for note in caught.value.__notes__ if "node 'x'" in note]
        assert sorted(LOG) == ["cancelled 14", "done 10", "done 11"]
        assert runner.process() == [20, 21, 22, 23, 24]


def test_items_behind_one_that_ends_the_run_do_not_count() -> None:
    runner = TUBES.runner(tube("ends, depends: each.value, params: {at: 12}", n=3, most=5))
    assert list(runner.iter()) == [[0, 1, 2, 3, 4], [10, 11]]
    with TUBES.runner(tube("ends, depends: each.value, params: {at: 0}")) as runner:
        assert runner.process() == []
        with pytest.raises(TubeExhaustedError):
            runner.process()


def test_an_item_that_fails_before_one_that_ends_the_run_is_what_counts() -> None:
    y = Y.format("my.ends").replace("}", ", params: {at: 3}}")
    text = tube("fails, depends: each.value, params: {at: [1, 9]}", most=5).replace("      all:", f"{y}      all:")
    with TUBES.runner(text) as runner:
        with pytest.raises(ValueError, match="1"):
            runner.process()
        assert runner.process() == [10, 11, 12, 13, 14]


def test_a_later_pass_goes_over_the_items_that_count() -> None:
    text = """
    nodes:
      number: {type: my.upto, params: {n: 2}}
      five: {type: my.five, depends: number.value}
      each: {type: map, depends: five.value, params: {concurrency: 4}}
      x: {type: my.ends, depends: each.value, params: {at: 12}}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      sum: {type: sum, depends: all.value}
      y: {type: operator.add, depends: [each.value, sum.value]}
      z: {type: my.request, depends: y.value}
      every: {type: gather, depends: [z.value, {n: each.n}]}
      return: {type: return, depends: every.value}
    """
    once = TUBES.results(text)
    assert once == TUBES.results(text.replace("concurrency: 4", "concurrency: 1"))
    assert len(once[1]) == 3


def test_a_bound_holds_for_all_items_of_nested_maps() -> None:
    text = """
    nodes:
      number: {type: my.upto, params: {n: 2}}
      five: {type: my.five, depends: number.value}
      outer: {type: map, depends: five.value, params: {concurrency: 3}}
      inner: {type: my.five, depends: outer.value}
      each: {type: map, depends: inner.value, params: {concurrency: 4}}
      x: {type: my.request, depends: each.value}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      sum: {type: sum, depends: all.value}
      sums: {type: gather, depends: [sum.value, {n: outer.n}]}
      return: {type: return, depends: sums.value}
    """
    assert TUBES.results(text) == TUBES.results(text.replace("concurrency: 3", "concurrency: 1"))
    Now.most = 0
    TUBES.results(text)
    assert Now.most == 4


def test_each_item_has_its_number_in_the_epoch() -> None:
    text = tube("epoch_of, depends: each.value", n=1)
    assert TUBES.results(text) == TUBES.results(text.replace("concurrency: 3", "concurrency: 1"))


def test_an_item_has_a_copy_of_the_context() -> None:
    text = tube("named, depends: each.value", n=1).replace(
        "      all: {type: gather, depends: [x.value,",
        "      y: {type: my.name_of, depends: x.value}\n      all: {type: gather, depends: [y.value,",
    )
    assert TUBES.results(text) == [[f"none {at} {at}" for at in range(5)]]
    assert NAME.get() == "none"


def test_a_node_scoped_asset_is_entered_and_exited_for_each_item() -> None:
    text = tube("use, depends: [each.value, assets.resource]", n=2, most=5) + (
        "    assets:\n      resource: {type: my.Resource, scope: node}\n"
    )
    with TUBES.runner(text) as runner:
        assert runner.process() == [0, 1, 2, 3, 4]
        assert LOG == ["entered"] * 5 + ["exited well"] * 5
        LOG.clear()
        with pytest.raises(ValueError, match="12"):
            runner.process()
    assert LOG.count("entered") == sum(text.startswith("exited") for text in LOG)
    assert "exited ValueError" in LOG


def test_a_task_group_of_the_epoch_is_shared_if_that_is_said() -> None:
    text = tube("in_group, depends: [each.value, assets.tasks]", n=2, most=5) + (
        "    assets:\n      tasks: {type: my.group, scope: process, stateful: false}\n"
    )
    with TUBES.runner(text) as runner:
        assert runner.process() == [0, 1, 2, 3, 4]
        with pytest.raises(BaseExceptionGroup) as caught:
            runner.process()
    assert caught.group_contains(ValueError, match="12")


def test_a_stop_iteration_stays_what_it_is() -> None:
    text = tube("request, depends: each.value").replace("      all:", f"{Y.format('my.stops')}      all:")
    with TUBES.runner(text) as runner, pytest.raises(StopIteration, match="0"):
        runner.process()


def test_calls_are_measured_beside_each_other() -> None:
    runner = SynchronousRunner(TUBES.tube(tube("request, depends: each.value")), timing=True)
    list(runner.iter())
    timer = runner.timers["x"]
    assert (timer.calls, timer.events) == (10, 10)
    assert timer.longest <= timer.seconds


@pytest.mark.parametrize("x", ["double, depends: each.value", "request, depends: each.value"])
def test_a_runner_that_can_do_nothing_at_once_says_so(x: str) -> None:
    told: list[str] = []
    runner = SynchronousRunner(TUBES.tube(tube(x)), warn=told.append)
    list(runner.iter())
    assert ["'concurrency' of the node 'each'" in text for text in told] == ([True] if "double" in x else [])


PASSES = """
    nodes:
      number: {{type: my.upto, params: {{n: 2}}}}
      five: {{type: my.five, depends: number.value}}
      each: {{type: map, depends: five.value, params: {{concurrency: 4}}}}
      x: {{type: my.{first}, depends: each.value}}
      all: {{type: gather, depends: [x.value, {{n: each.n}}]}}
      sum: {{type: sum, depends: all.value}}
      y: {{type: operator.add, depends: [each.value, sum.value]}}
      z: {{type: my.{second}, depends: y.value}}
      every: {{type: gather, depends: [z.value, {{n: each.n}}]}}
      return: {{type: return, depends: every.value}}
"""


@pytest.mark.parametrize("first", ["double", "request"])
@pytest.mark.parametrize("second", ["double", "request"])
def test_it_does_not_say_so_if_one_pass_over_the_items_is_awaited(first: str, second: str) -> None:
    told: list[str] = []
    runner = SynchronousRunner(TUBES.tube(PASSES.format(first=first, second=second)), warn=told.append)
    list(runner.iter())
    assert ["'concurrency' of the node 'each'" in text for text in told] == [True] * (first == second == "double")


@pytest.mark.parametrize("most", [3, 1])
def test_a_runner_that_tells_of_each_event_says_that_it_does_nothing_at_once(most: int) -> None:
    told: list[str] = []
    runner = SynchronousRunner(TUBES.tube(tube("request, depends: each.value", most=most)), warn=told.append)
    runner.add_callback(lambda event: None)
    list(runner.iter())
    assert Now.most == 1
    assert ["of the node 'each' has no effect: somebody is told" in text for text in told] == [True] * (most > 1)


def test_it_is_so_inside_of_a_running_event_loop() -> None:
    async def main() -> Any:
        async with AsyncRunner(TUBES.tube(tube("request, depends: each.value"))) as runner:
            return [await runner.process(), await runner.process()]

    assert asyncio.run(main()) == [[0, 10, 20, 30, 40], [100, 110, 120, 130, 140]]
    assert Now.most == 3


def test_several_epochs_have_one_bound() -> None:
    text = tube("request, depends: each.value", n=10, most=7)
    runner = ParallelRunner(TUBES.tube(text), on="async", ahead=5)
    assert list(runner.iter()) == TUBES.results(text)
    Now.most = 0
    list(ParallelRunner(TUBES.tube(text), on="async", ahead=5).iter())
    assert Now.most == 7


def test_without_a_bound_as_many_items_as_epochs_may_be_under_way_in_a_parallel_run() -> None:
    text = tube("request, depends: each.value", n=10).replace(", params: {concurrency: 3}", "")
    list(ParallelRunner(TUBES.tube(text), on="async", ahead=12).iter())
    assert Now.most == 12


async def hangs(number: int) -> int:
    """Waits from the third on, and has that interrupted when all others do."""
    if number == 4:
        threading.Timer(0.01, signal.pthread_kill, [threading.get_ident(), signal.SIGINT]).start()
    try:
        await asyncio.sleep(0 if number < 2 else 60)
    except (asyncio.CancelledError, KeyboardInterrupt):
        LOG.append(f"cancelled {number}")
        raise
    return number


@pytest.mark.parametrize("on", ["sync", "async"])
def test_who_interrupts_cancels_what_is_under_way_and_is_told_which_node_that_is(on: str) -> None:
    loaded = TUBES.tube(tube("hangs, depends: each.value", n=1))
    runner = SynchronousRunner(loaded) if on == "sync" else ParallelRunner(loaded, on="async")
    with pytest.raises(KeyboardInterrupt), runner:
        list(runner.iter())
    assert sorted(LOG) == ["cancelled 2", "cancelled 3", "cancelled 4"]
    assert runner.failure is not None
    assert runner.failure.place.name == "x"
    assert runner.failure.values == {"number": 2}
