"""What is measured of the nodes of a run, if somebody wants to know."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from time import sleep
from typing import Annotated, Any

import pytest

from noob_cli import Name, NoEvent, SynchronousRunner, Tube
from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.codegen.timing import Timer
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions

HERE = __name__


def count(limit: int = 4) -> Iterator[int]:
    yield from range(limit)


def pairs(limit: int = 4) -> Iterator[tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]]:
    for number in range(limit):
        yield NoEvent if number == 1 else (number, number if number % 2 else NoEvent)


async def count_slowly(limit: int = 3) -> AsyncIterator[int]:
    for number in range(limit):
        await asyncio.sleep(0)
        yield number


def even(value: int) -> int:
    return value if value % 2 == 0 else NoEvent


def split(value: int) -> tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]:
    return NoEvent if value == 3 else (value, NoEvent)


def some(value: int) -> list[int]:
    return list(range(value))


def lazily(value: int) -> Iterator[int]:
    sleep(0.002)
    yield value


def iterable(value: int) -> Any:
    return lazily(value)


async def wait(value: int) -> int:
    await asyncio.sleep(0.002)
    return value


def pause(value: int) -> int:
    sleep(0.002)
    return value


def check(value: int, at: int = 2) -> int:
    if value == at:
        sleep(0.002)
        raise ValueError(value)
    return value


def fail(value: int) -> int:
    raise ValueError(value)


def node(kind: str, *depends: Any, **params: Any) -> dict[str, Any]:
    special = kind in ("return", "tube", "map", "gather")
    spec: dict[str, Any] = {"type": kind if special else f"{HERE}.{kind}", "params": params}
    return {**spec, "depends": list(depends)} if depends else spec


INNER = {
    "input": {"value": {"type": "int", "scope": "process"}},
    "nodes": {
        "half": node("even", "input.value"),
        "pause": node("pause", "input.value"),
        "return": node("return", {"half": "half.value"}, {"all": "pause.value"}),
    },
}

TUBES: dict[str, dict[str, Any]] = {
    "functions": {"n": node("count"), "even": node("even", "n.value"), "again": node("even", "even.value")},
    "several_signals": {"n": node("pairs"), "split": node("split", "n.a")},
    "sources_that_end": {"n": node("count"), "few": node("count", limit=2), "x": node("even", "n.value")},
    "loop": {
        "n": node("count"),
        "some": node("some", "n.value"),
        "each": node("map", "some.value"),
        "x": node("even", "each.value"),
        "all": node("gather", {"value": "x.value"}, {"n": "each.n"}),
        "two": node("gather", "x.value", n=2),
        "return": node("return", "all.value", "two.value"),
    },
    "nested": {
        "n": node("count"),
        "inner": node("tube", {"value": "n.value"}, tube=INNER),
        "x": node("even", "inner.half"),
    },
    "nested_source": {
        "inner": node("tube", tube={"nodes": {"n": node("count"), "return": {"type": "return", "depends": "n.value"}}}),
        "x": node("even", "inner.value"),
    },
    "coroutines": {
        "n": node("count_slowly"),
        "one": node("wait", "n.value"),
        "other": node("wait", "n.value"),
        "after": node("wait", "one.value"),
    },
}


def timed(nodes: dict[str, Any], **options: Any) -> SynchronousRunner:
    return SynchronousRunner(Tube.from_specification({"nodes": nodes}), warn=lambda _: None, timing=True, **options)


@pytest.mark.parametrize("name", TUBES)
def test_events_are_those_that_callbacks_get(name: str) -> None:
    told: Counter[str] = Counter()
    listening = SynchronousRunner(Tube.from_specification({"nodes": TUBES[name]}), warn=lambda _: None)
    listening.add_callback(lambda event: told.update([event["node_id"]]))
    listening.run()
    runner = timed(TUBES[name])
    runner.run()

    found = {name: timer.events for name, timer in runner.timers.items() if timer.events}
    assert found == {name: count for name, count in told.items() if name != "meta"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("functions", {"n": (4, 0), "even": (4, 2), "again": (2, 0)}),
        ("several_signals", {"n": (4, 4), "split": (3, 4)}),
        ("sources_that_end", {"n": (4, 0), "few": (2, 0), "x": (4, 2)}),
        ("loop", {"n": (4, 0), "some": (4, 0), "each": (4, 2), "x": (6, 2), "all": (4, 1), "two": (6, 4)}),
        ("nested", {"n": (4, 0), "inner": (4, 2), "inner.half": (4, 2), "inner.pause": (4, 0), "x": (2, 0)}),
        ("nested_source", {"inner": (4, 0), "inner.n": (4, 0), "x": (4, 2)}),
        ("coroutines", {"n": (3, 0), "one": (3, 0), "other": (3, 0), "after": (3, 0)}),
    ],
)
def test_calls_and_signals_that_emit_nothing_are_counted(name: str, expected: dict[str, tuple[int, int]]) -> None:
    runner = timed(TUBES[name])
    runner.run()

    assert {name: (timer.calls, timer.no_events) for name, timer in runner.timers.items()} == expected


@pytest.mark.parametrize("form", ["run", "iter", "process"])
def test_all_ways_to_make_epochs_are_measured(form: str) -> None:
    with timed({**TUBES["functions"], "return": {"type": "return", "depends": "even.value"}}) as runner:
        if form == "process":
            runner.process()
            runner.process()
        else:
            list(getattr(runner, form)(2))
        assert runner.timers["even"].calls >= 2


def test_the_time_of_a_call_is_measured() -> None:
    runner = timed({"n": node("count"), "x": node("pause", "n.value"), "y": node("even", "x.value")})
    runner.run()

    timer = runner.timers["x"]
    assert timer.longest >= 0.002
    assert timer.seconds >= 4 * 0.002


def test_a_nested_tube_takes_what_its_nodes_take() -> None:
    runner = timed(TUBES["nested"])
    runner.run()

    assert runner.timers["inner"].seconds >= runner.timers["inner.pause"].seconds >= 4 * 0.002


def test_a_map_takes_what_its_iterable_takes() -> None:
    runner = timed({"n": node("count"), "it": node("iterable", "n.value"), "each": node("map", "it.value")})
    runner.run()

    assert runner.timers["each"].seconds >= 4 * 0.002


def test_a_coroutine_takes_as_long_as_it_is_awaited() -> None:
    runner = timed(TUBES["coroutines"])
    runner.run()

    assert all(runner.timers[name].seconds >= 3 * 0.002 for name in ("one", "other", "after"))


def test_a_call_that_fails_is_one() -> None:
    with timed({"n": node("count"), "x": node("check", "n.value")}) as runner:
        for _ in range(3):
            with suppress(ValueError):
                runner.process()
        timer = runner.timers["x"]
        assert (timer.calls, timer.events, timer.no_events) == (3, 2, 0)
        assert timer.seconds >= 0.002


def test_a_coroutine_that_is_not_awaited_can_be_closed(recwarn: pytest.WarningsRecorder) -> None:
    Timer().awaiting(wait(1)).close()
    gc.collect()

    assert not [each for each in recwarn if "never awaited" in str(each.message)]


def test_a_run_begins_anew() -> None:
    runner = timed(TUBES["functions"])
    runner.run()
    runner.run()

    assert runner.timers["n"].calls == 4


def test_an_error_is_told_as_without() -> None:
    with timed({"n": node("count"), "x": node("fail", "n.value")}) as runner, pytest.raises(ValueError, match="0"):
        runner.process()

    assert runner.failure is not None
    assert (str(runner.failure.place), runner.failure.values) == ("the node 'x'", {"value": 0})


@pytest.mark.parametrize("name", TUBES)
def test_who_does_not_ask_pays_nothing(name: str) -> None:
    tube = Tube.from_specification({"nodes": TUBES[name]})

    assert "timers" not in str(compile_form(lower(tube), Form.run))
    assert "timers" in str(compile_form(lower(tube, options=LoweringOptions(timing=True)), Form.run))


def test_deep_loops_can_be_measured() -> None:
    nodes: dict[str, Any] = {"n": node("count", limit=1), "first": node("deep", "n.value")}
    before = "first"
    for level in range(15):
        nodes[f"m{level}"] = node("map", f"{before}.value")
        before = f"m{level}"
    nodes["x"] = node("even", f"{before}.value")
    runner = timed(nodes)
    runner.run()

    assert (runner.timers["x"].calls, runner.timers["x"].events) == (1, 1)


def deep(value: int) -> Any:
    for _ in range(15):
        value = [value]
    return value
