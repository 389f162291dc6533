"""Parquet from the shell: as results, as records, and by a run that is killed."""

from __future__ import annotations

import signal

import pytest

from tests.cli.conftest import COMMAND
from tests.patience import wait_until

parquet = pytest.importorskip("pyarrow.parquet")

TUBE = """
    nodes:
      n: {type: rows.numbers}
      row: {type: rows.row, depends: [n.value]}
      return: {type: return, depends: row.value}
    """

OF_RECORDS = """
    input:
      n: {type: int, scope: process}
      name: {type: str, scope: process}
      tags: {type: "list[str]", scope: process}
    nodes:
      double: {type: operator.mul, depends: [input.n, input.n]}
      return: {type: return, depends: [{n: input.n}, {square: double.value}, {name: input.name}, {tags: input.tags}]}
    """

CODE = """
    import os
    import time

    def numbers():
        for n in range(int(os.environ.get("LIMIT", "1000000"))):
            if "SECONDS" in os.environ:
                time.sleep(float(os.environ["SECONDS"]))
            yield n

    def row(n):
        return {"n": n, "half": n / 2, "name": f"row {n}", "tags": ["a", str(n)]}
    """


@pytest.fixture(autouse=True)
def _tubes(write):
    write("tube.yaml", TUBE)
    write("of_records.yaml", OF_RECORDS)
    write("rows.py", CODE)


def row(n):
    return {"n": n, "half": n / 2, "name": f"row {n}", "tags": ["a", str(n)]}


def wait_until_larger(path, size):
    wait_until(lambda: path.exists() and path.stat().st_size > size)


class TestResults:
    def test_the_suffix_asks_for_it(self, noob, folder):
        assert noob("run", "tube.yaml", "-n", "2500", "-o", "out.parquet").code == 0

        table = parquet.read_table(folder / "out.parquet")
        assert table.to_pylist() == [row(n) for n in range(2500)]

    def test_on_standard_output(self, noob, folder):
        done = noob("run", "tube.yaml", "-n", "3", "--output-format", "parquet", "--columns", "name,n")

        (folder / "out.parquet").write_bytes(done.stdout)
        assert parquet.read_table(folder / "out.parquet").to_pylist()[2] == {"name": "row 2", "n": 2}

    def test_not_on_a_terminal(self, terminal):
        done = terminal("run", "tube.yaml", "-n", "3", "--output-format", "parquet", on_terminal="all")

        assert done.code == 2
        assert "Parquet is nothing for a terminal: name a file for it with '-o FILE'" in done.err

    def test_it_can_not_be_added_to(self, noob, folder):
        done = noob("run", "tube.yaml", "-n", "3", "-o", "out.parquet", "--append")

        assert (done.code, "a file of the format parquet can't be gone on with" in done.err) == (2, True)

    @pytest.mark.parametrize("args", [("-o", "out.parquet"), ("-f", "out.parquet")])
    def test_without_the_extra(self, noob, without, write, args):
        kept = write("out.parquet", "kept")
        tube = "tube.yaml" if args[0] == "-o" else "of_records.yaml"

        done = noob("run", tube, *args, env=without("pyarrow"), command=COMMAND)

        assert done.code == 2
        assert "needs the package pyarrow, which can't be imported (" in done.err
        assert done.err.endswith("): pip install 'noob-cli[parquet]'\n")
        assert kept.read_text() == "kept"

    @pytest.mark.slow
    def test_a_run_that_is_stopped_leaves_a_whole_file(self, start, folder):
        run = start("run", "tube.yaml", "-o", "out.parquet")
        wait_until_larger(folder / "out.parquet", 0)
        done = run.stop(signal.SIGTERM)

        assert done.code == 143
        table = parquet.read_table(folder / "out.parquet")
        assert table["n"].to_pylist() == [*range(table.num_rows)]


class TestGoingOn:
    @pytest.mark.parametrize("epochs", ["0", "1", "7"])
    def test_two_runs_give_what_one_gives(self, noob, folder, epochs):
        noob("run", "tube.yaml", "--epochs", "12", "-o", "whole.parquet")
        noob("run", "tube.yaml", "--checkpoint", "saved", "--epochs", epochs, "-o", "parts.parquet")
        done = noob("run", "tube.yaml", "--resume", "saved", "--epochs", "12", "-o", "parts.parquet")
        again = noob("run", "tube.yaml", "--resume", "saved", "--epochs", "12", "-o", "parts.parquet")

        assert (done.code, again.code) == (0, 0)
        whole, parts = (parquet.read_table(folder / f"{name}.parquet") for name in ("whole", "parts"))
        assert parts.equals(whole)

    def test_other_columns_are_refused(self, noob):
        noob("run", "tube.yaml", "--checkpoint", "saved", "--epochs", "2", "-o", "out.parquet")
        done = noob("run", "tube.yaml", "--resume", "saved", "-n", "3", "-o", "out.parquet", "--columns", "n")

        assert done.code == 2
        assert "it has the columns 'n', 'half', 'name', 'tags', and '--columns' asks for 'n'" in done.err

    @pytest.mark.slow
    def test_a_run_that_is_killed(self, start, noob, folder):
        common = ("run", "tube.yaml", "-o", "out.parquet", "--checkpoint-every", "20000")
        for _ in range(3):
            run = start(*common, "--resume", "saved")
            size = (folder / "out.parquet").stat().st_size if (folder / "out.parquet").exists() else 0
            wait_until_larger(folder / "out.parquet", size)
            run.stop(signal.SIGKILL)
        with pytest.raises(Exception, match="Parquet magic bytes not found"):
            parquet.read_table(folder / "out.parquet")

        done = noob(*common, "--resume", "saved", "-n", "200000")

        assert done.code == 0, done.err
        table = parquet.read_table(folder / "out.parquet")
        assert table["n"].to_pylist() == [*range(200_000)]
        assert table.slice(123_456, 1).to_pylist() == [row(123_456)]

    @pytest.mark.slow
    def test_results_of_several_groups(self, noob, folder):
        assert noob("run", "tube.yaml", "-n", "150000", "-o", "out.parquet").code == 0

        file = parquet.ParquetFile(folder / "out.parquet")
        assert file.metadata.num_rows == 150_000
        assert file.num_row_groups == 3
        assert parquet.read_table(folder / "out.parquet", columns=["n"])["n"].to_pylist() == [*range(150_000)]


class TestRecords:
    def test_a_row_is_a_record(self, noob, folder):
        noob("run", "tube.yaml", "-n", "2500", "-o", "in.parquet", "--columns", "n,name,tags")

        done = noob("run", "of_records.yaml", "-f", "in.parquet")

        assert (done.code, done.err) == (0, "")
        assert len(done.results) == 2500
        assert done.results[2000] == {"n": 2000, "square": 4000000, "name": "row 2000", "tags": ["a", "2000"]}

    def test_on_standard_input(self, noob, folder):
        noob("run", "tube.yaml", "-n", "2", "-o", "in.parquet", "--columns", "n,name,tags")

        file = noob("run", "of_records.yaml", "--input-format", "parquet", stdin=folder / "in.parquet")
        pipe = noob("run", "of_records.yaml", "--input-format", "parquet", stdin=(folder / "in.parquet").read_bytes())

        assert [result["n"] for result in file.results] == [0, 1]
        assert pipe.code == 2
        assert "<stdin> can't be read as Parquet, of which the end has to be read first: name the file" in pipe.err

    def test_what_is_wrong_is_named_by_its_number(self, noob, folder):
        noob("run", "tube.yaml", "-n", "3", "-o", "in.parquet", "--columns", "n,tags,half")

        done = noob("run", "of_records.yaml", "-f", "in.parquet", "--on-error", "skip", "--errors", "failed.jsonl")

        assert done.code == 1
        assert "error: in.parquet, record 3: the input 'name' (str) is missing" in done.err
        assert '"record":{"n":2,"tags":["a","2"],"half":1.0},"file":"in.parquet","number":3,"line":null' in (
            (folder / "failed.jsonl").read_text()
        )

    def test_a_checkpoint_covers_its_rows(self, noob, folder):
        noob("run", "tube.yaml", "-n", "3000", "-o", "in.parquet", "--columns", "n,name,tags")
        common = ("run", "of_records.yaml", "-f", "in.parquet", "-o", "out.jsonl")
        noob(*common, "--checkpoint", "saved", "-n", "1500")
        done = noob(*common, "--resume", "saved")

        assert done.code == 0, done.err
        assert (folder / "out.jsonl").read_text().count("\n") == 3000

    @pytest.mark.parametrize("content", [b"", b"n,name\n", b"PAR1 and nothing else"])
    def test_a_file_that_is_none(self, noob, write, content):
        write("in.parquet", content)

        done = noob("run", "of_records.yaml", "-f", "in.parquet")

        assert (done.code, "error: in.parquet can't be read as Parquet: " in done.err) == (2, True)

    def test_it_can_not_be_followed(self, noob, write):
        write("in.parquet", "")

        done = noob("run", "of_records.yaml", "-f", "in.parquet", "--follow")

        assert (done.code, "in.parquet is Parquet, and can't be followed" in done.err) == (2, True)


@pytest.mark.slow
class TestAFullDisk:
    def test_the_file_ends_with_its_last_whole_group(self, noob, folder):
        done = noob("run", "tube.yaml", "-o", "out.parquet", shell='ulimit -f 5000; exec "$@"')

        assert (done.code, done.err) == (2, "error: the results can't be written to out.parquet: File too large\n")
        numbers = parquet.read_table(folder / "out.parquet", columns=["n"])["n"].to_pylist()
        assert numbers == [*range(len(numbers))]
        assert len(numbers) % 65_536 == 0 < len(numbers)

    def test_there_is_room_for_what_ends_it(self, noob, folder):
        """The footer takes the place of a group if there is none left."""
        noob("run", "tube.yaml", "-n", "65536", "-o", "one.parquet")
        blocks = (folder / "one.parquet").stat().st_size // 512
        done = noob("run", "tube.yaml", "-o", "out.parquet", shell=f'ulimit -f {blocks}; exec "$@"')

        assert done.code == 2
        assert parquet.read_table(folder / "out.parquet").num_rows == 0
