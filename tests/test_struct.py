"""Classes are made of their fields as dataclasses are."""

from __future__ import annotations

from typing import ClassVar

import pytest

from noob_cli.struct import Struct, field


class Reading(Struct):
    """One to try things on."""

    unit: ClassVar[str] = "m"

    place: str
    level: int
    fresh: bool = False
    levels: list[int] = field(factory=list)


class Forecast(Reading):
    """One that has more fields."""

    days: int = 3


def test_by_position_and_by_name():
    reading = Reading("weir", level=3)

    assert (reading.place, reading.level, reading.fresh, reading.levels) == ("weir", 3, False, [])
    assert Reading.fields == ("place", "level", "fresh", "levels")


def test_what_is_made_for_one_is_not_that_of_another():
    assert Reading("weir", 3).levels is not Reading("weir", 3).levels
    given = [1]
    assert Reading("weir", 3, levels=given).levels is given


def test_fields_are_inherited():
    assert Forecast("weir", 3, True, [1], 5).days == 5
    assert Forecast.fields == (*Reading.fields, "days")
    assert Reading.fields == ("place", "level", "fresh", "levels")


def test_replacing_makes_another():
    reading = Reading("weir", 3, levels=[1])
    other = reading.replace(level=4)

    assert (reading.level, other.level, other.place) == (3, 4, "weir")
    assert other.levels is reading.levels


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("weir",), {}),
        ((), {"level": 3}),
        (("weir", 3, True, [], 4), {}),
        (("weir", 3), {"level": 4}),
        (("weir", 3), {"fresch": True}),
    ],
)
def test_fields_that_are_missing_unknown_or_given_twice(values, named):
    with pytest.raises(TypeError, match="Reading has the fields place, level, fresh, levels"):
        Reading(*values, **named)
