"""`noob run`: which tube, how long, inputs, records, and what happens when it is stopped."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import environment, start_command
from tests.patience import PATIENCE, wait_until

SCRIPT = (str(Path(sys.executable).with_name("noob")),)
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def epochs_in(text):
    return len(re.findall(r"^epoch \d+$", text, re.MULTILINE))


class TestWhichTube:
    @pytest.mark.parametrize("tube", ["./count.yaml", "count"])
    def test_a_path_or_an_id(self, noob, tube):
        done = noob("run", tube)

        assert (done.code, done.results, done.err) == (0, [0, 2, 4], "")

    def test_an_absolute_path_from_elsewhere_finds_the_code_beside_the_tube(self, noob, folder, tmp_path):
        assert noob("run", folder / "count.yaml", cwd=tmp_path).results == [0, 2, 4]

    def test_an_id_in_a_folder_of_NOOB_PATH(self, noob, folder, tmp_path):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()

        done = noob("run", "count", cwd=elsewhere, env={"NOOB_PATH": f"{tmp_path / 'none'}{os.pathsep}{folder}"})

        assert done.results == [0, 2, 4]

    def test_a_tube_without_an_id_runs_by_path(self, noob, write):
        write("nameless.yml", "nodes:\n  one: {type: steps.zero}\n  return: {type: return, depends: one.value}\n")

        assert noob("run", "nameless.yml", "-n", "2").results == [0, 0]

    def test_a_name_with_a_suffix_that_is_no_yaml_is_a_path_if_there_is_such_a_file(self, noob, folder):
        shutil.copy(folder / "count.yaml", folder / "count.tube")

        assert noob("run", "count.tube").results == [0, 2, 4]

    @pytest.mark.parametrize("behind", ["records.jsonl", "first=2", "number two.yaml"])
    def test_what_stands_behind_it_is_told_where_it_belongs(self, noob, behind):
        done = noob("run", "count", behind, "-n", "1", env={"COLUMNS": "300"})

        assert (done.code, done.out) == (2, "")
        assert f"one tube is run, found '{behind}' behind it: records are given with '-f FILE', inputs" in done.err

    def test_the_script_is_the_same_command(self, noob):
        assert noob("run", "count", command=SCRIPT).results == [0, 2, 4]

    def test_the_file_is_not_written_to(self, noob, folder):
        before = {path: path.read_bytes() for path in folder.glob("*.yaml")}

        assert noob("run", "count").code == 0

        assert {path: path.read_bytes() for path in folder.glob("*.yaml*")} == before


class TestHowLong:
    def test_to_the_end_without_a_limit(self, noob):
        done = noob("run", "evens")

        assert (done.code, done.results, epochs_in(done.err)) == (0, [0, 2, 4, 6], 7)

    def test_n_counts_results_and_no_further_epoch_is_made(self, noob):
        done = noob("run", "evens", "-n", "2")

        assert (done.code, done.results, epochs_in(done.err)) == (0, [0, 2], 3)

    def test_n_counts_epochs_of_a_tube_without_return(self, noob):
        done = noob("run", "silent", "-n", "2")

        assert (done.code, done.stdout, epochs_in(done.err)) == (0, b"", 2)

    def test_epochs_counts_epochs(self, noob):
        done = noob("run", "evens", "--epochs", "4")

        assert (done.code, done.results, epochs_in(done.err)) == (0, [0, 2], 4)

    @pytest.mark.parametrize(("n", "epochs", "results", "made"), [(1, 4, [0], 1), (9, 2, [0], 2), (2, 3, [0, 2], 3)])
    def test_whichever_comes_first(self, noob, n, epochs, results, made):
        done = noob("run", "evens", "-n", str(n), "--epochs", str(epochs))

        assert (done.code, done.results, epochs_in(done.err)) == (0, results, made)

    @pytest.mark.parametrize("option", ["-n", "--epochs"])
    def test_zero_is_none(self, noob, option):
        done = noob("run", "evens", option, "0")

        assert (done.code, done.stdout, done.err) == (0, b"", "")

    @pytest.mark.parametrize("option", ["-n", "--epochs"])
    def test_more_than_there_is_ends_with_the_tube(self, noob, option):
        done = noob("run", "count", option, "99")

        assert (done.code, done.results) == (0, [0, 2, 4])

    def test_no_more_records_are_taken_than_are_needed(self, start):
        for option in ("-n", "--epochs"):
            running = start("run", "shout", option, "2", "--input-format", "lines")
            running.feed("a\nb\n")

            done = running.end(close_stdin=False)

            assert (done.code, done.results) == (0, ["A", "B"])

    @pytest.mark.parametrize("wrong", [("-n", "-1"), ("-n", "x"), ("--epochs", "-1")])
    def test_what_is_no_number_is_refused(self, noob, wrong):
        done = noob("run", "count", *wrong)

        assert (done.code, done.stdout) == (2, b"")
        assert wrong[0] in done.err


TYPED = [
    ("int", "7", "int 7"),
    ("str", "7", "str '7'"),
    ("str", "", "str ''"),
    ("str", "a=b", "str 'a=b'"),
    ("str", '"quoted"', "str '\"quoted\"'"),
    ("int | str", "7", "str '7'"),
    ("str | None", "null", "str 'null'"),
    ("typing.Any", "7", "str '7'"),
    ("int | None", "null", "NoneType None"),
    ("float", "2.5", "float 2.5"),
    ("float", "2", "float 2.0"),
    ("bool", "true", "bool True"),
    ("list[str]", '["a", "b"]', "list ['a', 'b']"),
    ("list[int]", "[1, 2]", "list [1, 2]"),
    ("dict[str, int]", '{"a": 1}', "dict {'a': 1}"),
    ("pathlib.PurePosixPath", "a/b.txt", "PurePosixPath PurePosixPath('a/b.txt')"),
    ("datetime.date", "2024-02-29", "date datetime.date(2024, 2, 29)"),
    ("typing.Literal['fast', 'slow']", "fast", "str 'fast'"),
]


REFUSED = {
    "factor": "NAME=VALUE",
    "": "NAME=VALUE",
    "=2": "error",
    "factor=": "'factor'",
    "factor={": "'factor'",
    "factor=1e999": "'factor'",
    f"factor={'9' * 5000}x": "'factor'",
    b"factor=\xff": "'factor'",
}


LISTS = {
    ("list[int]", "1,2"): "'x=[1,2]'",
    ("list[int]", "1"): "'x=[1]'",
    ("list[str]", "a,b"): """'x=["a","b"]'""",
    ("set[int]", "1, 2"): "'x=[1, 2]'",
    ("list[int]", "1,b"): None,
    ("int", "1,2"): None,
}


class TestInputs:
    @pytest.fixture(scope="class")
    @classmethod
    def outcome(cls, run_side_by_side):
        inputs = "".join(f'  in{i}: {{type: "{type_}"}}\n' for i, (type_, _, _) in enumerate(TYPED))
        nodes = "".join(f"  n{i}: {{type: steps.with_type, depends: input.in{i}}}\n" for i in range(len(TYPED)))
        returned = ", ".join(f"n{i}.value" for i in range(len(TYPED)))
        tube = f"input:\n{inputs}nodes:\n{nodes}  return: {{type: return, depends: [{returned}]}}\n"
        given = [part for i, (_, text, _) in enumerate(TYPED) for part in ("-i", f"in{i}={text}")]
        return run_side_by_side({"all": (("run", "typed.yaml", "-n", "1", *given), {"typed.yaml": tube})})["all"]

    @pytest.mark.parametrize("number", range(len(TYPED)))
    def test_the_text_if_the_type_admits_str_else_json_else_the_text(self, outcome, number):
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.results[0][number] == TYPED[number][2]

    def test_several(self, noob, write):
        write(
            "several.yaml",
            """
            input:
              one: {type: int}
              two: {type: str}
              three: {type: int, default: 3}
            nodes:
              all: {type: steps.describe, depends: [one: input.one, two: input.two, three: input.three]}
              return: {type: return, depends: all.value}
            """,
        )

        done = noob("run", "several.yaml", "-n", "1", "-i", "one=1", "-i", "two=2")

        assert done.results == [{"one": 1, "two": "2", "three": 3}]

    def test_in_params_too(self, noob, write):
        write(
            "limited.yaml",
            """
            input:
              limit: {type: int}
            nodes:
              count: {type: steps.count, params: {limit: input.limit}}
              return: {type: return, depends: count.index}
            """,
        )

        assert noob("run", "limited.yaml", "-i", "limit=2").results == [0, 1]

    def test_an_unknown_name_is_refused_with_the_nearest_one(self, noob):
        done = noob("run", "scale", "-i", "factr=2")

        assert (done.code, done.stdout) == (2, b"")
        assert "factr" in done.err
        assert "'factor'" in done.err

    def test_a_missing_one_is_named(self, noob):
        done = noob("run", "scale")

        assert done.code == 2
        assert "'factor'" in done.err

    def test_a_wrong_value_is_named_with_what_was_given_and_expected(self, noob):
        done = noob("run", "scale", "-i", "factor=two")

        assert done.code == 2
        for part in ("factor", "two", "int"):
            assert part in done.err

    @pytest.fixture(scope="class")
    @classmethod
    def refused(cls, run_side_by_side):
        return run_side_by_side({text: (("run", "scale", "-i", text),) for text in REFUSED})

    @pytest.mark.parametrize("text", REFUSED, ids=lambda text: str(text)[:20])
    def test_another_form_and_broken_json_are_refused(self, refused, text):
        done = refused[text]

        assert (done.code, done.stdout) == (2, b"")
        assert REFUSED[text] in done.err

    @pytest.fixture(scope="class")
    @classmethod
    def lists(cls, run_side_by_side):
        tube = "input: {{x: {{type: '{}'}}}}\nnodes:\n  a: {{type: steps.same, depends: input.x}}\n"
        return run_side_by_side(
            {each: (("run", "list.yaml", "-i", f"x={each[1]}"), {"list.yaml": tube.format(each[0])}) for each in LISTS}
        )

    @pytest.mark.parametrize("given", LISTS, ids=str)
    def test_a_list_without_brackets_is_refused_with_how_to_give_it(self, lists, given):
        done, hint = lists[given], LISTS[given]

        assert (done.code, done.stdout) == (2, b"")
        assert f"the input 'x' should be {given[0]}" in done.err
        assert done.err.endswith(f". A list is given as JSON: -i {hint}\n" if hint else "\n")
        assert ("A list is given as JSON" in done.err) == bool(hint)

    def test_a_process_scoped_one_is_not_given_here(self, noob):
        done = noob("run", "shout", "-i", "word=a")

        assert (done.code, done.stdout) == (2, b"")
        assert "word" in done.err

    def test_nothing_is_made_when_one_is_wrong(self, noob, journal):
        assert noob("run", "connected", "-i", "nope=1").code == 2
        assert journal() == []


PEOPLE = [{"name": "Zoë", "age": 31}, {"name": "Ünal", "age": 4}]
JSONL = '{"name": "Zoë", "age": 31}\n{"name": "Ünal", "age": 4}\n'
JSON = '[{"name": "Zoë", "age": 31},\n {"name": "Ünal",\n  "age": 4}]\n'
CSV = "name,age\nZoë,31\nÜnal,4\n"


ONE = '{"name": "Zoë",\n "age": 31}'

READ = {
    **{
        f"by the suffix {suffix}": ("people", ("-f", f"records{suffix}"), text, PEOPLE)
        for suffix, text in ((".jsonl", JSONL), (".json", JSON), (".csv", CSV))
    },
    "the suffix says lines, the text an array": ("shout", ("-f", "words.txt"), '{"a"}\n[\n', ['{"A"}', "["]),
    "the suffix says csv, the text an object": ("shout", ("-f", "words.csv"), "word\n{a}\n", ["{A}"]),
    **{
        f"by the first character of {text!r}": ("people", ("-f", "records"), text, PEOPLE)
        for text in (JSON, "\n \n" + JSONL, "\ufeff" + JSONL, "\ufeff" + CSV)
    },
    "by the first character of an array on standard input": ("people", (), "\ufeff" + JSON, PEOPLE),
    "one object over several lines": ("people", (), ONE, PEOPLE[:1]),
    "one object whose first line is a brace": ("people", (), '{\n"name": "Zoë", "age": 31\n}\n', PEOPLE[:1]),
    **{
        # A suffix that says something else doesn't matter.
        f"asked for {name}": (
            "people",
            ("-f", "records.txt", "--input-format", name),
            "\ufeff" + text.replace("\n", "\r\n"),
            PEOPLE,
        )
        for name, text in (("jsonl", JSONL), ("json", JSON), ("csv", CSV))
    },
    "asked for json, one object": ("people", ("-f", "records.csv", "--input-format", "json"), ONE, PEOPLE[:1]),
    "csv without the last newline": ("people", (), CSV.rstrip(), PEOPLE),
    "lines are not trimmed, and may be empty": (
        "shout",
        ("--input-format", "lines"),
        "\ufeffä\r\n\n b \nc",
        ["Ä", "", " B ", "C"],
    ),
    "one empty line": ("shout", ("--input-format", "lines"), "\n", [""]),
    "lines that look like JSON": ("shout", ("--input-format", "lines"), '{"word": "a"}', ['{"WORD": "A"}']),
    "from standard input by name": ("people", ("-f", "-"), CSV, PEOPLE),
    **{f"nothing in {text!r}": ("people", (), text, []) for text in ("", "\n \n", "[]", "name,age\n")},
}


class TestRecords:
    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, run_side_by_side):
        def case(tube, args, text, _):
            file = args[1] if "-f" in args and "-" not in args else None
            return ("run", tube, *args), {file: text.encode()} if file else {}, "" if file else text

        return run_side_by_side({name: case(*each) for name, each in READ.items()})

    @pytest.mark.parametrize("name", READ)
    def test_records_are_read(self, outcomes, name):
        done = outcomes[name]

        warning = "" if READ[name][3] else "warning: no epoch was made: no record was given\n"
        assert (done.code, done.results, done.err) == (0, READ[name][3], warning)

    def test_plain_lines_are_validated_by_the_type(self, noob, write):
        write(
            "square.yaml",
            """
            input:
              side: {type: int, scope: process}
            nodes:
              square: {type: operator.mul, depends: [input.side, input.side]}
              return: {type: return, depends: square.value}
            """,
        )

        assert noob("run", "square.yaml", "--input-format", "lines", stdin="3\n4\n").results == [9, 16]

    def test_plain_lines_need_an_input_that_they_are_values_of(self, noob):
        for tube in ("people", "count"):
            done = noob("run", tube, "--input-format", "lines", "-f", "-", stdin="a\n")

            assert (done.code, done.stdout) == (2, b"")
            assert "lines" in done.err

    def test_standard_input_that_is_a_file(self, noob, write):
        assert noob("run", "people", stdin=write("records", CSV)).results == PEOPLE

    def test_standard_input_is_left_alone_by_a_tube_that_needs_no_records(self, start):
        done = start("run", "count").end(close_stdin=False)

        assert (done.code, done.results) == (0, [0, 2, 4])

    def test_a_terminal_as_standard_input_is_refused_with_how_to_give_records(self, terminal):
        done = terminal("run", "people", on_terminal="stdin")

        assert (done.code, done.out) == (2, "")
        assert "-f" in done.err
        for name in ("name", "age"):
            assert name in done.err

    def test_a_terminal_can_be_asked_for(self, folder, tmp_path):
        ours, theirs = os.openpty()
        try:
            process = start_command(
                ("run", "shout", "-f", "-", "--input-format", "lines", "-n", "1"),
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=environment(tmp_path),
            )
            os.write(ours, b"hello\n")
            out, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)
        assert (process.returncode, out) == (0, b'"HELLO"\n')

    def test_a_terminal_does_not_matter_to_a_tube_without_process_scoped_inputs(self, terminal):
        assert terminal("run", "count", on_terminal="stdin").results == [0, 2, 4]

    def test_a_tube_scoped_name_holds_for_the_epoch_of_its_record(self, noob, write):
        write(
            "mixed.yaml",
            """
            input:
              factor: {type: int, default: 10}
              value: {type: int, scope: process}
            nodes:
              multiply: {type: operator.mul, depends: [input.value, input.factor]}
              return: {type: return, depends: multiply.value}
            """,
        )
        records = '{"value": 1}\n{"value": 1, "factor": 3}\n{"value": 1}\n'

        assert noob("run", "mixed.yaml", stdin=records).results == [10, 3, 10]
        assert noob("run", "mixed.yaml", "-i", "factor=5", stdin=records).results == [5, 3, 5]

    def test_records_for_optional_inputs_come_from_a_file_only(self, noob, write):
        write(
            "optional.yaml",
            """
            input:
              value: {type: int, scope: process, default: 7}
            nodes:
              same: {type: steps.same, depends: input.value}
              return: {type: return, depends: same.value}
            """,
        )

        assert noob("run", "optional.yaml", "-n", "2", stdin='{"value": 1}\n').results == [7, 7]
        assert noob("run", "optional.yaml", "-n", "2", "-f", "-", stdin='{"value": 1}\n{}\n').results == [1, 7]


WRONG_RECORDS = [
    ('{"name": "a", "age": 1}\n{"name": \n', ["record 2", "line 2"]),
    ('{"name": "a", "age": 1}\n7\n', ["record 2", "number"]),
    ('[{"name": "a", "age": 1}, 7]', ["record 2", "number"]),
    ("[" * 3000, ["JSON"]),
    ('{"a":' * 3000 + "\n" + '{"name": "a", "age": 1}\n', ["JSON"]),
    ('name,age\na,1\n"b,2\n', ["record 2", "quote"]),
    ("name,age\na,1,2\n", ["record 1", "3 values"]),
    ("name,name\na,1\n", ["'name'"]),
    (b'{"name": "\xff", "age": 1}\n', ["UTF-8", "0xff"]),
    ("name,age\na,1\n".encode("utf-16"), ["UTF-16"]),
    (b"\x7fELF\x02\x01\x01" + bytes(range(256)), []),
    ('{"name": "a", "age": 1e999}\n', ["'age'"]),
    ('{"name": "a", "age": ' + "9" * 5000 + "}\n", []),
]

UNREADABLE = ["missing.jsonl", "sub", "", "steps.py/x", "x" * 5000]


class TestWrongRecords:
    def test_a_wrong_value_is_named_with_record_input_given_and_expected(self, noob):
        done = noob("run", "people", stdin='{"name": "a", "age": 1}\n{"name": "b", "age": "old"}\n')

        assert (done.code, done.results) == (2, [{"name": "a", "age": 1}])
        for part in ("'age'", "record 2", "'old'", "int"):
            assert part in done.err

    def test_a_wrong_csv_value_is_named_with_its_line(self, noob, write):
        write("people.csv", "name,age\na,1\n\nb,x\n")

        done = noob("run", "people", "-f", "people.csv")

        assert (done.code, done.results) == (2, [{"name": "a", "age": 1}])
        for part in ("people.csv", "record 2", "line 4", "'age'", "'x'"):
            assert part in done.err

    def test_a_missing_value_is_named_with_the_record(self, noob):
        done = noob("run", "people", stdin='{"name": "a"}\n')

        assert (done.code, done.stdout) == (2, b"")
        what = "the input 'age' (int) is missing, given 'name': every record needs it, unless it has a default"
        assert done.err == f"error: <stdin>, record 1 (line 1): {what}\n"

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('{"name": "a", "age": 1}\n\n{"name": "b", "age": "old"}\n', 3),
            ('[{"name": "a",\n "age": 1},\n\n {"name": "b",\n "age": "old"}]', 4),
            ('name,age\n"a\nb",1\n\nc,old\n', 5),
        ],
    )
    def test_the_line_is_named_whatever_the_format(self, noob, text, line):
        done = noob("run", "people", "-o", "out", stdin=text)

        expected = f"error: <stdin>, record 2 (line {line}): the input 'age' should be int, given 'old': "
        assert (done.code, done.err.startswith(expected)) == (2, True), done.err

    def test_a_record_that_is_longer_than_allowed(self, noob, write):
        write("records.jsonl", '{"name": "a", "age": 1}\n{"name": "a", "age": 10}\n')

        done = noob("run", "people", "-f", "records.jsonl", "--max-record", "23")

        assert (done.code, done.results) == (2, [{"name": "a", "age": 1}])
        assert done.err == (
            "error: records.jsonl, record 2 (line 2): longer than the 23 bytes that a record may have. "
            "Shorten it, or allow more with --max-record.\n"
        )
        assert noob("run", "people", "-f", "records.jsonl", "--max-record", "1k").code == 0

    @pytest.mark.parametrize("size", ["0", "-1", "x", "", "1 parsec"])
    def test_what_is_no_size_is_refused(self, noob, size):
        done = noob("run", "people", f"--max-record={size}", env={"COLUMNS": "200"})

        assert (done.code, done.stdout) == (2, b"")
        assert f"expected a number of bytes, such as 64MB or 1000, found '{size}'" in done.err

    def test_an_unknown_name_is_a_warning_once(self, noob):
        done = noob("run", "people", stdin='{"name": "a", "age": 1, "agee": 2}\n' * 3)

        assert (done.code, len(done.results)) == (0, 3)
        assert done.err.count("agee") == 1
        assert "warning" in done.err

    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, run_side_by_side):
        wrong = {number: (("run", "people"), {}, text) for number, (text, _) in enumerate(WRONG_RECORDS)}
        unreadable = {name: (("run", "people", "-f", name), {"sub/.hidden": ""}) for name in UNREADABLE}
        return run_side_by_side(wrong | unreadable)

    @pytest.mark.parametrize("number", range(len(WRONG_RECORDS)))
    def test_what_is_no_record_is_an_error_of_the_input(self, outcomes, number):
        _, parts = WRONG_RECORDS[number]

        done = outcomes[number]

        assert done.code == 2 if parts else done.code in (0, 2)
        for part in parts:
            assert part in done.err
        assert "<stdin>" in done.err or not parts
        assert [record["name"] for record in done.results] in ([], ["a"])

    @pytest.mark.parametrize("name", UNREADABLE, ids=lambda name: name[:20])
    def test_a_file_that_can_not_be_read_is_named(self, outcomes, name):
        done = outcomes[name]

        assert (done.code, done.stdout) == (2, b"")
        assert name[:40] in done.err

    @pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that can be opened and not read")
    def test_a_file_that_fails_when_it_is_read_is_named(self, noob):
        done = noob("run", "people", "-f", "/proc/self/mem")

        assert (done.code, done.stdout) == (2, b"")
        assert "/proc/self/mem" in done.err

    def test_nothing_is_made_when_the_file_is_missing(self, noob, journal):
        assert noob("run", "connected", "-f", "missing.jsonl").code == 2
        assert journal() == []

    def test_a_closed_standard_input_is_no_traceback(self, noob):
        done = noob("-c", 'exec "$0" -m noob_cli run people <&-', sys.executable, command=("sh",))

        assert done.code in (0, 2)
        assert "Traceback" not in done.err


class TestStreaming:
    @pytest.mark.parametrize(
        ("args", "header", "lines"),
        [
            (("--input-format", "lines"), "", ["a\n", "b\n", "c\n"]),
            (("--input-format", "jsonl"), "", ['{"word": "a"}\n', '{"word": "b"}\n', '{"word": "c"}\n']),
            ((), "", ['{"word": "a"}\n', '{"word": "b"}\n', '{"word": "c"}\n']),
            (("--input-format", "csv"), "word\n", ["a\n", "b\n", "c\n"]),
            ((), "word\n", ["a\n", "b\n", "c\n"]),
        ],
    )
    def test_a_record_is_answered_before_the_next_one_comes(self, start, args, header, lines):
        running = start("run", "shout", *args)
        running.feed(header)
        for line, result in zip(lines, ['"A"', '"B"', '"C"'], strict=True):
            running.feed(line)
            assert running.read_line() == result

        done = running.end()

        assert (done.code, done.out, done.err) == (0, "", "")

    def test_a_record_may_come_in_pieces(self, start):
        running = start("run", "shout")
        for piece in ('{"wo', 'rd": "', b"\xc3", b"\xa9", '"}\n'):
            running.feed(piece)
            time.sleep(0.02)

        assert running.read_line() == '"É"'

    def test_a_pipe_that_never_ends(self, noob):
        done = noob("run", "shout", "--input-format", "lines", "-n", "3", shell='yes | "$@"')

        assert (done.code, done.results, done.err) == (0, ["Y", "Y", "Y"], "")

    def test_a_pipe_between_two_tubes(self, noob):
        done = noob(shell='"$@" run forever | "$@" run shout --input-format lines -n 3')

        assert (done.code, done.results, done.err) == (0, ["0", "1", "2"], "")


class TestLocale:
    def test_records_and_results_are_utf_8(self, noob, write):
        write("größe.csv", CSV)

        for args in (("-f", "größe.csv"), ("-f", "größe.csv", "-o", "ö.jsonl")):
            done = noob("run", "people", *args, env=C_LOCALE)
            assert (done.code, done.err) == (0, "")

        assert noob("run", "people", stdin=JSONL, env=C_LOCALE).results == PEOPLE
        written = (write("x", "").parent / "ö.jsonl").read_bytes()
        assert [json.loads(line) for line in written.decode("utf-8").splitlines()] == PEOPLE

    def test_an_input_on_the_command_line(self, noob, write):
        write(
            "greet.yaml",
            """
            description: Grüße
            input:
              who: {type: str}
            nodes:
              same: {type: steps.same, depends: input.who}
              return: {type: return, depends: same.value}
            """,
        )

        assert noob("run", "greet.yaml", "-n", "1", "-i", "who=Zoë", env=C_LOCALE).results == ["Zoë"]

    def test_what_user_code_prints_does_not_fail(self, noob, write):
        write("talk.py", "def talk(value: str) -> str:\n    print('sagt', value)\n    return value\n")
        write(
            "talk.yaml",
            """
            input:
              word: {type: str, scope: process}
            nodes:
              talk: {type: talk.talk, depends: input.word}
              return: {type: return, depends: talk.value}
            """,
        )

        done = noob("run", "talk.yaml", stdin='{"word": "Zoë"}', env=C_LOCALE)

        assert (done.code, done.results) == (0, ["Zoë"])
        assert "sagt Zo" in done.err

    def test_a_message_about_text_that_is_not_ascii(self, noob, write):
        write("größe.yaml", "description: Größe\nnodes:\n  größe: {type: nirgends.größe}\n")

        done = noob("run", "größe.yaml", env=C_LOCALE)

        assert done.code == 2
        assert "nirgends" in done.err


class TestStandardInput:
    def test_that_is_closed(self, noob):
        done = noob("run", "shout", "-f", "-", shell='"$@" <&-')

        assert (done.code, done.out) == (2, "")
        assert done.err == "error: standard input is closed: name a file with the records with '-f FILE'\n"


class TestInterruption:
    @pytest.mark.parametrize(
        ("number", "code"),
        [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
        ids=lambda each: str(each),
    )
    def test_assets_are_ended_and_results_are_there(self, start, journal, number, code):
        running = start("run", "connected")
        seen = [running.read_line() for _ in range(3)]

        done = running.stop(number)

        assert done.code == code
        assert seen == ["0", "1", "2"]
        results = [*map(int, seen), *done.results]
        assert results == list(range(len(results)))
        assert "Traceback" not in done.err
        self.assert_each_ended(journal())

    def test_results_in_a_file_are_whole(self, start, folder, journal):
        for number, file in ((signal.SIGTERM, "out.json"), (signal.SIGINT, "out.jsonl")):
            (folder / "journal.txt").unlink(missing_ok=True)
            running = start("run", "connected", "-o", file, "--output-format", file.partition(".")[2])
            wait_until(lambda file=file: (folder / file).exists() and b"2" in (folder / file).read_bytes())

            assert running.stop(number).code == 128 + number

            text = (folder / file).read_text()
            results = json.loads(text) if file.endswith(".json") else [json.loads(line) for line in text.splitlines()]
            assert results == list(range(len(results)))
            assert len(results) > 2
            self.assert_each_ended(journal())

    def test_while_it_waits_for_records(self, start):
        running = start("run", "shout", "--input-format", "lines")
        running.feed("a\n")
        assert running.read_line() == '"A"'

        done = running.stop(signal.SIGINT)

        assert (done.code, done.out) == (130, "")
        assert "Traceback" not in done.err

    def test_while_a_node_sleeps(self, start, write, journal):
        write(
            "sleepy.yaml",
            """
            assets:
              database: {type: steps.Connection, params: {name: database}, scope: runner}
              cursor: {type: steps.Connection, params: {name: cursor}, scope: node}
            nodes:
              count: {type: steps.count}
              use: {type: steps.use, depends: [count.index, connection: assets.database]}
              sleep: {type: steps.sleep_at, depends: use.value, params: {seconds: 60}}
              again: {type: steps.use, depends: [sleep.value, connection: assets.cursor]}
              return: {type: return, depends: again.value}
            """,
        )
        running = start("run", "sleepy.yaml", "--grace", "0.1")
        assert running.read_line() == "0"
        wait_until(lambda: any(line.startswith("sleeps") for line in journal()))

        done = running.stop(signal.SIGTERM)

        assert (done.code, done.out) == (143, "")
        self.assert_each_ended([line for line in journal() if not line.startswith("sleeps")])

    def test_a_second_signal_does_not_keep_assets_from_being_ended(self, start, write, journal):
        write(
            "tidy.py",
            """
            import time
            from steps import note

            class Slow:
                def __enter__(self):
                    note("entered slow")
                    return self

                def __exit__(self, *error):
                    note("ending slow")
                    time.sleep(0.5)
                    note("ended slow")
            """,
        )
        write(
            "tidy.yaml",
            """
            assets:
              slow: {type: tidy.Slow, scope: runner}
            nodes:
              count: {type: steps.slow_count}
              use: {type: steps.use, depends: [count.index, connection: assets.slow]}
              return: {type: return, depends: use.value}
            """,
        )
        running = start("run", "tidy.yaml")
        running.read_line()
        running.process.send_signal(signal.SIGINT)
        wait_until(lambda: "ending slow" in journal())

        done = running.stop(signal.SIGTERM)

        assert done.code == 130
        assert journal() == ["entered slow", "ending slow", "ended slow"]

    def test_while_a_module_is_imported(self, start, write):
        write("heavy.py", "import sys, time\nprint('importing', file=sys.stderr, flush=True)\ntime.sleep(60)\n")
        write("heavy.yaml", "nodes:\n  a: {type: heavy.f}\n")
        for number in (signal.SIGINT, signal.SIGTERM):
            running = start("run", "heavy.yaml")
            assert running.read_error_line() == "importing"

            done = running.stop(number)

            # Without a handler of ours a shell makes 143 of the death by SIGTERM as well.
            assert done.code in (128 + number, -number)
            assert "Traceback" not in done.err

    def test_a_signal_that_was_ignored_from_the_start_stays_ignored(self, noob, folder):
        done = noob(
            "-c",
            "trap '' HUP; \"$0\" -m noob_cli run connected -n 30 & sleep 0.5; kill -HUP $!; wait $!",
            sys.executable,
            command=("sh",),
        )

        assert (done.code, len(done.results)) == (0, 30)

    @staticmethod
    def assert_each_ended(journal):
        made = [line.removeprefix("entered ") for line in journal if line.startswith("entered ")]
        ended = [line.removeprefix("ended ") for line in journal if line.startswith("ended ")]
        assert made
        assert sorted(made) == sorted(ended)
        # The last made is the first ended: the one of the run, made first, comes last.
        assert journal[0] == f"made {made[0]}"
        assert journal[-1] == f"ended {made[0]}"
