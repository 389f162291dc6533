"""Headers of CSV that a tube can or can not do with."""

import pytest

from tests.cli.conftest import UPPER


class TestHeadersOfCsv:
    @pytest.mark.parametrize("text", ["I am ERROR\n", "I am ERROR", "a\nb\n"])
    def test_a_column_that_is_not_there(self, noob, write, text):
        write("tube.yaml", UPPER)

        done = noob("run", "tube.yaml", stdin=text)

        assert (done.code, done.out) == (2, "")
        assert "no column 'line'" in done.err
        assert "for plain lines use --input-format lines" in done.err

    def test_json_in_a_file_that_should_be_csv(self, noob, write):
        write("tube.yaml", UPPER)
        write("data.csv", '{"line": "a"}\n')

        done = noob("run", "tube.yaml", "-f", "data.csv")

        assert done.code == 2
        assert "for JSON use --input-format jsonl or json" in done.err

    def test_a_header_alone_is_no_record(self, noob, write):
        write("tube.yaml", UPPER)

        done = noob("run", "tube.yaml", stdin="other,line\n")

        assert (done.code, done.out, done.err) == (0, "", "warning: no epoch was made: no record was given\n")
