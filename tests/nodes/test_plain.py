"""Which code is known to make plain values of plain values."""

from __future__ import annotations

import enum
import math
import operator

import pytest

from noob_cli.nodes.silence import Plain, is_plain, keeps_ints, makes_plain, plainness


class Colour(enum.Enum):
    red = 1


class Number(enum.IntEnum):
    one = 1


def double(value):
    return value * 2


def in_words(value, unit="m"):
    return f"{value} {unit}" if value > 0 else "nothing"


def with_a_colour(value, colour=Colour.red):
    return colour


def of_a_global(value):
    return Colour.red


def lists(value):
    return [value, value]


def pairs(value):
    return value, value


def constants(value):
    return (1, 2)


def all_of(*values):
    return values


def by_name(**values):
    return values


def calls(value):
    return abs(value)


def generates(value):
    yield value


async def waits(value):
    return value


@pytest.mark.parametrize("code", [operator.mul, operator.neg, pow, abs, int, float, str, double, in_words])
def test_operators_types_and_what_has_nothing_else(code):
    assert makes_plain(code)


@pytest.mark.parametrize(
    "code",
    [
        with_a_colour,
        of_a_global,
        lists,
        pairs,
        constants,
        all_of,
        by_name,
        calls,
        generates,
        waits,
        operator.getitem,
        math.sqrt,
        Colour,
        print,
    ],
)
def test_all_else_is_not_known(code):
    assert not makes_plain(code)


def test_only_instances_of_the_types_themselves_are_plain():
    assert all(map(is_plain, (1, 1.5, True, None, "a", b"a", 1j)))
    assert not any(map(is_plain, (Number.one, Colour.red, [1], (), object())))


def straight(value, by=3):
    value += 1
    return -(value * 2 % 7) << by


def halves(value):
    return value / 2


def compares(value):
    return value > 2


def returns_nothing(value):
    value + 1


def adds_a_float(value):
    return value + 1.5


def adds_by_default(value, by=1.5):
    return value + by


def raises(value):
    return value**2


@pytest.mark.parametrize("code", [operator.mul, operator.neg, abs, int, double, straight])
def test_ints_stay_ints(code):
    assert keeps_ints(code)


@pytest.mark.parametrize(
    "code",
    [
        *(operator.truediv, operator.not_, operator.eq, operator.pow, float, str, halves, compares, returns_nothing),
        *(adds_a_float, adds_by_default, raises, lists, all_of, calls, generates, waits, in_words),
    ],
)
def test_ints_may_not_stay_ints(code):
    assert not keeps_ints(code)


def test_only_an_int_itself_is_known_to_be_one():
    assert plainness(2) is Plain.integer
    assert {plainness(each) for each in (True, 1.5, "a", None)} == {Plain.any}
    assert plainness(Number.one) is None
