"""orjson makes writing faster, and no difference: what is written without it is the same, byte for byte."""

from __future__ import annotations

import datetime
import decimal
import importlib.util
import sys
import uuid
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noob_cli.results import json_values
from noob_cli.results.json_values import JsonEncoder
from tests.results.test_json_values import Colour, Level, Model, Number, Pair, Plain, Point, Text, Word

PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(max_codepoint=0x2100))
)
OTHERS = st.one_of(
    *(st.binary(), st.dates(), st.datetimes(), st.times(), st.timedeltas(), st.uuids(), st.decimals(), st.fractions()),
    *(st.complex_numbers(), st.integers(2**62, 2**66), st.text().map(Text), st.integers().map(Number)),
    st.floats().map(np.float64),
    st.sampled_from([*Colour, *Level, *Word, np.int8(3), np.arange(3), np.array(["a"]), Path("a"), Model(), Plain()]),
    st.just("\ud800"),
)
KEYS = st.text() | st.integers() | st.floats() | st.none() | st.dates() | st.sampled_from([*Level, *Word, Text("x")])


def nested(atoms: st.SearchStrategy, keys: st.SearchStrategy) -> st.SearchStrategy:
    def around(items: st.SearchStrategy) -> st.SearchStrategy:
        pairs = st.tuples(items, items)
        return st.lists(items, max_size=4) | pairs | pairs.map(Pair._make) | st.dictionaries(keys, items, max_size=4)

    return st.recursive(atoms, around, max_leaves=10)


@pytest.fixture(scope="module")
def without() -> type[JsonEncoder]:
    """The encoder of an installation that has no orjson."""
    spec = importlib.util.spec_from_file_location("json_values_without_orjson", json_values.__file__)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "orjson", None)
        spec.loader.exec_module(module)
    assert module.orjson is None
    return module.JsonEncoder


def written(encoder: type[JsonEncoder], value: object) -> list[object]:
    """What an encoder writes of a value, in a line and indented, and what it says of it."""
    said: list[object] = []
    return [encoder(said.append, indented=indented).encode(value) for indented in (False, True)] + said


@settings(deadline=None)
@given(value=nested(PLAIN, st.text()))
def test_of_plain_values(value, without):
    assert written(JsonEncoder, value) == written(without, value)


@settings(deadline=None)
@given(value=nested(PLAIN | OTHERS, KEYS))
def test_of_all_others(value, without):
    assert written(JsonEncoder, value) == written(without, value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0, "b": [1e16, 1e-5, -0.0, 1e300, float("nan"), float("-inf")]},
        [2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**5000],
        {1: "a", None: 1.5, False: [], (1, 2): {}},
        ['\x00\x1f\x7f\u2028"\\/', "é\U0001f600"],
        [datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC), decimal.Decimal("1.10"), uuid.UUID(int=1), b"\xff"],
        Point(1, {Point: Colour.red}),
        [[], {}, (), [[]], {"a": {}}],
    ],
)
def test_of_some(value, without):
    assert written(JsonEncoder, value) == written(without, value)


@pytest.mark.parametrize("levels", [199, 200, 201, 202])
@pytest.mark.parametrize("around", [lambda value: [value], lambda value: {"a": value}], ids=["lists", "dicts"])
def test_of_as_deep_as_is_looked_into(levels, around, without):
    value = 1
    for _ in range(levels):
        value = around(value)
    assert written(JsonEncoder, value) == written(without, value)


def test_an_orjson_that_writes_numbers_otherwise_is_not_used(monkeypatch):
    class Other:
        OPT_APPEND_NEWLINE = OPT_INDENT_2 = 1

        def dumps(self, *_: object) -> bytes:
            return b"[1e16]"

    monkeypatch.setattr(json_values, "orjson", Other())
    assert JsonEncoder(pytest.fail).encode([1e16, 2]) == written(JsonEncoder, [1e16, 2])[0] != b"[1e16]"
