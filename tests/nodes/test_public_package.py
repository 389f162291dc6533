"""Node code written against the public package `noob` runs too, without that package being needed.

A stand-in has what its version 1003.0.2 has where nodes import it from: classes of the same names in the same modules,
and the same marks on methods. It has nothing to do with this project's own classes.
"""

from __future__ import annotations

import operator
import subprocess
import sys
from fractions import Fraction
from textwrap import dedent

import pytest

from noob_cli import NoEvent, SynchronousRunner, Tube
from noob_cli.code.compatibility import translating

STAND_IN = {
    "__init__": """
        from noob.node import Node, deinit_method, init_method, process_method
        from noob.asset import Asset
        from noob.types import Epoch, Name
        from noob.event import Event, MetaSignal
        """,
    "types": """
        from dataclasses import dataclass
        from typing import Annotated, Any, TypedDict
        from pydantic import AfterValidator
        from noob.event import Event

        class Epoch(int):
            pass

        PythonIdentifier = Annotated[str, AfterValidator(lambda text: text)]
        EventMap = dict[PythonIdentifier, "Event"]

        @dataclass
        class Name:
            name: str

        class RunnerContext(TypedDict):
            runner: Any
            input_collection: Any
        """,
    "event": """
        from enum import StrEnum
        from typing import Any, TypedDict

        class MetaSignal(StrEnum):
            NoEvent = "__META__NoEvent"

        class Event(TypedDict):
            value: Any
        """,
    "node": """
        from typing import Any
        from pydantic import BaseModel, ConfigDict, Field

        class NodeSpecification(BaseModel):
            model_config = ConfigDict(extra="forbid")
            id: str
            type_: str = Field(alias="type")
            depends: Any = None
            params: Any = None
            enabled: Any = True
            stateful: Any = None
            description: Any = None

        def process_method(func):
            func.__is_process_method__ = True
            return func

        def init_method(func):
            func.__is_init_method__ = True
            return func

        def deinit_method(func):
            func.__is_deinit_method__ = True
            return func

        class Node(BaseModel):
            id: str
            spec: NodeSpecification | None = None
            enabled: bool = True
            stateful: bool = True

            def init(self):
                pass

            def deinit(self):
                pass
        """,
    "asset": """
        from typing import Any
        from pydantic import BaseModel, Field

        class Asset(BaseModel):
            id: str
            spec: Any
            scope: Any
            params: dict[str, Any] | list = Field(default_factory=dict)
            depends: str | None
            obj: Any | None = None
            stored_at: Any = None

            def init(self):
                pass

            def deinit(self):
                pass
        """,
}

NODES = """
    from collections.abc import Iterator
    from typing import Annotated
    from noob import Asset, Epoch, MetaSignal, Name, Node, deinit_method, init_method, process_method
    from noob.types import EventMap, RunnerContext

    LOG = []

    def numbers(n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(n)

    def ints(n: int = 3):
        yield from range(n)

    def split(value: int) -> tuple[Annotated[int, Name("even")], Annotated[int, Name("odd")]]:
        return (MetaSignal.NoEvent, value) if value % 2 else (value, MetaSignal.NoEvent)

    def odd(value: int):
        return value if value % 2 else MetaSignal.NoEvent

    def with_epoch(value: int, epoch: Epoch):
        return value, int(epoch)

    def with_events(value: int, events: EventMap):
        return events["value"]["node_id"], events["value"]["value"]

    class Marked:
        def __init__(self, start: int = 0):
            self.total = start

        @init_method
        def begin(self, context: RunnerContext):
            LOG.append(("begin", sorted(context)))

        @process_method
        def accumulate(self, value: int) -> Annotated[int, Name("sum")]:
            self.total += value
            return self.total

        @deinit_method
        def finish(self):
            LOG.append(("finish", self.total))

    class Scale(Node):
        factor: int = 10

        def init(self):
            LOG.append(("init", self.id))

        def process(self, value: int) -> Annotated[int, Name("scaled")]:
            return self.factor * value

        def deinit(self):
            LOG.append(("deinit", self.id))

    class Journal(Asset):
        def init(self):
            self.obj = ["begun", self.params]

        def deinit(self):
            LOG.append(("ended", self.id, self.obj[0]))
    """


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a tube whose code imports the stand-in."""
    for name in [each for each in sys.modules if each == "noob" or each.startswith("noob.")]:
        monkeypatch.delitem(sys.modules, name)
    package = tmp_path / "noob"
    package.mkdir()
    for name, source in STAND_IN.items():
        (package / f"{name}.py").write_text(dedent(source))
    (tmp_path / "public_nodes.py").write_text(dedent(NODES))
    monkeypatch.delitem(sys.modules, "public_nodes", raising=False)

    def run(nodes, before=""):
        path = tmp_path / "tube.yaml"
        path.write_text(dedent(f"{before}\nnodes: {nodes}").replace("my.", "public_nodes."))
        return list(SynchronousRunner(Tube.from_specification(path)).iter())

    yield run
    for name in [each for each in sys.modules if each in ("noob", "public_nodes") or each.startswith("noob.")]:
        del sys.modules[name]


def log():
    return sys.modules["public_nodes"].LOG


def test_names(run):
    assert run("{a: {type: my.numbers}, r: {type: return, depends: a.number}}") == [0, 1, 2]


def test_no_event(run):
    text = "{a: {type: my.ints}, o: {type: my.odd, depends: a.value}, r: {type: return, depends: o.value}}"
    assert run(text) == [1]


def test_no_event_in_place_of_one_signal(run):
    text = """{a: {type: my.ints}, s: {type: my.split, depends: a.value},
        r: {type: return, depends: [{e: s.even}, {o: s.odd}]}}"""
    results = run(text)
    assert results == [{"e": 0}, {"o": 1}, {"e": 2}]
    assert NoEvent not in results


def test_the_epoch(run):
    text = "{a: {type: my.ints}, x: {type: my.with_epoch, depends: a.value}, r: {type: return, depends: x.value}}"
    assert run(text) == [(0, 0), (1, 1), (2, 2)]


def test_the_event_map(run):
    text = "{a: {type: my.ints}, x: {type: my.with_events, depends: a.value}, r: {type: return, depends: x.value}}"
    assert run(text) == [("a", 0), ("a", 1), ("a", 2)]


def test_marked_methods_and_the_context(run):
    text = "{a: {type: my.ints}, x: {type: my.Marked, depends: a.value}, r: {type: return, depends: x.sum}}"
    assert run(text) == [0, 1, 3]
    assert log() == [("begin", ["input_collection", "runner"]), ("finish", 3)]


def test_node_subclasses(run):
    text = """{a: {type: my.ints}, x: {type: my.Scale, params: {factor: 2}, depends: a.value},
        r: {type: return, depends: x.scaled}}"""
    assert run(text) == [0, 2, 4]
    assert log() == [("init", "x"), ("deinit", "x")]


def test_node_subclasses_with_what_is_said_of_their_calls(run):
    text = """{a: {type: my.ints}, x: {type: my.Scale, params: {factor: 2}, depends: a.value, rate: 1000/s,
        retry: {times: 1}}, r: {type: return, depends: x.scaled}}"""
    assert run(text) == [0, 2, 4]


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_asset_subclasses(run, scope):
    text = """{a: {type: my.ints, params: {n: 1}}, r: {type: return, depends: [assets.j, a.value]}}"""
    before = f"assets: {{j: {{type: my.Journal, scope: {scope}, params: {{k: 1}}}}}}"
    assert run(text, before) == [[["begun", {"k": 1}], 0]]
    assert log() == [("ended", "j", "begun")]


def test_what_is_of_python_returns_nothing_of_that_package(run):
    run("{a: {type: my.ints}, r: {type: return, depends: a.value}}")
    assert [translating(each) for each in (str, abs, operator.mul)] == [str, abs, operator.mul]
    assert translating(Fraction) is not Fraction


def test_the_public_package_is_neither_imported_nor_needed():
    code = """
    import sys
    sys.modules["noob"] = None  # importing it would fail
    from noob_cli import SynchronousRunner, Tube
    spec = {"nodes": {"a": {"type": "itertools.count"}, "r": {"type": "return", "depends": "a.value"}}}
    print(SynchronousRunner(Tube.from_specification(spec)).run(2))
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == "[0, 1]\n"
