"""How an epoch is cut: what is done for several epochs at once, and what in their order."""

from __future__ import annotations

from typing import Any

from noob_cli import Tube
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.passes.passes import APART
from noob_cli.plan.stages import partition
from noob_cli.plan.steps import NewList

MY = "tests.plan.test_stages"


def code(*values: Any) -> int:
    return len(values)


class Kept:
    """Keeps something."""

    def process(self, value: int) -> int:
        return value


def stages(assets: dict[str, str], *, goes_on: bool = False, **nodes: Any) -> list[tuple[list[str], list[str]]]:
    """The names of the nodes in the region and the segment of each stage.

    Args:
        assets: The carried assets, each with the signal that is stored in it.
        nodes: What each node takes, those that keep something by a name that begins so.
    """
    spec = {
        "assets": {name: {"type": "int", "scope": "runner", "depends": of} for name, of in assets.items()},
        "nodes": {
            "number": {"type": "itertools.count"},
            **{
                name: {"type": f"{MY}.{'Kept' if name.startswith('kept') else 'code'}", "depends": takes}
                for name, takes in nodes.items()
            },
        },
    }
    plan = lower(Tube.from_specification(spec), options=LoweringOptions(passes=APART))
    found = []
    for stage in partition(plan, goes_on=goes_on).stages:
        names = ({unit.step.place.name: None for unit in units} for units in (stage.region, stage.segment))
        found.append(tuple(map(list, names)))
    return found


def test_what_is_behind_a_carried_asset_is_in_a_region_of_its_own():
    nodes = {"before": "number.value", "sum": ["before.value", "assets.total"], "after": "sum.value"}
    # The look at who gets the same object stands where it is stored.
    assert stages({"total": "sum.value"}, **nodes) == [([], []), (["before"], ["sum", "after"]), (["after"], [])]
    assert stages({"total": "sum.value"}, goes_on=True, **nodes) == [([], []), (["before"], ["sum", "after"])]


def test_a_source_is_not_drawn_from_again():
    nodes = {"sum": ["number.value", "assets.total"], "after": "sum.value"}
    assert stages({"total": "sum.value"}, **nodes) == [([], []), ([], ["sum", "after"]), (["after"], [])]


def test_what_takes_an_asset_and_what_is_stored_hold_nothing_back_that_stands_between():
    nodes = {
        "difference": ["number.value", "assets.mean"],
        "found": "difference.value",
        "next": ["number.value", "assets.mean"],
    }
    early = stages({"mean": "next.value"}, **nodes)
    assert early == [([], []), ([], ["difference", "next"]), (["found"], [])]


def test_what_keeps_something_before_it_is_not_called_again():
    nodes = {"kept": "number.value", "sum": ["kept.value", "assets.total"], "after": "sum.value"}
    assert stages({"total": "sum.value"}, **nodes) == [([], ["kept"]), ([], ["sum", "after"]), (["after"], [])]


def test_what_keeps_something_behind_it_waits_for_the_end():
    nodes = {"sum": ["number.value", "assets.total"], "after": "sum.value", "kept": "after.value", "last": "kept.value"}
    assert stages({"total": "sum.value"}, **nodes) == [
        ([], []),
        ([], ["sum", "after"]),
        (["after"], ["kept", "last"]),
    ]


def test_what_keeps_something_in_between_leaves_all_of_it_to_the_end():
    nodes = {"kept": "assets.total", "sum": ["number.value", "kept.value"], "after": "sum.value"}
    assert stages({"total": "sum.value"}, **nodes) == stages({"total": "sum.value"}, goes_on=True, **nodes)


def test_what_collects_nothing_and_is_taken_by_nobody_has_a_place():
    spec = {
        "assets": {"total": {"type": "int", "scope": "runner", "depends": "sum.value"}},
        "nodes": {
            "number": {"type": "itertools.count"},
            "range": {"type": "range", "depends": "number.value"},
            "each": {"type": "map", "depends": "range.value"},
            "off": {"type": f"{MY}.code", "depends": "each.value", "enabled": False},
            "all": {"type": "gather", "depends": ["off.value", {"n": "each.n"}]},
            "sum": {"type": f"{MY}.code", "depends": ["number.value", "assets.total"]},
        },
    }
    tube = Tube.from_specification(spec)
    plan = lower(tube, tube.disabled, LoweringOptions(passes=APART))
    assert any(isinstance(step, NewList) for step in plan.body.steps)
    assert partition(plan, goes_on=False).stages
