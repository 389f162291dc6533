"""A runner that what it calls asks for something else, in the middle of an epoch."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from noob_cli import ParallelRunner, RunnerBusyError, SynchronousRunner
from tests.patience import PATIENCE
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[str] = []
ASK: list[Callable[[], object]] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()
    ASK.clear()


# --- Code of tubes


@contextmanager
def logged(name: str) -> Iterator[str]:
    try:
        yield name
    finally:
        LOG.append(name)


def asks(value: int) -> int:
    if value == 1 and ASK:
        ASK[0]()
    return value


async def asks_in_a_coroutine(value: int) -> int:
    await asyncio.sleep(0)
    return asks(value)


def same(value: int, **assets: Any) -> int:
    LOG.append("used")
    return value


async def same_awaited(value: int) -> int:
    await asyncio.sleep(0)
    return value


TUBE = """
    assets:
      run: {{type: my.logged, scope: runner, params: [run]}}
      epoch: {{type: my.logged, scope: process, params: [epoch]}}
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.{asking}, depends: n.value}}
      b: {{type: my.{beside}, depends: n.value}}
      c: {{type: my.same, depends: [a.value, {{run: assets.run}}, {{epoch: assets.epoch}}]}}
      return: {{type: return, depends: c.value}}
"""


def enter(runner: SynchronousRunner) -> None:
    with runner:
        pass


@pytest.mark.parametrize("way", ["run", "iter", "stream", "process"])
@pytest.mark.parametrize("ask", ["deinit", "run", "iter", "stream", "with", "process"])
@pytest.mark.parametrize(
    ("asking", "beside"),
    [
        ("asks", "same"),
        ("asks", "same_awaited"),
        ("asks_in_a_coroutine", "same"),
        ("asks_in_a_coroutine", "same_awaited"),
        ("callback", "same"),
        ("callback", "same_awaited"),
    ],
)
def test_what_it_calls_neither_ends_the_run_nor_makes_an_epoch_meanwhile(asking, beside, ask, way):
    runner = tubes.runner(TUBE.format(asking="same" if asking == "callback" else asking, beside=beside))
    asked: dict[str, Callable[[], object]] = {
        "deinit": runner.deinit,
        "run": lambda: runner.run(1),
        "iter": lambda: next(runner.iter()),
        "stream": lambda: next(runner.stream([{}])),
        "with": lambda: enter(runner),
        "process": runner.process,
    }
    if asking == "callback":
        runner.add_callback(lambda event: asked[ask]() if event["node_id"] == "a" and event["value"] == 1 else None)
    else:
        ASK.append(asked[ask])
    ways: dict[str, Callable[[], object]] = {
        "run": lambda: runner.run(3),
        "iter": lambda: list(runner.iter(3)),
        "stream": lambda: list(runner.stream([{}] * 3)),
        "process": lambda: [runner.process() for _ in range(3)],
    }
    with pytest.raises(RunnerBusyError, match="'stop' lets the run end after the epoch"), runner:
        ways[way]()
    assert not runner.running
    # Each of the assets is ended once, that of the run last, and none is used after its end.
    ends = [each for each in LOG if each != "used"]
    assert ends == ["epoch", "epoch", "run"]
    assert LOG[-2:] == ["epoch", "run"]


@pytest.mark.parametrize("beside", ["same", "same_awaited"])
def test_between_two_epochs_it_may_be_asked(beside):
    runner = tubes.runner(TUBE.format(asking="same", beside=beside))
    with runner:
        results = []
        for result in runner.iter():
            results += [result, runner.process(), *runner.iter(1), *(runner.run(1) or [])]
            if result > 3:
                runner.deinit()
    assert results == list(range(8))
    assert LOG[-1] == "run"


def test_a_node_may_ask_another_runner_of_its_tube():
    tube = tubes.tube(TUBE.format(asking="asks", beside="same"))
    one, other = SynchronousRunner(tube), SynchronousRunner(tube)
    other.init()
    ASK.append(lambda: [other.process(), other.deinit()])
    assert one.run(3) == [0, 1, 2]
    assert LOG.count("run") == 2


# --- Where several epochs are under way


def directly(ask: Callable[[], object]) -> None:
    ask()


def in_a_thread(ask: Callable[[], object]) -> None:
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()


def in_a_pool(ask: Callable[[], object]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(ask).result()


FOUND: list[str] = []


def slowly_asks(value: int, how: str) -> int:
    time.sleep(0.01)
    if value == 3:
        try:
            {"directly": directly, "in a thread": in_a_thread, "in a pool": in_a_pool}[how](partial(_note, ASK[0]))
        finally:
            # What an error of a thread is, nobody is told.
            ASK[1]()
    return value


def _note(ask: Callable[[], object]) -> None:
    try:
        ask()
    except RunnerBusyError as error:
        FOUND.append(type(error).__name__)
    else:
        FOUND.append("it was let in")


async def slowly_asks_in_a_coroutine(value: int, how: str) -> int:
    await asyncio.sleep(0.01)
    if how == "directly":
        return slowly_asks(value, how)
    return await asyncio.to_thread(slowly_asks, value, how)


@pytest.mark.parametrize("how", ["directly", "in a thread", "in a pool"])
@pytest.mark.parametrize("ask", ["process", "iter", "run", "deinit"])
@pytest.mark.parametrize(
    ("on", "asking", "stateful"),
    [
        ("threads", "slowly_asks", "false"),
        ("threads", "slowly_asks", "true"),
        ("async", "slowly_asks_in_a_coroutine", "false"),
        ("async", "slowly_asks_in_a_coroutine", "true"),
    ],
)
def test_nor_where_several_epochs_are_under_way(on: str, asking: str, stateful: str, ask: str, how: str) -> None:
    """Not even while nobody waits for a result, so that the runner itself does nothing."""
    FOUND.clear()
    tube = tubes.tube(
        f"""
        nodes:
          n: {{type: itertools.count}}
          a: {{type: my.{asking}, depends: n.value, params: {{how: {how}}}, stateful: {stateful}}}
          b: {{type: my.same, depends: n.value}}
          return: {{type: return, depends: a.value}}
        """
    )
    workers = 1 if on == "threads" else None
    runner = ParallelRunner(tube, on=on, ahead=6, workers=workers, warn=str)
    asked = {
        "process": runner.process,
        "iter": lambda: next(runner.iter()),
        "run": lambda: runner.run(1),
        "deinit": runner.deinit,
    }
    has_asked = threading.Event()
    ASK[:] = [asked[ask], has_asked.set]
    found = []
    with runner:
        for result in runner.iter(8):
            found.append(result)
            if result == 0 and on == "threads" and stateful == "false":
                assert has_asked.wait(PATIENCE)
    assert FOUND == ["RunnerBusyError"]
    assert found == list(range(8))
