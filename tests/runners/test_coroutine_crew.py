"""Coroutines that keep no state are awaited for several epochs at once; all that a run gives is as in order."""

from __future__ import annotations

import asyncio
import re
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from noob_cli import EndOfRun, Epoch, ParallelRunner, SynchronousRunner, Tube
from noob_cli.errors import VerificationError

MY = "tests.runners.test_coroutine_crew"
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


async def arriving(n: int) -> AsyncIterator[int]:
    for number in range(n):
        await asyncio.sleep(0)
        LOG.append(f"drawn {number}")
        yield number


async def request(number: int) -> int:
    """Answers later the smaller the number is, in each ten."""
    Now.count += 1
    Now.most = max(Now.most, Now.count)
    try:
        await asyncio.sleep(0.02 - number % 10 * 0.001)
    finally:
        Now.count -= 1
    return number * 10


async def third(number: int) -> int:
    await asyncio.sleep(0.001)
    if number == 3:
        raise ValueError("no three")
    return number


async def at_two(number: int) -> int:
    await asyncio.sleep(0.001)
    if number == 2:
        raise EndOfRun
    return number


async def hanging_after_one(number: int) -> int:
    try:
        await asyncio.sleep(0 if number < 1 else 60)
    except asyncio.CancelledError:
        LOG.append(f"cancelled {number}")
        raise
    return number


class Total:
    """Keeps what it has got."""

    def __init__(self) -> None:
        self.sum = 0

    async def process(self, number: int) -> int:
        await asyncio.sleep(0)
        self.sum += number
        return self.sum


def spec(node: str, depends: Any = "number.value", *, n: int | None = None, **more: Any) -> dict[str, Any]:
    source = {"type": "itertools.count"} if n is None else {"type": f"{MY}.upto", "params": {"n": n}}
    nodes = {"number": source, "x": {"type": f"{MY}.{node}", "depends": depends}, **more.pop("nodes", {})}
    nodes["return"] = {"type": "return", "depends": more.pop("returns", "x.value")}
    return {**more, "nodes": nodes}


def parallel(spec: dict[str, Any], ahead: int = 5, **options: Any) -> ParallelRunner:
    return ParallelRunner(Tube.from_specification(spec), on="async", ahead=ahead, **options)


def in_order(spec: dict[str, Any]) -> SynchronousRunner:
    return SynchronousRunner(Tube.from_specification(spec))


def test_answers_are_waited_for_together_and_results_are_in_order():
    assert list(parallel(spec("request", n=40), ahead=20).iter()) == [10 * number for number in range(40)]
    assert Now.most == 20


def test_no_more_epochs_are_under_way_than_said_over_all_regions():
    more = {
        "total": {"type": f"{MY}.Total", "depends": "x.value"},
        "y": {"type": f"{MY}.request", "depends": "total.value"},
    }
    both = spec("request", n=30, nodes=more, returns="y.value")
    assert list(parallel(both, ahead=4).iter()) == list(in_order(both).iter())
    assert Now.most <= 4


def test_what_keeps_state_is_done_in_order_also_if_it_is_awaited():
    kept = spec("request", n=12, nodes={"total": {"type": f"{MY}.Total", "depends": "x.value"}}, returns="total.value")
    assert list(parallel(kept).iter()) == list(in_order(kept).iter())
    assert Now.most == 5


def test_a_source_that_is_awaited_is_drawn_ahead():
    source = {"number": {"type": f"{MY}.arriving", "params": {"n": 9}}}
    runner = parallel(spec("request", nodes=source))
    results = runner.iter()
    assert next(results) == 0
    assert len(LOG) >= 5
    assert list(results) == [10 * number for number in range(1, 9)]


def test_the_first_error_is_that_of_the_first_epoch_and_what_is_behind_it_comes_then():
    with parallel(spec("third", n=8)) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="no three") as caught:
            next(results)
        assert any("in the node 'x', epoch 3" in note for note in caught.value.__notes__)
        assert runner.failure is not None
        assert (runner.failure.epoch, runner.failure.values) == (3, {"number": 3})
        assert list(runner.iter()) == [4, 5, 6, 7]


def test_a_node_ends_the_run_with_its_epoch():
    assert list(parallel(spec("at_two")).iter()) == [0, 1]


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[str]:
    LOG.append(f"{name} is open")
    try:
        yield name
    finally:
        await asyncio.sleep(0)
        LOG.append(f"{name} is closed")


async def hold(number: int, lives: str) -> int:
    return await hanging_after_one(number)


def asset(scope: str) -> dict[str, Any]:
    return {"type": f"{MY}.opened", "scope": scope, "params": {"name": scope}}


@pytest.mark.parametrize("scope", ["node", "process"])
def test_what_is_under_way_is_cancelled_and_ended_before_the_run_is(scope):
    depends = [{"number": "number.value"}, {"lives": "assets.lives"}]
    assets = {"run": asset("runner"), "lives": asset(scope)}
    results = parallel(spec("hold", depends, assets=assets), ahead=3).iter()
    assert next(results) == 0
    results.close()
    assert LOG.count("cancelled 1") == 1
    assert LOG.count(f"{scope} is open") == LOG.count(f"{scope} is closed") > 1
    assert LOG[-1] == "runner is closed"


def test_what_lives_as_long_as_an_epoch_can_be_returned():
    lives = spec("request", n=2, assets={"lives": asset("process")}, returns="assets.lives")
    assert list(parallel(lives).iter()) == ["process", "process"]
    assert LOG == ["process is open", "process is open", "process is closed", "process is closed"]


def test_what_is_under_way_is_cancelled_when_the_run_is_ended_after_an_error():
    more = {"y": {"type": f"{MY}.hanging_after_one", "depends": "number.value"}}
    with pytest.raises(ValueError, match="no zero"), parallel(spec("late_zero", n=5, nodes=more)) as runner:
        runner.run()
    assert LOG == ["cancelled 1", "cancelled 2", "cancelled 3", "cancelled 4"]


async def late_zero(number: int) -> int:
    await asyncio.sleep(0.02)
    return zero(number)


def zero(number: int) -> int:
    if not number:
        raise ValueError("no zero")
    return number


def test_what_fails_when_it_is_cancelled_is_told():
    results = parallel(spec("stubborn", n=3)).iter()
    assert next(results) == 0
    with pytest.raises(OSError, match="still here"):
        results.close()


async def stubborn(number: int) -> int:
    try:
        return await hanging_after_one(number)
    except asyncio.CancelledError:
        if number == 1:
            raise OSError("still here") from None
        raise


def test_a_signal_interrupts_what_is_awaited():
    results = parallel(spec("hanging_after_one")).iter()
    assert next(results) == 0

    def interrupted() -> int:
        threading.Timer(0.2, signal.pthread_kill, [threading.get_ident(), signal.SIGINT]).start()
        return next(results)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [f"cancelled {number}" for number in range(1, 6)] == LOG


def test_a_timeout_in_a_node_is_that_of_its_epoch():
    results = parallel(spec("impatient", n=4)).iter()
    assert next(results) == 0
    with pytest.raises(TimeoutError):
        next(results)


async def impatient(number: int) -> int:
    async with asyncio.timeout(0.01):
        await asyncio.sleep(1 if number == 1 else 0)
    return number


def test_a_cancellation_that_a_node_raises_is_its_failure():
    with parallel(spec("gives_up", n=4)) as runner:
        results = runner.iter()
        assert next(results) == 0
        with pytest.raises(asyncio.CancelledError):
            next(results)
        assert list(runner.iter()) == [2, 3]


async def gives_up(number: int) -> int:
    await asyncio.sleep(0)
    if number == 1:
        raise asyncio.CancelledError
    return number


async def named(number: int, epoch: Epoch) -> str:
    before = NAME.get()
    NAME.set(f"epoch {int(epoch)}")
    await asyncio.sleep(0)
    return before


def test_an_epoch_has_a_copy_of_the_context():
    assert set(parallel(spec("named", n=6)).iter()) == {"none"}


def test_an_event_loop_that_runs_already_is_left_alone():
    async def main() -> list[Any]:
        return list(parallel(spec("request", n=10)).iter())

    assert asyncio.run(main()) == [10 * number for number in range(10)]


def test_coroutines_are_done_at_once_whatever_does_the_rest():
    runner = ParallelRunner(Tube.from_specification(spec("request", n=20)), on="threads", ahead=6)
    assert list(runner.iter()) == [10 * number for number in range(20)]
    assert Now.most == 6


def test_it_is_told_that_nothing_is_awaited():
    warned: list[str] = []
    assert list(parallel(spec("zero", n=0), warn=warned.append).iter()) == []
    assert any("made one after the other: nothing in it is awaited" in text for text in warned)


# --- compared with how it is in order -------------------------------------------------------------


class Calls:
    """How often something was called."""

    count = 0


async def row(number: int) -> list[int]:
    await asyncio.sleep(0)
    return [number]


async def grown(row: list[int]) -> int:
    await asyncio.sleep(0)
    row.append(1)
    return len(row)


async def counted(row: list[int]) -> int:
    Calls.count += 1
    await asyncio.sleep(0)
    return Calls.count


@pytest.mark.parametrize(
    ("node", "problem"), [("grown", "the argument 0 was [0], and is [0, 1] now"), ("counted", "and in order gives")]
)
def test_a_coroutine_that_says_nothing_of_its_state_is_named(node: str, problem: str):
    tube = spec(node, "row.value", n=4, nodes={"row": {"type": f"{MY}.row", "depends": "number.value"}})
    with parallel(tube, verify=2) as runner:
        with pytest.raises(VerificationError, match=re.escape(problem)):
            list(runner.iter())
        assert runner.failure is not None
        assert (runner.failure.place.name, runner.failure.epoch) == ("x", 0)


@pytest.mark.parametrize("verify", [1, 20])
def test_nothing_is_said_of_those_that_keep_nothing(verify: int):
    assert list(parallel(spec("request", n=10), verify=verify, timing=True).iter()) == [10 * n for n in range(10)]


async def only_three_fails(number: int) -> int:
    # Those behind it have been looked at for a part.
    await asyncio.sleep(0 if number == 3 else 0.002 * number)
    if number == 3:
        raise ValueError("no three")
    return number


def test_what_is_cancelled_while_it_is_compared_is_no_other_than_in_order():
    found = []
    with pytest.raises(ValueError, match="no three"), parallel(spec("only_three_fails"), 9, verify=50) as runner:
        found += runner.iter()
    assert found == [0, 1, 2]
    assert [failure.place.name for failure in runner.failures] == ["x"]
