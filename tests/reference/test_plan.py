"""The compiled plan does what the reference interpreter does, on random tubes and on those that once differed.

`pytest tests/reference --tubes 10000` makes the long run.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from noob_cli import SynchronousRunner, Tube
from noob_cli.plan.lowering import holding
from tests.examples import examples
from tests.reference.tubes import Case, cases, observe_case, reference

NODES = "tests.reference.nodes"


def compiled(spec: dict[str, Any], inputs: dict[str, Any]) -> SynchronousRunner:
    """The runner of the compiled plan."""
    return SynchronousRunner(Tube.from_specification(spec, input=inputs), warn=lambda message: None)


def assert_same(case: Case) -> None:
    assert observe_case(compiled, case) == observe_case(reference, case)


def test_random_tubes_run_the_same(number_of_tubes: int) -> None:
    @examples(number_of_tubes)
    @given(cases())
    def check(case: Case) -> None:
        assert_same(case)

    check()


def test_they_do_so_where_what_is_to_be_stored_is_looked_up(number_of_tubes: int, monkeypatch: Any) -> None:
    """Few of the random tubes have so many assets that values are looked up rather than compared with each."""
    monkeypatch.setattr(holding, "_FEW", 0)
    test_random_tubes_run_the_same(number_of_tubes // 5)


def node(kind: str, depends: Any = None, **params: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": kind if kind in ("map", "gather", "return", "tube") else f"{NODES}.{kind}"}
    if depends is not None:
        spec["depends"] = depends
    if params:
        spec["params"] = params
    return spec


def asset(kind: str, scope: str, depends: str | None = None, **params: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": f"{NODES}.{kind}", "scope": scope, "params": params}
    return spec if depends is None else {**spec, "depends": depends}


DIFFERENCES = {
    "a nested tube has ended that draws nothing itself, but in a tube that it calls": Case(
        {
            "nodes": {
                "number": node("count", n=4, tag="number"),
                "outer": node(
                    "tube",
                    tube={
                        "assets": {"each": asset("numbers_from", "process", tag="each", start=[])},
                        "nodes": {
                            "inner": node(
                                "tube",
                                [{"p": "assets.each"}],
                                tube={
                                    "input": {"p": {"type": "typing.Any", "scope": "process"}},
                                    "nodes": {
                                        "number": node("count", n=2, tag="inner"),
                                        "one": node("one", ["input.p"], tag="one"),
                                        "return": node("return", "number.value"),
                                    },
                                },
                            ),
                            "return": node("return", "inner.value"),
                        },
                    },
                ),
                "return": node("return", "number.value"),
            },
        },
        {},
        None,
    ),
    "a tube that is a source needs a disabled node, and so does all else": Case(
        {
            "input": {"k": {"type": "int"}},
            "nodes": {
                "pairs": node("pairs", n=3, tag="pairs"),
                "inner": node(
                    "tube",
                    tube={
                        "nodes": {
                            "pairs": node("pairs", n=3, tag="inner") | {"enabled": False},
                            "return": node("return", "pairs.a"),
                        }
                    },
                ),
                "items": node("map", [{"value": "pairs.b"}]) | {"enabled": False},
                "one": node("one", [{"value": "items.value"}], tag="one"),
                "return": node("return", "input.k"),
            },
        },
        {"k": 0},
        None,
    ),
    "an input that nobody takes is missing": Case(
        {
            "input": {"k": {"type": "int"}, "p": {"type": "int", "scope": "process"}},
            "nodes": {"one": node("one", ["input.k"], tag="one"), "return": node("return", "one.value")},
        },
        {"k": 0},
        [{}],
    ),
    "a gather that closes a map is stored, and a node of the loop comes after it in the file": Case(
        {
            "assets": {"kept": asset("numbers_from", "runner", "gathered.value", tag="kept", start=[])},
            "nodes": {
                "pairs": node("pairs", n=3, tag="pairs"),
                "items": node("map", [{"value": "pairs.b"}]),
                "later": node("defaulted", [{"value": "items.value"}], tag="later"),
                "gathered": node("gather", [{"value": "items.value"}, {"n": "items.n"}]),
                "return": node("return", "pairs.a"),
            },
        },
        {},
        None,
    ),
    "an inline tube names inputs of its own": Case(
        {
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "child": node(
                    "tube",
                    tube={
                        "input": {"p": {"type": "typing.Any", "scope": "process", "required": False}},
                        "nodes": {"keeper": node("Keeper", ["input.p"], tag="keeper")},
                    },
                ),
                "return": node("return", "count.value"),
            }
        },
        {},
        None,
    ),
    "a gather takes a node-scoped asset": Case(
        {
            "assets": {"fresh": asset("numbers_from", "node", tag="fresh", start=[])},
            "nodes": {
                "one": node("constant", value=1, tag="one"),
                "gathered": node("gather", [{"value": "assets.fresh"}, {"n": "one.value"}]),
                "return": node("return", "gathered.value"),
            },
        },
        {},
        None,
    ),
    "what a source stored goes on to a map": Case(
        {
            "assets": {"kept": asset("numbers_from", "runner", "growing.value", tag="kept", start=[])},
            "nodes": {
                "growing": node("growing", n=3, tag="growing"),
                "items": node("map", [{"value": "growing.value"}]),
                "return": node("return", ["assets.kept"]),
            },
        },
        {},
        None,
    ),
    "coroutines that follow each other, the first of which is stored": Case(
        {
            "assets": {
                "given": asset("numbers_from", "runner", tag="given", start=[]),
                "kept": asset("numbers_from", "runner", "first.value", tag="kept", start=[]),
            },
            "nodes": {
                "first": node("later", [{"value": "assets.given"}], tag="first"),
                "second": node("later", [{"value": "assets.given"}], tag="second"),
                "return": node("return", "first.value"),
            },
        },
        {},
        None,
    ),
    "a nested tube returns what it carries": Case(
        {
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "child": node(
                    "tube",
                    tube={
                        "input": {"k": {"type": "int"}},
                        "assets": {"kept": asset("numbers_from", "runner", "one.value", tag="kept", start=[])},
                        "nodes": {
                            "one": node("one", ["input.k"], tag="one"),
                            "return": node("return", [{"kept": "assets.kept"}]),
                        },
                    },
                    k=1,
                ),
                "return": node("return", "child.kept"),
            }
        },
        {},
        None,
    ),
    "an optional slot in the loop of a map that is disabled": Case(
        {
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "list": node("items", "count.value", tag="list"),
                "items": {**node("map", [{"value": "list.value"}]), "enabled": False},
                "optional": node("optional", [{"left": "items.value"}], tag="optional"),
                "return": node("return", "optional.value"),
            }
        },
        {},
        None,
    ),
    "a default that can be changed": Case(
        {
            "input": {"p": {"type": "list[int]", "scope": "process", "default": [1, 2]}},
            "nodes": {
                "one": node("one", ["input.p"], tag="one"),
                "append": node("append", ["input.p", "input.p"], tag="append"),
                "return": node("return", "one.value"),
            },
        },
        {},
        [{}, {}],
    ),
    "a nested tube whose only source is disabled": Case(
        {
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "child": node(
                    "tube",
                    tube={
                        "nodes": {
                            "inner": {**node("count", n=3, tag="inner"), "enabled": False},
                            "one": node("constant", value=1, tag="one"),
                            "return": node("return", "inner.value"),
                        }
                    },
                ),
                "return": node("return", "count.value"),
            }
        },
        {},
        None,
    ),
    "what is stored is among the items that are returned": Case(
        {
            "assets": {
                "given": asset("numbers_from", "runner", tag="given", start=[]),
                "kept": asset("numbers_from", "runner", "store.value", tag="kept", start=[]),
            },
            "nodes": {
                "growing": node("growing", n=3, tag="growing"),
                "store": node("append", ["assets.given", "assets.given"], tag="store"),
                "items": node("map", [{"value": "growing.value"}]),
                "append": node("append", ["items.value", "assets.kept"], tag="append"),
                "return": node("return", "append.value"),
            },
        },
        {},
        None,
    ),
    "a gather with a node-scoped asset, whose number never comes": Case(
        {
            "assets": {"fresh": asset("numbers_from", "node", tag="fresh", start=[])},
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "number": {**node("constant", value=1, tag="number"), "enabled": False},
                "gathered": node("gather", [{"value": "assets.fresh"}, {"n": "number.value"}]),
                "return": node("return", "count.value"),
            },
        },
        {},
        None,
    ),
    "a map in a map, whose items are read in a second pass after their list was changed": Case(
        {
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "list": node("items", "count.value", tag="list"),
                "outer": node("map", [{"value": "list.value"}]),
                "gathered": node("gather", [{"value": "outer.value"}, {"n": "outer.n"}]),
                "lists": node("items", "outer.value", tag="lists"),
                "inner": node("map", [{"value": "lists.value"}]),
                "spoil": node("spoil", [{"value": "lists.value"}], tag="spoil"),
                "two": node("two", ["inner.value", "gathered.value"], tag="two"),
                "return": node("return", "count.value"),
            }
        },
        {},
        None,
    ),
    "a nested tube is drawn for an epoch that does not exist, and for one that fails before its turn": Case(
        {
            "assets": {"bad": asset("BadMake", "process", nth=2, tag="bad")},
            "nodes": {
                "child": node(
                    "tube",
                    tube={
                        "nodes": {
                            "number": node("count", n=9, tag="number"),
                            "held": node("Holder", "number.value", tag="held"),
                            "epoch": node("with_epoch", "number.value", tag="epoch"),
                            "return": node("return", "held.value"),
                        }
                    },
                ),
                "count": node("count", n=4, tag="count"),
                "broken": node("breaking", n=2, tag="broken"),
                "one": node("one", ["assets.bad"], tag="one"),
                "return": node("return", ["child.value", "count.value"]),
            },
        },
        {},
        None,
    ),
    "a map in a map is left, since its tube has ended, and its items are read in a second pass": Case(
        {
            "nodes": {
                "pairs": node("pairs", n=4, tag="pairs"),
                "outer": node("map", [{"value": "pairs.b"}]),
                "list": node("items", "outer.value", tag="list"),
                "inner": node("map", [{"value": "list.value"}]),
                "ends": node("ending_items", "inner.value", tag="ends"),
                "innermost": node("map", [{"value": "ends.value"}]),
                "gathered": node("gather", [{"value": "outer.value"}, {"n": "outer.n"}]),
                "two": node("two", ["inner.value", "gathered.value"], tag="two"),
            }
        },
        {},
        None,
    ),
    "a nested tube that has ended is not called, and no asset is made for it": Case(
        {
            "assets": {"fresh": asset("opened", "node", tag="fresh")},
            "nodes": {
                "count": node("count", n=3, tag="count"),
                "child": node(
                    "tube",
                    [{"p": "assets.fresh"}],
                    tube={
                        "input": {"p": {"type": "typing.Any", "scope": "process"}},
                        "nodes": {
                            "number": node("count", n=1, tag="number"),
                            "one": node("one", ["input.p"], tag="one"),
                        },
                    },
                ),
                "return": node("return", "count.value"),
            },
        },
        {},
        None,
    ),
    "coroutines are awaited together where a gather between them takes what may be stored": Case(
        {
            "assets": {"a": asset("AsyncResource", "runner", "count.value", tag="a")},
            "nodes": {
                "late": node("waits", "item.value", turns=1, tag="late"),
                "number": node("optional", tag="number"),
                "item": node("map", [{"value": "number.value"}]),
                "gathered": node("gather", [{"value": "item.value"}, {"n": "item.n"}]),
                "early": node("waits", "item.value", turns=0, tag="early"),
                "count": node("count", n=2, tag="count"),
                "return": node("return", "count.value"),
            },
        },
        {},
        None,
    ),
    "in a second pass, a loop of another has its turn at the place of the first node in it": Case(
        {
            "input": {"k": {"type": "int"}},
            "nodes": {
                "list": node("items", "input.k", tag="list"),
                "outer": node("map", [{"value": "list.value"}]),
                "items": node("ending_items", "outer.value", tag="items"),
                "inner": node("map", [{"value": "items.value"}]),
                "later": node("defaulted", ["late.value"], tag="later"),
                "beside": node("two", ["outer.value", "of_both.value"], tag="beside"),
                "of_inner": node("gather", [{"value": "inner.value"}, {"n": "inner.n"}]),
                "of_outer": node("gather", [{"value": "outer.value"}, {"n": "outer.n"}]),
                "of_both": node("gather", [{"value": "of_inner.value"}, {"n": "outer.n"}]),
                "late": node("two", ["inner.value", "of_outer.value"], tag="late"),
            },
        },
        {"k": 1},
        [{}],
    ),
    "a nested tube without sources ends with one in it, and so does the tube around it": Case(
        {
            "input": {"k": {"type": "int"}},
            "nodes": {
                "outer": node(
                    "tube",
                    [{"p": "input.k"}],
                    tube={
                        "input": {"p": {"type": "int", "scope": "process"}},
                        "nodes": {
                            "inner": node(
                                "tube",
                                [{"p": "input.p"}],
                                tube={
                                    "input": {"p": {"type": "int", "scope": "process"}},
                                    "nodes": {
                                        "count": node("count", n=3, tag="count"),
                                        "one": node("one", ["input.p"], tag="one"),
                                        "return": node("return", "count.value"),
                                    },
                                },
                            ),
                            "return": node("return", "inner.value"),
                        },
                    },
                ),
                "return": node("return", "outer.value"),
            },
        },
        {"k": 0},
        None,
    ),
    "a gather in the loop of a disabled map closes the one around it, with nothing": Case(
        {
            "nodes": {
                "list": node("lists", n=2, tag="list"),
                "outer": node("map", [{"value": "list.value"}]),
                "items": node("items", "outer.value", tag="items"),
                "inner": {**node("map", [{"value": "items.value"}]), "enabled": False},
                "gathered": node("gather", [{"value": "inner.value"}, {"n": "outer.n"}]),
                "return": node("return", "gathered.value"),
            }
        },
        {},
        None,
    ),
    "so does one in the loop of a map that is given nothing": Case(
        {
            "nodes": {
                "list": node("lists", n=2, tag="list"),
                "outer": node("map", [{"value": "list.value"}]),
                "items": {**node("items", "outer.value", tag="items"), "enabled": False},
                "inner": node("map", [{"value": "items.value"}]),
                "innermost": node("map", [{"value": "inner.value"}]),
                "gathered": node("gather", [{"value": "innermost.value"}, {"n": "outer.n"}]),
                "return": node("return", "gathered.value"),
            }
        },
        {},
        None,
    ),
}
"""Tubes that random ones came down to when a difference was found."""


@pytest.mark.parametrize("case", DIFFERENCES.values(), ids=DIFFERENCES)
def test_differences_that_were_found(case: Case) -> None:
    assert_same(case)
