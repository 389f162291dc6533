"""Events that nodes make, or pass on, themselves: what they emit is the value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest

from noob_cli import Epoch, Event, EventMap, Name, NoEvent, SynchronousRunner, Tube
from noob_cli.codegen.epochs import Form, compile_form
from noob_cli.errors import SignalError
from noob_cli.plan.lowering.lowering import lower

HERE = f"{__name__}."


def event(node: str, signal: str, epoch: Epoch, value: Any) -> Event:
    return Event(id=7, timestamp=datetime.now(UTC), node_id=node, signal=signal, epoch=epoch, value=value)


def words() -> Iterator[list[str]]:
    yield ["a", "b", "c"]
    yield ["d"]


def by_helper(value: Any) -> Any:
    return event("own", "value", Epoch(0), value)


def alone(value: Any, epoch: Epoch) -> Any:
    return [event("own", "value", epoch, value)]


def several(value: Any, epoch: Epoch) -> Any:
    return [event("own", "value", epoch / ("own", at), each) for at, each in enumerate(value)]


def silent(value: Any, epoch: Epoch) -> Any:
    return event("own", "value", epoch, NoEvent)


def passed_on(value: Any, events: EventMap) -> Any:
    return events["value"]


def in_a_list(value: Any, events: EventMap) -> Any:
    return list(events.values())


async def awaited(value: Any, epoch: Epoch) -> Any:
    return event("own", "value", epoch, value)


def events_drawn() -> Iterator[Any]:
    for number in range(2):
        yield event("own", "value", Epoch(number), number)


Two = tuple[Annotated[Any, Name("x")], Annotated[Any, Name("y")]]


def in_a_tuple(value: Any, epoch: Epoch) -> Two:
    return value, event("own", "y", epoch, "y")


def one_of_two(value: Any, epoch: Epoch) -> Two:
    return event("own", "y", epoch, value)  # type: ignore[return-value]


def both_in_a_list(value: Any, epoch: Epoch) -> Two:
    return [event("own", "y", epoch, "y"), event("own", "x", epoch, "x")]  # type: ignore[return-value]


class OwnGather:
    """Collects values, and emits two in the epoch around."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def process(self, value: Any, epoch: Epoch) -> Any:
        self.values.append(value)
        if len(self.values) < 2:
            return NoEvent
        values, self.values = self.values, []
        return event("own", "value", epoch.parent or epoch, values)


def runner(own: str, returned: Any = "own.value", source: str = "words.value", **nodes: Any) -> SynchronousRunner:
    spec: dict[str, Any] = {
        "words": {"type": HERE + "words"},
        **nodes,
        "own": {"type": HERE + own, "depends": [source]},
        "return": {"type": "return", "depends": returned},
    }
    return SynchronousRunner(Tube.from_specification({"nodes": spec}), warn=lambda message: None)


@pytest.mark.parametrize(
    ("own", "first"),
    [
        ("by_helper", ["a", "b", "c"]),
        ("alone", ["a", "b", "c"]),
        ("passed_on", ["a", "b", "c"]),
        ("awaited", ["a", "b", "c"]),
    ],
)
def test_an_event_is_its_value(own, first):
    assert list(runner(own).iter()) == [first, ["d"]]


def test_an_event_without_a_value_is_none():
    assert list(runner("silent", [{"own": "own.value"}, {"words": "words.value"}]).iter(1)) == [
        {"words": ["a", "b", "c"]}
    ]


def test_a_source_may_make_events():
    spec = {"own": {"type": HERE + "events_drawn"}, "return": {"type": "return", "depends": "own.value"}}
    assert list(SynchronousRunner(Tube.from_specification({"nodes": spec})).iter()) == [0, 1]


@pytest.mark.parametrize(
    ("own", "first"),
    [
        ("in_a_tuple", {"x": ["a", "b", "c"], "y": "y"}),
        ("one_of_two", {"y": ["a", "b", "c"]}),
        ("both_in_a_list", {"x": "x", "y": "y"}),
    ],
)
def test_events_of_several_signals(own, first):
    assert next(runner(own, [{"x": "own.x"}, {"y": "own.y"}]).iter()) == first


def test_a_list_of_its_own_events_is_refused():
    with pytest.raises(SignalError, match="found 3 events of one signal"):
        runner("several").run()


def test_a_list_of_the_events_of_others_is_a_list():
    (first, _) = runner("in_a_list").run(2)
    assert [each["node_id"] for each in first] == ["words"]


MAPPED = {"letters": {"type": "map", "depends": ["words.value"]}}


def test_a_gather_of_ones_own_emits_in_the_epoch_around():
    run = runner("OwnGather", [{"own": "own.value"}], "letters.value", **MAPPED)
    found: list[Any] = []
    run.add_callback(lambda event: found.append((event["epoch"], event["value"])) if event["node_id"] == "own" else 0)
    assert run.run(2) == [{"own": [["a", "b"]]}, {"own": [["c", "d"]]}]
    assert found == [(Epoch(0), ["a", "b"]), (Epoch(1), ["c", "d"])]
    assert [each.is_root for each, _ in found] == [True, True]


def test_what_it_makes_is_carried():
    nodes = {
        "words": {"type": HERE + "words"},
        **MAPPED,
        "own": {"type": HERE + "OwnGather", "depends": ["letters.value"]},
        "return": {"type": "return", "depends": "assets.kept"},
    }
    assets = {"kept": {"type": "list", "scope": "runner", "depends": "own.value"}}
    run = SynchronousRunner(Tube.from_specification({"nodes": nodes, "assets": assets}), warn=lambda message: None)
    assert run.run(2) == [[], ["a", "b"]]


def test_who_asks_for_no_epoch_pays_nothing():
    """Neither are items counted nor is looked for events where nobody knows of epochs."""
    nodes = {
        "words": {"type": "itertools.repeat", "params": {"object": "ab", "times": 2}},
        "letters": {"type": "map", "depends": ["words.value"]},
        "upper": {"type": "str.upper", "depends": ["letters.value"]},
        "return": {"type": "return", "depends": "upper.value"},
    }
    text = str(compile_form(lower(Tube.from_specification({"nodes": nodes})), Form.run, commented=True))
    assert "enumerate" not in text
    assert "Epoch" not in text
    assert "taken_out" not in text


def test_positions_are_looked_up():
    assert runner("by_position").run(1) == [["a", "b", "c"]]


def by_position(value: Any, events: EventMap) -> Any:
    assert list(events) == ["value"]
    with pytest.raises(KeyError):
        events[1]  # type: ignore[index]
    return events[0]["value"]  # type: ignore[index]
