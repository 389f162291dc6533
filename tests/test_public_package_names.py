"""What code that was written against the public package calls and catches, under the names that it has there."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest

from noob_cli import (
    AssetSpecification,
    AsyncRunner,
    Edge,
    ExtraInputError,
    InputMissingError,
    InputSpecification,
    MetaSignal,
    Name,
    Node,
    NodeSpecification,
    NoEventable,
    Signal,
    SynchronousRunner,
    Tube,
    TubeError,
    TubeNotFoundError,
    TubeSpecification,
    get_runner,
    init_method,
    process_method,
)
from noob_cli.code.interface import interface_of

NODES = {
    "count": {"type": "itertools.count"},
    "scaled": {"type": "operator.mul", "depends": ["count.value", "input.by"]},
    "text": {"type": "str", "depends": [{"object": "scaled.value"}]},
    "return": {"type": "return", "depends": [{"number": "count.value"}, {"text": "text.value"}]},
}
TUBE = {"input": {"by": {"type": "int"}}, "nodes": NODES}


def test_edges():
    assert Tube.from_specification(TUBE, input={"by": 2}).edges == (
        Edge("count", "value", "scaled", 0, required=True),
        Edge("input", "by", "scaled", 1, required=True),
        Edge("scaled", "value", "text", "object", required=True),
        Edge("count", "value", "return", "number", required=False),
        Edge("text", "value", "return", "text", required=False),
    )
    alone = {"a": {"type": "itertools.count"}, "b": {"type": "str", "depends": "a.value"}}
    assert Tube.from_specification({"nodes": alone}).edges == (Edge("a", "value", "b", None),)


def test_nodes_of_a_tube_are_switched_for_all_its_runners():
    tube = Tube.from_specification(TUBE, input={"by": 2})
    with SynchronousRunner(tube) as before:
        assert before.process() == {"number": 0, "text": "0"}
        tube.disable_node("text")
        assert before.process() == {"number": 1}
        assert SynchronousRunner(tube).run(1) == [{"number": 0}]
        tube.enable_node("text")
        assert before.process() == {"number": 2, "text": "4"}
    assert SynchronousRunner(tube).run(1) == [{"number": 0, "text": "0"}]
    with pytest.raises(KeyError, match="did you mean 'text'"):
        tube.enable_node("texts")


def test_nodes_and_which_of_them_are_enabled():
    switched = {"by": {"type": "int", "default": 0}}
    nodes = NODES | {"text": {**NODES["text"], "enabled": "input.by"}}
    tube = Tube.from_specification({"input": switched, "nodes": nodes})
    assert list(tube.nodes) == list(NODES)
    assert [tube.nodes["text"].enabled, tube.nodes["text"].type_] == [False, "str"]
    assert list(tube.enabled_nodes) == ["count", "scaled", "return"]
    tube.enable_node("text")
    tube.disable_node("return")
    assert list(tube.enabled_nodes) == ["count", "scaled", "text"]


def test_the_inputs_of_a_tube():
    assert Tube.from_specification(TUBE, input={"by": 2}).input_collection == {"by": 2}


@pytest.mark.parametrize(
    ("section", "entry"),
    [
        ("nodes", NodeSpecification(id="wrong", type="str")),
        ("input", InputSpecification(id="wrong", type="str")),
        ("assets", AssetSpecification(id="wrong", type="str", scope="runner")),
    ],
)
def test_the_id_of_a_ready_made_entry_is_its_key(section, entry):
    assert TubeSpecification(**{section: {"wrong": entry}})
    with pytest.raises(ValueError, match=f"in '{section}', 'right' is a specification of 'wrong'"):
        TubeSpecification(**{section: {"right": entry}})


def test_a_specification_of_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text("noob_id: base\nnodes: {count: {type: itertools.count}}\n", encoding="utf-8")
    Path("more.yaml").write_text("noob_id: more\nextends: [base]\nnodes: {other: {type: itertools.count}}\n", "utf-8")
    found = TubeSpecification.from_id("more")
    assert [found.noob_id, sorted(found.nodes)] == ["more", ["count", "other"]]
    assert TubeSpecification.from_any("more") == found
    assert TubeSpecification.from_yaml(tmp_path / "more.yaml") == TubeSpecification.from_any("more.yaml") == found
    with pytest.raises(KeyError) as missing:
        TubeSpecification.from_id("another")
    assert isinstance(missing.value, TubeNotFoundError)
    assert str(missing.value).startswith("there is no tube 'another' in ")
    Path("more.yaml").write_text("noob_id: more\nextends: [nothing]\n", encoding="utf-8")
    with pytest.raises(TubeError):
        TubeSpecification.from_id("more")


def test_runners_by_name():
    assert get_runner() is get_runner("sync") is SynchronousRunner
    assert get_runner("async") is AsyncRunner
    with pytest.raises(ValueError, match="no runner 'zmq'"):
        get_runner("zmq")


def test_errors():
    with pytest.raises(ValueError, match="no node 'nothing'") as found:
        Tube.from_specification({"nodes": {"a": {"type": "str", "depends": ["nothing.value"]}}})
    assert isinstance(found.value, TubeError)
    with pytest.raises(InputMissingError):
        Tube.from_specification(TUBE)
    with pytest.raises(ExtraInputError):
        Tube.from_specification(TUBE, input={"by": 2, "more": 3})


def alone() -> NoEventable[Annotated[int, Name("x")]]:
    return MetaSignal.NoEvent


def around() -> Annotated[NoEventable[int], Name("x")]:
    return MetaSignal.NoEvent


def in_a_tuple() -> tuple[NoEventable[Annotated[int, Name("x")]], Annotated[int, Name("y")]]:
    return MetaSignal.NoEvent, 1


@pytest.mark.parametrize(("code", "names"), [(alone, ["x"]), (around, ["x"]), (in_a_tuple, ["x", "y"])])
def test_noeventable_does_not_change_names(code, names):
    assert [signal.name for signal in interface_of(code).signals] == names


class Adder:
    def __init__(self, start: int) -> None:
        self.total = start
        self.is_started = False

    @init_method
    def start(self) -> None:
        self.is_started = True

    @process_method
    def add(self, value: int) -> int:
        self.total += value
        return self.total


class Ticks:
    @process_method
    def tick(self) -> Iterator[int]:
        yield from (1, 2)


class Scale(Node):
    factor: int = 1

    def process(self, value: int) -> int:
        return value * self.factor


def numbers(start: int) -> Iterator[int]:
    yield from range(start, start + 2)


def alone_of(code: str, **params: object) -> Node:
    spec = NodeSpecification(id="alone", type=f"{__name__}.{code}", params=params)
    return Node.from_specification(spec, {"given": 5})


def test_a_node_by_itself():
    adder = alone_of("Adder", start="input.given")
    adder.init()
    assert [adder.process(1), adder.process(value=2), adder.instance.is_started, adder.id] == [6, 8, True, "alone"]
    scale = alone_of("Scale", factor=3)
    assert isinstance(scale, Scale)
    assert scale.process(2) == 6
    source = alone_of("numbers", start=7)
    assert [source.process(), source.process()] == [7, 8]
    ticks = alone_of("Ticks")
    assert [ticks.process(), ticks.process()] == [1, 2]
    twice = Node.from_specification(NodeSpecification(id="twice", type="operator.mul", params={1: 2}))
    assert twice.process(3) == 6


class Ticking(Node):
    first: int = 1

    def init(self) -> None:
        self.first += 1

    def process(self):
        yield from (self.first, self.first + 1)


class Marked(Node):
    @process_method
    def tick(self):
        yield "tick"


class Countdown:
    def __init__(self, start: int) -> None:
        self.left = start

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> Annotated[int, Name("left")]:
        self.left -= 1
        return self.left


@functools.wraps(numbers)
def decorated_numbers(*arguments: object, **named: object) -> Iterator[int]:
    return numbers(*arguments, **named)


async def awaited_numbers() -> AsyncIterator[int]:
    yield 1
    yield 2


def test_a_node_by_itself_gives_what_is_drawn_from_it():
    ticking = alone_of("Ticking", first=4)
    ticking.init()
    assert [ticking.process(), ticking.process(), type(ticking)] == [5, 6, Ticking]
    assert alone_of("Marked").tick() == "tick"
    countdown = alone_of("Countdown", start=3)
    assert [countdown.process(), countdown.process(), *countdown.signals, *countdown.slots] == [2, 1, "left"]
    decorated = alone_of("decorated_numbers", start=3)
    assert [decorated.process(), decorated.process()] == [3, 4]
    awaited = alone_of("awaited_numbers")

    async def both() -> list[int]:
        return [await awaited.process(), await awaited.process()]

    assert asyncio.run(both()) == [1, 2]


@pytest.mark.parametrize(
    ("code", "stateful"),
    [
        ("operator.add", False),
        (f"{__name__}.numbers", True),
        (f"{__name__}.Adder", True),
        (f"{__name__}.Ticking", True),
        ("fractions.Fraction", False),
        ("itertools.count", True),
    ],
)
def test_a_node_by_itself_is_stateful_like_one_in_a_tube(code, stateful):
    params = {"start": 1} if code.endswith(("numbers", "Adder")) else {}

    def said(value: bool | None) -> bool:
        spec = NodeSpecification(id="a", type=code, params=params, stateful=value)
        return Node.from_specification(spec).stateful

    assert [said(None), said(True), said(False)] == [stateful, True, False]


def test_a_signal_of_which_nothing_is_said_may_be_anything():
    assert alone_of("Ticking").signals == {"value": Signal("value", Any)}
    assert alone_of("plain").signals == {"value": Signal("value", Any)}


def plain(value):
    return value


class Doubling(Node):
    def process(self, number: int) -> Annotated[int, Name("double")]:
        return 2 * number


def naming() -> Generator[Annotated[int, Name("n")], None, None]:
    yield 1


@pytest.mark.parametrize(
    ("code", "signals", "slots"),
    [
        ("operator.add", ["value"], ["a", "b"]),
        (f"{__name__}.Doubling", ["double"], ["number"]),
        (f"{__name__}.naming", ["n"], []),
        ("itertools.count", ["value"], []),
    ],
)
def test_a_node_by_itself_has_signals_and_slots(code, signals, slots):
    node = Node.from_specification(NodeSpecification(id="a", type=code))

    assert list(node.signals) == signals
    assert [name for name in node.slots if node.slots[name].required] == slots
