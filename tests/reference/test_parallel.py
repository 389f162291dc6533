"""Random tubes give with several epochs under way what the reference interpreter gives, which makes one at a time."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from noob_cli import Tube
from noob_cli.errors import NoobError
from noob_cli.loading.loading import diagnostics_of
from noob_cli.plan.items_at_once import loops_at_once
from noob_cli.plan.lowering.lowering import lower
from noob_cli.runners.crews.threads import Threads
from noob_cli.specification.document import Document
from tests.examples import examples
from tests.reference import nodes
from tests.reference.pipelines import iterations, pipelines
from tests.reference.seen import AWAITED, Way, assert_same, compare, in_reference, in_stages, tamed, tube_of
from tests.reference.tubes import Case, cases
from tests.runners.in_line import InLine
from tests.runners.scrambled import Scrambled
from tests.runners.warm import Warm


class InChunks(Scrambled):
    """So many that epochs never keep them all at work: each item of a map is a chunk of its own."""

    workers = 100


WAYS = {
    "in line": Way(InLine),
    "scrambled": Way(Scrambled),
    "threads": Way(lambda: Threads(2, 4)),
    "in chunks": Way(InChunks),
    "coroutines": Way(coroutines=4),
}


@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same(number_of_tubes: int) -> None:
    @examples(number_of_tubes)
    @given(cases() | pipelines() | iterations())
    def check(case: Case) -> None:
        compare(case, WAYS)

    check()


@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same_in_processes(number_of_tubes: int) -> None:
    warm = Warm(2, 6)

    @examples(number_of_tubes, number_of_tubes * 80 // 500)
    @given(cases() | pipelines() | iterations())
    def check(case: Case) -> None:
        compare(case, {"processes": Way(lambda: warm)})

    try:
        check()
    finally:
        warm.close()


def with_concurrency(spec: Any, most: int) -> Any:
    """A tube whose maps, and those of the tubes in it, say how many items may be under way at once."""
    if isinstance(spec, list):
        return [with_concurrency(each, most) for each in spec]
    if not isinstance(spec, dict):
        return spec
    said = {"params": {"concurrency": most}} if spec.get("type") == "map" else {}
    return {key: with_concurrency(value, most) for key, value in spec.items()} | said


NODES = "tests.reference.nodes"
AT_ONCE = Case(
    {
        "nodes": {
            "lists": {"type": f"{NODES}.lists", "params": {"n": 4, "tag": "lists"}},
            "items": {"type": "map", "depends": "lists.value"},
            "waits": {"type": f"{NODES}.waits", "depends": "items.value", "params": {"tag": "waits"}},
            "return": {"type": "return", "depends": "waits.value"},
        }
    }
)
"""Of the random tubes only a few have several items under way at once."""


@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same_with_items_at_once(number_of_tubes: int) -> None:
    most_under_way = 0

    @examples(number_of_tubes, number_of_tubes // 5)
    @given(cases(), st.integers(2, 3))
    @example(AT_ONCE, 2)
    def check(case: Case, most: int) -> None:
        nonlocal most_under_way
        case = replace(case, spec=with_concurrency(tamed(case.spec), most))
        assume("'map'" in repr(case.spec) and any(f"nodes.{name}" in repr(case.spec) for name in AWAITED))
        expected = in_reference(case, undoing=False)
        assert_same(in_stages(tube_of(case), case, Way(), undoing=False), expected, may_end="end" in repr(case.spec))
        # In which turn of the event loop another item begins is no matter.
        most_under_way = max(most_under_way, *under_way_of_each().values(), 0)
        assert most_under_way <= 3

    check()
    assert most_under_way > 1


def under_way_of_each() -> dict[str, int]:
    """For each coroutine that says when it is through, how many calls of it were under way at the most."""
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    begun = {"call": 1, "through": -1, "cancelled": -1}
    told = {tag for what, tag, *_ in nodes.LOG if what == "through"}
    for what, tag, *_ in nodes.LOG:
        if tag in told:
            now[tag] += begun.get(what, 0)
            most[tag] = max(most[tag], now[tag])
    return dict(most)


def test_no_concurrency_is_said_to_have_no_effect_that_has_one(number_of_tubes: int) -> None:
    @examples(number_of_tubes, number_of_tubes // 10)
    @given(cases())
    def check(case: Case) -> None:
        spec = with_concurrency(case.spec, 3)
        assume("'map'" in repr(spec))
        try:
            plan = lower(Tube.from_specification(copy.deepcopy(spec), input=dict(case.inputs)))
        except NoobError:
            assume(False)
        found = diagnostics_of(Document(copy.deepcopy(spec)))
        idle = {each.path[1] for each in found if each.code == "G020" and "nothing takes" not in each.message}
        assert idle.isdisjoint(loop.place.name for loop in loops_at_once(plan) if loop.place is not None)

    check()


def test_what_is_given_again_in_order_is_told_if_others_do_something_to_it_later() -> None:
    """A node that is called in order gives the asset itself; whether that is an event is seen beside the others."""
    assets = {"a": {"type": f"{NODES}.numbers_from", "scope": "runner", "params": {"tag": "a", "start": []}}}
    own = {"type": f"{NODES}.AsyncResource", "scope": "node", "params": {"tag": "own"}}
    depends = [{0: "assets.own"}, {1: "assets.a"}]
    case = Case(
        {
            "assets": assets | {"own": own},
            "nodes": {
                "grown": {"type": f"{NODES}.append", "depends": depends, "params": {"tag": "g"}, "stateful": True},
                "other": {"type": f"{NODES}.defaulted", "depends": ["assets.own"], "params": {"tag": "other"}},
                "return": {"type": "return", "depends": "grown.value"},
            },
        }
    )
    seen = in_stages(tube_of(case), case, WAYS["coroutines"], undoing=False)
    assert ("GivenAgainError", "") in seen.told


def test_an_asset_that_is_returned_is_what_it_was_when_the_epoch_ended() -> None:
    """Not what those behind it have made of it, that may have gone through all else by then."""
    resource = {"type": f"{NODES}.AsyncResource", "scope": "runner", "params": {"tag": "a"}}
    depends = [{0: "assets.a"}, {1: "assets.a"}]
    nodes = {
        "grown": {"type": f"{NODES}.append", "depends": depends, "params": {"tag": "grown"}},
        "free": {"type": f"{NODES}.optional", "params": {"tag": "free"}},
        "return": {"type": "return", "depends": "assets.a"},
    }
    compare(Case({"assets": {"a": resource}, "nodes": nodes}), WAYS)


def test_a_nested_tube_that_ends_before_it_has_drawn_anything_is_at_its_end_in_each_epoch() -> None:
    """What it would have drawn goes on its way with the epoch all the same, since what follows asks for it."""
    inner = {
        "draws": {"type": f"{NODES}.gaps", "params": {"n": 0, "every": 1, "tag": "draws"}},
        "one": {"type": f"{NODES}.one", "depends": ["draws.x"], "params": {"tag": "one"}},
        "return": {"type": "return", "depends": "draws.x"},
    }
    nodes = {
        "count": {"type": f"{NODES}.count", "params": {"n": 3, "tag": "count"}},
        "free": {"type": f"{NODES}.one", "depends": ["count.value"], "params": {"tag": "free"}},
        "nested": {"type": "tube", "params": {"tube": {"nodes": inner}}},
        "return": {"type": "return", "depends": "count.value"},
    }
    compare(Case({"nodes": nodes}), WAYS)
