"""What is there for Python and for notebooks: the simplest run, code as objects, values, and how things look."""

from __future__ import annotations

import asyncio
import functools
import operator
import re
from collections import Counter
from html import escape
from pathlib import Path
from typing import Any

import pytest

from noob_cli import AsyncRunner, ParallelRunner, SynchronousRunner, Tube, TubeSpecification
from noob_cli.drawing import svg as drawn
from noob_cli.drawing.mermaid import mermaid
from noob_cli.errors import InputError, NotPortableError, TubeError
from noob_cli.runners.result_list import ResultList

COUNT: dict[str, Any] = {
    "noob_id": "count",
    "nodes": {
        "n": {"type": "itertools.count"},
        "even": {"type": "operator.mul", "params": {0: 2}, "depends": [{1: "n.value"}]},
        "return": {"type": "return", "depends": [{"n": "n.value"}, {"even": "even.value"}]},
    },
}
ECHO: dict[str, Any] = {
    "input": {"x": {"type": "int", "scope": "process"}},
    "assets": {"seen": {"type": "list", "scope": "runner"}},
    "nodes": {"keep": {"type": "list.append", "depends": ["assets.seen", "input.x"]}},
}


def numbers():
    yield from range(3)


class Total:
    def __init__(self, start: int = 0) -> None:
        self.total = start

    def process(self, x: int) -> int:
        self.total += x
        return self.total


# The simplest run


def test_a_tube_runs_by_itself():
    results = Tube.from_specification(COUNT).run(n=2)
    assert results == [{"n": 0, "even": 0}, {"n": 1, "even": 2}]
    assert type(results) is ResultList


def test_it_takes_records():
    spec = {**ECHO, "nodes": {**ECHO["nodes"], "return": {"type": "return", "depends": "input.x"}}}
    tube = Tube.from_specification(spec)
    assert tube.run({"x": str(x)} for x in range(3)) == [0, 1, 2]
    assert tube.run([{"x": 1}, {"x": 2}], n=1) == [1]
    with pytest.raises(InputError, match="record 1"):
        tube.run([{"x": "many"}])
    with pytest.raises(InputError, match="the input 'x'"):
        tube.run()


RECORDS = "'records' are mappings, one for each epoch, in a list or the like, found "


@pytest.mark.parametrize(
    ("do", "error", "said"),
    [
        (lambda tube: tube.run(5), TypeError, f"{RECORDS}5: 'n=5' says how many results"),
        (
            lambda tube: SynchronousRunner(tube).run({"x": 1}),
            TypeError,
            "'n' says how many epochs are made at the most",
        ),
        (lambda tube: [*SynchronousRunner(tube).stream("x")], TypeError, f"{RECORDS}'x'"),
        (
            lambda tube: [*SynchronousRunner(tube).stream({"x": 1})],
            TypeError,
            f"{RECORDS}{{'x': 1}}: put it into a list",
        ),
        (
            lambda _: Tube.from_specification(5),
            TypeError,
            "a tube is a path, an id, a dict or a TubeSpecification, found 5",
        ),
        (lambda _: Tube.from_specification(b"x"), TypeError, "a tube is a path, an id, a dict or a TubeSpec"),
        (
            lambda _: Tube.from_specification(ECHO, 5),
            TypeError,
            "inputs are values by their names, as a dict has them, found 5",
        ),
        (lambda _: Tube.from_specification(ECHO, {1: 2}), InputError, "there is no input '1': inputs that exist: 'x'"),
        (lambda tube: tube.enable_node([]), KeyError, "there is no node '[]': nodes that exist: 'keep'"),
        (lambda tube: SynchronousRunner(tube).add_callback(5), TypeError, "a callback is a function that gets each"),
        (lambda tube: ParallelRunner(tube, on=5), ValueError, "'on' says what does several things at once, found '5'"),
        (
            lambda tube: ParallelRunner(tube, workers="a"),
            ValueError,
            "'workers' is a whole number from 1 on, found 'a'",
        ),
        (lambda tube: ParallelRunner(tube, on="async", workers=4), ValueError, "say with 'ahead' how many epochs are"),
        (lambda tube: ParallelRunner(tube, ahead=-1), ValueError, "'ahead' is a whole number from 1 on, found -1"),
        (lambda tube: ParallelRunner(tube, verify=-1), ValueError, "'verify' is a whole number from 1 on, found -1"),
    ],
)
def test_what_is_something_else_is_told(do, error, said):
    with pytest.raises(error, match=re.escape(said)):
        do(Tube.from_specification(ECHO))


def test_what_has_items_by_number_is_records():
    class Records:
        def __getitem__(self, at):
            return [{"x": 1}][at]

    assert Tube.from_specification(ECHO | {"nodes": {"return": {"type": "return", "depends": "input.x"}}}).run(
        Records()
    ) == [1]


def test_without_a_return_node_it_has_no_results():
    assert Tube.from_specification(ECHO).run([{"x": 1}]) == []


# Code as objects


def test_an_empty_mapping_is_no_tube():
    with pytest.raises(TubeError, match="'noob_id', found an empty mapping"):
        Tube.from_specification({})


def test_code_itself_is_the_type():
    factor = 3

    def times(x):
        return x * factor

    inner = {
        "input": {"z": {"type": int, "scope": "process"}},
        "nodes": {
            "f": {"type": lambda z: -z, "depends": ["input.z"]},
            "return": {"type": "return", "depends": "f.value"},
        },
    }
    spec: dict[str, Any] = {
        "input": {"a": {"type": int, "default": 2}, "b": {"type": list[int], "default": ["1"]}},
        "assets": {"seen": {"type": Counter, "scope": "runner"}},
        "nodes": {
            "n": {"type": numbers},
            "t": {"type": times, "depends": ["n.value"]},
            "l": {"type": lambda x: x + 1, "depends": ["t.value"]},
            "m": {"type": lambda x, y: x + y, "depends": ["l.value", "input.a"]},
            "p": {"type": functools.partial(operator.mul, 10), "depends": ["m.value"]},
            "total": {"type": Total, "params": {"start": 1}, "depends": ["p.value"]},
            "s": {"type": sum, "depends": ["input.b"]},
            "text": {"type": "functools.partial", "params": {0: print}},
            "inner": {"type": "tube", "params": {"tube": inner}, "depends": [{"z": "n.value"}]},
            "return": {"type": "return", "depends": ["total.value", "s.value", "inner.value"]},
        },
    }
    before = repr(spec)
    tube = Tube.from_specification(spec)
    assert repr(spec) == before
    assert {name: node.type_ for name, node in tube.nodes.items()} == {
        "n": f"{__name__}.numbers",
        "t": f"{__name__}.test_code_itself_is_the_type.times",
        "l": f"{__name__}.test_code_itself_is_the_type.lambda_",
        "m": f"{__name__}.test_code_itself_is_the_type.lambda__2",
        "p": "functools.partial_object",
        "total": f"{__name__}.Total",
        "s": "sum",
        "text": "functools.partial",
        "inner": "tube",
        "return": "return",
    }
    expected = [[31, 1, 0], [91, 1, -1], [181, 1, -2]]
    assert [list(result) for result in tube.run()] == expected
    assert [list(result) for result in ParallelRunner(tube, workers=2).iter()] == expected


def test_other_tubes_are_named_by_paths_or_given_as_what_a_file_says(tmp_path: Path):
    file = tmp_path / "count.yaml"
    file.write_text("nodes: {n: {type: itertools.count}, return: {type: return, depends: n.value}}", encoding="utf-8")
    returned = {"type": "return", "depends": "t.value"}
    for tube in (file, TubeSpecification.from_yaml(file), {"extends": [file]}):
        nodes = {"t": {"type": "tube", "params": {"tube": tube}}, "return": returned}
        assert Tube.from_specification({"nodes": nodes}).run(n=2) == [0, 1]
    nodes = {"t": {"type": "tube", "params": {"tube": 5}}, "return": returned}
    with pytest.raises(TubeError, match="'t' is a tube and needs the param 'tube', found 5"):
        Tube.from_specification({"nodes": nodes})


def test_one_object_has_one_path():
    double = functools.partial(operator.mul, 2)
    spec = {
        "nodes": {
            "n": {"type": numbers},
            "a": {"type": double, "depends": ["n.value"]},
            "b": {"type": double, "depends": ["a.value"]},
        }
    }
    nodes = Tube.from_specification(spec).nodes
    assert nodes["a"].type_ == nodes["b"].type_ == "functools.partial_object"


def test_exceptions_to_try_again_with():
    class Busy(Exception):
        pass

    tries = []

    def fetch():
        tries.append(1)
        if len(tries) < 3:
            raise Busy
        return len(tries)

    retry = {"times": 3, "wait": "0s", "on": [Busy, OSError]}
    spec = {"nodes": {"f": {"type": fetch, "retry": retry}, "return": {"type": "return", "depends": "f.value"}}}
    assert Tube.from_specification(spec).run(n=1) == [3]


def _inner():
    def inner(x):
        return x

    return inner


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (lambda x: x, rf"the lambda in line \d+ of '{re.escape(__file__)}'"),
        (_inner(), rf"'inner' in line \d+ of '{re.escape(__file__)}'"),
        (functools.partial(pow, 2), r"an object of the class functools\.partial"),
    ],
)
def test_code_that_no_module_has_stays_in_this_process(code, name):
    spec = {"nodes": {"n": {"type": numbers}, "f": {"type": code, "depends": ["n.value"]}}}
    tube = Tube.from_specification(spec)
    with pytest.raises(NotPortableError, match=f"process: {name} is in no module: put it into a module"):
        list(ParallelRunner(tube, on="processes", workers=1).iter())


def test_a_mistake_at_code_that_was_given():
    with pytest.raises(TubeError, match=r"lambda_' takes 1 positional argument"):
        Tube.from_specification(
            {"nodes": {"n": {"type": numbers}, "f": {"type": lambda x: x, "depends": ["n.value", "n.value"]}}}
        )


# The last values


@pytest.mark.parametrize("make", [SynchronousRunner, ParallelRunner])
def test_the_last_value_of_every_signal(make):
    runner = make(Tube.from_specification({**COUNT, "nodes": {**COUNT["nodes"], "n": {"type": numbers}}}), values=True)
    assert runner.values == {}
    results = list(runner.iter())
    assert results[-1] == {"n": 2, "even": 4}
    values = runner.values
    if make is SynchronousRunner:
        assert values == {"n.value": 2, "even.value": 4, "return.value": {"n": 2, "even": 4}}
    # Of several epochs under way, any may have come to a node last.
    assert values["n.value"] in range(3)
    assert values["even.value"] in (0, 2, 4)
    assert values["return.value"] in results


def test_values_are_kept_when_asked_for():
    runner = SynchronousRunner(Tube.from_specification(COUNT))
    runner.run(1)
    with pytest.raises(RuntimeError, match="values=True"):
        _ = runner.values


def test_values_inside_of_a_loop():
    async def run() -> dict[str, Any]:
        async with AsyncRunner(Tube.from_specification(COUNT), values=True) as runner:
            async for _ in runner.iter(2):
                pass
            return runner.values

    assert asyncio.run(run())["even.value"] == 2


# How things look


def test_how_a_tube_looks(tmp_path: Path):
    assert repr(Tube.from_specification(COUNT)) == "<Tube 'count': 3 nodes>"
    assert repr(Tube.from_specification(ECHO)) == "<Tube 'tube': 1 node, 1 asset, with the inputs 'x'>"
    path = tmp_path / "a.yaml"
    path.write_text("nodes:\n  n: {type: itertools.count}\n")
    assert repr(Tube.from_specification(path)) == f"<Tube 'a', {path}: 1 node>"


def test_how_assets_look():
    runner = SynchronousRunner(Tube.from_specification(ECHO))
    assert repr(runner.assets) == "<no assets>"
    with runner:
        runner.process(x=3)
    assert repr(runner.assets) == "<assets: seen = [3]>"


def test_how_a_runner_looks():
    tube = Tube.from_specification(COUNT)
    with SynchronousRunner(tube) as runner:
        assert repr(runner) == "<SynchronousRunner of 'count': running, 0 epochs made>"
        runner.run(1)
    assert repr(runner) == "<SynchronousRunner of 'count': ended, 1 epoch made>"
    assert repr(ParallelRunner(tube)) == "<ParallelRunner of 'count': not running, 0 epochs made>"
    assert repr(AsyncRunner(tube)) == "<AsyncRunner of 'count': not running, 0 epochs made>"


def test_a_runner_that_has_failed_says_where():
    spec = {"nodes": {"n": {"type": numbers}, "bad": {"type": "operator.truediv", "depends": ["n.value", "n.value"]}}}
    runner = SynchronousRunner(Tube.from_specification(spec))
    with pytest.raises(ZeroDivisionError):
        runner.run()
    assert repr(runner) == "<SynchronousRunner of 'tube': failed in the node 'bad' in epoch 0, 1 epoch made>"


@pytest.mark.parametrize("make", [lambda tube: tube, SynchronousRunner, ParallelRunner, AsyncRunner])
def test_a_notebook_shows_the_graph(make):
    shown = make(Tube.from_specification(COUNT))
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == repr(shown)
    assert 'data-edge="n.value-&gt;even' in bundle["image/svg+xml"]
    if not isinstance(shown, Tube):
        assert bundle["text/html"] == f"<p>{escape(repr(shown))}</p>\n{bundle['image/svg+xml']}"


def test_without_what_lays_it_out_there_is_text(monkeypatch):
    monkeypatch.setattr(drawn, "laid_out", _missing)
    tube = Tube.from_specification(COUNT)
    assert tube._repr_mimebundle_() == {"text/plain": repr(tube), "text/vnd.mermaid": mermaid(tube)}
    runner = SynchronousRunner(tube)
    assert runner._repr_mimebundle_() == {"text/plain": repr(runner)}


def _missing(drawing):
    raise InputError("it is not installed")


def test_a_notebook_shows_results_as_a_table():
    bundle = Tube.from_specification(COUNT).run(n=22)._repr_mimebundle_()
    html = bundle["text/html"]
    assert "<tr><th></th><th>n</th><th>even</th></tr>\n<tr><td>0</td><td>0</td><td>0</td></tr>" in html
    assert html.endswith("</table>\n<p>and 2 more</p>")
    assert bundle["text/plain"].endswith(" {'n': 19, 'even': 38}]\nand 2 more")


def test_results_of_any_kind_are_shown_safely():
    results = ResultList([{"<b>": "<script>"}, 3, {"wide": list(range(10_000))}, {i: i for i in range(30)}])
    html = results._repr_mimebundle_()["text/html"]
    assert "<th>&lt;b&gt;</th><th>value</th><th>wide</th>" in html
    assert "&#x27;&lt;script&gt;&#x27;" in html
    assert len(html) < 10_000
    assert ResultList()._repr_mimebundle_()["text/plain"] == "[]"
    assert results == list(results)
