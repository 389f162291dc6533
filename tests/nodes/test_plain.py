"""Which code is known to make plain values of plain values."""

from __future__ import annotations

import enum
import math
import operator

import pytest

from noob_cli.nodes.silence import is_plain, makes_plain


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
    "code", [with_a_colour, of_a_global, calls, generates, waits, operator.getitem, math.sqrt, Colour, print]
)
def test_all_else_is_not_known(code):
    assert not makes_plain(code)


def test_only_instances_of_the_types_themselves_are_plain():
    assert all(map(is_plain, (1, 1.5, True, None, "a", b"a", 1j)))
    assert not any(map(is_plain, (Number.one, Colour.red, [1], (), object())))
