"""Which code can't return `NoEvent`: what is known of it, and what is not."""

from __future__ import annotations

import functools
import itertools
import operator
import types
from collections.abc import Iterator
from typing import Annotated

import pytest

from noob_cli import Name, NoEvent, SynchronousRunner, Tube
from noob_cli.nodes.silence import always_emits, emits_of_plain
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

kept = [1]


def double(value: int) -> int:
    return value * 2


def label(value: float, unit: str = "mm", note: str | None = None) -> str:
    return f"{value:.2f} {unit}" if note is None else f"{value} {unit} ({note})"


def pair(left: int, right: int) -> list[int]:
    result = [left]
    result += [-right]
    return result


def numbers() -> Iterator[int]:
    number = 0
    while number < 3:
        yield number
        number += 1


def unannotated(value):
    return value * 2


def of_any_object(value: object) -> object:
    return value


def of_a_container(value: list[int]) -> int:
    return value[0]


def first_letter(value: str) -> str:
    return value[0]


def from_elsewhere(value: int) -> int:
    return kept[value]


def calls(value: int) -> int:
    return double(value)


def many(*values: int) -> int:
    return values[0]


def silent(value: int) -> int:
    return NoEvent if value % 2 else value


def never_silent_by_name(value: int) -> int:
    return value


def from_outside(value):
    def function(number: int) -> int:
        return value

    return function


def with_default(other: str = NoEvent) -> str:
    return other


def with_keyword_default(*, other: str = NoEvent) -> str:
    return other


class Pretends:
    """Gives itself out for a function."""

    def __init__(self, code) -> None:
        self.code = code

    @property
    def __class__(self):
        return types.FunctionType

    def __getattr__(self, name):
        return getattr(self.code, name)

    def __call__(self, *args, **kwargs):
        return NoEvent


class Doubler:
    def process(self, value: int) -> int:
        return value * 2


@pytest.mark.parametrize("code", [int, len, range])
def test_known_to_emit_whatever_it_gets(code):
    assert always_emits(code)


@pytest.mark.parametrize("code", [double, label, pair, numbers, unannotated, of_any_object, never_silent_by_name])
def test_known_to_emit_if_what_it_gets_is_plain(code):
    assert emits_of_plain(code)
    assert not always_emits(code)


@pytest.mark.parametrize(
    "code",
    [
        of_a_container,
        first_letter,
        from_elsewhere,
        from_outside(NoEvent),
        calls,
        many,
        silent,
        with_default,
        with_keyword_default,
        Doubler,
        itertools.count,
        operator.mul,
        abs,
        str,
        repr,
        Pretends(double),
    ],
)
def test_not_known_to_emit(code):
    assert not always_emits(code)
    assert not emits_of_plain(code)


def test_what_is_known_to_emit_is_not_looked_at():
    text = (
        "nodes: {a: {type: my.numbers}, b: {type: my.double, depends: a.value}, "
        "c: {type: my.silent, depends: b.value}, d: {type: my.silent, depends: a.value}, "
        "e: {type: my.double, depends: d.value}, r: {type: return, depends: [{c: c.value}, {e: e.value}]}}"
    )
    assert tubes.results(text) == [{"c": 0, "e": 0}, {"c": 2}, {"c": 4, "e": 4}]


# --- all ways in which `NoEvent` gets to what a node returns ---------------------------------------


class Text:
    """Its text is what is no event."""

    value: str = NoEvent

    def __init__(self, value: str = NoEvent) -> None:
        self.own = value

    def __str__(self) -> str:
        return NoEvent

    __repr__ = __str__

    def __add__(self, other):
        return NoEvent

    def __mul__(self, other):
        return NoEvent

    def __getitem__(self, key):
        return NoEvent

    def process(self, value: int) -> str:
        return self.own


the_text = Text()
by_name = {"silent": NoEvent}


def same_text(value: str) -> str:
    return value


def of_default(value: int, other: str = NoEvent) -> str:
    return other


def of_keyword_default(value: int, *, other: str = NoEvent) -> str:
    return other


def of_condition(value: int, other: str = NoEvent) -> str | int:
    return value or other


def of_global(value: int) -> str:
    return NoEvent


def of_attribute(value: int) -> str:
    return the_text.own


def of_class(value: int) -> str:
    return Text.value


def of_container(value: int) -> str:
    return by_name["silent"]


def of_others(value: int, *others: str) -> str:
    return others[0] if others else NoEvent


def of_keywords(value: int, **others: str) -> str:
    return others.get("other", NoEvent)


def of_operator(value: int, other: int = the_text) -> int:
    return other * value


def of_item(value: int, other: str = the_text) -> str:
    return other[value]


def two_of_default(value: int, other: str = NoEvent) -> tuple[Annotated[str, Name("a")], Annotated[int, Name("b")]]:
    return other, value


def drawn_from_default(other: str = NoEvent) -> Iterator[str]:
    yield other
    yield "value"


of_closure = from_outside(NoEvent)
of_partial = functools.partial(same_text, NoEvent)


@pytest.mark.parametrize(
    "node",
    [
        *(
            f"{{type: my.{name}, depends: a.value}}"
            for name in (
                *(
                    "of_default",
                    "of_keyword_default",
                    "of_global",
                    "of_attribute",
                    "of_class",
                    "of_container",
                    "of_others",
                ),
                *("of_keywords", "of_operator", "of_item", "of_closure", "Text"),
            )
        ),
        "{type: my.of_partial}",
        "{type: str, depends: assets.text}",
        "{type: repr, depends: assets.text}",
        "{type: my.same_text, depends: assets.silent}",
        "{type: my.same_text, depends: item.value}",
        "{type: operator.add, depends: [assets.text, a.value]}",
    ],
)
def test_what_is_no_event_never_gets_into_the_results(node):
    text = f"""
    assets:
      text: {{type: my.Text, scope: runner}}
      silent: {{type: my.no_event, scope: runner}}
    nodes:
      a: {{type: my.numbers}}
      items: {{type: my.silent_items, depends: a.value}}
      item: {{type: map, depends: items.value}}
      x: {node}
      y: {{type: my.same_text, depends: x.value}}
      r: {{type: return, depends: [{{x: x.value}}, {{y: y.value}}, {{a: a.value}}]}}
    """
    for result in tubes.results(text, 2):
        assert result.pop("a") in (0, 1, 2)
        assert not any(result.values()), result


def no_event():
    return NoEvent


def silent_items(value):
    return [NoEvent, NoEvent]


def test_a_param_that_is_no_event():
    tube = tubes.data("nodes: {x: {type: my.same_text, params: {value: 0}}, r: {type: return, depends: x.value}}")
    tube["nodes"]["x"]["params"]["value"] = NoEvent
    assert SynchronousRunner(Tube.from_specification(tube)).run(2) == []


def test_one_of_two_signals():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.two_of_default, depends: a.value}
      r: {type: return, depends: [{a: x.a}, {b: x.b}]}
    """
    assert tubes.results(text) == [{"b": 0}, {"b": 1}, {"b": 2}]


def test_one_that_is_sometimes_there():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.of_condition, depends: a.value}
      r: {type: return, depends: x.value}
    """
    assert tubes.results(text) == [1, 2]


def test_a_source_draws_it():
    assert tubes.results("nodes: {x: {type: my.drawn_from_default}, r: {type: return, depends: x.value}}") == ["value"]
