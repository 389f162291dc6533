"""Whether two values are alike, and what can be said of those that nothing can be said of."""

from __future__ import annotations

import copy
import math
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from noob_cli.runners.crews.likeness import copied_by_pickle, is_alike


class Point:
    """Says nothing of what it is equal to. Its texts are one object each, which they are in no copy."""

    def __init__(self, name: str = "name") -> None:
        self.name = name
        self.tags = {f"tag {number}" for number in range(20)}


class Unmade:
    """Is pickled, and can't be made of that again."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __setstate__(self, state: object) -> None:
        raise RuntimeError("never again")


class Refusing(Point):
    """Can't be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]


def in_itself() -> list[Any]:
    items: list[Any] = [Point()]
    items.append(items)
    return items


def upto(n: int) -> Iterator[int]:
    yield from range(n)


def point(number: int) -> Point:
    return Point()


def handed_on(point: Point) -> Point:
    return point


def unmade(number: int) -> Unmade:
    return Unmade(number)


def number_of(made: Unmade) -> int:
    return made.number


@pytest.mark.parametrize(
    "value",
    [Point(), [Point()], (Point(), 1), {"a": Point()}, in_itself(), [math.nan], {1, 2}, Point],
    ids=lambda value: type(value).__name__,
)
def test_a_copy_is_alike(value: object):
    assert is_alike(value, copy.deepcopy(value))
    assert is_alike(value, pickle.loads(pickle.dumps(value)))


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (Point("a"), Point("b")),
        ([Point("a")], [Point("b")]),
        ([Point("a")], [Point("a"), Point("a")]),
        ({"a": Point("a")}, {"b": Point("a")}),
        (Refusing("a"), Refusing("b")),
        (1, "1"),
        ([1], (1,)),
    ],
)
def test_what_is_not(value: object, other: object):
    assert not is_alike(value, other)


def test_what_nothing_can_be_said_of():
    assert is_alike([threading.Lock(), 1], [threading.Lock(), 1])


def test_what_can_be_made_of_its_pickle_again():
    assert copied_by_pickle([1]) == pickle.dumps([1])
    assert copied_by_pickle(threading.Lock()) is None
    assert copied_by_pickle(Unmade(1)) is None


@pytest.mark.filterwarnings("ignore:an epoch can't be compared")
@pytest.mark.parametrize("state", [{}, {"stateful": True}])
@pytest.mark.parametrize(("first", "second"), [("point", "handed_on"), ("unmade", "number_of")])
def test_a_node_that_keeps_its_word_is_not_blamed(first: str, second: str, state: dict[str, bool]):
    tube = Tube.from_specification(
        {
            "nodes": {
                "number": {"type": f"{__name__}.upto", "params": {"n": 3}},
                "first": {"type": f"{__name__}.{first}", "depends": "number.value", **state},
                "second": {"type": f"{__name__}.{second}", "depends": "first.value"},
                "return": {"type": "return", "depends": "second.value"},
            }
        }
    )
    results = list(ParallelRunner(tube, workers=2, verify=3).iter())
    assert list(map(type, results)) == list(map(type, SynchronousRunner(tube).iter()))
