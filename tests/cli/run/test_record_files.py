"""Records from several files, folders and patterns, and options that are given twice."""

import bz2
import gzip
import json
import lzma
import os

import pytest

from tests.cli.conftest import COMMAND

TUBE = """
input:
  n: {type: int, scope: process}
nodes:
  same: {type: own.same, depends: [input.n]}
  return: {type: return, depends: same.value}
"""


@pytest.fixture
def run(noob, write):
    write("tube.yaml", TUBE)
    write("own.py", "def same(n):\n    return 1 // (n != 13) and n\n")
    return lambda *args, **more: noob("run", "tube.yaml", *args, **more)


def numbers(*values):
    return "".join(f'{{"n": {value}}}\n' for value in values)


class TestSeveralFiles:
    def test_one_is_read_after_the_other_in_the_order_given(self, run, write):
        write("b.jsonl", numbers(1, 2))
        write("a.csv", "n\n3\n4\n")

        done = run("-f", "b.jsonl", "-f", "a.csv", "-f", "-", "-f", "b.jsonl", stdin=numbers(5))

        assert (done.code, done.results) == (0, [1, 2, 3, 4, 5, 1, 2])

    def test_a_limit_holds_for_all_of_them(self, run, write):
        write("a.jsonl", numbers(1, 2))
        write("b.jsonl", numbers(3, 4))

        assert run("-f", "a.jsonl", "-f", "b.jsonl", "-n", "3").results == [1, 2, 3]

    def test_messages_and_kept_records_name_the_file_and_the_number_in_it(self, run, write, folder):
        write("a.jsonl", numbers(1, "null", 2))
        write("b.jsonl", "\n" + numbers(3, 13))
        write("c.csv", "n\n4\nx\n")

        done = run("-f", "a.jsonl", "-f", "b.jsonl", "-f", "c.csv", "--on-error", "skip", "--errors", "errors")

        assert (done.code, done.results) == (1, [1, 2, 3, 4])
        assert "error: a.jsonl, record 2 (line 2): " in done.err
        assert "error: c.csv, record 2 (line 3): " in done.err
        kept = [json.loads(line) for line in (folder / "errors").read_text().splitlines()]
        assert [(each["file"], each["number"], each["line"]) for each in kept] == [
            ("a.jsonl", 2, 2),
            ("b.jsonl", 2, 3),
            ("c.csv", 2, 3),
        ]

    def test_what_is_wrong_with_a_file_as_a_whole_names_it(self, run, write):
        write("a.jsonl", numbers(1))
        write("b.csv", "m\n1\n")

        done = run("-f", "a.jsonl", "-f", "b.csv", "--on-error", "skip")

        assert (done.code, done.results) == (2, [1])
        assert done.err.startswith("error: b.csv, line 1: no column 'n'")

    @pytest.mark.parametrize("missing", ["none.jsonl", "none*.jsonl"])
    def test_all_are_there_before_anything_is_made(self, run, write, missing):
        write("a.jsonl", numbers(1))

        done = run("-f", "a.jsonl", "-f", missing)

        assert (done.code, done.out) == (2, "")
        assert done.err == f"error: the records can't be read: {missing}: No such file or directory\n"

    @pytest.mark.parametrize("named", ["in", "in/*"])
    def test_what_is_no_file_in_a_folder_is_passed_over(self, run, write, folder, named):
        write("in/a.jsonl", numbers(1))
        os.mkfifo(folder / "in" / "b.jsonl")
        assert run("-f", named).results == [1]

        (folder / "in" / "c.jsonl").symlink_to("nowhere")
        done = run("-f", named)
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: the records can't be read: in/c.jsonl: No such file or directory\n"

    def test_standard_input_is_read_once(self, run):
        done = run("-f", "-", "-f", "-", stdin=numbers(1))

        assert (done.code, done.out) == (2, "")
        assert "'-f -' is given twice" in done.err

    def test_none_of_them_is_written_over(self, run, write, folder):
        write("a.jsonl", numbers(1))
        write("b.jsonl", numbers(2))

        for option in ("-o", "--errors", "--log-file"):
            done = run("-f", "a.jsonl", "-f", "b.jsonl", option, "b.jsonl")
            assert (done.code, (folder / "b.jsonl").read_text()) == (2, numbers(2))
            assert "is the file of the records" in done.err

    def test_more_than_can_be_open(self, run, write):
        many = 1200
        for number in range(many):
            write(f"many/{number:05}.jsonl", numbers(number + 100))

        assert run("-f", "many").results == [*range(100, 100 + many)]

    def test_a_pipe_among_them_is_opened_once(self, run, write, folder):
        write("a.jsonl", numbers(1))
        os.mkfifo(folder / "pipe")
        fed = os.fork()
        if not fed:
            try:
                (folder / "pipe").write_text(numbers(2))
            finally:
                os._exit(0)

        assert run("-f", "a.jsonl", "-f", "pipe").results == [1, 2]
        os.waitpid(fed, 0)

    def test_a_run_goes_on_in_the_file_where_it_stopped(self, run, write, folder):
        write("none.jsonl", "")
        write("a.jsonl", numbers(1, 2))
        write("b.jsonl", numbers(3, 4, 5))
        files = ("-f", "a.jsonl", "-f", "b.jsonl", "-o", "out")

        run(*files, "-n", "3", "--checkpoint", "saved")
        shorter = run("-f", "a.jsonl", "-f", "none.jsonl", "-o", "out", "--resume", "saved")
        done = run(*files, "--resume", "saved")

        assert shorter.code == 2
        assert "the run has stopped in b.jsonl, which isn't among the files of the records now" in shorter.err
        assert done.code == 0
        assert (folder / "out").read_text() == "1\n2\n3\n4\n5\n"


class TestFoldersAndPatterns:
    def test_by_name_without_hidden_ones_and_folders(self, run, write):
        for name, number in (("d/10.jsonl", 1), ("d/9.jsonl", 2), ("d/.h.jsonl", 3), ("d/sub/x.jsonl", 4)):
            write(name, numbers(number))

        assert run("-f", "d").results == [1, 2]
        assert run("-f", "d/*").results == [1, 2]
        assert run("-f", "d/**/*.jsonl").results == [1, 2, 4]
        assert run("-f", "[d]/[0-9]?.jsonl").results == [1]

    def test_a_file_of_that_very_name_is_no_pattern(self, run, write):
        write("[a].jsonl", numbers(1))
        write("a.jsonl", numbers(2))

        assert run("-f", "[a].jsonl").results == [1]

    def test_an_empty_folder(self, run, folder):
        (folder / "empty").mkdir()

        done = run("-f", "empty")

        assert (done.code, done.err) == (2, "error: the records can't be read: empty: it is a folder without files\n")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (("--resume", ""), "'--resume' names no folder"),
        (("--output=",), "'-o' / '--output' names no file"),
        (("--log-file", ""), "'--log-file' names no file"),
        (("-f", "a.jsonl", "-f", ""), "'-f' / '--file' names no file"),
    ],
)
def test_an_empty_path_is_not_the_working_folder(noob, write, folder, given, named):
    write("tube.yaml", TUBE)
    write("own.py", "def same(n):\n    return n\n")
    write("a.jsonl", numbers(1))
    before = sorted(folder.iterdir())

    done = noob("run", "tube.yaml", *given, env={"COLUMNS": "120"})

    assert (done.code, done.out) == (2, "")
    assert f"{named}: what is given is empty" in done.err
    assert sorted(folder.iterdir()) == before


class TestOptionsGivenTwice:
    @pytest.mark.parametrize(
        ("args", "option"),
        [
            (("run", "tube.yaml", "-o", "a", "--output=b"), "'-o' / '--output'"),
            (("run", "tube.yaml", "-n", "1", "-n", "2"), "'-n'"),
            (("run", "tube.yaml", "--progress", "--no-progress"), "'--progress' / '--no-progress'"),
            (("validate", "tube.yaml", "--format", "json", "--format", "text"), "'--format'"),
            (("graph", "tube.yaml", "--format", "dot", "--format", "dot"), "'--format'"),
        ],
    )
    def test_one_that_takes_one_value_is_an_error(self, noob, write, args, option):
        write("tube.yaml", TUBE)
        write("own.py", "def same(n):\n    return n\n")

        done = noob(*args, env={"COLUMNS": "120"})

        assert (done.code, done.out) == (2, "")
        assert f"{option} is given twice, and can be given once" in done.err

    def test_what_can_be_repeated_can(self, run, write):
        write("a.jsonl", numbers(1))

        assert run("-f", "a.jsonl", "-q", "-q", "--stats", "--stats").results == [1]


def test_what_a_node_starts_takes_no_records_away(noob, write):
    write(
        "starts.py",
        "import subprocess\ndef start(line):\n    return subprocess.check_output(['cat']).decode() + line\n",
    )
    write(
        "starts.yaml",
        """
        input: {line: {type: str, scope: process}}
        nodes:
          start: {type: starts.start, depends: [input.line]}
          return: {type: return, depends: start.value}
        """,
    )

    assert noob("run", "starts.yaml", stdin="a\nb\nc\n").results == ["a", "b", "c"]


class TestCompressedFiles:
    def test_files_and_standard_input(self, run, write):
        write("a.jsonl.gz", gzip.compress(numbers(1, 2).encode()))
        write("b.csv.bz2", bz2.compress(b"n\n3\n"))

        done = run("-f", "a.jsonl.gz", "-f", "b.csv.bz2", "-f", "-", stdin=lzma.compress(numbers(4).encode()))

        assert (done.code, done.results) == (0, [1, 2, 3, 4])

    def test_one_that_is_cut_off(self, run, write):
        write("a.jsonl.gz", gzip.compress(numbers(1, 2).encode())[:-3])

        done = run("-f", "a.jsonl.gz", "--on-error", "skip")

        assert (done.code, done.results) == (2, [1, 2])
        assert done.err == (
            "error: a.jsonl.gz: what gzip has made of it is cut off. The records before that were read.\n"
        )

    def test_one_that_can_not_be_read_is_told_before_anything_is_made(self, run, write, without):
        write("a.jsonl.zst", b"")

        done = run("-f", "a.jsonl.zst", env=without("zstandard", "compression.zstd"), command=COMMAND)

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: a.jsonl.zst: it is compressed by zstd, which Python can read from 3.14 on")
