"""Results as the rows of a CSV."""

from __future__ import annotations

import csv
import datetime
import io
import math

import pytest

from noob_cli.errors import ResultError
from noob_cli.results.columns import Columns
from noob_cli.results.csv_rows import CsvRows


def rows(columns=None, delimiter=","):
    return CsvRows(delimiter, Columns(columns), lambda message: None)


def written(*results, columns=None, delimiter=","):
    encoder = rows(columns, delimiter)
    return bytes(encoder.framed(bytearray(b"".join(map(encoder.encode, results))), first=True))


def read(text):
    return [*csv.reader(io.StringIO(text.decode(), newline=""))]


class TestCells:
    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            (None, ""),
            ("", ""),
            ("plain", "plain"),
            ('a "q", b', 'a "q", b'),
            ("two\nlines", "two\nlines"),
            ("old\rline", "old\rline"),
            (True, "true"),
            (3, "3"),
            (0.5, "0.5"),
            (math.nan, "nan"),
            (-math.inf, "-inf"),
            ([1, {"a": None}], '[1,{"a":null}]'),
            ({"a": "b"}, '{"a":"b"}'),
            ((), "[]"),
            ({3}, "[3]"),
            (datetime.date(2026, 1, 31), "2026-01-31"),
            (b"\xff", "/w=="),
            ("\udcff", "\\udcff"),
        ],
    )
    def test_what_stands_in_it(self, value, cell):
        assert read(written({"x": value, "y": 1})) == [["x", "y"], [cell, "1"]]

    def test_a_row_of_one_empty_cell_is_no_blank_line(self):
        assert written({"x": None}) == b'x\n""\n'

    def test_tabs(self):
        assert written({"a": "x\ty", "b": "x,y"}, delimiter="\t") == b'a\tb\n"x\ty"\tx,y\n'

    def test_what_may_change_afterwards_is_copied(self):
        values, columns = [1], Columns()
        row = columns.values_of({"x": values}, rows()._simplifier)
        values.append(2)
        assert row == [[1]]


class TestColumns:
    def test_those_of_the_first_result(self):
        assert written({"b": 1, "a": 2}, {"a": 4, "b": 3}) == b"b,a\n1,2\n3,4\n"

    def test_a_value_that_is_no_dict_has_one(self):
        assert written(1, None, [2, 3]) == b'value\n1\n""\n"[2,3]"\n'

    def test_what_a_result_lacks_is_empty(self):
        assert written({"a": 1, "b": 2}, {"b": 3}) == b"a,b\n1,2\n,3\n"

    def test_what_there_is_no_column_for_is_an_error(self):
        encoder = rows()
        encoder.encode({"a": 1})
        with pytest.raises(ResultError, match="it has 'c', and the table has the columns 'a', as the first result had"):
            encoder.encode({"a": 1, "c": 2})

    def test_what_is_not_chosen_is_left_out(self):
        assert written({"a": 1, "b": 2, "c": 3}, {"c": 4}, columns=["c", "a"]) == b"c,a\n3,1\n4,\n"

    def test_nothing_to_make_columns_of(self):
        with pytest.raises(ResultError, match="nothing in it that columns could be made of"):
            rows().encode({})

    def test_keys_that_are_no_text(self):
        assert written({1: "a", None: "b"}) == b"1,null\na,b\n"


class TestFraming:
    def test_newlines_in_quotes_end_no_result(self):
        encoder = rows()
        block = bytearray(b"".join(map(encoder.encode, [{"x": 'a\n"b"\n'}, {"x": "c"}, {"x": "\n"}])))

        assert encoder.count(block) == 3
        framed = encoder.framed(block, first=True)
        ends = encoder.ends(framed, first=True)
        assert framed[: ends[0]].decode() == 'x\n"a\n""b""\n"\n'
        assert len(ends) == 3
        assert ends[-1] == len(framed)
        assert len(encoder.ends(block, first=False)) == 3

    def test_a_table_without_results_has_its_header_if_that_is_known(self):
        assert rows().ending(0) == b""
        assert rows(["a", "b"]).ending(0) == b"a,b\n"
        assert rows(["a", "b"]).ending(1) == b""
