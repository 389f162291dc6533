"""Results as a Parquet file."""

from __future__ import annotations

import datetime
import io
import math
import os

import pytest

from noob_cli.errors import ResultError
from noob_cli.results.columns import Columns
from noob_cli.results.parquet_writer import ParquetWriter

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

NOW = datetime.datetime(2026, 1, 31, 12, 30, 15, 250)
ZONED = NOW.time().replace(tzinfo=datetime.UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.parquet"


@pytest.fixture
def open_writer(path):
    descriptors = []

    def make(columns=None, size=0):
        descriptors.append(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND))
        os.ftruncate(descriptors[-1], size)
        return ParquetWriter(descriptors[-1], lambda message: None, Columns(columns))

    yield make
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def written(open_writer, path):
    def write(*results, columns=None, groups=1):
        writer = open_writer(columns)
        each = math.ceil(len(results) / groups) or 1
        for number, result in enumerate(results, start=1):
            writer.write(result)
            if number % each == 0:
                writer.sync()
        writer.close()
        assert writer.results_written == len(results)
        return parquet.read_table(path)

    return write


class TestTypes:
    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            ([1, None, -(2**62)], "int64"),
            ([1.5, 2, None, math.inf], "double"),
            ([True, None], "bool"),
            (["a", "é\n", ""], "string"),
            ([b"\xff", None], "binary"),
            ([NOW, None], "timestamp[us]"),
            ([NOW.replace(tzinfo=datetime.UTC)], "timestamp[us, tz=UTC]"),
            ([NOW.date()], "date32[day]"),
            ([NOW.time()], "time64[us]"),
            ([datetime.timedelta(days=1, microseconds=3)], "duration[us]"),
            ([[1, 2], [], None], "list<element: int64>"),
            ([[{"a": 1, "b": ["x"]}]], "list<element: struct<a: int64, b: list<element: string>>>"),
            ([{"a": 1, "b": None}, {"a": None, "b": "x"}], "struct<a: int64, b: string>"),
        ],
    )
    @pytest.mark.parametrize("groups", [1, 3])
    def test_a_column_has_that_of_its_values(self, written, values, kind, groups):
        if groups > 1:
            values = values * groups
        table = written(*({"x": value} for value in values), groups=groups)

        assert str(table.schema.field("x").type).replace("item:", "element:") == kind
        assert table["x"].to_pylist() == values

    @pytest.mark.parametrize(
        ("values", "texts"),
        [
            ([None, None], [None, None]),
            ([1, "a", True], ["1", "a", "true"]),
            ([2**70], [str(2**70)]),
            ([{}, None], ["{}", None]),
            ([[], []], ["[]", "[]"]),
            ([[1], [2.5, "x"]], ["[1]", '[2.5,"x"]']),
            ([[1, True]], ["[1,true]"]),
            ([NOW, NOW.date()], ["2026-01-31T12:30:15.000250", "2026-01-31"]),
            ([NOW, NOW.replace(tzinfo=datetime.UTC)], ["2026-01-31T12:30:15.000250", "2026-01-31T12:30:15.000250Z"]),
            (["\udcff"], ["\\udcff"]),
            ([ZONED], ["12:30:15.000250Z"]),
            ([NOW.time(), ZONED, None], ["12:30:15.000250", "12:30:15.000250Z", None]),
        ],
    )
    def test_what_has_none_is_written_as_text(self, written, values, texts):
        table = written(*({"x": value} for value in values))

        assert (str(table.schema.field("x").type), table["x"].to_pylist()) == ("string", texts)

    def test_a_column_of_texts_takes_what_comes_later(self, written):
        assert written({"x": None}, {"x": 3}, {"x": [1]}, groups=3)["x"].to_pylist() == [None, "3", "[1]"]

    @pytest.mark.parametrize(
        ("first", "later", "kind"),
        [
            (1, 1.5, "int64"),
            (1, "a", "int64"),
            (True, 1, "bool"),
            (NOW.date(), NOW, "date32[day]"),
            (NOW, NOW.replace(tzinfo=datetime.UTC), "timestamp[us]"),
            (NOW.time(), ZONED, "time64[us]"),
            ({"a": 1}, {"a": 1, "b": 2}, "struct<a: int64>"),
            ([1], [1.5], "list<"),
            (1.5, 2**60 + 1, "double"),
        ],
    )
    def test_another_type_later_is_an_error(self, open_writer, path, first, later, kind):
        writer = open_writer()
        writer.write({"x": first})
        writer.sync()
        writer.write({"x": first})
        writer.write({"x": later})

        with pytest.raises(ResultError, match="result 3: the column 'x' is ") as caught:
            writer.close()

        assert kind in str(caught.value)
        # What came before can be read.
        assert parquet.read_table(path).num_rows == 1

    def test_whole_numbers_go_into_a_column_of_others(self, written):
        assert written({"x": 0.5}, {"x": 2}, groups=2)["x"].to_pylist() == [0.5, 2.0]


class TestFile:
    def test_no_results(self, written):
        assert written().num_rows == 0
        assert written(columns=["a", "b"]).schema.names == ["a", "b"]

    @pytest.mark.parametrize("results", [[], [{"\udcff": 1}, {"\udcff": 2}]])
    def test_a_name_with_half_of_a_surrogate_pair(self, written, results):
        table = written(*results, columns=["\udcff"], groups=2)
        assert (table.schema.names, table.num_rows) == (["\\udcff"], len(results))

    def test_values_that_are_no_dicts(self, written):
        assert written(1, 2).to_pylist() == [{"value": 1}, {"value": 2}]

    def test_groups(self, written, path, monkeypatch):
        monkeypatch.setattr("noob_cli.results.parquet_writer._MOST_ROWS", 100)
        table = written(*({"n": number, "text": "x" * number} for number in range(250)))

        assert table["n"].to_pylist() == [*range(250)]
        assert parquet.ParquetFile(path).num_row_groups == 3

    def test_long_texts_fill_a_group(self, written, path, monkeypatch):
        monkeypatch.setattr("noob_cli.results.parquet_writer._MOST_LETTERS", 100)
        monkeypatch.setattr("noob_cli.results.parquet_writer._LOOKED_AT", 1)
        written(*({"text": "x" * 40} for _ in range(7)))

        assert parquet.ParquetFile(path).num_row_groups == 3

    def test_columns_have_statistics_where_their_group_is(self, written, path):
        written(*({"n": number} for number in range(30)), groups=3)

        groups = parquet.read_metadata(path)
        assert [groups.row_group(index).column(0).statistics.min for index in range(3)] == [0, 10, 20]
        assert parquet.ParquetFile(path).read_row_group(2)["n"].to_pylist() == [*range(20, 30)]

    @pytest.mark.parametrize("before", [0, 1, 3])
    def test_a_run_that_goes_on_needs_the_footer_alone(self, open_writer, path, before):
        first = open_writer()
        for number in range(before):
            first.write({"n": number, "x": [number]})
            first.sync()
        at, ending = first.place, first.ending
        first.write({"n": "lost", "x": [7]} if not before else {"n": 99, "x": [99]})
        first.flush()

        second = open_writer(size=at.size)
        second.go_on_after(before, at.size, ending)
        second._table.go_on_with(["n", "x"])
        for number in range(before, 6):
            second.write({"n": number, "x": [number]})
        second.close()

        assert parquet.read_table(path).to_pylist() == [{"n": number, "x": [number]} for number in range(6)]
        # Nothing else is in between.
        assert parquet.read_table(io.BytesIO(path.read_bytes())).num_rows == 6

    def test_a_group_may_begin_far_behind(self, monkeypatch, written, path):
        monkeypatch.setattr("noob_cli.results.parquet_groups._NOTHING", bytes(7))
        assert written(*({"n": number} for number in range(40)), groups=4)["n"].to_pylist() == [*range(40)]
