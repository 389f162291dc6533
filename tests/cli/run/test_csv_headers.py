"""Headers and cells of CSV that a tube can or can not do with."""

import pytest

from tests.cli.conftest import UPPER

BILLS = """
input:
  total: {type: float, scope: process}
  tip: {type: float | None, scope: process}
nodes:
  both: {type: my_bills.both, depends: [input.total, input.tip]}
  return: {type: return, depends: both.value}
"""


class TestHeadersOfCsv:
    @pytest.mark.parametrize("text", ["I am ERROR\n", "I am ERROR", "a\nb\n"])
    def test_a_column_that_is_not_there(self, noob, write, text):
        write("tube.yaml", UPPER)
        write("in.csv", text)

        done = noob("run", "tube.yaml", "-f", "in.csv")

        assert (done.code, done.out) == (2, "")
        assert "no column 'line'" in done.err
        assert "for plain lines use --input-format lines" in done.err

    def test_lines_are_guessed_where_one_text_is_all_there_is(self, noob, write):
        write("tube.yaml", UPPER)

        assert noob("run", "tube.yaml", stdin="[12] ab\nline\n").results == ["[12] AB", "LINE"]
        assert noob("run", "tube.yaml", stdin="line,x\nab,cd\n").results == ["AB"]

    @pytest.mark.parametrize("old", ["{type: str, scope: process}", "line:"])
    def test_but_not_where_there_is_more(self, noob, write, old):
        new = (
            "{type: int, scope: process}"
            if old.startswith("{")
            else "other: {type: int, default: 1, scope: process}\n  line:"
        )
        write("tube.yaml", UPPER.replace(old, new))

        assert "no column 'line'" in noob("run", "tube.yaml", stdin="a\nb\n").err

    def test_json_in_a_file_that_should_be_csv(self, noob, write):
        write("tube.yaml", UPPER)
        write("data.csv", '{"line": "a"}\n')

        done = noob("run", "tube.yaml", "-f", "data.csv")

        assert done.code == 2
        assert "for JSON use --input-format jsonl or json" in done.err

    def test_a_header_alone_is_no_record(self, noob, write):
        write("tube.yaml", UPPER.replace("line:", "other: {type: int, default: 1, scope: process}\n  line:"))

        done = noob("run", "tube.yaml", stdin="other,line\n")

        assert (done.code, done.out) == (0, "")
        assert done.err.endswith("warning: no epoch was made: no record was given\n")

    def test_columns_that_are_no_inputs_are_told_once_for_a_file(self, noob, write):
        write("tube.yaml", UPPER)
        for name in ("a.csv", "b.csv"):
            write(name, "x,line,y\n1,a,2\n3,b,4\n")

        assert noob("run", "tube.yaml", "-f", "a.csv", "-f", "b.csv").err.splitlines() == [
            f"warning: {name}: no inputs take the columns 'x', 'y', they are ignored: inputs that exist: 'line'"
            for name in ("a.csv", "b.csv")
        ]

    def test_so_are_those_of_parquet(self, noob, write, folder):
        import pyarrow
        from pyarrow import parquet

        write("tube.yaml", UPPER)
        parquet.write_table(pyarrow.table({"x": [1, 2], "line": ["a", "b"], "y": [3, 4]}), folder / "in.parquet")

        done = noob("run", "tube.yaml", "-f", "in.parquet")

        assert done.results == ["A", "B"]
        assert done.err == (
            "warning: in.parquet: no inputs take the columns 'x', 'y', they are ignored: inputs that exist: 'line'\n"
        )


class TestCells:
    @pytest.fixture(autouse=True)
    def _bills(self, write):
        write("tube.yaml", BILLS)
        write("my_bills.py", "def both(total, tip): return [total, tip]\n")

    def test_an_empty_one_is_none_where_the_type_admits_that_and_no_text(self, noob, write):
        assert noob("run", "tube.yaml", stdin="total;tip\n1;2\n3;\n").results == [[1.0, 2.0], [3.0, None]]

        write("tube.yaml", BILLS.replace("float | None", "str | None"))
        assert noob("run", "tube.yaml", stdin="total;tip\n3;\n").results == [[3.0, ""]]

    @pytest.mark.parametrize(
        ("cell", "cure"),
        [
            ("", ". For a cell that may be empty, give the input the type 'float | None'"),
            (
                "1.234,5",
                ". A number has a point, and no comma: write it so, or take it as 'str' and let a node read it",
            ),
            ("much", ""),
        ],
    )
    def test_what_is_said_of_a_bad_one_says_the_cure(self, noob, cell, cure):
        done = noob("run", "tube.yaml", stdin=f"total;tip\n{cell};1\n")

        assert done.code == 2
        assert done.err.startswith(
            f"error: <stdin>, record 1 (line 2): the input 'total' should be float, given '{cell}'"
        )
        assert done.err.endswith(f"as a number{cure}\n")

    def test_a_text_in_json_is_no_cell(self, noob):
        assert noob("run", "tube.yaml", stdin='{"total": "", "tip": 1}').err.endswith("as a number\n")


class TestTheWholeRecord:
    TUBE = """
        input:
          row: {type: dict, scope: process, record: true}
          tip: {type: int | None, scope: process, default: 3}
        nodes:
          all: {type: dict, depends: [input.row]}
          return: {type: return, depends: [all.value, input.tip]}
        """

    def test_it_has_all_columns(self, noob, write):
        write("tube.yaml", self.TUBE)

        done = noob("run", "tube.yaml", stdin="row,tip,x\n1,,\n")

        assert (done.results, done.err) == ([[{"row": "1", "tip": None, "x": ""}, None]], "")

    def test_a_run_without_records_says_that_it_needs_them(self, terminal, write):
        write("tube.yaml", self.TUBE)

        done = terminal("run", "tube.yaml", on_terminal="stdin")

        assert (
            "each epoch needs a record: give a file with '-f FILE', or pipe records in, such as: echo '{...}'"
            in done.err
        )
