"""Task groups and cancel scopes of anyio as assets, and around the values of sources."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

DONE: list[int] = []


@pytest.fixture(autouse=True)
def _forget():
    DONE.clear()


@asynccontextmanager
async def task_group() -> AsyncIterator[Any]:
    async with anyio.create_task_group() as group:
        yield group


async def begins(value: int, group: Any) -> int:
    async def child() -> None:
        await anyio.sleep(0.001)
        DONE.append(value)

    group.start_soon(child)
    await anyio.sleep(0)
    return value


async def lets_fail(value: int, group: Any) -> int:
    async def child() -> None:
        raise LookupError("child")

    if value == 1:
        group.start_soon(child)
    await anyio.sleep(0.05)
    return value


async def nap(value: int, seconds: float = 0, scope: Any = None) -> int:
    await anyio.sleep(seconds)
    return value


async def cancels(value: int, scope: Any) -> int:
    scope.cancel()
    await anyio.sleep(0)
    raise AssertionError("it goes on")


async def limited(seconds: float) -> AsyncIterator[int]:
    with anyio.move_on_after(seconds):
        for number in range(100):
            yield number


TUBE = """
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.{node}, depends: [n.value, {{{slot}: assets.x}}]}}
      return: {{type: return, depends: a.value}}
    assets: {{x: {{type: {code}, scope: {scope}, params: {params}}}}}
"""
SCOPES = pytest.mark.parametrize("scope", ["runner", "process", "node"])
GROUPS = pytest.mark.parametrize("code", ["anyio.create_task_group", "my.task_group"])


@SCOPES
@GROUPS
def test_a_task_group(code, scope):
    text = TUBE.format(node="begins", slot="group", code=code, scope=scope, params=[])
    assert tubes.results(text, 3) == [0, 1, 2]
    assert sorted(DONE) == [0, 1, 2]
    DONE.clear()
    with tubes.runner(text) as runner:
        assert [runner.process() for _ in range(3)] == [0, 1, 2]
    assert sorted(DONE) == [0, 1, 2]


@SCOPES
@GROUPS
def test_a_task_group_that_fails_says_what_has_failed_in_it(code, scope):
    runner = tubes.runner(TUBE.format(node="lets_fail", slot="group", code=code, scope=scope, params=[]))
    with pytest.raises(ExceptionGroup) as caught:
        runner.run(3)
    assert caught.group_contains(LookupError, match="child")


@SCOPES
def test_a_task_group_that_fails_between_two_calls_says_so_when_it_ends(scope):
    runner = tubes.runner(TUBE.format(node="lets_fail", slot="group", code="my.task_group", scope=scope, params=[]))
    runner.init()
    assert runner.process() == 0
    with pytest.raises(BaseException, match=r"Cancelled|unhandled") as caught:
        runner.process()
    if scope == "runner":
        with pytest.raises(ExceptionGroup) as caught:
            runner.deinit()
    else:
        runner.deinit()
    assert caught.group_contains(LookupError, match="child")


@SCOPES
def test_a_deadline_that_is_an_asset(scope):
    text = TUBE.format(node="nap", slot="scope", code="anyio.fail_after", scope=scope, params=[0.05])
    with pytest.raises(TimeoutError):
        tubes.runner(text.replace("my.nap,", "my.nap, params: {seconds: 5},")).run(1)
    assert tubes.results(text.replace("[0.05]", "[60]"), 3) == [0, 1, 2]


@SCOPES
def test_a_cancel_scope_that_is_an_asset(scope):
    text = TUBE.format(node="cancels", slot="scope", code="anyio.CancelScope", scope=scope, params=[])
    runner = tubes.runner(text)
    with pytest.raises(BaseException, match="Cancelled") as caught:
        runner.run(1)
    assert type(caught.value).__name__ == "CancelledError"
    assert str(runner.failure) == "in the node 'a', epoch 0"


def test_a_cancel_scope_around_the_values_of_a_source():
    text = """
    nodes:
      n: {type: my.limited, params: {seconds: 0.05}}
      a: {type: my.nap, params: {seconds: 5}, depends: n.value}
    """
    runner = tubes.runner(text)
    with pytest.raises(BaseException, match="Cancelled"):
        runner.run()
    assert str(runner.failure) == "in the node 'a', epoch 0"
