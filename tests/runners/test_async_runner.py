"""A runner inside of a running event loop: what the tube awaits is awaited there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

import pytest

from noob_cli import AsyncRunner, RunnerBusyError, SynchronousRunner, Tube, TubeExhaustedError
from tests.conformance.cases import Case, read_section
from tests.conformance.test_conformance import compare
from tests.conformance.ways import WAYS, tube_of, ways_of

MY = "tests.runners.test_async_runner"
LOG: list[Any] = []
NAME = ContextVar("NAME", default="nobody")


@pytest.fixture(autouse=True)
def fresh() -> None:
    LOG.clear()


def in_a_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    @wraps(test)
    def run(*args: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **named), 20))

    return run


async def slow(number: int) -> int:
    LOG.append(asyncio.get_running_loop())
    await asyncio.sleep(0.01)
    return number * 10


def plain(number: int) -> int:
    LOG.append(threading.current_thread())
    return number * 10


async def hanging(number: int) -> int:
    try:
        await asyncio.sleep(60 if number == 1 else 0)
    except asyncio.CancelledError:
        LOG.append("cancelled")
        raise
    return number


async def failing(number: int) -> int:
    await asyncio.sleep(0)
    if number == 1:
        raise ValueError("not one")
    return number


def stopping(number: int) -> int:
    raise StopIteration


@asynccontextmanager
async def opened() -> AsyncIterator[str]:
    LOG.append("open")
    try:
        yield "asset"
    finally:
        await asyncio.sleep(0)
        LOG.append("closed")


async def use(number: int, asset: str) -> str:
    return asset


async def caller(number: int) -> str:
    return NAME.get()


def tube(node: str, **more: Any) -> Tube:
    depends = more.pop("depends", "number.value")
    nodes = {
        "number": {"type": "itertools.count"},
        "x": {"type": f"{MY}.{node}", "depends": depends},
        "return": {"type": "return", "depends": "x.value"},
    }
    return Tube.from_specification({**more, "nodes": nodes})


def with_asset(node: str = "use") -> Tube:
    asset = {"asset": {"type": f"{MY}.opened", "scope": "runner"}}
    return tube(node, assets=asset, depends=[{"number": "number.value"}, {"asset": "assets.asset"}])


@in_a_loop
async def test_what_is_awaited_is_awaited_in_the_loop_that_runs():
    async with AsyncRunner(tube("slow")) as runner:
        assert [await runner.process(), await runner.process()] == [0, 10]
        assert [result async for result in runner.iter(2)] == [20, 30]
        assert await runner.run(2) == [40, 50]
        assert (runner.made, runner.epoch, runner.running) == (6, 5, True)
    assert set(LOG) == {asyncio.get_running_loop()}
    assert not runner.running


@in_a_loop
async def test_plain_functions_are_called_where_the_loop_runs():
    assert await AsyncRunner(tube("plain")).run(2) == [0, 10]
    assert set(LOG) == {threading.current_thread()}


@in_a_loop
async def test_the_loop_goes_on_meanwhile():
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    counting = asyncio.create_task(count())
    await AsyncRunner(tube("slow")).run(5)
    counting.cancel()
    assert turns > 10


@in_a_loop
async def test_calls_at_the_same_time_wait_for_each_other():
    async with AsyncRunner(tube("slow")) as runner:
        assert await asyncio.gather(*(runner.process() for _ in range(5))) == [0, 10, 20, 30, 40]


@in_a_loop
async def test_several_epochs_are_under_way_if_that_is_wanted():
    # Another process may take the time of each, but hardly of all.
    assert min([await seconds_of_40() for _ in range(5)]) < 0.3


async def seconds_of_40() -> float:
    began = asyncio.get_running_loop().time()
    runner = AsyncRunner(tube("slow"), ahead=20)
    assert [result async for result in runner.iter(40)] == [10 * number for number in range(40)]
    return asyncio.get_running_loop().time() - began


@in_a_loop
async def test_records():
    spec = {
        "input": {"number": {"type": "int", "scope": "process"}},
        "nodes": {
            "x": {"type": f"{MY}.slow", "depends": "input.number"},
            "return": {"type": "return", "depends": "x.value"},
        },
    }
    runner = AsyncRunner(Tube.from_specification(spec))
    assert [result async for result in runner.stream({"number": number} for number in (3, 1))] == [30, 10]
    assert await runner.process(number=2) == 20
    await runner.deinit()


@in_a_loop
async def test_an_error_is_the_node_s_and_the_runner_goes_on():
    async with AsyncRunner(tube("failing")) as runner:
        assert await runner.process() == 0
        with pytest.raises(ValueError, match="not one") as caught:
            await runner.process()
        assert any("in the node 'x', epoch 1" in note for note in caught.value.__notes__)
        assert runner.failure is not None
        assert runner.failure.epoch == 1
        assert await runner.process() == 2


@in_a_loop
async def test_who_is_cancelled_cancels_what_is_awaited():
    async with AsyncRunner(with_asset("hanging_with")) as runner:
        assert await runner.process() == 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await runner.process()
        assert LOG == ["open", "cancelled"]
        assert await runner.process() == 2
    assert LOG == ["open", "cancelled", "closed"]


async def hanging_with(number: int, asset: str) -> int:
    return await hanging(number)


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [None, 4])
@in_a_loop
async def test_who_is_cancelled_before_the_run_has_begun_lets_nothing_be_done(ahead: int | None):
    runner, held = AsyncRunner(tube("slow"), ahead=ahead), threading.Event()
    runner._thread.submit(held.wait)
    run = asyncio.create_task(runner.run(3))
    await asyncio.sleep(0)
    run.cancel()
    await asyncio.sleep(0)
    held.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert LOG == []
    assert await runner.run(2) == [0, 10]


@in_a_loop
async def test_a_run_without_an_end_can_be_cancelled():
    for ahead in (None, 4):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await AsyncRunner(tube("slow"), ahead=ahead).run()


@in_a_loop
async def test_who_has_enough_ends_the_run():
    results = AsyncRunner(with_asset()).iter()
    async for result in results:
        assert result == "asset"
        break
    await results.aclose()
    assert LOG == ["open", "closed"]


def test_a_run_that_nobody_ends_ends_with_the_loop():
    async def main() -> None:
        runner = AsyncRunner(with_asset())
        await runner.process()
        LOG.append(runner)

    asyncio.run(asyncio.wait_for(main(), 20))
    assert (LOG[0], LOG[2]) == ("open", "closed")


def test_a_run_that_is_under_way_when_the_loop_is_ended_is_ended():
    async def main() -> None:
        LOG.append(asyncio.create_task(AsyncRunner(with_asset("hanging_with")).run()))
        await asyncio.sleep(0.05)

    asyncio.run(main())
    assert [text for text in LOG if isinstance(text, str)] == ["open", "cancelled", "closed"]


@in_a_loop
async def test_a_node_can_t_make_an_epoch_in_the_middle_of_one():
    async with AsyncRunner(tube("again")) as runner:
        LOG.append(runner)
        with pytest.raises(RunnerBusyError):
            await runner.process()


async def again(number: int) -> Any:
    return await LOG[0].process()


@pytest.mark.parametrize("ahead", [None, 3])
@pytest.mark.parametrize("node", ["again_in_a_thread", "again_in_a_thread_later"])
@in_a_loop
async def test_nor_from_a_thread_of_its_own_that_it_waits_for(node: str, ahead: int | None):
    async with AsyncRunner(tube(node), ahead=ahead, warn=str) as runner:
        LOG.append(runner)
        assert await runner.run(2) == ["RunnerBusyError"] * 2


def again_in_a_thread(number: int) -> str:
    found: list[str] = []

    def ask() -> None:
        try:
            asyncio.run(again(number))
        except RunnerBusyError as error:
            found.append(type(error).__name__)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(5)
    return found[0]


async def again_in_a_thread_later(number: int) -> str:
    await asyncio.sleep(0)
    return again_in_a_thread(number)


@in_a_loop
async def test_a_runner_in_a_node_of_another():
    async with AsyncRunner(tube("nested")) as runner:
        assert await runner.process() == [0, 10]


async def nested(number: int) -> Any:
    return await AsyncRunner(tube("slow")).run(2)


@in_a_loop
async def test_the_context_is_the_caller_s():
    NAME.set("caller")
    assert await AsyncRunner(tube("caller")).run(1) == ["caller"]


@in_a_loop
async def test_the_end_and_what_looks_like_it():
    ended = Tube.from_specification({"nodes": {"each": {"type": f"{MY}.upto", "params": {"n": 1}}}})
    async with AsyncRunner(ended) as runner:
        await runner.process()
        with pytest.raises(TubeExhaustedError):
            await runner.process()
        assert runner.has_ended
    with pytest.raises(RuntimeError, match="StopIteration"):
        await AsyncRunner(tube("stopping")).run(1)


def upto(n: int) -> Any:
    yield from range(n)


CASES = [case for section in (3, 4) for case in read_section(section) if case.results is not None]


class _Driven(SynchronousRunner):
    """One whose work is done by a loop in another thread."""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_conformance(case: Case, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from noob_cli.runners.asynchronous import _InLoop

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    monkeypatch.setattr(SynchronousRunner, "_strand", _InLoop._strand)
    monkeypatch.setattr(SynchronousRunner, "loop", loop, raising=False)
    monkeypatch.setattr(SynchronousRunner, "_end_with_loop", lambda: None, raising=False)
    monkeypatch.setattr(SynchronousRunner, "_take", lambda runner, task: None, raising=False)
    monkeypatch.chdir(tmp_path)
    try:
        way = ways_of(case)[0]
        compare(case, way, WAYS[way](case, tube_of(case, tmp_path)))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
