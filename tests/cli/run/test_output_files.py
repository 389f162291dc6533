"""The files of a run: added to, opened anew when they are rotated, and in the format that their name asks for."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal

import pytest

from tests.cli.conftest import COUNT, UPPER
from tests.patience import wait_until

ROWS = """
    nodes:
      n: {type: itertools.count}
      row: {type: rows.row, depends: [n.value]}
      return: {type: return, depends: row.value}
    """

TICKS = """
    nodes:
      n: {type: rows.ticks}
      return: {type: return, depends: n.value}
    """

CODE = """
    import time

    def row(n):
        return {"n": n, "text": f'"{n}",\\n', "nothing": None} | ({"more": 1} if n == 3 else {})

    def ticks():
        for n in range(100_000):
            time.sleep(0.0005)
            yield n
    """


@pytest.fixture(autouse=True)
def _tubes(write):
    write("count.yaml", COUNT)
    write("upper.yaml", UPPER)
    write("rows.yaml", ROWS)
    write("ticks.yaml", TICKS)
    write("rows.py", CODE)


class TestFormats:
    def test_the_suffix_asks_for_a_table(self, noob, folder):
        assert noob("run", "rows.yaml", "-n", "1", "-o", "out.csv").code == 0
        assert (folder / "out.csv").read_text() == 'n,text,nothing\n0,"""0"",\n",\n'
        assert noob("run", "count.yaml", "-n", "2", "-o", "out.TSV").code == 0
        assert (folder / "out.TSV").read_text() == "value\n0\n1\n"

    def test_what_is_asked_for_goes_before_the_suffix(self, noob, folder):
        assert noob("run", "count.yaml", "-n", "2", "-o", "out.csv", "--output-format", "jsonl").code == 0
        assert (folder / "out.csv").read_text() == "0\n1\n"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("out.xlsx", "results can't be written as '.xlsx'"),
            ("out.ods", "results can't be written as '.ods'"),
            ("out.feather", "results can't be written as '.feather'"),
            ("out.jsonl.gz", "results aren't compressed"),
            ("out.ZST", "results aren't compressed"),
        ],
    )
    def test_another_table_is_an_error_and_so_is_what_is_compressed(self, noob, folder, name, told):
        done = noob("run", "count.yaml", "-n", "2", "-o", name)

        assert done.code == 2
        assert f"{told}, which '-o {name}' asks for" in done.err
        assert not (folder / name).exists()
        assert noob("run", "count.yaml", "-n", "2", "-o", name, "--output-format", "jsonl").code == 0

    @pytest.mark.parametrize("option", ["--errors", "--assets", "--stats-json"])
    @pytest.mark.parametrize("name", ["side.csv", "side.xlsx", "side.gz"])
    def test_json_goes_to_no_other_file(self, noob, folder, option, name):
        (folder / "out").write_text("before")

        done = noob("run", "count.yaml", "-o", "out", option, name)

        assert (
            done.err == f"error: '{option}' writes JSON, and '{name}' is named like something else: name another file\n"
        )
        assert (done.code, (folder / "out").read_text()) == (2, "before")

    def test_what_there_is_no_column_for_ends_the_run(self, noob, folder):
        done = noob("run", "rows.yaml", "-n", "9", "-o", "out.tsv")

        assert done.code == 2
        assert done.err == (
            "error: the results can't be written to out.tsv: result 4: it has 'more', and the table has the columns "
            "'n', 'text', 'nothing', as the first result had: name all of them with '--columns', or write JSON lines\n"
        )
        assert (folder / "out.tsv").read_text().count("\n") == 7

    @pytest.mark.slow
    def test_on_a_full_disk_it_ends_with_a_whole_row(self, noob, folder):
        done = noob("run", "rows.yaml", "-o", "out.csv", "--columns", "n,text", shell='ulimit -f 8; exec "$@"')

        assert (done.code, done.err) == (2, "error: the results can't be written to out.csv: File too large\n")
        with (folder / "out.csv").open(newline="") as file:
            rows = [*csv.reader(file)]
        assert rows == [["n", "text"], *([str(n), f'"{n}",\n'] for n in range(len(rows) - 1))]
        assert len(rows) > 200

    def test_columns(self, noob, folder):
        done = noob("run", "rows.yaml", "-n", "4", "--output-format", "csv", "--columns", "more, n")

        assert (done.code, done.out, done.err) == (0, "more,n\n,0\n,1\n,2\n1,3\n", "")

    @pytest.mark.parametrize(
        ("name", "depends", "asked", "hint"),
        [
            ("out.csv", "[{number: n.value}, {total: n.value}]", "total,nmber", "did you mean 'number'?"),
            ("out.parquet", "[{number: n.value}]", "else", "columns that exist: 'number'"),
            ("out.csv", "[n.value, n.value]", "number", "columns that exist: 'value'"),
        ],
    )
    def test_one_that_no_result_can_have_is_refused_before_anything_is_made(
        self, noob, folder, write, name, depends, asked, hint
    ):
        write("known.yaml", f"nodes:\n  n: {{type: itertools.count}}\n  return: {{type: return, depends: {depends}}}\n")
        (folder / name).write_text("before")

        done = noob("run", "known.yaml", "-n", "3", "-o", name, "--columns", asked, "--checkpoint", "saved")

        unknown = asked.rpartition(",")[2]
        assert (done.code, done.err) == (
            2,
            f"error: the results have no column '{unknown}', which '--columns' asks for: {hint}\n",
        )
        assert ((folder / name).read_text(), (folder / "saved").exists()) == ("before", False)

    @pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
    def test_one_that_no_result_has_had_is_told_at_the_end(self, noob, name):
        run = ("run", "rows.yaml", "-o", name, "--columns", "n,txt,nothing")

        told = "no result had the column 'txt', which '--columns' asks for: did you mean 'text'?"
        done = noob(*run, "-n", "2")
        assert (done.code, done.err) == (0, f"warning: {told}\n")
        assert noob(*run, "-n", "0").err == ""

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (("--columns", "a"), "'--columns' is about a table, and the results are written as jsonl"),
            (("--columns", "a,,b", "-o", "out.csv"), "'--columns' takes names, each of them once"),
            (("--append",), "'--append' is about files that are written: name one with '-o' or '--errors'"),
            (("--reopen",), "'--reopen' is about files that are written"),
            (("--append", "-o", "x", "--output-format", "json"), "a file of the format json can't be gone on with"),
        ],
    )
    def test_what_does_not_go_together(self, noob, args, told):
        done = noob("run", "count.yaml", "-n", "1", *args)

        assert (done.code, told in done.err) == (2, True)


class TestAppend:
    def test_results_and_failed_records_are_added(self, noob, folder):
        common = ("run", "upper.yaml", "-o", "out.jsonl", "--errors", "failed.jsonl", "--on-error", "skip")
        for _ in range(2):
            noob(*common, "--append", stdin='{"line": "a"}\n{}\n')

        assert (folder / "out.jsonl").read_text() == '"A"\n"A"\n'
        assert len((folder / "failed.jsonl").read_text().splitlines()) == 2
        noob(*common, stdin='{"line": "b"}\n')
        assert (folder / "out.jsonl").read_text() == '"B"\n'

    def test_the_header_of_a_table_is_there_once(self, noob, folder):
        for number in ("2", "1"):
            assert noob("run", "rows.yaml", "-n", number, "-o", "out.csv", "--append").code == 0

        assert [line for line in (folder / "out.csv").read_text().splitlines() if line.startswith(("n", "0", "1"))] == [
            "n,text,nothing",
            '0,"""0"",',
            '1,"""1"",',
            '0,"""0"",',
        ]

    def test_other_columns_than_the_table_has(self, noob, write):
        table = write("out.csv", "a,b\n1,2\n")

        done = noob("run", "rows.yaml", "-n", "1", "-o", "out.csv", "--append")
        chosen = noob("run", "rows.yaml", "-n", "1", "-o", "out.csv", "--append", "--columns", "n")

        assert (done.code, "it has 'n', 'text', 'nothing', and the table has the columns 'a', 'b'" in done.err) == (
            2,
            True,
        )
        assert (chosen.code, "results can't be added to out.csv: it has the columns 'a', 'b'" in chosen.err) == (
            2,
            True,
        )
        assert table.read_text() == "a,b\n1,2\n"

    @pytest.mark.parametrize(
        ("begun", "ended"), [('"x\n', '"x\n"\n'), ('"x', '"x\n"\n'), ('"x\ny""z', '"x\ny""z\n"\n')]
    )
    def test_half_a_value_of_a_table_is_not_gone_on_with(self, noob, write, begun, ended):
        table = write("out.csv", f"value\n7\n{begun}")

        assert noob("run", "count.yaml", "-n", "2", "-o", "out.csv", "--append").code == 0

        assert table.read_text() == f"value\n7\n{ended}0\n1\n"
        assert [row for (row,) in csv.reader(io.StringIO(table.read_text()))][-2:] == ["0", "1"]

    @pytest.mark.parametrize("before", ["\ufeff", "\n\n"])
    def test_what_stands_before_the_header_of_a_table_is_none_of_it(self, noob, write, before):
        table = write("out.csv", f"{before}value\n7\n")

        assert noob("run", "count.yaml", "-n", "1", "-o", "out.csv", "--append").code == 0

        assert table.read_text() == f"{before}value\n7\n0\n"

    def test_a_table_without_a_header_is_told(self, noob, write):
        write("out.csv", "\n")

        done = noob("run", "count.yaml", "-n", "1", "-o", "out.csv", "--append")

        assert (done.code, done.err) == (
            2,
            "error: results can't be added to out.csv: it has no header: name another file\n",
        )

    def test_half_a_line_is_not_gone_on_with(self, noob, write):
        out = write("out.jsonl", "1\n{")

        noob("run", "count.yaml", "-n", "1", "-o", "out.jsonl", "--append")

        assert out.read_text() == "1\n{\n0\n"

    def test_with_checkpoints_what_was_there_stays(self, noob, write):
        out = write("out.jsonl", "before\n")
        common = ("run", "count.yaml", "-o", "out.jsonl", "--append")

        noob(*common, "--resume", "saved", "-n", "2")
        noob(*common, "--resume", "saved", "-n", "3")

        assert out.read_text() == "before\n0\n1\n2\n"


@pytest.mark.slow
class TestRotation:
    def test_a_file_that_is_emptied_has_no_hole(self, start, folder):
        run = start("run", "upper.yaml", "-f", "-", "-o", "out.jsonl", "--input-format", "lines")
        run.feed("a\nb\n")
        wait_until(lambda: (folder / "out.jsonl").exists() and (folder / "out.jsonl").read_text() == '"A"\n"B"\n')
        os.truncate(folder / "out.jsonl", 0)
        run.feed("c\n")
        run.end()

        assert (folder / "out.jsonl").read_bytes() == b'"C"\n'

    def test_all_files_are_opened_anew(self, start, folder):
        names = ("out.csv", "failed.jsonl", "run.log")
        args = ("-o", names[0], "--errors", names[1], "--log-file", names[2], "--on-error", "skip", "--reopen")
        run = start("run", "upper.yaml", *args)
        run.feed('{"line": "a"}\n{}\n')
        wait_until(lambda: (folder / names[1]).exists() and (folder / names[1]).stat().st_size)
        wait_until(lambda: (folder / names[0]).stat().st_size)
        for name in names:
            (folder / name).rename(folder / f"{name}.1")
        run.process.send_signal(signal.SIGHUP)
        # At once, and not with what comes next.
        wait_until(lambda: all((folder / name).exists() for name in names))
        run.feed('{}\n{"line": "b"}\n')
        done = run.end()

        assert done.code == 1
        assert [(folder / f"out.csv{end}").read_text() for end in (".1", "")] == ["value\nA\n", "value\nB\n"]
        failed = [json.loads((folder / f"failed.jsonl{end}").read_text())["number"] for end in (".1", "")]
        assert failed == [2, 3]
        assert "the command ended with exit code 1" in (folder / "run.log").read_text()
        assert "was loaded from" in (folder / "run.log.1").read_text()

    def test_without_a_rotation_it_goes_on(self, start, folder):
        run = start("run", "upper.yaml", "-o", "out.csv", "--reopen")
        run.feed('{"line": "a"}\n')
        wait_until(lambda: (folder / "out.csv").exists() and (folder / "out.csv").stat().st_size)
        run.process.send_signal(signal.SIGHUP)
        run.feed('{"line": "b"}\n')

        assert run.end().code == 0
        assert (folder / "out.csv").read_text() == "value\nA\nB\n"

    def test_one_before_the_first_checkpoint_is_in_one(self, start, noob, folder):
        common = ("run", "ticks.yaml", "-o", "out.jsonl", "--reopen", "--resume", "saved")
        run = start(*common, "--checkpoint-every", "1000000")
        wait_until(lambda: (folder / "out.jsonl").exists() and (folder / "out.jsonl").stat().st_size)
        (folder / "out.jsonl").rename(folder / "out.jsonl.1")
        run.stop(signal.SIGKILL)

        done = noob(*common, "--epochs", "50")

        assert done.err.endswith(
            "\nout.jsonl is begun anew: what was written before is in out.jsonl.1, cut back to what the checkpoint "
            "covers\n"
        )
        assert (folder / "out.jsonl.1").read_text() == ""
        assert (folder / "out.jsonl").read_text() == "".join(f"{n}\n" for n in range(50))

    def test_a_run_that_has_ended_leaves_a_rotated_file_alone(self, noob, folder):
        common = ("run", "count.yaml", "-n", "3", "-o", "out.jsonl", "--reopen", "--resume", "saved")
        noob(*common)
        (folder / "out.jsonl").rename(folder / "out.jsonl.1")
        (folder / "out.jsonl").write_text("")

        done = noob(*common)

        assert (done.code, done.err.partition(":")[0]) == (0, "nothing is left to do")
        assert (folder / "out.jsonl.1").read_text() == "0\n1\n2\n"
        assert (folder / "out.jsonl").read_text() == ""

    def test_one_that_is_gone_is_an_error(self, noob, folder):
        common = ("run", "count.yaml", "-o", "out.jsonl", "--reopen", "--resume", "saved")
        noob(*common, "-n", "3")
        (folder / "out.jsonl").rename(folder.parent / "out.jsonl.1")

        done = noob(*common, "-n", "4")

        assert (done.code, "has 0 bytes, and the checkpoint covers 6" in done.err) == (2, True)

    @pytest.mark.parametrize("more", ["", "four is longer than all that was there before"])
    def test_one_that_was_copied_and_emptied_is_cut_back_in_its_copy(self, noob, folder, write, more):
        write("in.txt", "one\ntwo\n")
        common = ("run", "upper.yaml", "-f", "in.txt", "-o", "out.jsonl", "--resume", "saved")
        noob(*common)
        # What the run has written behind its checkpoint, before it was killed.
        (folder / "out.jsonl.1").write_text((folder / "out.jsonl").read_text() + '"later"\n')
        (folder / "out.jsonl").write_text(f'"{more}"\n' if more else "")
        write("in.txt", "one\ntwo\nthree\n")

        done = noob(*common)

        assert done.err.endswith(
            "\nout.jsonl is begun anew: what was written before is in out.jsonl.1, cut back to what the checkpoint "
            "covers\n"
        )
        assert (folder / "out.jsonl.1").read_text() == '"ONE"\n"TWO"\n'
        assert (folder / "out.jsonl").read_text() == '"THREE"\n'

    def test_another_one_is_told(self, noob, folder):
        common = ("run", "count.yaml", "-o", "out.jsonl", "--resume", "saved")
        noob(*common, "-n", "3")
        (folder / "out.jsonl").write_text("of somebody else\n")

        done = noob(*common, "-n", "4")

        assert done.code == 2
        assert "'-o out.jsonl' is not what the run has written, 6 bytes that the checkpoint covers: name" in done.err
        assert (folder / "out.jsonl").read_text() == "of somebody else\n"

    def test_one_that_was_compressed_since_is_told(self, noob, folder):
        common = ("run", "count.yaml", "-o", "out.jsonl", "--resume", "saved")
        noob(*common, "-n", "3")
        (folder / "out.jsonl.1.gz").write_bytes(gzip.compress((folder / "out.jsonl").read_bytes()))
        (folder / "out.jsonl").write_text("")

        done = noob(*common, "-n", "4")

        assert (done.code, "covers 6: unpack out.jsonl.1.gz, or remove the folder" in done.err) == (2, True)
        assert (folder / "out.jsonl").read_text() == ""

    @pytest.mark.parametrize("saving", ["20", "0.1s"])
    def test_no_result_is_lost_or_doubled_if_it_is_killed(self, start, noob, folder, saving):
        """The names go up to the last rotation; a run that is killed just after it goes on all the same."""
        common = ("run", "ticks.yaml", "-o", "out.jsonl", "--reopen", "--checkpoint-every", saving)
        rotated = 0
        for life in range(4):
            run = start(*common, "--resume", "saved")
            for turn in range(3):
                size = (folder / "out.jsonl").stat().st_size if (folder / "out.jsonl").exists() else 0
                wait_until(lambda size=size: (folder / "out.jsonl").exists())
                wait_until(lambda size=size: (folder / "out.jsonl").stat().st_size > size + 200)
                rotated += 1
                (folder / "out.jsonl").rename(folder / f"out.jsonl.{rotated}")
                if turn < 2 or life % 2:
                    run.process.send_signal(signal.SIGHUP)
            run.stop(signal.SIGKILL)
        epochs = 100 + max(int(number) for file in folder.glob("out.jsonl*") for number in file.read_text().split())

        done = noob(*common, "--resume", "saved", "--epochs", str(epochs))

        assert done.code == 0, done.err
        files = [*(folder / f"out.jsonl.{number}" for number in range(1, rotated + 1)), folder / "out.jsonl"]
        numbers = [int(line) for file in files for line in file.read_text().splitlines()]
        assert numbers == [*range(epochs)]
