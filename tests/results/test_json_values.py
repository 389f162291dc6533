import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import itertools
import json
import os
import pathlib
import re
import types
import uuid

import numpy as np
import pydantic
import pytest

from noob_cli.results.json_values import JsonEncoder


@dataclasses.dataclass
class Point:
    x: int
    y: object = None


@dataclasses.dataclass
class Slotted:
    __slots__ = ("x",)
    x: int


class Model(pydantic.BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    day: datetime.date = datetime.date(2024, 1, 2)
    value: object = float("nan")


class Root(pydantic.RootModel[list[int]]):
    pass


@pydantic.dataclasses.dataclass
class Checked:
    path: pathlib.Path


class Colour(enum.Enum):
    red = (1, 2)


class Level(enum.IntEnum):
    high = 3


class Word(enum.StrEnum):
    yes = "YES"


class Text(str):
    def __str__(self):
        return "other"


class Number(int):
    pass


class Unreadable:
    def __repr__(self):
        raise RuntimeError("no repr")


class BadMapping(dict):
    def items(self):
        raise KeyError("no items")


class Panic(BaseException):
    """As code of other languages raises."""


class Panicking:
    def __repr__(self):
        raise Panic


class PanickingMapping(dict):
    def items(self):
        raise Panic


class Plain:
    def __repr__(self):
        return "<Plain ü>"


Pair = collections.namedtuple("Pair", "a b")
nan = float("nan")
inf = float("inf")
utc = datetime.UTC


def strict(text):
    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text.decode(), parse_constant=refuse)


def name(text):
    """The name of a file that is no UTF-8; written as a literal, ruff takes one for the other."""
    return os.fsdecode(text)


def encode(value, warnings=None):
    warnings = [] if warnings is None else warnings
    return strict(JsonEncoder(warnings.append).encode(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2**70, 2**70),
        (1.5, 1.5),
        ("ü\u2028\x00\n", "ü\u2028\x00\n"),
        ({"a": [1, {"b": (2, 3)}]}, {"a": [1, {"b": [2, 3]}]}),
        ([], []),
        ({}, {}),
        (nan, None),
        ([inf, -inf, {"a": nan}, {nan}], [None, None, {"a": None}, [None]]),
        (Number(3), 3),
        (Text("x"), "x"),
        (Pair(1, Pair(2, 3)), [1, [2, 3]]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset("ba"), ["a", "b"]),
        ({1, "a", None}, ["a", 1, None]),
        ({"b": 1, "a": 2}.keys(), ["a", "b"]),
        (range(3), [0, 1, 2]),
        (collections.deque([1, {2}]), [1, [2]]),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.defaultdict(list, a=[{1}]), {"a": [[1]]}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (b"text \xc3\xbc", "text ü"),
        (b"\xff\xfe\xfb", "//77"),
        (bytearray(b"x"), "x"),
        (memoryview(b"abcdef")[::2], "ace"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        ([datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=utc)], ["2024-01-02T03:04:05Z"]),
        (datetime.time(1, 2, 3), "01:02:03"),
        (datetime.timedelta(seconds=1.5), "PT1.5S"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.10"), "1.10"),
        (decimal.Decimal("NaN"), None),
        (fractions.Fraction(1, 2), "1/2"),
        (1 + 2j, "1+2j"),
        (pathlib.Path("/a/b"), "/a/b"),
        (pathlib.PurePosixPath("a"), "a"),
        (Colour.red, [1, 2]),
        (Level.high, 3),
        (Word.yes, "YES"),
        (Point(1, Point(2, {nan})), {"x": 1, "y": {"x": 2, "y": [None]}}),
        (Slotted(1), {"x": 1}),
        (Model(), {"day": "2024-01-02", "value": None}),
        ([Model(value=pathlib.Path("x"))], [{"day": "2024-01-02", "value": "x"}]),
        (Root([1, 2]), [1, 2]),
        (Checked(pathlib.Path("x")), {"path": "x"}),
        (ValueError("no ü"), "ValueError: no ü"),
        (ValueError(), "ValueError"),
        (re.compile("a+"), "a+"),
    ],
)
def test_values_that_json_lacks(value, expected):
    warnings = []
    assert encode(value, warnings) == expected
    assert encode({"k": [value]}, warnings) == {"k": [expected]}
    assert warnings == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.float64("nan"), None),
        (np.float32(0.5), 0.5),
        (np.float32("inf"), None),
        (np.longdouble(1.5), 1.5),
        (np.int64(3), 3),
        (np.uint8(3), 3),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.bytes_(b"x"), "x"),
        (np.complex128(1 + 2j), "1+2j"),
        (np.datetime64("2024-01-02"), "2024-01-02"),
        (np.datetime64("2024-01-02T03:04:05.123456789"), "2024-01-02T03:04:05.123456789"),
        (np.datetime64("NaT", "s"), None),
        (np.timedelta64(1500, "ms"), "PT1.5S"),
        (np.array([1.0, np.nan, np.inf]), [1.0, None, None]),
        (np.arange(4).reshape(2, 2), [[1 - 1, 1], [2, 3]]),
        (np.array(3), 3),
        (np.array([]), []),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([b"a", b"\xff"]), ["a", "/w=="]),
        (np.array([{1}, None], dtype=object), [[1], None]),
        (np.array([1 + 2j]), ["1+2j"]),
        (np.array(["2024-01-02", "NaT"], dtype="M8[D]"), ["2024-01-02", None]),
        (np.array([1.5], dtype=np.longdouble), [1.5]),
        (np.ma.masked_array([1, 2], mask=[False, True]), [1, None]),
        (np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]), [{"a": 1, "b": 2.5}]),
        (np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])[0], {"a": 1, "b": 2.5}),
        (np.rec.array([(1,)], dtype=[("a", "i4")])[0], {"a": 1}),
        ({np.int64(1): np.float32(2)}, {"1": 2.0}),
        (Point(1, np.array([1])), {"x": 1, "y": [1]}),
    ],
)
def test_numpy(value, expected):
    warnings = []
    assert encode(value, warnings) == expected
    assert encode([{"k": value}], warnings) == [{"k": expected}]
    assert warnings == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (1, "1"),
        (1.5, "1.5"),
        (nan, "null"),
        (True, "true"),
        (None, "null"),
        ((1, "a"), '[1,"a"]'),
        (frozenset({2, 1}), "[1,2]"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        (b"\xff", "/w=="),
        (Colour.red, "[1,2]"),
        (Word.yes, "YES"),
        (pathlib.Path("a"), "a"),
        ("\ud800", "\ud800"),
        (pathlib.Path("a\udcff"), "a\udcff"),
        (("a\udcff", nan), r'["a\udcff",null]'),
        (Number(3), "3"),
    ],
)
def test_keys(key, expected):
    assert encode({key: 1}) == {expected: 1}


def test_keys_that_become_the_same_are_reported():
    warnings = []
    assert encode([{1: "a", "1": "b"}, {None: 1, nan: 2}], warnings) == [{"1": "b"}, {"null": 2}]
    (warning,) = warnings
    assert "'1'" in warning


def test_iterators_are_not_read(tmp_path):
    warnings = []
    encoder = JsonEncoder(warnings.append)
    count = itertools.count()
    generator = (i for i in range(3))
    path = tmp_path / "x"
    path.write_text("a\n")
    with path.open() as file:
        for value in (
            generator,
            iter([1, 2]),
            map(str, [1]),
            zip([1], [2], strict=True),
            file,
            count,
        ):
            for wrapped in (value, [value], {"a": {"b": value}}, Point(1, value)):
                assert repr(value) in str(strict(encoder.encode(wrapped)))
        assert file.read() == "a\n"
    assert repr(count) == "count(0)"
    assert list(generator) == [0, 1, 2]
    assert len(warnings) == 1


def test_a_model_that_holds_an_iterator():
    value = iter([1, 2])
    found = encode(Model(value=value))
    assert isinstance(found["value"], str)
    assert list(value) == [1, 2]


def test_a_model_that_pydantic_can_not_write():
    assert encode(Model(value=Plain())) == {"day": "2024-01-02", "value": "<Plain ü>"}


def test_repr_is_reported_once():
    warnings = []
    encoder = JsonEncoder(warnings.append)
    assert strict(encoder.encode([Plain(), object])) == ["<Plain ü>", "<class 'object'>"]
    assert strict(encoder.encode(Plain())) == "<Plain ü>"
    (warning,) = warnings
    assert "Plain" in warning


@pytest.mark.parametrize("value", [len, int, Model, Point, json, ...])
def test_other_objects(value):
    warnings = []
    assert encode(value, warnings) == repr(value)
    assert len(warnings) == 1


def test_objects_without_a_repr():
    assert "Unreadable" in encode([Unreadable()])[0]
    assert encode(BadMapping(a=1)) == "{'a': 1}"
    assert "Panicking" in encode([Panicking()])[0]
    assert encode(PanickingMapping(a=1)) == "{'a': 1}"


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: {"a": x}])
def test_circles(wrap):
    circle = wrap(None)
    if isinstance(circle, list):
        circle[0] = circle
    else:
        circle["a"] = circle
    warnings = []
    encode(circle, warnings)
    assert encode([circle, 1], warnings)[1] == 1
    assert warnings


def test_the_same_twice_is_no_circle():
    shared = {1}
    warnings = []
    assert encode([shared, [shared], {"a": shared}], warnings) == [[1], [[1]], {"a": [1]}]
    assert warnings == []


def test_very_deep_values():
    value = 1
    for _ in range(150):
        value = [value]
    assert encode(value) == value
    for _ in range(100_000):
        value = [value]
    warnings = []
    encode(value, warnings)
    encode({1: value}, warnings)
    assert warnings
    while isinstance(value, list):
        value = value[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\ud800b", "a\ud800b"),
        ({"\udcff": ["\udcff"]}, {"\udcff": ["\udcff"]}),
        ({name(b"a\xff"): 1, name(b"a\xfe"): 2}, {name(b"a\xff"): 1, name(b"a\xfe"): 2}),
        (
            [name(b"\xff"), nan, datetime.date(2024, 1, 2), 1.5, None, True],
            ["\udcff", None, "2024-01-02", 1.5, None, True],
        ),
        ({name(b"\xff"), name(b"\xfe")}, [name(b"\xfe"), name(b"\xff")]),
        (OSError("\udcff"), "OSError: \udcff"),
        ("\ud83d\ude00", "\U0001f600"),
        (pathlib.Path("\udcff"), "\udcff"),
        ({pathlib.Path("\udcff"): 1}, {"\udcff": 1}),
        ([Text("\ud800"), {"\ud800"}], ["\ud800", ["\ud800"]]),
        (Word, "<enum 'Word'>"),
    ],
)
def test_halves_of_surrogate_pairs(value, expected):
    assert encode(value) == expected
    text = JsonEncoder(lambda _: None, indented=True).encode(value)
    assert json.loads(text) == expected


def test_they_are_written_as_escapes_and_all_else_as_it_is():
    assert JsonEncoder(lambda _: None).encode(["é\udcff\\"]) == '["é\\udcff\\\\"]\n'.encode()


def test_numbers_too_long_to_print():
    assert JsonEncoder(lambda _: None).encode(10**4000) == b"1" + b"0" * 4000 + b"\n"
    assert JsonEncoder(lambda _: None).encode([10**6000, {1}]).endswith(b"0,[1]]\n")


def test_indent():
    encoder = JsonEncoder(lambda _: None, indented=True)
    assert encoder.encode({"a": [1]}) == b'{\n  "a": [\n    1\n  ]\n}\n'
    assert encoder.encode({"a": {1}}) == b'{\n  "a": [\n    1\n  ]\n}\n'


def test_what_is_given_is_not_changed():
    value = {"a": {1: {2}}, "\ud800": [nan]}
    before = repr(value)
    encode(value)
    assert repr(value) == before
