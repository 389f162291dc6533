"""What is stored in the middle of an epoch keeps nothing behind it waiting, and goes back if the epoch fails there."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest

from noob_cli import EndOfRun, Epoch, NoEvent, ParallelRunner, SynchronousRunner, Tube, flush_method

MY = "tests.runners.test_stored_early"
KINDS = (SynchronousRunner, ParallelRunner)
CALLS: list[tuple[str, Any]] = []
"""What was called, with what."""


def upto(n: int) -> Iterator[int]:
    yield from range(n)


def added(number: int, total: int) -> int:
    return number + total


def called(number: int) -> int:
    CALLS.append(("called", number))
    return number


def no_six(number: int) -> int:
    time.sleep(0.002)
    if number == 6:
        raise ValueError("no six")
    return number


def no_three(number: int) -> int:
    time.sleep(0.002)
    if number == 3:
        raise ValueError("no three")
    return number


def ends_at_three(number: int) -> int:
    if number == 3:
        raise EndOfRun
    return number


def tube(after: str, /, *, n: int = 8, assets: dict[str, Any] | None = None, **nodes: Any) -> Tube:
    """A sum that is carried, and a node that takes it."""
    return Tube.from_specification(
        {
            "assets": {"total": {"type": "int", "scope": "runner", "depends": "sum.value"}} | (assets or {}),
            "nodes": {
                "number": {"type": f"{MY}.upto", "params": {"n": n}},
                "sum": {"type": f"{MY}.added", "depends": ["number.value", "assets.total"]},
                "after": {"type": after if "." in after else f"{MY}.{after}", "depends": "sum.value"},
                "return": {"type": "return", "depends": "after.value"},
            }
            | nodes,
        }
    )


def told(kind: Callable[..., SynchronousRunner], of: Tube) -> list[Any]:
    """The results of a tube and its errors, with what is carried behind each."""
    CALLS.clear()
    found: list[Any] = []
    with kind(of, warn=lambda text: None) as runner:
        while not runner.has_ended and len(found) < 40:
            try:
                for result in runner.iter():
                    found.append((result, runner.assets["total"].obj, runner.assets["total"].stored_at))
                break
            except Exception as error:
                found.append((str(error), runner.epoch, runner.assets["total"].obj, runner.assets["total"].stored_at))
        found.append(runner.assets["total"].obj)
    return found


TOGETHER = threading.Barrier(3, timeout=20)


def together(number: int) -> int:
    """Comes back when three are under way."""
    TOGETHER.wait()
    return number


def test_what_is_behind_is_done_for_several_epochs_at_once():
    results = ParallelRunner(tube("together", n=6), workers=3, ahead=3).iter()
    assert list(results) == [0, 1, 3, 6, 10, 15]


def test_a_run_that_goes_on_after_errors_does_it_in_order():
    warned: list[str] = []
    list(ParallelRunner(tube("called"), undoing=True, warn=warned.append).iter())
    assert any("are made one after the other" in text for text in warned)


@pytest.mark.parametrize("after", ["no_six", "no_three"])
def test_an_epoch_that_fails_behind_it_stores_nothing(after: str) -> None:
    in_order, at_once = (told(kind, tube(after)) for kind in KINDS)
    assert in_order == at_once
    assert sum(isinstance(each[0], str) for each in in_order[:-1]) == 1


async def no_six_later(number: int) -> int:
    await asyncio.sleep(0.01)
    return no_six(number)


async def called_later(number: int) -> int:
    await asyncio.sleep(0.01)
    return called(number)


ALL_AWAIT = asyncio.Barrier(3)


async def all_await(number: int) -> int:
    """Comes back when three are under way."""
    async with asyncio.timeout(20):
        await ALL_AWAIT.wait()
    return number


def test_what_awaits_something_behind_it_is_under_way_for_several_epochs() -> None:
    before = {"type": f"{MY}.called_later", "depends": "number.value"}
    added = {"type": f"{MY}.added", "depends": ["before.value", "assets.total"]}
    of = tube("all_await", n=6, before=before, sum=added)
    assert list(ParallelRunner(of, on="async", ahead=6).iter()) == [0, 1, 3, 6, 10, 15]


@pytest.mark.parametrize("before", [{}, {"before": {"type": f"{MY}.called_later", "depends": "number.value"}}])
def test_epochs_that_await_something_go_there_once_more(before: dict[str, Any]) -> None:
    added = {"type": f"{MY}.added", "depends": ["before.value" if before else "number.value", "assets.total"]}
    of = tube("no_six_later", sum=added, **before)
    in_order = told(SynchronousRunner, of)
    calls = CALLS[:]
    assert told(partial(ParallelRunner, on="async", ahead=8), of) == in_order
    assert calls == CALLS
    assert [each[0] for each in in_order[:5]] == [0, 1, 3, "no six", 7]


def test_what_awaits_something_is_cancelled_before_it_is_called_again() -> None:
    found = told(partial(ParallelRunner, on="async", ahead=8), tube("waits_for_more_than_six"))
    assert [each[0] for each in found[:5]] == [0, 1, 3, "no six", 7]
    assert sorted(CALLS) == [("cancelled", number) for number in (10, 15, 21, 28)]


async def waits_for_more_than_six(number: int) -> int:
    try:
        await asyncio.sleep(60 if number in (10, 15, 21, 28) else 0.01)
    except asyncio.CancelledError:
        CALLS.append(("cancelled", number))
        raise
    return no_six(number)


def twice(number: int) -> list[int]:
    return [number, number]


def test_what_is_collected_behind_it_is_collected_once_by_an_epoch_that_goes_there_once_more() -> None:
    nodes = {
        "before": {"type": f"{MY}.called", "depends": "number.value"},
        "sum": {"type": f"{MY}.added", "depends": ["before.value", "assets.total"]},
        "pair": {"type": f"{MY}.twice", "depends": "after.value"},
        "each": {"type": "map", "depends": "pair.value"},
        "return": {"type": "return", "depends": "each.value"},
    }
    in_order, at_once = (told(kind, tube("no_three", **nodes)) for kind in KINDS)
    assert in_order == at_once
    assert [each[0] for each in in_order[:4]] == [[0, 0], [1, 1], "no three", [4, 4]]


def test_what_was_not_delivered_is_not_stored_at_the_end() -> None:
    CALLS.clear()
    with ParallelRunner(tube("called", n=50), workers=2) as runner:
        assert [*islice(runner.iter(), 3)] == [0, 1, 3]
    assert runner.assets["total"].obj == 3
    assert len([number for what, number in CALLS]) > 3


def test_epochs_behind_the_end_of_a_run_store_nothing() -> None:
    in_order, at_once = (told(kind, tube("ends_at_three")) for kind in KINDS)
    assert in_order == at_once


class Counted:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def process(self, number: int) -> int:
        self.calls += 1
        CALLS.append(("counted", number))
        return self.calls


def test_what_can_not_be_put_back_is_called_once() -> None:
    """A class node behind it is called for an epoch when the one before has succeeded."""
    counted = {"type": f"{MY}.Counted", "depends": "after.value"}
    returned = {"type": "return", "depends": ["counted.value", "after.value"]}
    found = []
    for kind in KINDS:
        found.append(told(kind, tube("no_six", counted=counted, **{"return": returned})))
        found.append([call for call in CALLS if call[0] == "counted"])
    assert found[:2] == found[2:]


def test_a_gather_goes_back_too() -> None:
    three = {"type": "gather", "params": {"n": 3}, "depends": "sum.value"}
    after = {"type": f"{MY}.no_eighteen", "depends": "three.value"}
    in_order, at_once = (told(kind, tube("no_six", n=20, three=three, x=after)) for kind in KINDS)
    assert in_order == at_once
    assert any("no eighteen" in str(each[0]) for each in in_order[:-1])


def no_eighteen(numbers: list[int]) -> int:
    if 18 in numbers:
        raise ValueError(f"no eighteen in {numbers}")
    return len(numbers)


def grown(number: int, total: list[int]) -> list[int]:
    return [*total, number]


def test_what_is_stored_is_a_copy_if_the_object_goes_on() -> None:
    """Who gets it changes it in place, and says so."""
    found = []
    for kind in KINDS:
        of = tube(
            "spoiled",
            assets={"total": {"type": "list", "scope": "runner", "depends": "sum.value"}},
            sum={"type": f"{MY}.grown", "depends": ["number.value", "assets.total"]},
            after={"type": f"{MY}.spoiled", "depends": "sum.value", "stateful": True},
            x={"type": f"{MY}.length", "depends": "sum.value"},
            **{"return": {"type": "return", "depends": ["after.value", "x.value"]}},
        )
        found.append(told(kind, of))
    assert found[0] == found[1]
    assert found[0][-1] == list(range(8))


def spoiled(numbers: list[int]) -> int:
    numbers.append(100)
    return len(numbers)


def length(numbers: list[int]) -> int:
    time.sleep(0.002)
    return len(numbers)


def test_an_asset_of_the_epoch_is_not_there_yet_when_something_is_stored() -> None:
    found = []
    for kind in KINDS:
        of = tube(
            "called",
            assets={"seen": {"type": "list", "scope": "process"}},
            last={"type": f"{MY}.with_seen", "depends": ["assets.seen", "after.value"]},
            **{"return": {"type": "return", "depends": "last.value"}},
        )
        found.append(told(kind, of))
    assert found[0] == found[1]
    assert found[0][2][0] == [3]


def with_seen(seen: list[int], number: int) -> list[int]:
    return [*seen, number]


def test_what_is_carried_may_go_on_again_and_again() -> None:
    """The object is the same for as long as nothing else is stored, and nobody changes it."""
    found = []
    for kind in KINDS:
        of = tube(
            "length",
            assets={"total": {"type": "list", "scope": "runner", "depends": "sum.value"}},
            sum={"type": f"{MY}.grown_by_odd", "depends": ["number.value", "assets.total"]},
            carried={"type": f"{MY}.same", "depends": "assets.total"},
            x={"type": f"{MY}.length", "depends": "carried.value"},
            **{"return": {"type": "return", "depends": "x.value"}},
        )
        found.append(told(kind, of))
    assert found[0] == found[1]
    assert [result for result, *_ in found[0][:-1]] == [0, 0, 1, 1, 2, 2, 3, 3]


def grown_by_odd(number: int, total: list[int]) -> list[int]:
    return [*total, number] if number % 2 else NoEvent  # type: ignore[return-value]


def same(total: list[int]) -> list[int]:
    return total


# --- what counts of an epoch that fails ---------------------------------------------------------------


class NoThree:
    """Fails, and is called in order."""

    def process(self, number: int) -> int:
        if number == 3:
            raise ValueError("the first in the plan")
        return number


def plan_of(**nodes: Any) -> Tube:
    return Tube.from_specification({"nodes": {"number": {"type": f"{MY}.upto", "params": {"n": 6}}} | nodes})


def test_of_two_errors_the_first_in_the_plan_is_told():
    of = {
        "same": {"type": f"{MY}.called", "depends": "number.value"},
        "ordered": {"type": f"{MY}.NoThree", "depends": "same.value"},
        "free": {"type": f"{MY}.no_three", "depends": "number.value"},
        "return": {"type": "return", "depends": ["ordered.value", "free.value"]},
    }
    for kind in KINDS:
        with pytest.raises(ValueError, match="the first in the plan"):
            list(kind(plan_of(**of)).iter())


def test_a_node_behind_an_error_in_the_plan_ends_nothing():
    of = {
        "same": {"type": f"{MY}.called", "depends": "number.value"},
        "ordered": {"type": f"{MY}.NoThree", "depends": "same.value"},
        "free": {"type": f"{MY}.ends_at_three", "depends": "number.value"},
        "return": {"type": "return", "depends": ["ordered.value", "free.value"]},
    }
    for kind in KINDS:
        with kind(plan_of(**of)) as runner:
            with pytest.raises(ValueError, match="the first in the plan"):
                list(runner.iter())
            assert list(runner.iter()) == [[4, 4], [5, 5]]


class Held:
    """Holds back what it gets."""

    def __init__(self) -> None:
        self.held: list[int] = []

    def process(self, number: int) -> int:
        self.held.append(number)
        return number

    @flush_method
    def give(self) -> int:
        return 100 * len(self.held)


def test_what_holds_back_has_nothing_of_epochs_behind_the_end_of_the_run():
    of = {
        "held": {"type": f"{MY}.Held", "depends": "number.value"},
        "end": {"type": f"{MY}.ends_at_three", "depends": "held.value"},
        "return": {"type": "return", "depends": "held.value"},
    }
    for kind in KINDS:
        assert list(kind(plan_of(**of), warn=lambda text: None).iter()) == [0, 1, 2, 3, 400]


def test_a_nested_source_that_has_ended_ahead_still_gives_its_last():
    child = {
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 6}},
            "epoch": {"type": f"{MY}.epoch_of", "depends": "number.value"},
            "return": {"type": "return", "depends": "epoch.value"},
        }
    }
    of = {
        "child": {"type": "tube", "params": {"tube": child}},
        "free": {"type": f"{MY}.called", "depends": "number.value"},
        "return": {"type": "return", "depends": ["child.value", "free.value"]},
    }
    in_order, at_once = (list(kind(plan_of(**of)).iter()) for kind in KINDS)
    assert in_order == at_once == [[[number, number], number] for number in range(6)]


def epoch_of(number: int, epoch: Epoch) -> list[int]:
    return [number, int(epoch)]
