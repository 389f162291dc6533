"""The parts of a plan are made like dataclasses."""

from __future__ import annotations

import pytest

from noob_cli.plan.part import Part


class Step(Part):
    """One to try things on."""

    place: str
    target: int
    fresh: bool = False


def test_by_position_and_by_name():
    step = Step("input", target=3)

    assert (step.place, step.target, step.fresh) == ("input", 3, False)
    assert Step.fields == ("place", "target", "fresh")


def test_replacing_makes_another():
    step = Step("input", 3)
    other = step.replace(target=4)

    assert (step.target, other.target, other.place) == (3, 4, "input")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("input",), {}),
        ((), {"target": 3}),
        (("input", 3, True, 4), {}),
        (("input", 3), {"target": 4}),
        (("input", 3), {"fresch": True}),
    ],
)
def test_fields_that_are_missing_unknown_or_given_twice(values, named):
    with pytest.raises(TypeError, match="Step has the fields place, target, fresh"):
        Step(*values, **named)
