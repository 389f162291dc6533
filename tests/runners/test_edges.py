"""Where several things meet: nested tubes and teardown, several runners of one tube, interrupted coroutines."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
from functools import partial
from typing import Any

import pytest

from noob_cli import CarryError, InputError, SynchronousRunner, Tube, TubeError
from tests.patience import PATIENCE
from tests.runners.edge_nodes import LOG

MY = "tests.runners.edge_nodes"


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def runner(nodes: dict[str, Any], inputs: dict[str, Any] | None = None, **more: Any) -> SynchronousRunner:
    return SynchronousRunner(Tube.from_specification({"nodes": nodes, **more}, input=inputs), warn=LOG.append)


def node(kind: str, depends: Any = None, **params: Any) -> dict[str, Any]:
    special = kind in ("map", "gather", "return", "tube") or "." in kind
    spec: dict[str, Any] = {"type": kind if special else f"{MY}.{kind}"}
    if depends is not None:
        spec["depends"] = depends
    return {**spec, "params": params} if params else spec


CHILD = {
    "input": {"v": {"type": "int", "scope": "process"}},
    "nodes": {"a": node("same", ["input.v"]), "r": node("return", "a.value")},
}


def test_a_refused_input_of_a_nested_tube_ends_assets_and_undoes_gathers():
    tube = runner(
        {
            "s": node("texts"),
            "use": node("same", ["s.value", "assets.cm"]),
            "g": node("gather", "s.value", n=2),
            "c": node("tube", [{"v": "s.value"}], tube=CHILD),
            "r": node("return", [{"g": "g.value"}, {"c": "c.value"}]),
        },
        assets={"cm": {"type": f"{MY}.logged", "scope": "process"}},
    )
    with tube:
        assert tube.process() == {"c": 1}
        with pytest.raises(InputError, match=r"'c\.v' should be int, given 'b'") as caught:
            tube.process()
        assert "in the input 'c.v', epoch 1" in caught.value.__notes__
        assert LOG == ["enter cm", "exit cm"] * 2
    assert LOG[-1] == "the node 'g' has 1 value left that it did not emit"


def test_a_nested_tube_that_ends_in_a_nested_tube_stops_nothing_else():
    inner = {
        "input": {"v": {"type": "int", "scope": "process"}},
        "nodes": {"s": node("count", n=2), "r": node("return", "s.value")},
    }
    outer = {
        "input": {"v": {"type": "int", "scope": "process"}},
        "nodes": {
            "s": node("itertools.count"),
            "c": node("tube", [{"v": "s.value"}], tube=inner),
            "r": node("return", [{"s": "s.value"}, {"c": "c.value"}]),
        },
    }
    tube = runner(
        {
            "s": node("itertools.count"),
            "c": node("tube", [{"v": "s.value"}], tube=outer),
            "r": node("return", [{"o": "s.value"}, {"c": "c.c"}]),
        }
    )
    assert [each["o"] for each in tube.run(8)] == list(range(8))


@pytest.mark.parametrize("name", ["a-b", "__debug__", "ﬁ", "class", "a b"])
def test_any_text_can_be_the_name_of_a_param(name):
    tube = runner(
        {"s": node("count"), "d": {**node("dict", [{"s": "s.value"}]), "type": "dict"}, "r": node("return", "d.value")}
    )
    tube.tube.spec.nodes["d"].params = {name: 1}
    assert tube.run(1) == [{"s": 0, name: 1}]


def test_no_text_of_a_param_is_taken_for_code():
    tube = runner(
        {
            "s": node("count"),
            "d": {"type": "dict", "depends": [{"s": "s.value"}], "params": {"a": "nonlocal ..."}},
            "r": node("return", "d.value"),
        }
    )
    assert tube.run(1) == [{"s": 0, "a": "nonlocal ..."}]


def test_a_node_that_fails_when_it_is_enabled_fails_each_time():
    tube = runner(
        {"s": node("count"), "f": {**node("Failing", "s.value"), "enabled": False}, "r": node("return", "s.value")}
    )
    with tube:
        assert tube.process() == 0
        tube.enable_node("f")
        for _ in range(2):
            with pytest.raises(ValueError, match="not now"):
                tube.process()
        tube.disable_node("f")
        assert tube.process() == 1


def test_two_runners_of_a_tube_have_assets_of_their_own():
    one = runner(
        {"s": node("count"), "a": node("append", ["assets.log", "s.value"]), "r": node("return", "a.value")},
        assets={"log": {"type": f"{MY}.Log", "scope": "runner"}},
    )
    other = SynchronousRunner(one.tube)
    with one, other:
        assert [one.process(), other.process(), one.process()] == [[0], [0], [0, 1]]
        one.disable_node("s")
        one.enable_node("s")
        assert [one.process(), other.process()] == [[0, 1, 2], [0, 1]]
    assert LOG == ["open", "open", "close", "close"]
    assert one.run(1) == [[0]]


def test_each_object_of_an_asset_class_is_new():
    tube = runner(
        {"s": node("count"), "a": node("append", ["assets.log", "s.value"]), "r": node("return", "a.value")},
        assets={"log": {"type": f"{MY}.Log", "scope": "process"}},
    )
    assert tube.run(3) == [[0], [1], [2]]


def test_each_object_of_an_asset_has_params_of_its_own():
    assets = {"seen": {"type": "dict", "scope": "process", "params": {"seen": []}}}
    tube = runner(
        {"s": node("count"), "a": node("note", ["assets.seen", "s.value"]), "r": node("return", "a.value")},
        assets=assets,
    )
    assert tube.run(2) == [[0], [1]]
    assert tube.run(2) == [[0], [1]]


def test_a_coroutine_that_reads_an_asset_is_through_before_one_stores_it():
    assets = {"kept": {"type": "list", "scope": "runner", "depends": "st.value"}}
    tube = runner(
        {
            "s": node("count"),
            "rd": node("read", "assets.kept"),
            "st": node("extend", ["assets.kept", "s.value"]),
            "r": node("return", "rd.value"),
        },
        assets=assets,
    )
    assert tube.run(3) == [[], [0], [0, 1]]


@pytest.mark.slow
def test_coroutines_that_were_made_are_closed_if_another_cannot_be(recwarn):
    tube = runner(
        {
            "s": node("count"),
            "g": node("count", n=1),
            "kept": node("generator", "s.value"),
            "a": node("wait", "s.value"),
            "b": node("wait", "kept.value"),
        },
        assets={"last": {"type": "list", "scope": "runner", "depends": "kept.value"}},
    )
    with pytest.raises(CarryError, match="the node 'b' gets the same object"):
        tube.run(1)
    gc.collect()
    assert not [each for each in recwarn if "never awaited" in str(each.message)]


def test_an_iterator_that_is_left_makes_no_epoch_after_the_run():
    tube = runner(
        {"s": node("count"), "u": node("same", ["s.value", "assets.cm"]), "r": node("return", "u.value")},
        assets={"cm": {"type": f"{MY}.logged", "scope": "runner"}},
    )
    with tube:
        results = tube.iter()
        assert next(results) == 0
    assert list(results) == []
    assert LOG == ["enter cm", "exit cm"]


def test_a_wrong_record_is_counted_from_one():
    tube = runner(
        {"a": node("same", ["input.v"]), "r": node("return", "a.value")},
        input={"v": {"type": "int", "scope": "process"}},
    )
    with pytest.raises(InputError, match="record 2: the input 'v'"):
        list(tube.stream([{"v": 1}, {"v": "b"}]))


def test_an_epoch_that_can_be_given_by_position_only():
    tube = runner({"s": node("count"), "e": node("with_epoch", "s.value"), "r": node("return", "e.value")})
    assert tube.run(2) == [(0, 0), (1, 1)]


def test_what_a_coroutine_function_makes_is_the_asset():
    tube = runner(
        {"s": node("count"), "u": node("same", ["assets.m", "s.value"]), "r": node("return", "u.value")},
        assets={"m": {"type": f"{MY}.made", "scope": "process"}},
    )
    assert tube.run(1) == ["made"]


def test_a_default_is_validated_as_it_stands_in_the_file():
    tube = runner(
        {"a": node("same", ["input.v"]), "r": node("return", "a.value")},
        input={"v": {"type": "pydantic.Json[list[int]]", "scope": "process", "default": "[1, 2]"}},
    )
    assert tube.run(2) == [[1, 2], [1, 2]]


def test_a_method_for_the_start_that_wants_more_than_the_context():
    with pytest.raises(TubeError, match=r"error\[G006\]: '.*Wanting.init' needs 'more'"):
        runner({"s": node("count"), "w": node("Wanting", "s.value")})


@pytest.mark.parametrize("number", [0, -1, "two", 1.5])
def test_a_gather_whose_number_is_an_input(number):
    with pytest.raises(InputError, match="the node 'g': 'n' is a whole number from 1 on"):
        runner(
            {"s": node("count"), "g": node("gather", "s.value", n="input.k")},
            {"k": number},
            input={"k": {"type": "typing.Any"}},
        )


def test_a_wrong_input_of_a_nested_tube_names_the_node():
    child = {"input": {"by": {"type": "int"}}, "nodes": {"a": node("itertools.count", start="input.by")}}
    with pytest.raises(InputError, match="the node 'c': the input 'by' should be int"):
        runner({"c": node("tube", tube=child, by="many")})


def test_tubes_in_tubes_to_any_depth():
    tube: dict[str, Any] = {
        "nodes": {"a": node("same", ["input.v"]), "s": node("itertools.count"), "r": node("return", "a.value")}
    }
    for _ in range(60):
        tube["input"] = {"v": {"type": "int", "scope": "process"}}
        tube = {
            "nodes": {
                "s": node("itertools.count"),
                "c": node("tube", [{"v": "input.v"}], tube=tube),
                "r": node("return", "c.value"),
            }
        }
    tube["nodes"]["c"]["depends"] = [{"v": "s.value"}]
    assert SynchronousRunner(Tube.from_specification(tube)).run(3) == [0, 1, 2]


def test_maps_in_maps_to_any_depth():
    nodes: dict[str, Any] = {"s": node("itertools.repeat", object=[1, 2], times=2)}
    before = "s.value"
    for number in range(99):
        nodes[f"m{number}"] = node("map", before)
        nodes[f"w{number}"] = (
            {"type": "builtins.list", "depends": f"m{number}.value"}
            if number < 0
            else node("wrapped", f"m{number}.value")
        )
        before = f"w{number}.value"
    nodes["r"] = node("return", before)
    assert SynchronousRunner(Tube.from_specification({"nodes": nodes})).run(1) == [[[1], [2]]]


@pytest.mark.parametrize("inside", [False, True], ids=["in its own thread", "inside of a running loop"])
def test_an_interrupted_coroutine_has_ended_before_the_assets_do(inside):
    tube = runner(
        {"s": node("count"), "w": node("wait", "assets.cm")},
        assets={"cm": {"type": f"{MY}.logged", "scope": "process"}},
    )

    def interrupt() -> None:
        until = time.monotonic() + PATIENCE
        while not LOG and time.monotonic() < until:
            time.sleep(0.01)
        # Now that the asset is there, the node is awaited soon.
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)

    async def run_inside() -> None:
        tube.run()

    loop = asyncio.new_event_loop()
    run = partial(loop.run_until_complete, run_inside()) if inside else tube.run
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        run()
    interrupting.join()
    loop.close()
    assert LOG == ["enter cm", "cancelled", "exit cm"]


def test_an_asset_class_gets_params_as_fields():
    tube = runner(
        {"s": node("count"), "a": node("append", ["assets.from_5", "s.value"]), "r": node("return", "a.value")},
        assets={"from_5": {"type": f"{MY}.Counter", "scope": "runner", "params": {"start": 5}}},
    )
    assert tube.run(2) == [[5, 0], [5, 0, 1]]
