"""A runner that what it calls asks for something else, in the middle of an epoch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from noob_cli import RunnerBusyError, SynchronousRunner
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
