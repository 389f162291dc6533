"""All that is asynchronous in a run behaves as if it were written in one coroutine."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import anyio
import pytest

from noob_cli import Asset, Name, SynchronousRunner
from noob_cli.runners.starting import may_await, needs_loop
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[Any] = []
LEVEL: contextvars.ContextVar[int] = contextvars.ContextVar("LEVEL", default=0)


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def here() -> Any:
    """The task that this is called in, kept: another may get the same address later."""
    LOG.append(asyncio.current_task())
    return LOG[-1]


# --- Code of tubes


async def counted(n: int = 3) -> AsyncIterator[int]:
    for number in range(n):
        here()
        LEVEL.set(10 * number)
        yield number


async def raised(value: Any) -> contextvars.Token[int]:
    here()
    await asyncio.sleep(0)
    return LEVEL.set(LEVEL.get() + 1)


def raised_plainly(value: Any) -> contextvars.Token[int]:
    return LEVEL.set(LEVEL.get() + 1)


async def lowered(token: contextvars.Token[int]) -> int:
    here()
    LEVEL.reset(token)
    return LEVEL.get()


def lowered_plainly(token: contextvars.Token[int]) -> int:
    LEVEL.reset(token)
    return LEVEL.get()


def level(value: Any) -> int:
    return LEVEL.get()


async def level_awaited(value: Any) -> int:
    here()
    return LEVEL.get()


async def nap(value: Any, seconds: float = 0.01, **assets: Any) -> Any:
    await asyncio.sleep(seconds)
    return value


async def same_task(value: Any, task: Any) -> Any:
    assert task is asyncio.current_task()
    await asyncio.sleep(0)
    assert task is asyncio.current_task()
    return value


async def fails(value: Any, task: Any) -> Any:
    await asyncio.sleep(0)
    raise ValueError("no")


@asynccontextmanager
async def own_task() -> AsyncIterator[Any]:
    task = here()
    try:
        yield task
    finally:
        await asyncio.sleep(0)
        LOG.append("ended where it was made" if asyncio.current_task() is task else "ended elsewhere")


@contextmanager
def raised_by_ten() -> Iterator[str]:
    token = LEVEL.set(LEVEL.get() + 10)
    yield "ten"
    LEVEL.reset(token)


@asynccontextmanager
async def raised_by_hundred() -> AsyncIterator[str]:
    here()
    token = LEVEL.set(LEVEL.get() + 100)
    yield "hundred"
    here()
    LEVEL.reset(token)


def made_late() -> Any:
    """Nothing says before it is called that what it makes is awaited."""
    return raised_by_hundred()


class Raises:
    def init(self) -> None:
        self.token = LEVEL.set(LEVEL.get() + 1000)

    def process(self, value: Any, **assets: Any) -> int:
        return LEVEL.get()

    async def deinit(self) -> None:
        here()
        LEVEL.reset(self.token)
        LOG.append(LEVEL.get())


class Awaited(Asset):
    value: int | None = 1000

    async def init(self) -> None:
        here()
        await asyncio.sleep(0)
        self._token = LEVEL.set(LEVEL.get() + 1000)
        self.obj = self.value

    async def deinit(self) -> None:
        here()
        await asyncio.sleep(0)
        LEVEL.reset(self._token)
        LOG.append("ended")


class AwaitedAtTheEnd(Asset):
    def init(self) -> None:
        self.obj = 1000

    async def deinit(self) -> None:
        await asyncio.sleep(0)
        LOG.append("ended")


class Stops:
    def init(self) -> None:
        raise StopIteration("init")

    async def process(self, value: Any) -> Any:
        return value


def stops(value: Any) -> Any:
    raise StopIteration("process")


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield


async def timed(seconds: float) -> AsyncIterator[int]:
    async with asyncio.timeout(seconds):
        for number in range(100):
            yield number


async def lets_fail(value: int, group: asyncio.TaskGroup) -> int:
    async def child() -> None:
        raise LookupError("child")

    if value == 1:
        group.create_task(child())
    await asyncio.sleep(0.05)
    return value


async def begins(value: int, group: asyncio.TaskGroup) -> int:
    group.create_task(nap(None, 0))
    return value


# --- One task


EVERYTHING = """
    nodes:
      n: {type: my.counted}
      a: {type: my.raised, depends: n.value}
      b: {type: my.lowered, depends: a.value}
      c: {type: my.Raises, depends: [b.value, {l: assets.late}, {e: assets.epoch}]}
      t:
        type: tube
        params:
          tube:
            input: {v: {type: int, scope: process}}
            nodes:
              x: {type: my.level_awaited, depends: [input.v]}
              return: {type: return, depends: x.value}
        depends: [{v: b.value}]
      m: {type: map, depends: pair.value}
      i: {type: my.level_awaited, depends: m.value}
      pair: {type: my.doubled, depends: t.value}
      return: {type: return, depends: [b.value, c.value, t.value, i.value]}
    assets:
      late: {type: my.made_late, scope: runner}
      epoch: {type: my.raised_by_hundred, scope: process}
"""


def doubled(value: Any) -> list[Any]:
    return [value, value]


@pytest.mark.parametrize("way", ["process", "run", "iter", "stream"])
def test_all_that_is_awaited_in_a_run_is_in_one_task(way):
    runner = tubes.runner(EVERYTHING)
    with runner:
        if way == "process":
            results = [runner.process() for _ in range(3)]
        elif way == "run":
            results = runner.run(3)
        else:
            results = list(runner.iter(3) if way == "iter" else runner.stream([{}] * 3))

    # The source sets the level anew, whatever has been before; the asset of the epoch adds to that.
    levels = [[100 + 10 * n, 100 + 10 * n, 100 + 10 * n, [100 + 10 * n] * 2] for n in range(3)]
    assert results == levels
    tasks = [each for each in LOG if isinstance(each, asyncio.Task)]
    assert len(tasks) > 10
    assert len(set(tasks)) == 1


def test_a_token_is_good_for_all_that_follows():
    # A reset of what another context has set is an error.
    one = "n: {{type: my.counted}}\n  a: {{type: my.{}, depends: n.value}}\n  b: {{type: my.{}, depends: a.value}}"
    for first in ("raised", "raised_plainly"):
        for then in ("lowered", "lowered_plainly"):
            text = "nodes:\n  " + one.format(first, then) + "\n  return: {type: return, depends: b.value}"
            assert tubes.results(text) == [0, 10, 20]


def test_sync_nodes_read_what_coroutines_have_set_and_the_other_way_round():
    text = """
    nodes:
      n: {type: my.counted}
      a: {type: my.raised, depends: n.value}
      b: {type: my.level, depends: a.value}
      c: {type: my.raised_plainly, depends: b.value}
      d: {type: my.level_awaited, depends: c.value}
      return: {type: return, depends: [b.value, d.value]}
    """
    assert tubes.results(text) == [[1, 2], [11, 12], [21, 22]]


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
@pytest.mark.parametrize("code", ["raised_by_ten", "raised_by_hundred", "made_late"])
def test_nodes_read_what_an_asset_has_set(code, scope):
    text = f"""
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.nap, depends: [n.value, {{x: assets.x}}]}}
      b: {{type: my.level_of, depends: [a.value, {{x: assets.x}}]}}
      return: {{type: return, depends: b.value}}
    assets: {{x: {{type: my.{code}, scope: {scope}}}}}
    """
    assert tubes.results(text, 2) == [10 if code == "raised_by_ten" else 100] * 2
    assert LEVEL.get() == 0


def level_of(value: Any, x: Any) -> int:
    return LEVEL.get()


def level_or_failure(value: int, x: Any) -> list[Any]:
    if value == 2:
        raise LookupError("two")
    return [x, LEVEL.get()]


@pytest.mark.parametrize(("scope", "ended"), [("runner", 1), ("process", 3), ("node", 3)])
@pytest.mark.parametrize(
    ("code", "params", "result"),
    [
        ("Awaited", {}, [1000, 1000]),
        ("Awaited", {"value": None}, [None, 1000]),
        ("AwaitedAtTheEnd", {}, [1000, 0]),
    ],
)
def test_what_an_asset_class_makes_and_ends_in_coroutines_is_awaited(code, params, result, scope, ended):
    text = f"""
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.level_or_failure, depends: [n.value, {{x: assets.x}}]}}
      return: {{type: return, depends: a.value}}
    assets: {{x: {{type: my.{code}, scope: {scope}, params: {json.dumps(params)}}}}}
    """
    with pytest.raises(LookupError, match="two"):
        tubes.runner(text).run()
    assert LOG.count("ended") == ended
    assert LEVEL.get() == 0
    assert len({each for each in LOG if each != "ended"}) < 2
    assert tubes.results(text, 2) == [result, result]


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_a_tube_with_nothing_asynchronous_but_an_asset_has_one_context_too(scope):
    # What is driven by hand at first goes on in a task when it turns out that something is awaited.
    text = f"""
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.level_of, depends: [n.value, {{x: assets.x}}]}}
      return: {{type: return, depends: a.value}}
    assets:
      first: {{type: my.raised_by_ten, scope: runner}}
      x: {{type: my.made_late, scope: {scope}}}
    """
    tube = tubes.tube(text)
    assert not needs_loop(tube)
    assert may_await(tube)
    for results in (SynchronousRunner(tube).run(2), list(SynchronousRunner(tube).iter(2))):
        assert results == [110, 110]
    assert LEVEL.get() == 0


def test_methods_for_start_and_stop_are_in_the_same_context():
    text = """
    nodes:
      n: {type: my.counted, params: {n: 1}}
      a: {type: my.Raises, depends: n.value}
    """
    tubes.runner(text).run()

    assert LOG[-1] == 0


def test_a_run_without_anything_asynchronous_is_in_the_context_of_its_caller():
    tube = tubes.tube("nodes: {n: {type: itertools.count}, a: {type: my.level, depends: n.value}}")
    assert not may_await(tube)
    with SynchronousRunner(tube) as runner:
        context = contextvars.copy_context()
        context.run(LEVEL.set, 5)
        seen: list[Any] = []
        runner.add_callback(lambda event: seen.append(event["value"]) if event["node_id"] == "a" else None)
        runner.process()
        context.run(runner.process)
        assert seen == [0, 5]


# --- Tasks of their own


TOGETHER = """
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.same_task, depends: [n.value, {{task: assets.{first}}}]}}
      b: {{type: my.{code}, depends: [n.value, {{task: assets.{second}}}]}}
      return: {{type: return, depends: [a.value, b.value]}}
    assets:
      one: {{type: my.own_task, scope: node}}
      two: {{type: my.own_task, scope: node}}
"""


@pytest.mark.parametrize("assets", [("one", "one"), ("one", "two")])
def test_what_is_awaited_together_enters_and_exits_its_assets_in_its_own_task(assets):
    text = TOGETHER.format(first=assets[0], second=assets[1], code="same_task")
    assert tubes.results(text, 2) == [[0, 0], [1, 1]]
    tasks = [each for each in LOG if isinstance(each, asyncio.Task)]
    assert len(tasks) == len(set(tasks)) == 4
    assert [each for each in LOG if not isinstance(each, asyncio.Task)] == ["ended where it was made"] * 4


def test_assets_end_once_and_the_failing_one_is_named_if_coroutines_fail_together():
    text = TOGETHER.format(first="one", second="two", code="fails")
    runner = tubes.runner(text)
    with pytest.raises(ValueError, match="no") as caught:
        runner.run(1)

    assert caught.value.__notes__ == ["in the node 'b', epoch 0"]
    assert str(runner.failure) == "in the node 'b', epoch 0"
    assert LOG[2:] == ["ended where it was made"] * 2


def test_what_is_stored_is_looked_after_where_coroutines_have_assets():
    text = """
    nodes:
      n: {type: itertools.count}
      a: {type: my.fresh, depends: [n.value, assets.last]}
      b: {type: my.changes, depends: [a.value, assets.x]}
      c: {type: my.changes, depends: [a.value, assets.x]}
      return: {type: return, depends: a.seen}
    assets:
      last: {type: builtins.list, scope: runner, depends: a.value}
      x: {type: builtins.list, scope: node}
    """
    assert tubes.results(text.replace("a.seen", "[a.seen, b.value, c.value]"), 3)[1:] == [[[1], 2, 3], [[1], 2, 3]]


def fresh(
    number: int, last: list[int]
) -> tuple[Annotated[list[int], Name("value")], Annotated[list[int], Name("seen")]]:
    return [1], list(last)


async def changes(value: list[int], x: list[int]) -> int:
    value.append(2)
    return len(value)


def test_a_coroutine_among_others_has_a_copy_of_the_context():
    text = """
    nodes:
      n: {type: itertools.count}
      a: {type: my.raised, depends: n.value}
      b: {type: my.level_awaited, depends: n.value}
      c: {type: my.level, depends: b.value}
      return: {type: return, depends: [b.value, c.value]}
    """
    assert tubes.results(text, 2) == [[0, 0], [0, 0]]


# --- Cancellation


SLOW = """
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.nap, params: {{seconds: {seconds}}}, depends: [n.value, {{x: assets.x}}]}}
      return: {{type: return, depends: a.value}}
    assets: {{x: {{type: {code}, scope: {scope}, params: [{limit}]}}}}
"""


@pytest.mark.parametrize("code", ["asyncio.timeout", "my.within"])
@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_a_timeout_that_is_an_asset_fires(code, scope):
    with pytest.raises(TimeoutError):
        tubes.runner(SLOW.format(code=code, scope=scope, seconds=5, limit=0.03)).run(1)


@pytest.mark.parametrize("scope", ["process", "node"])
def test_a_timeout_is_of_its_epoch_or_call_alone(scope):
    with tubes.runner(SLOW.format(code="asyncio.timeout", scope=scope, seconds=0.3, limit=0.8)) as runner:
        assert [runner.process() for _ in range(3)] == [0, 1, 2]


def test_a_timeout_around_the_yields_of_a_source_fires_in_what_follows():
    text = """
    nodes:
      n: {type: my.timed, params: {seconds: 0.05}}
      a: {type: my.nap, params: {seconds: 5}, depends: n.value}
    """
    runner = tubes.runner(text)
    with pytest.raises(asyncio.CancelledError) as caught:
        runner.run()
    assert caught.value.__notes__ == ["in the node 'a', epoch 0"]


def test_what_is_cancelled_between_two_calls_is_what_is_awaited_next():
    text = """
    nodes:
      n: {type: my.timed, params: {seconds: 0.5}}
      a: {type: my.nap, params: {seconds: 0.01}, depends: n.value}
      return: {type: return, depends: a.value}
    """
    with tubes.runner(text) as runner:
        assert runner.process() == 0
        time.sleep(0.6)
        with pytest.raises(asyncio.CancelledError):
            runner.process()
        # Once: it is over then.
        assert [runner.process(), runner.process()] == [2, 3]


@pytest.mark.parametrize("when", ["at once", "when the loop runs again"])
def test_a_cancellation_while_nothing_is_done_is_counted_once_and_reaches_what_is_awaited_next(when):
    text = f"""
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.nap, params: {{seconds: 0}}, depends: n.value}}
      b: {{type: my.cancels_later, params: {{when: {when}}}, depends: a.value}}
      return: {{type: return, depends: b.value}}
    """
    with tubes.runner(text) as runner:
        assert runner.process() == 0
        with pytest.raises(asyncio.CancelledError) as caught:
            runner.process()
        assert caught.value.__notes__ == ["in the node 'a', epoch 1"]
        task = LOG[0]
        assert task.cancelling() == 1
        assert [runner.process(), runner.process()] == [2, 3]
        assert task.cancelling() == 1


async def cancels_later(value: int, when: str) -> int:
    """Cancels the run's task once, when it has nothing more to do than to wait for the next epoch."""
    if value == 0:
        task = here()
        loop = asyncio.get_running_loop()
        waits = loop.create_future()

        def wake_up_and_cancel() -> None:
            # This goes on in the next turn of the loop, and the epoch ends in it.
            waits.set_result(None)
            cancel = task.cancel if when == "at once" else lambda: loop.call_soon(task.cancel)
            loop.call_soon(cancel)

        loop.call_soon(wake_up_and_cancel)
        await waits
    return value


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_a_task_group_is_an_asset_of_any_scope(scope):
    text = f"""
    nodes:
      n: {{type: itertools.count}}
      a: {{type: my.begins, depends: [n.value, assets.group]}}
      return: {{type: return, depends: a.value}}
    assets: {{group: {{type: asyncio.TaskGroup, scope: {scope}}}}}
    """
    assert tubes.results(text, 3) == [0, 1, 2]

    runner = tubes.runner(text.replace("my.begins", "my.lets_fail"))
    with pytest.raises(ExceptionGroup) as caught:
        runner.run(3)
    assert [type(each) for each in caught.value.exceptions] == [LookupError]


# --- Errors, early ends, and other loops


@pytest.mark.parametrize("way", ["process", "run"])
def test_a_stop_iteration_of_a_node_is_raised_as_it_was(way):
    text = """
    nodes:
      n: {type: my.counted}
      a: {type: my.stops, depends: n.value}
    """
    with pytest.raises(StopIteration, match="process"), tubes.runner(text) as runner:
        getattr(runner, way)()
    with pytest.raises(StopIteration, match="init"):
        tubes.runner("nodes: {n: {type: my.counted}, a: {type: my.Stops, depends: n.value}}").run()


def test_an_iterator_that_is_left_early_ends_all_in_the_task():
    text = """
    nodes:
      n: {type: my.counted, params: {n: 100}}
      a: {type: my.nap, depends: [n.value, {x: assets.x}]}
    assets: {x: {type: my.own_task, scope: runner}}
    """
    results = tubes.runner(text).iter()
    next(results)
    results.close()
    assert LOG[-1] == "ended where it was made"


def test_an_iterator_makes_no_more_epochs_when_the_run_has_ended():
    runner = tubes.runner("nodes: {n: {type: my.counted}, a: {type: my.nap, depends: n.value}}")
    with runner:
        results = runner.iter()
        next(results)
    assert list(results) == []


def test_a_node_that_asks_its_runner_for_something_is_told_that_this_is_impossible():
    runner = tubes.runner("nodes: {n: {type: my.counted}, a: {type: my.asks, depends: n.value}}")
    RUNNERS[:] = [runner]
    with pytest.raises(RuntimeError, match="at work"):
        runner.run(1)


RUNNERS: list[SynchronousRunner] = []


async def asks(value: Any) -> Any:
    return RUNNERS[0].process()


def test_a_run_inside_of_a_running_loop_is_one_coroutine_too():
    async def main() -> Any:
        return tubes.runner(EVERYTHING).run(3), asyncio.current_task()

    results, outer = asyncio.run(main())
    assert [each[0] for each in results] == [100, 110, 120]
    tasks = {each for each in LOG if isinstance(each, asyncio.Task)}
    assert len(tasks) == 1
    assert outer not in tasks


def test_an_interruption_of_what_is_awaited_ends_all_and_the_runner_goes_on():
    text = """
    nodes:
      n: {type: itertools.count}
      a: {type: my.long_at_first, depends: [n.value, {x: assets.x}]}
      return: {type: return, depends: a.value}
    assets: {x: {type: my.own_task, scope: process}}
    """
    with tubes.runner(text) as runner:
        signal.signal(signal.SIGALRM, _interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            runner.process()
        assert caught.value.__notes__ == ["in the node 'a', epoch 0"]
        assert LOG[1:] == ["cancelled", "ended where it was made"]
        assert LOG[0].cancelling() == 0
        assert runner.process() == 1


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


async def long_at_first(value: int, x: Any) -> int:
    if value == 0:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        await asyncio.sleep(60 if value == 0 else 0)
    except asyncio.CancelledError:
        LOG.append("cancelled")
        raise
    return value


def test_a_run_that_awaits_nothing_imports_no_asyncio(tmp_path):
    (tmp_path / "code.py").write_text("def made():\n    return []\n\ndef use(value, x):\n    return value\n")
    (tmp_path / "t.yaml").write_text(
        "nodes:\n  n: {type: itertools.count}\n  a: {type: code.use, depends: [n.value, {x: assets.x}]}\n"
        "assets: {x: {type: code.made, scope: process}}\n"
    )
    script = (
        "import sys; from noob_cli import SynchronousRunner, Tube; "
        f"r = SynchronousRunner(Tube.from_specification({str(tmp_path / 't.yaml')!r})); "
        "r.run(2); list(r.iter(2)); print('asyncio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


def test_what_is_made_before_the_first_thing_is_awaited_is_made_in_the_loop_if_the_code_tells():
    # Both need a running loop to be made at all.
    for code in ("asyncio.timeout", "my.sleeper"):
        text = f"""
        nodes:
          n: {{type: itertools.count}}
          a: {{type: my.level_of, depends: [n.value, {{x: assets.x}}]}}
        assets: {{x: {{type: {code}, scope: runner, params: [60]}}}}
        """
        assert tubes.runner(text).run(1) == []


def sleeper(seconds: float) -> asyncio.Timeout:
    return functools.partial(asyncio.timeout)(seconds)


def runs_a_loop(value: int) -> int:
    work = slept(value)
    try:
        return asyncio.run(work)
    finally:
        work.close()


async def slept(value: int) -> int:
    await asyncio.sleep(0)
    return value


@pytest.mark.parametrize(
    ("before", "code", "works"),
    [("operator.pos", "runs_a_loop", True), ("my.slept", "runs_a_loop", False), ("my.slept", "slept", True)],
)
def test_a_function_may_run_a_loop_of_its_own_where_nothing_is_awaited(before, code, works):
    text = f"""
    nodes:
      n: {{type: itertools.count}}
      a: {{type: {before}, depends: [n.value]}}
      b: {{type: my.{code}, depends: [a.value]}}
      return: {{type: return, depends: b.value}}
    """
    runner = tubes.runner(text)
    if works:
        assert runner.run(2) == [0, 1]
        return
    with pytest.raises(RuntimeError, match="running event loop") as caught:
        runner.run(2)
    assert caught.value.__notes__[0] == "in the node 'b', epoch 0"
    assert "make this a coroutine function" in caught.value.__notes__[1]


def in_a_new_loop(value: Any) -> Any:
    loop, work = asyncio.new_event_loop(), asyncio.sleep(0, value)
    try:
        return loop.run_until_complete(work)
    finally:
        work.close()
        loop.close()


def in_anyio(value: Any) -> Any:
    return anyio.run(anyio.sleep, 0)


def raising_another(value: Any) -> Any:
    raise RuntimeError("no running event loop")


@pytest.mark.parametrize(
    ("code", "is_told"),
    [("in_a_new_loop", True), ("in_anyio", True), ("raising_another", False)],
)
def test_an_event_loop_of_its_own_says_what_to_do(code, is_told):
    runner = tubes.runner(
        f"""
        nodes:
          n: {{type: my.counted}}
          x: {{type: my.raised, depends: [n.value]}}
          y: {{type: my.{code}, depends: [x.value]}}
        """
    )

    with pytest.raises(RuntimeError) as raised:
        runner.run(1)

    assert ("make this a coroutine function that awaits" in raised.value.__notes__[-1]) is is_told


async def fails_at_once(value: Any) -> None:
    raise ValueError(value)


@pytest.mark.slow
def test_of_coroutines_that_fail_in_the_same_turn_the_first_is_told_and_no_other(caplog: pytest.LogCaptureFixture):
    text = """
    nodes:
      number: {type: my.counted}
      one: {type: my.fails_at_once, depends: number.value}
      other: {type: my.fails_at_once, depends: number.value}
    """
    with pytest.raises(ValueError, match="0"):
        tubes.runner(text).run()
    gc.collect()
    # asyncio tells of an error that nobody has asked for.
    assert caplog.records == []
