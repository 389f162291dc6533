"""Which code can't return `NoEvent`: what is known of it, and what is not."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator

import pytest

from noob_cli import NoEvent
from noob_cli.nodes.silence import always_emits
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


class Doubler:
    def process(self, value: int) -> int:
        return value * 2


@pytest.mark.parametrize("code", [double, label, pair, numbers, never_silent_by_name, itertools.count, int, len])
def test_known_to_emit(code):
    assert always_emits(code)


@pytest.mark.parametrize(
    "code",
    [
        unannotated,
        of_any_object,
        of_a_container,
        first_letter,
        from_elsewhere,
        calls,
        many,
        silent,
        Doubler,
        operator.mul,
        abs,
        lambda value: value,
    ],
)
def test_not_known_to_emit(code):
    assert not always_emits(code)


def test_what_is_known_to_emit_is_not_looked_at():
    text = (
        "nodes: {a: {type: my.numbers}, b: {type: my.double, depends: a.value}, "
        "c: {type: my.silent, depends: b.value}, d: {type: my.silent, depends: a.value}, "
        "e: {type: my.double, depends: d.value}, r: {type: return, depends: [{c: c.value}, {e: e.value}]}}"
    )
    assert tubes.results(text) == [{"c": 0, "e": 0}, {"c": 2}, {"c": 4, "e": 4}]
