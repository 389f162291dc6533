"""A value in one line, whatever it is."""

import dataclasses
from collections import deque

import pytest

from noob_cli.wording import short_repr


class Array:
    def __init__(self, shape, dtype=None):
        self.shape = shape
        if dtype is not None:
            self.dtype = dtype

    def __repr__(self):
        return "array(...)"


class Broken:
    def __repr__(self):
        raise RuntimeError("no")


class Exiting:
    def __repr__(self):
        raise SystemExit(3)


class BrokenAttribute:
    @property
    def shape(self):
        raise RuntimeError("no")


@dataclasses.dataclass
class Point:
    x: object


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"),
        ("a\nb", r"'a\nb'"),
        ({"z": 1, "a": None}, "{'z': 1, 'a': None}"),
        (list(range(100)), "[0, 1, 2, 3, 4, ...]"),
        ({number: number for number in range(100)}, "{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, ...}"),
        (deque([1]), "deque([1])"),
        (Point(2), "Point(x=2)"),
        (Array((480, 640), "uint8"), "Array(shape=(480, 640), dtype=uint8)"),
        (Array((3, 2)), "Array(shape=(3, 2))"),
        (Array(()), "array(...)"),
        ([Array((2,), "int64")], "[Array(shape=(2,), dtype=int64)]"),
        (type("Lines", (), {"__repr__": lambda self: "one\n   two"})(), "one two"),
        (Exiting(), "<Exiting, which can't be shown>"),
        (BrokenAttribute(), "<BrokenAttribute, which can't be shown>"),
    ],
)
def test_what_is_shown(value, shown):
    assert short_repr(value) == shown


@pytest.mark.parametrize(
    "value", ["x" * 10**6, b"x" * 10**6, {"key" * 100: "value" * 100}, 10**200, [10**5000], nested(10000)]
)
def test_it_is_never_long(value):
    assert len(short_repr(value)) <= 100


def test_an_object_that_can_not_be_shown_among_others():
    assert short_repr([1, Broken()]).startswith("[1, <Broken instance at 0x")
