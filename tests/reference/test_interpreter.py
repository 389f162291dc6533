"""What the reference interpreter does, derived by hand from the contract.

Each test names the sentence it shows: the section's number and a few words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from noob_cli.errors import CarryError, InputError, SignalError, TubeExhaustedError
from tests.reference import nodes
from tests.reference.interpreter import Interpreter
from tests.reference.tubes import Case, cases, observe_case, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

N = "tests.reference.nodes."


@pytest.fixture(autouse=True)
def _fresh_log() -> Iterator[None]:
    nodes.reset()
    yield
    nodes.reset()


def node(kind: str, name: str = "", depends: Any = None, **params: Any) -> dict[str, Any]:
    """A node; if it is one of `nodes.py` and has a name, it gets that as its tag."""
    special = kind in ("map", "gather", "return", "tube", "sum", "len", "str", "list")
    found: dict[str, Any] = {"type": kind if special or "." in kind else N + kind}
    if name:
        params["tag"] = name
    if depends is not None:
        found["depends"] = depends
    if params:
        found["params"] = params
    return found


def returned(depends: Any) -> dict[str, Any]:
    return {"type": "return", "depends": depends}


def tube(assets: dict[str, Any] | None = None, **of_nodes: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"nodes": of_nodes}
    if assets:
        spec["assets"] = assets
    return spec


def asset(kind: str, name: str, scope: str, depends: str = "", **params: Any) -> dict[str, Any]:
    found = {"type": N + kind, "scope": scope, "params": {"tag": name, **params}}
    if depends:
        found["depends"] = depends
    return found


def run(spec: dict[str, Any], records: Any = None, n: int | None = None, **inputs: Any) -> list:
    return Interpreter(spec, inputs).run(records, n)


def lines(*what: str) -> list[tuple[str, ...]]:
    """The lines of the log about these things."""
    return [line for line in nodes.LOG if line[0] in what]


def calls() -> list[str]:
    return [line[1] for line in lines("call")]


def logged(tag: str) -> list[tuple[str, ...]]:
    """The arguments of the calls of one node."""
    return [line[2:] for line in nodes.LOG if line[0] == "call" and line[1] == tag]


# --- 2 Nodes ----------------------------------------------------------------------------------


def test_generator_and_function() -> None:
    """2 "generator function: called once with `params`; its next item"; "called with its slots"."""
    spec = tube(s=node("count", "s", n=3), f=node("one", "f", "s.value", add=10), r=returned("f.value"))
    assert run(spec) == [10, 11, 12]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (node("Countdown", "s", n=2), [2, 1]),
        (node("async_count", "s", n=2), [0, 1]),
        (node("itertools.repeat", object=5, times=2), [5, 5]),
    ],
)
def test_sources(source: dict[str, Any], expected: list[int]) -> None:
    """2 "class whose instances are iterators, without `depends`", "async generator function"."""
    assert run(tube(s=source, r=returned("s.value"))) == expected


def test_class_with_generator_process() -> None:
    """2 "a generator without slots: its next item"; "a generator's are its yield type's"."""
    spec = tube(s=node("Ticker", "s", n=2), r=returned("s.tick"))
    assert run(spec) == [0, 10]
    assert lines("init", "deinit") == [("init", "s"), ("deinit", "s")]


def test_class_with_process() -> None:
    """2 "instance from `params`", "that method"; "`init`/`deinit` run at start and stop"."""
    spec = tube(s=node("count", "s", n=3), f=node("Summer", "f", "s.value", start=5), r=returned("f.total"))
    assert run(spec) == [5, 6, 8]
    assert [line[0] for line in nodes.LOG if line[1] == "f"] == ["init", *["call"] * 3, "deinit"]


def test_marked_methods_and_coroutines() -> None:
    """2 "any marked `@init_method`/`@deinit_method`", "plain or coroutine"."""
    spec = tube(s=node("count", "s", n=2), f=node("Marked", "f", "s.value"), r=returned("f.value"))
    assert run(spec) == [1, 2]
    assert logged("f") == [("0", "0"), ("1", "1")]
    assert lines("init", "deinit") == [("init", "f"), ("deinit", "f", "2")]


def test_coroutine_function() -> None:
    """2 "coroutine function: awaited"."""
    spec = tube(s=node("count", "s", n=2), f=node("later", "f", "s.value"), r=returned("f.value"))
    assert run(spec) == [1, 2]


def test_coroutines_that_follow_each_other() -> None:
    """3 "started in order and awaited together; the next node waits for all"."""
    spec = tube(
        s=node("count", "s", n=1),
        a=node("waits", "a", "s.value", turns=2),
        b=node("waits", "b", "s.value", turns=1),
        c=node("waits", "c", "a.value"),
    )
    assert run(spec) == []
    assert [line[:2] for line in lines("call", "through")] == [
        *[("call", "a"), ("call", "b"), ("through", "b"), ("through", "a")],
        *[("call", "c"), ("through", "c")],
    ]


def test_one_of_them_fails() -> None:
    """3 "if one fails the others are cancelled and awaited"."""
    spec = tube(
        s=node("constant", "s", value=1),
        a=node("waits", "a", "s.value", turns=9),
        b=node("waits", "b", "s.value", turns=1, every=3),
    )
    with pytest.raises(ValueError, match="b can't take 1"):
        run(spec)
    assert lines("through", "cancelled") == [("through", "b"), ("cancelled", "a")]


def test_one_context() -> None:
    """3 "a context variable that one part opens holds for the next"; awaited together, in "a copy of the context"."""
    spec = tube(
        {"x": asset("leveled", "x", "runner")},
        s=node("levels", "s", n=2),
        a=node("level", "a", "assets.x"),
        b=node("level_later", "b", "s.value"),
        c=node("level_later", "c", "a.value"),
        d=node("level_later", "d", "c.value"),
        r=returned(["a.value", "b.value", "c.value", "d.value"]),
    )
    assert run(spec) == [[1, 2, 2, 2], [11, 12, 12, 12]]
    assert lines("enter", "exit") == [("enter", "x", "1", "0"), ("exit", "x", "1", "12")]


def test_other_class_is_called_like_a_function() -> None:
    """2 "any other class: called like a function"."""
    spec = tube(s=node("count", "s", n=2), f=node("Box", "f", "s.value"), r=returned("f.value"))
    assert run(spec) == [nodes.Box(0), nodes.Box(1)]


def test_builtins() -> None:
    """1 "a bare builtin (`sum`)"."""
    spec = tube(
        s=node("lists", "s", n=4),
        f=node("sum", "", "s.value"),
        g=node("str", "", "f.value"),
        r=returned("g.value"),
    )
    assert run(spec) == ["0", "1", "5", "12"]


def test_several_signals() -> None:
    """2 "a tuple of those is several"; 3 "`NoEvent` in a signal's place, or of the whole tuple"."""
    spec = tube(s=node("pairs", "s", n=5), r=returned([{"a": "s.a"}, {"b": "s.b"}]))
    assert run(spec) == [
        {"a": 0, "b": []},
        {"a": 1, "b": [1]},
        {"b": [3, 3]},
        {"a": 4, "b": [4]},
    ]


def test_tuple_of_wrong_length() -> None:
    """3 "a tuple of the wrong length fails the node"."""
    runner = Interpreter(tube(s=node("constant", "s"), f=node("bad_tuple", "f", "s.value")))
    runner.init()
    with pytest.raises(SignalError):
        runner.process()
    runner.deinit()


def test_slots_positional_keyword_and_integer() -> None:
    """2 "a list of `node.signal` (positional) and `{slot: node.signal}`", integer keys too."""
    spec = tube(
        a=node("constant", "a", value=1),
        b=node("constant", "b", value=2),
        f=node("two", "f", ["a.value", {"right": "b.value"}]),
        g=node("two", "g", [{1: "a.value"}, {0: "b.value"}]),
        h=node("many", "h", ["a.value", "b.value", "a.value"]),
        r=returned(["f.value", "g.value", "h.value"]),
    )
    assert run(spec, n=1) == [[4, 5, 4]]


def test_required_and_optional_slots() -> None:
    """2 "a slot is optional when its default is `None`"; 3 "keeps the parameter's default"."""
    spec = tube(
        s=node("count", "s", n=2),
        x=node("silent", "x", "s.value"),  # nothing for 0
        f=node("maybe", "f", ["s.value", {"other": "x.value"}]),
        g=node("defaulted", "g", [{"value": "x.value"}]),  # not None: required
        k=node("keywords", "k", [{"any": "x.value"}]),
        o=node("optional", "o", [{"left": "x.value"}]),
    )
    run(spec)
    assert logged("f") == [("0", "None"), ("1", "1")]
    assert logged("g") == [("1",)]
    assert logged("k") == [("{}",), ("{'any': 1}",)]
    assert logged("o") == [("None", "None"), ("1", "None")]


def test_positional_slots_are_required() -> None:
    """2 "Positional slots are required.": also one whose default is None."""
    spec = tube(
        s=node("count", "s", n=2),
        x=node("silent", "x", "s.value"),  # nothing for 0
        f=node("maybe", "f", ["s.value", "x.value"]),
    )
    run(spec)
    assert logged("f") == [("1", "1")]


def test_depends_wins_over_params() -> None:
    """2 "An argument in both `params` and `depends` comes from `depends`"."""
    spec = tube(
        a=node("constant", "a", value=1),
        f=node("one", "f", ["a.value", {"add": "a.value"}], add=50),
        r=returned("f.value"),
    )
    assert run(spec, n=1) == [2]


def test_epoch_and_events_are_injected() -> None:
    """2 "annotated `Epoch` gets the current epoch", "`EventMap` gets the events"."""
    spec = tube(
        s=node("count", "s", n=2),
        f=node("with_epoch", "f", "s.value"),
        g=node("with_events", "g", [{"value": "f.value"}, {"other": "s.value"}]),
        r=returned(["f.value", "g.value"]),
    )
    assert run(spec) == [
        [0, ["other=s.value@0", "value=f.value@0"]],
        [101, ["other=s.value@1", "value=f.value@1"]],
    ]


def test_input_in_params_at_any_depth() -> None:
    """2 "A string `input.name`, at any depth, stands for that tube-scoped input"."""
    spec = tube(f=node("constant", "f", value=["input.x", {"k": "input.x"}]), r=returned("f.value"))
    spec["input"] = {"x": {"type": "int"}}
    assert run(spec, n=1, x="3") == [[3, {"k": 3}]]


def test_disabled() -> None:
    """2 "A disabled node never runs; nodes that need its signals don't either"; `input.name`."""
    spec = tube(
        s=node("count", "s", n=2),
        d={**node("Summer", "d", "s.value"), "enabled": "input.on"},
        f=node("one", "f", "d.total"),
        g=node("maybe", "g", ["s.value", {"other": "d.total"}]),
        r=returned("g.value"),
    )
    spec["input"] = {"on": {"type": "bool", "default": False}}
    assert run(spec) == [21, 22]  # 0 + 3 * weigh(None), 1 + 3 * weigh(None)
    assert set(calls()) == {"g"}
    nodes.reset()
    assert run(spec, on=True) == [0, 4]


# --- 3 Events: order --------------------------------------------------------------------------


def test_order_is_that_of_the_file() -> None:
    """3 "the first node in the file whose dependencies have all had their turn"."""
    spec = tube(
        c=node("one", "c", "b.value"),
        a=node("one", "a", "s.value"),
        b=node("one", "b", "s.value"),
        d=node("one", "d", "s.value"),
        s=node("count", "s", n=1),
    )
    run(spec)
    # a is the first that can run; then b (c waits for it); then c is the first
    assert calls() == ["a", "b", "c", "d"]


def test_sources_first_in_file_order() -> None:
    """3 "sources first, in file order"."""
    spec = tube(f=node("constant", "f"), s=node("count", "s", n=1), t=node("count", "t", n=1))
    run(spec)
    assert [line[:2] for line in nodes.LOG][:3] == [("draw", "s"), ("draw", "t"), ("call", "f")]


def test_loop_takes_its_turn_as_one_node() -> None:
    """3 "A loop (section 5) and a nested tube take their turn as one node"; choice (b)."""
    spec = tube(
        s=node("constant", "s", value=[1, 2]),
        m=node("map", "", "s.value"),
        f=node("one", "f", "s.value"),
        a=node("two", "a", ["m.value", "f.value"]),  # so the loop waits for f
        b=node("one", "b", "m.value"),
        g=node("one", "g", "s.value"),
    )
    run(spec, n=1)
    assert calls() == ["s", "f", "a", "b", "a", "b", "g"]


def test_reader_before_the_storing_node() -> None:
    """3 "A node that reads a carried asset comes before the node that stores it"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "w.value")},
        w=node("one", "w", "s.value"),
        r=node("one", "r", "assets.x"),
        s=node("count", "s", n=2),
    )
    run(spec)
    assert calls() == ["r", "w", "r", "w"]
    assert logged("r") == [("[]", "1", "None"), ("1", "1", "None")]


def test_source_that_stores_is_drawn_first() -> None:
    """3 "a source that stores is drawn first"; "the value from the epoch's start"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "s.value")},
        s=node("count", "s", n=3),
        r=node("constant", "r", [{"value": "assets.x"}]),
        out=returned(["r.value"]),
    )
    assert run(spec) == [[[]], [0], [1]]
    assert logged("r") == [("[]",), ("0",), ("1",)]


def test_reader_that_needs_the_storing_node() -> None:
    """4 "a reader that needs the storing node's output is an error that shows the path"."""
    with pytest.raises(ValueError, match="r reads x"):
        Interpreter(
            tube(
                {"x": asset("numbers", "x", "runner", "w.value")},
                w=node("constant", "w"),
                r=node("two", "r", ["w.value", "assets.x"]),
            )
        )


# --- 3 Inputs ---------------------------------------------------------------------------------


def test_inputs_of_both_scopes() -> None:
    """3 "Tube-scoped inputs are given once, process-scoped ones with every epoch"."""
    spec = tube(f=node("two", "f", ["input.a", "input.b"]), r=returned("f.value"))
    spec["input"] = {"a": {"type": "int"}, "b": {"type": "int", "scope": "process"}}
    # "A record may also carry a tube-scoped name: it holds for that epoch where `depends` reads it"
    assert run(spec, [{"b": 1}, {"b": "2", "a": 10}, {"b": 3}], a=5) == [11, 22, 13]


def test_missing_and_wrong_inputs() -> None:
    """3 "A missing tube-scoped input is an error before anything runs"; choice (f)."""
    spec = tube(
        s=node("count", "s", n=2),
        f=node("two", "f", ["s.value", "input.b"]),
        r=returned("f.value"),
    )
    spec["input"] = {"a": {"type": "int"}, "b": {"type": "int", "scope": "process"}}
    with pytest.raises(InputError):
        Interpreter(spec)
    runner = Interpreter(spec, {"a": 1})
    runner.init()
    with pytest.raises(InputError):
        runner.process()
    with pytest.raises(InputError):
        runner.process(b="x")
    assert (nodes.LOG, runner.epoch) == ([], -1)
    assert [runner.process(b=1), runner.process(b=1)] == [1, 3]
    runner.deinit()


def test_optional_process_scoped_input_without_value() -> None:
    """1 "required (default true unless there is a default)"; choice (6): it is None, a value like any other."""
    spec = tube(s=node("count", "s", n=2), f=node("one", "f", "input.b"), r=returned("f.value"))
    spec["input"] = {"b": {"type": "int", "scope": "process", "required": False}}
    assert len(run(spec, [{}, {"b": 4}])) == 2
    assert run(spec, [{}, {"b": 4}])[1] == 5


# --- 3 The end --------------------------------------------------------------------------------


def test_the_epoch_that_does_not_exist() -> None:
    """3 "it calls nothing, returns nothing, makes no asset, has no number"."""
    spec = tube(
        {"p": asset("Resource", "p", "process")},
        s=node("count", "s", n=1),
        f=node("two", "f", ["s.value", "assets.p"]),
        c=node("constant", "c"),
        r=returned("f.value"),
    )
    runner = Interpreter(spec)
    runner.init()
    assert runner.process() == 0
    seen = len(nodes.LOG)
    for _ in range(2):  # 6 "as do all after it"
        with pytest.raises(TubeExhaustedError):
            runner.process()
    assert (nodes.LOG[seen:], runner.epoch) == ([("draw", "s", "'end'")], 0)
    runner.deinit()


def test_sources_that_end_at_different_times() -> None:
    """3 "one ended source doesn't stop what doesn't need it"."""
    spec = tube(
        s=node("count", "s", n=1),
        t=node("count", "t", n=3),
        f=node("one", "f", "s.value"),
        g=node("one", "g", "t.value"),
        r=returned([{"f": "f.value"}, {"g": "g.value"}]),
    )
    assert run(spec) == [{"f": 1, "g": 1}, {"g": 2}, {"g": 3}]


def test_required_slot_of_a_finished_node_ends_the_run() -> None:
    """3 "has a required slot connected to a finished node"; choice (c): t is not drawn again."""
    spec = tube(
        s=node("count", "s", n=1),
        t=node("count", "t", n=3),
        f=node("two", "f", ["s.value", "t.value"]),
        r=returned("f.value"),
    )
    assert run(spec) == [0]
    assert lines("draw") == [("draw", "s", "0"), ("draw", "t", "0"), ("draw", "s", "'end'")]


def test_optional_slots_end_with_all_their_sources() -> None:
    """3 "has slots with sources behind them and all of those are connected to finished nodes"."""
    spec = tube(
        s=node("count", "s", n=1),
        t=node("count", "t", n=2),
        f=node("optional", "f", [{"left": "s.value"}, {"right": "t.value"}]),
        r=returned("f.value"),
    )
    assert run(spec) == [[0, 0], [7, 1]]


def test_asset_reader_does_not_keep_a_run_going() -> None:
    """3 "a node that only reads an asset doesn't keep a run going"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner")},
        s=node("count", "s", n=2),
        f=node("one", "f", "assets.x"),
    )
    assert run(spec) == []
    assert calls() == ["f", "f"]


def test_records_end_the_run() -> None:
    """3 "While a process-scoped input is required (...) when the records end, the run ends"."""
    spec = tube(s=node("count", "s", n=5), f=node("two", "f", ["s.value", "input.b"]), r=returned("f.value"))
    spec["input"] = {"b": {"type": "int", "scope": "process"}}
    assert run(spec, [{"b": 1}, {"b": 2}]) == [1, 4]
    assert run(spec, [{"b": 0}] * 9) == [0, 2, 4, 6, 8]


def test_a_tube_without_sources_goes_on() -> None:
    """3 "A tube without sources or records goes on until it is stopped"."""
    spec = tube(c=node("constant", "c", value=1), r=returned("c.value"))
    assert run(spec, n=4) == [1] * 4


# --- 3 Errors ---------------------------------------------------------------------------------


def test_the_runner_stays_usable() -> None:
    """3 "`process()` raises the node's own exception"; "the next call is the next epoch"."""
    spec = tube(s=node("count", "s", n=3), f=node("fails", "f", "s.value"), r=returned("f.value"))
    runner = Interpreter(spec)
    runner.init()
    assert runner.process() == 0
    with pytest.raises(ValueError, match="f can't take 1") as caught:
        runner.process()
    assert caught.value.__notes__ == ["node f, epoch 1"]
    assert (runner.process(), runner.epoch) == (2, 2)
    runner.deinit()


def test_a_failed_epoch_commits_nothing() -> None:
    """3 carried assets, gathers "are committed when the epoch has succeeded"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "w.value")},
        s=node("count", "s", n=4),
        r=node("same", "r", "assets.x"),
        w=node("same", "w", "s.value"),
        g=node("gather", "", "s.value", n=2),
        f=node("fails", "f", "s.value"),  # fails for 1
        out=returned([{"x": "r.value"}, {"g": "g.value"}]),
    )
    runner = Interpreter(spec)
    runner.init()
    assert runner.process() == {"x": []}
    with pytest.raises(ValueError, match="f can't take 1"):
        runner.process()
    assert [runner.process(), runner.process()] == [{"x": 0, "g": [0, 2]}, {"x": 2}]
    assert runner.leftover() == {"g": [3]}
    runner.deinit()


def test_error_of_a_source_is_a_failed_epoch() -> None:
    """3 "The end"; choice (d): it takes a number. A generator that raised has ended."""
    spec = tube(s=node("breaking", "s", n=1), r=returned("s.value"))
    runner = Interpreter(spec)
    runner.init()
    assert runner.process() == 0
    with pytest.raises(ValueError, match="s broke"):
        runner.process()
    assert runner.epoch == 1
    with pytest.raises(TubeExhaustedError):
        runner.process()
    runner.deinit()


def test_stop_iteration_of_a_function_is_an_error() -> None:
    """3 "A `StopIteration` that a function raises is an error like any other, not an end"."""
    runner = Interpreter(tube(s=node("count", "s", n=2), f=node("stops", "f", "s.value")))
    runner.init()
    for _ in range(2):
        with pytest.raises(StopIteration):
            runner.process()
    with pytest.raises(TubeExhaustedError):
        runner.process()
    runner.deinit()


# --- 4 Assets ---------------------------------------------------------------------------------


def test_scopes() -> None:
    """4 the table of scopes: when an instance is made, and when it ends."""
    spec = tube(
        {
            "x": asset("Resource", "x", "node"),
            "p": asset("Resource", "p", "process"),
            "q": asset("Resource", "q", "process"),  # no enabled node takes it
            "a": asset("Resource", "a", "runner"),
        },
        s=node("count", "s", n=1),
        n=node("Summer", "n", "s.value"),
        f=node("many", "f", ["s.value", "assets.x", "assets.p", "assets.a"]),
        g=node("many", "g", ["s.value", "assets.x", "assets.p"]),
        d={**node("one", "d", "assets.q"), "enabled": False},
    )
    run(spec)
    assert [line[:2] for line in nodes.LOG if line[0] != "draw"] == [
        ("make", "a"),
        ("enter", "a"),
        ("init", "n"),
        ("make", "p"),
        ("enter", "p"),
        ("call", "n"),
        ("make", "x"),
        ("enter", "x"),
        ("call", "f"),
        ("exit", "x"),
        ("make", "x"),
        ("enter", "x"),
        ("call", "g"),
        ("exit", "x"),
        ("exit", "p"),
        ("deinit", "n"),
        ("exit", "a"),
    ]


def test_a_return_that_lacks_something_makes_nothing() -> None:
    """4 "`node`: per call of each node that takes it"; 5 "a list returns a list, if all of it was emitted"."""
    spec = tube(
        {"x": asset("opened", "x", "node")},
        s=node("gaps", "s", n=4),
        r=returned(["s.x", "assets.x"]),
    )
    assert run(spec) == [[1, [1]], [3, [2]]]
    assert [line[0] for line in lines("enter", "exit")] == ["enter", "exit"] * 2


def test_asset_params_as_a_list_and_async_managers() -> None:
    """4 "a mapping, or a list for positional ones"; "a context manager (sync or async)"."""
    spec = tube(
        {
            "a": {"type": N + "numbers", "scope": "process", "params": ["a", 4, "input.x"]},
            "b": asset("AsyncResource", "b", "process"),
            "c": asset("opened", "c", "process"),
            "d": asset("async_opened", "d", "process"),
        },
        r=returned(["assets.a", "assets.b", "assets.c", "assets.d"]),
    )
    spec["input"] = {"x": {"type": "int"}}
    assert run(spec, n=1, x=9) == [[[4, 9], [1], [1], [1]]]
    assert [line[1] for line in lines("exit")] == ["d", "c", "b"]


def test_teardown_sees_the_error_and_cannot_swallow_it() -> None:
    """4 "Teardown sees the error; it can't swallow it"; "last made first"."""
    spec = tube(
        {
            "p": asset("Resource", "p", "process"),
            "q": asset("Resource", "q", "process"),
            "x": asset("Resource", "x", "node"),
        },
        c=node("constant", "c", value=1),
        f=node("fails", "f", "c.value"),
        g=node("many", "g", ["f.value", "assets.p", "assets.q"]),
        h=node("one", "h", "assets.x"),
    )
    spec["nodes"] = {name: spec["nodes"][name] for name in ("c", "h", "f", "g")}
    runner = Interpreter(spec)
    runner.init()
    with pytest.raises(ValueError, match="f can't take"):
        runner.process()
    runner.deinit()
    assert lines("exit") == [
        ("exit", "x", "1", "None"),
        ("exit", "q", "1", "'ValueError'"),
        ("exit", "p", "1", "'ValueError'"),
    ]


def test_error_while_making_and_ending_assets() -> None:
    """4 "ended exactly once (...) an error in a node, an asset or a teardown"; 3 commits."""
    spec = tube(
        {
            "a": asset("Resource", "a", "process"),
            "b": asset("BadMake", "b", "process"),  # can't be made the 2nd time
            "c": asset("BadExit", "c", "process"),  # can't be ended the 2nd time: in epoch 2
            "x": asset("numbers", "x", "runner", "w.value"),
        },
        s=node("count", "s", n=4),
        f=node("many", "f", ["assets.a", "assets.b", "assets.c"]),
        w=node("same", "w", "s.value"),
        r=node("same", "r", "assets.x"),
        out=returned("r.value"),
    )
    runner = Interpreter(spec)
    runner.init()
    assert runner.process() == []
    with pytest.raises(RuntimeError, match="b can't be made"):
        runner.process()
    with pytest.raises(RuntimeError, match="c can't end"):
        runner.process()
    # "committed when the epoch has succeeded, the end of its process-scoped assets included"
    assert runner.process() == 0
    runner.deinit()
    assert [line[1:3] for line in lines("exit")] == [
        *[("c", "1"), ("b", "1"), ("a", "1")],
        ("a", "2"),
        *[("c", "2"), ("b", "3"), ("a", "3")],
        *[("c", "3"), ("b", "4"), ("a", "4")],
    ]
    assert lines("exit")[5] == ("exit", "b", "3", "'RuntimeError'")


def test_failing_start_ends_what_was_made() -> None:
    """4 "Every instance that was made is ended exactly once (...) whatever happened"."""
    spec = tube(
        {"a": asset("Resource", "a", "runner"), "b": asset("BadMake", "b", "runner", nth=1)},
        c=node("constant", "c"),
    )
    with pytest.raises(RuntimeError, match="b can't be made"):
        Interpreter(spec).init()
    assert lines("exit") == [("exit", "a", "1", "'RuntimeError'")]


def test_carrying_a_value_forward() -> None:
    """4 "What that signal emits is stored"; "if it emits nothing, the stored value stays"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "w.value")},
        s=node("count", "s", n=4),
        r=node("same", "r", "assets.x"),
        w=node("silent", "w", "s.value"),
        out=returned("r.value"),
    )
    runner = Interpreter(spec)
    runner.init()
    stored = []
    results = []
    for _ in range(4):
        results.append(runner.process())
        stored.append(runner.stored_at["x"])
    assert (results, stored) == ([[], [], 1, 1], [-1, 1, 1, 3])
    runner.deinit()


def test_storing_node_may_be_a_reader() -> None:
    """4 "the storing node, which may itself be a reader"; nobody else has it: "never copied"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "w.value")},
        s=node("count", "s", n=3),
        w=node("append", "w", ["s.value", "assets.x"]),
    )
    runner = Interpreter(spec)
    runner.init()
    first = runner.carried["x"]
    for _ in range(3):
        runner.process()
    assert runner.carried["x"] is first
    assert first == [0, 1, 2]
    runner.deinit()


@pytest.mark.parametrize("where", ["node", "return", "other signal"])
def test_copy_when_the_object_goes_to_a_later_node(where: str) -> None:
    """4 "a deep copy when, and only when, the same object also goes to a node that runs after"."""
    of_nodes = {
        "s": node("count", "s", n=2),
        "e": node("constant", "e", [{"value": "assets.x"}]),
        "w": node("append", "w", ["s.value", "e.value"]),
        "z": node("spoil", "z", {"node": "w.value", "return": "s.value", "other signal": "e.value"}[where]),
        "out": returned("w.value" if where == "return" else "z.value"),
    }
    spec = tube({"x": asset("numbers", "x", "runner", "w.value")}, **of_nodes)
    runner = Interpreter(spec)
    runner.init()
    first = runner.carried["x"]
    runner.process()
    assert runner.carried["x"] is not first
    assert runner.carried["x"] == [0]  # and not what z made of it afterwards
    runner.process()
    assert runner.carried["x"] == [0, 1]
    runner.deinit()


def test_no_copy_for_an_earlier_node() -> None:
    """4 "when, and only when": what goes to an earlier node only is not copied."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "w.value")},
        s=node("constant", "s", value=[1]),
        z=node("one", "z", "s.value"),
        w=node("same", "w", "s.value"),
    )
    runner = Interpreter(spec)
    runner.init()
    runner.process()
    assert runner.carried["x"] is runner.nodes["s"].params["value"]
    runner.deinit()


def test_copy_for_a_source_that_stores() -> None:
    """4 "or is what a source has emitted in this epoch, since that may be filled again"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "s.value")},
        s=node("growing", "s", n=3),
        z=node("spoil", "z", "assets.x"),
    )
    runner = Interpreter(spec)
    runner.init()
    runner.process()  # z spoils the empty list
    kept = runner.carried["x"]
    assert kept == [0]
    runner.process()  # z gets `kept`, which is a copy of what s emitted, and spoils it
    assert (runner.carried["x"], kept) == ([0, 1], [0, 99])
    runner.deinit()


def test_what_can_not_be_copied() -> None:
    """4 "If it can't be copied, the error names the asset, the signal, who else gets it"."""
    of_nodes = {"s": node("constant", "s"), "w": node("uncopyable", "w", "s.value")}
    spec = tube({"x": asset("numbers", "x", "runner", "w.value")}, **of_nodes)
    assert run(spec, n=3) == []
    spec["nodes"]["z"] = node("spoil", "z", "w.value")
    with pytest.raises(CarryError, match=r"asset x stores w.value, which also goes to z"):
        run(spec, n=1)


def test_the_last_of_a_map_is_stored() -> None:
    """4 "if it emits several times (in a map), the last is stored"."""
    spec = tube(
        {"x": asset("numbers", "x", "runner", "w.value")},
        s=node("constant", "s", value=[1, 2]),
        m=node("map", "", "s.value"),
        w=node("append", "w", ["m.value", "assets.x"]),
        z=node("one", "z", "m.value"),
    )
    runner = Interpreter(spec)
    runner.init()
    runner.process()
    assert runner.carried["x"] == [1, 2]  # choice (e): one object, w got it twice
    assert logged("w") == [("1", "[]"), ("2", "[1]")]
    runner.deinit()


# --- 5 return ---------------------------------------------------------------------------------


def test_forms_of_return() -> None:
    """5 "`depends: a.x` returns the value; a list returns a list (also of one); (...) a dict"."""
    of_nodes = {"s": node("count", "s", n=2), "f": node("silent", "f", "s.value")}
    assert run(tube(**of_nodes, r=returned("f.value"))) == [1]
    assert run(tube(**of_nodes, r=returned(["s.value"]))) == [[0], [1]]
    assert run(tube(**of_nodes, r=returned(["s.value", "f.value"]))) == [[1, 1]]
    assert run(tube(**of_nodes, r=returned([{"a": "s.value", "b": "f.value"}]))) == [
        {"a": 0},
        {"a": 1, "b": 1},
    ]


def test_none_is_a_value() -> None:
    """3 "`None` is a value like any other"; 5 "returns nothing (not a null)"."""
    spec = tube(s=node("count", "s", n=2), f=node("none", "f", "s.value"), r=returned("f.value"))
    assert run(spec) == [None, None]


def test_mapped_signals_are_returned_as_lists() -> None:
    """5 "is returned as a list, always, in order; if nothing was emitted, it is absent"."""
    spec = tube(
        s=node("lists", "s", n=3),  # [], [1], [2, 3]
        m=node("map", "", "s.value"),
        f=node("silent", "f", "m.value"),
        r=returned([{"f": "f.value"}, {"m": "m.value"}, {"n": "m.n"}]),
    )
    assert run(spec) == [{"f": [1], "m": [1], "n": 1}, {"f": [3], "m": [2, 3], "n": 2}]


# --- 5 map and gather -------------------------------------------------------------------------


def test_loop_runs_item_by_item() -> None:
    """5 "for each item in turn all nodes of the loop run, in order; values from outside repeat"."""
    spec = tube(
        s=node("constant", "s", value=[1, 2]),
        o=node("constant", "o", value=5),
        m=node("map", "", [{"value": "s.value"}]),
        a=node("two", "a", ["m.value", "o.value"]),
        b=node("one", "b", "a.value"),
    )
    run(spec, n=1)
    assert calls() == ["s", "o", "a", "b", "a", "b"]
    assert logged("a") == [("1", "5"), ("2", "5")]


def test_a_map_is_read_completely_first() -> None:
    """5 "takes one iterable (read completely before the first item)"."""
    spec = tube(
        s=node("constant", "s", value=[1, 2]),
        m=node("map", "", "s.value"),
        a=node("two", "a", ["m.value", "s.value"]),
        x=node("append", "x", [{"value": "m.value"}, {"kept": "s.value"}]),
    )
    run(spec, n=1)
    assert logged("x") == [("1", "[1, 2]"), ("2", "[1, 2, 1]")]


def test_closing_gather() -> None:
    """5 "`n: m.n` (...) emits one list of what was collected (fewer than `n`, even `[]`)"."""
    spec = tube(
        s=node("lists", "s", n=3),  # [], [1], [2, 3]
        m=node("map", "", "s.value"),
        f=node("silent", "f", "m.value", every=1),  # nothing
        h=node("silent", "h", "m.value"),
        g=node("gather", "", [{"value": "f.value"}, {"n": "m.n"}]),
        k=node("gather", "", ["h.value", {"n": "m.n"}]),
        z=node("one", "z", "g.value"),
        r=returned(["g.value", "k.value"]),
    )
    assert run(spec) == [[[], [1]], [[], [3]]]  # choice (a): nothing for the empty list
    assert len(logged("z")) == 2  # "outside of the loop"


def test_maps_nest() -> None:
    """5 "Maps nest"; each gather closes its map, and one of them both."""
    spec = tube(
        s=node("constant", "s", value=[[1, 2], [], [3]]),
        m=node("map", "", "s.value"),
        k=node("map", "", "m.value"),
        f=node("one", "f", "k.value"),
        inner=node("gather", "", ["f.value", {"n": "k.n"}]),
        outer=node("gather", "", ["inner.value", {"n": "m.n"}]),
        both=node("gather", "", ["f.value", {"n": "m.n"}]),
        r=returned(["f.value", "inner.value", "outer.value", "both.value"]),
    )
    assert run(spec, n=1) == [[[2, 3, 4], [[2, 3], [4]], [[2, 3], [4]], [2, 3, 4]]]


def test_second_pass() -> None:
    """5 "runs in a second pass over the items, after the gather"."""
    spec = tube(
        s=node("constant", "s", value=[1, 2]),
        m=node("map", "", "s.value"),
        q=node("two", "q", ["f.value", "t.value"]),
        f=node("one", "f", "m.value"),
        g=node("gather", "", ["f.value", {"n": "m.n"}]),
        t=node("sum", "", "g.value"),
        u=node("one", "u", "q.value"),
        k=node("gather", "", ["q.value", {"n": "m.n"}]),
        r=returned(["q.value", "k.value"]),
    )
    assert run(spec, n=1) == [[[9, 11], [9, 11]]]  # 2 * 2 + 5, 2 * 3 + 5
    assert calls() == ["s", "f", "f", "q", "u", "q", "u"]


def test_second_pass_over_nested_maps() -> None:
    """5 the second pass over the outer map's items runs over the inner ones' too."""
    spec = tube(
        s=node("constant", "s", value=[[1, 2], [3]]),
        m=node("map", "", "s.value"),
        k=node("map", "", "m.value"),
        f=node("one", "f", "k.value"),
        g=node("gather", "", ["f.value", {"n": "m.n"}]),
        q=node("two", "q", ["f.value", "g.value"]),
        r=returned("q.value"),
    )
    # g is [2, 3, 4], which weighs 12
    assert run(spec, n=1) == [[16, 18, 20]]


def test_n_of_a_map() -> None:
    """5 "and their number on `n`"; choice (9): once, outside of the loop."""
    spec = tube(
        s=node("constant", "s", value=[1, 2]),
        m=node("map", "", "s.value"),
        f=node("one", "f", "m.n"),
        g=node("two", "g", ["m.value", "m.n"]),
        h=node("two", "h", ["m.value", "f.value"]),
        r=returned(["f.value", "g.value", "h.value"]),
    )
    assert run(spec, n=1) == [[3, [4, 6], [5, 7]]]
    assert calls() == ["s", "g", "g", "f", "h", "h"]


def test_gather_every_n() -> None:
    """5 "With `n` (a param, or a slot) it emits every `n`"; "kept for the next epochs"."""
    spec = tube(s=node("count", "s", n=5), g=node("gather", "", "s.value", n=2), r=returned("g.value"))
    runner = Interpreter(spec)
    assert runner.run() == [[0, 1], [2, 3]]
    assert runner.leftover() == {"g": [4]}


def test_gather_with_n_slot() -> None:
    """7 "a value without `n`, is lost. Here none is"."""
    spec = tube(
        s=node("count", "s", n=4),
        x=node("silent", "x", "s.value"),
        n=node("one", "n", "x.value", add=1),
        g=node("gather", "", ["s.value", {"n": "n.value"}]),
        r=returned("g.value"),
    )
    # n comes in the epochs 1 and 3 and is 2 and 4: [0, 1], and then not enough
    assert run(spec) == [[0, 1]]


def test_gather_fills_several_times_in_an_epoch() -> None:
    """5 "each full group is an event, and what depends on it runs once per group"."""
    spec = tube(
        s=node("constant", "s", value=[1, 2, 3]),
        m=node("map", "", "s.value"),
        g=node("gather", "", "m.value", n=2),
        f=node("one", "f", "g.value"),
        r=returned([{"g": "g.value"}, {"f": "f.value"}]),
    )
    # "What is not yet full is kept for the next epochs"
    assert run(spec, n=2) == [{"g": [[1, 2]], "f": [6]}, {"g": [[3, 1], [2, 3]], "f": [7, 8]}]


def test_gather_with_trigger() -> None:
    """5 "whenever that does, the current value included (nothing if nothing was collected)"."""
    spec = tube(
        s=node("gaps", "s", n=6, every=3),  # nothing for 0 and 3
        c=node("count", "c", n=6),
        t=node("silent", "t", "c.value"),  # in the epochs 1, 3, 5
        g=node("gather", "", [{"value": "s.x"}, {"trigger": "t.value"}]),
        r=returned("g.value"),
    )
    # epoch 1: [1]; 2 is kept "without a trigger"; 3: "a trigger needs no value"; then 4 and 5
    assert run(spec) == [[1], [2], [4, 5]]


def test_trigger_with_nothing_collected() -> None:
    """5 "(nothing if nothing was collected ...)"."""
    spec = tube(
        s=node("gaps", "s", n=2, every=1),
        c=node("count", "c", n=2),
        g=node("gather", "", [{"value": "s.x"}, {"trigger": "c.value"}]),
        r=returned("g.value"),
    )
    assert run(spec) == []


def test_flatten() -> None:
    """5 "`flatten: true` joins lists one level"."""
    spec = tube(
        s=node("constant", "s", value=[[1, [2]], [], [3]]),
        m=node("map", "", "s.value"),
        g=node("gather", "", ["m.value", {"n": "m.n"}], flatten=True),
        r=returned("g.value"),
    )
    assert run(spec, n=1) == [[1, [2], 3]]


def test_maps_that_are_not_nested() -> None:
    """5 "A node can't depend on two maps that are not nested"; but `return` may."""
    of_nodes = {
        "s": node("constant", "s", value=[1]),
        "m": node("map", "", "s.value"),
        "k": node("map", "", "s.value"),
    }
    assert run(tube(**of_nodes, r=returned(["m.value", "k.value"])), n=1) == [[[1], [1]]]
    with pytest.raises(ValueError, match="not nested"):
        Interpreter(tube(**of_nodes, f=node("two", "f", ["m.value", "k.value"])))


# --- 5 tube -----------------------------------------------------------------------------------


def child(**of_nodes: Any) -> dict[str, Any]:
    return {**tube(**of_nodes), "input": {"x": {"type": "int", "scope": "process"}}}


def test_nested_tube() -> None:
    """5 "other params are its tube-scoped inputs, `depends` its process-scoped ones"."""
    inner = child(f=node("one", "f", "input.x", add="input.k"), r=returned([{"y": "f.value"}]))
    inner["input"]["k"] = {"type": "int"}
    spec = tube(
        s=node("count", "s", n=2),
        t=node("tube", "", [{"x": "s.value"}], tube=inner, k="input.k"),
        r=returned("t.y"),
    )
    spec["input"] = {"k": {"type": "int"}}
    assert run(spec, k=5) == [5, 6]


def test_nested_tube_that_returns_nothing() -> None:
    """5 "A child that returns nothing (...) emits nothing"."""
    inner = child(f=node("silent", "f", "input.x"), r=returned("f.value"))
    spec = tube(
        s=node("count", "s", n=3),
        t=node("tube", "", [{"x": "s.value"}], tube=inner),
        r=returned("t.value"),
    )
    assert run(spec) == [1]


def test_assets_of_a_nested_tube() -> None:
    """5 "runner-scoped assets live as long as the outer run, its process-scoped ones"..."""
    inner = child(
        w=node("append", "w", ["input.x", "assets.c"]),
        f=node("many", "f", ["assets.a", "assets.p", "input.x"]),
        r=returned("w.value"),
    )
    inner["assets"] = {
        "a": asset("Resource", "a", "runner"),
        "p": asset("Resource", "p", "process"),
        "c": asset("numbers", "c", "runner", "w.value"),
    }
    spec = tube(
        s=node("constant", "s", value=[1, 2]),
        m=node("map", "", "s.value"),
        t=node("tube", "", [{"x": "m.value"}], tube=inner),  # "called for each item"
        r=returned("t.value"),
    )
    assert run(spec, n=2) == [[[1], [1, 2]], [[1, 2, 1], [1, 2, 1, 2]]]
    assert [line[:2] for line in lines("enter", "exit")] == [
        ("enter", "a"),
        *[("enter", "p"), ("exit", "p")] * 4,
        ("exit", "a"),
    ]


def test_nested_tube_as_a_source() -> None:
    """3 "a nested tube without `depends` that has a source" is a source."""
    inner = tube(s=node("count", "s", n=2), f=node("one", "f", "s.value"), r=returned("f.value"))
    spec = tube(t=node("tube", "", tube=inner), r=returned("t.value"))
    assert run(spec) == [1, 2]
    # choice (15): the epoch that doesn't exist calls nothing in the nested tube either
    nodes.reset()
    spec = tube(
        t=node("tube", "", tube=inner),
        s=node("count", "z", n=1),
        g=node("two", "g", ["t.value", "s.value"]),
        r=returned("g.value"),
    )
    assert run(spec) == [2]
    assert calls() == ["f", "g"]


def test_nested_tube_that_ends() -> None:
    """3 "those of a nested tube with `depends`: at each of its calls"; 5 "has ended"."""
    inner = child(
        s=node("count", "s", n=1),
        f=node("two", "f", ["s.value", "input.x"]),
        r=returned("f.value"),
    )
    spec = tube(
        s=node("count", "o", n=5),
        t=node("tube", "", [{"x": "s.value"}], tube=inner),
        r=returned("t.value"),
    )
    assert run(spec) == [0]
    # epoch 1 finds the end in its middle, so s is drawn twice and not again
    assert lines("draw")[-1] == ("draw", "s", "'end'")
    assert [line[2] for line in lines("draw") if line[1] == "o"] == ["0", "1"]


def test_failed_epoch_undoes_what_a_nested_tube_stored() -> None:
    """3 "What a failed epoch would have stored or gathered is not"; choice (26)."""
    inner = child(
        w=node("same", "w", "input.x"),
        r=node("same", "r", "assets.c"),
        out=returned("r.value"),
    )
    inner["assets"] = {"c": asset("numbers", "c", "runner", "w.value")}
    spec = tube(
        s=node("count", "s", n=3),
        t=node("tube", "", [{"x": "s.value"}], tube=inner),
        f=node("fails", "f", "s.value"),  # fails for 1
        out=returned("t.value"),
    )
    runner = Interpreter(spec)
    runner.init()
    assert runner.process() == []
    with pytest.raises(ValueError, match="can't take 1"):
        runner.process()
    assert runner.process() == 0
    runner.deinit()


# --- random tubes -----------------------------------------------------------------------------


@settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(cases())
@pytest.mark.slow
def test_random_tubes_run_the_same_twice(case: Case) -> None:
    """What `tubes` makes is valid, and what `observe` sees can be compared."""
    first = observe_case(reference, case)
    assert first.start is None
    assert first == observe_case(reference, case)
    assert not any(
        epoch[:2] == ("raised", kind)
        for epoch in first.epochs
        if "'flatten' joins" not in epoch[-1]
        for kind in ("TypeError", "KeyError", "AttributeError", "IndexError", "NameError")
    )
    made = [line[1:3] for line in first.log if line[0] == "enter"]
    ended = [line[1:3] for line in first.log if line[0] == "exit"]
    assert sorted(made) == sorted(ended)  # "ended exactly once"
