"""Values as a page shows them: whatever they are, cut where they are long, and nothing that can't be told as JSON."""

from __future__ import annotations

import base64
import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from fractions import Fraction

import numpy
import pytest

from noob_cli.view.display import display


@dataclass
class Reading:
    place: str
    number: float
    hidden: str = field(default="?", repr=False)


class Unshown:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Leaving:
    def __repr__(self) -> str:
        raise KeyboardInterrupt


class Endless(list):
    def __len__(self) -> int:
        return 10**9

    def __getitem__(self, at):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (3, "number", "3"),
        (2.0, "number", "2"),
        (1 / 3, "number", "0.333333"),
        (numpy.float32(0.5), "number", "0.5"),
        (numpy.int64(7), "number", "7"),
        (True, "text", "True"),
        (None, "text", "None"),
        (Fraction(1, 3), "text", "Fraction(1, 3)"),
        ("some text", "text", "'some text'"),
        (b"bytes", "text", "b'bytes'"),
        ([1, 2, 3], "table", "[1, 2, 3]"),
        (list(range(9)), "series", "[0, 1, 2, 3, 4, ...]"),
        ([], "text", "[]"),
        (["a", "b"], "table", "['a', 'b']"),
        ({"a": 1}, "table", "{'a': 1}"),
        ({}, "text", "{}"),
        (numpy.arange(4), "table", "int64 4, 0 … 3, mean 1.5"),
        (numpy.arange(9), "series", "int64 9, 0 … 8, mean 4"),
        (numpy.zeros((2, 3)), "table", "float64 2 by 3, 0 … 0, mean 0"),
        (numpy.zeros((20, 30), "uint8"), "picture", "uint8 20 by 30, 0 … 0, mean 0"),
        (numpy.zeros((20, 30, 3)), "picture", "float64 20 by 30 by 3, 0 … 0, mean 0"),
        (numpy.zeros((20, 30, 5)), "text", "float64 20 by 30 by 5, 0 … 0, mean 0"),
        (numpy.zeros((0, 30)), "text", "float64 0 by 30"),
        (numpy.zeros(2, complex), "text", "complex128 2"),
    ],
)
def test_each_kind_of_value(value, kind, text):
    shown = display(value)
    assert (shown["kind"], shown["text"]) == (kind, text)
    json.dumps(shown, allow_nan=False)


def test_what_is_short_is_seen_as_it_is():
    assert display((-6, -7))["rows"] == [["-6", "-7"]]
    assert "short" not in display((-6, -7))
    assert display(["some text", "more"])["short"] == "2 items"
    assert display(numpy.zeros((20, 30, 3)))["short"] == "20\N{MULTIPLICATION SIGN}30\N{MULTIPLICATION SIGN}3"


def test_tables():
    assert display(Reading("here", 2.5))["rows"] == [["place", "'here'"], ["number", "2.5"]]
    assert display([{"a": 1}, {"a": 2, "b": 3}]) | {"text": ""} == {
        "kind": "table",
        "text": "",
        "columns": ["a", "b"],
        "rows": [["1", ""], ["2", "3"]],
        "size": "",
        "short": "2 items",
    }


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10**6,
        list(range(10**5)),
        ["x" * 10**5] * 10**4,
        dict.fromkeys(range(10**4), "x" * 10**5),
        [{str(key): key for key in range(100)}] * 100,
        numpy.random.rand(2000, 3000),
        numpy.random.rand(10**6),
    ],
    ids=["text", "numbers", "texts", "dict", "rows", "picture", "series"],
)
def test_what_is_long_is_cut(value):
    assert len(json.dumps(display(value), allow_nan=False)) < 120_000


@pytest.mark.parametrize(
    "value",
    [
        Unshown(),
        Endless([1]),
        Leaving(),
        [Unshown()],
        {"key": Unshown(), Unshown(): 1},
        Reading(Unshown(), math.nan),
        math.inf,
        math.nan,
        10**5000,
        [10**400, math.nan],
        numpy.array([math.nan, math.inf, 1.0]),
        numpy.full((20, 20), math.nan),
        numpy.array([object()]),
        "\ud800",
        numpy.ma.masked,
        Reading,
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_it_is_it_is_shown(value):
    shown = display(value)
    assert shown["kind"]
    assert shown["text"]
    json.dumps(shown, allow_nan=False)


def pixels_of(source: str) -> numpy.ndarray:
    """The pixels of a PNG that has no filters."""
    data = base64.b64decode(source.removeprefix("data:image/png;base64,"))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, _, colour = struct.unpack(">IIBB", data[16:26])
    (size,) = struct.unpack(">I", data[33:37])
    assert zlib.crc32(data[37 : 41 + size]) == struct.unpack(">I", data[41 + size : 45 + size])[0]
    rows = numpy.frombuffer(zlib.decompress(data[41 : 41 + size]), numpy.uint8).reshape(height, -1)
    assert not rows[:, 0].any()
    depth = {0: 1, 2: 3, 6: 4}[colour]
    return rows[:, 1:].reshape((height, width) if depth == 1 else (height, width, depth))


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 3), (9, 12, 4)])
def test_pictures_of_bytes_are_as_they_are(shape):
    picture = numpy.arange(math.prod(shape)).reshape(shape).astype(numpy.uint8)
    assert (pixels_of(display(picture)["source"]) == picture).all()


def test_pictures_of_other_numbers_go_from_dark_to_bright():
    picture = numpy.outer(numpy.arange(10.0), numpy.ones(10)) - 3
    picture[2, 3] = math.nan
    seen = pixels_of(display(picture)["source"])
    assert (seen[0, 0], seen[9, 0], seen[2, 3]) == (0, 255, 0)


def test_a_large_picture_is_made_smaller():
    seen = pixels_of(display(numpy.zeros((1000, 500), numpy.uint8))["source"])
    assert max(seen.shape) <= 240
