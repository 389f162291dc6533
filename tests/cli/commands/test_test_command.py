"""`noob test`: which tests are run, what is said of them, and what `--update` writes."""

from __future__ import annotations

import json

import pytest

from noob_cli.specification.document import open_document
from tests.cli.conftest import COMMAND, COUNT

SHARE = """
input:
  people: {type: int, scope: process}
nodes:
  share: {type: operator.truediv, params: {0: 12}, depends: [{1: input.people}]}
  return: {type: return, depends: [{share: share.value}]}
"""
TESTS = """\
# How bills are shared.
tests:
  - name: shared   # by all
    records: [{people: 3}]
    results: [{share: 4}]
  - name: wrong
    records: [{people: 3}, {people: 4}]
    results: [{share: 5}]
  - name: nobody
    records: [{people: 3}, {people: 0}]
    results: [{share: 4}]
"""
UPDATED = """\
# How bills are shared.
tests:
  - name: shared   # by all
    records: [{people: 3}]
    results: [{share: 4}]
  - name: wrong
    records: [{people: 3}, {people: 4}]
    results:
      - {share: 4.0}
      - {share: 3.0}
  - name: nobody
    records: [{people: 3}, {people: 0}]
    results:
      - {share: 4.0}
    error: 'ZeroDivisionError: division by zero'
"""


def test_a_node_that_ends_the_program_does_not_end_the_tests(noob, write):
    write("leave.yaml", "nodes: {n: {type: sys.exit, params: {0: 0}}, return: {type: return, depends: n.value}}\n")
    write(
        "leave.tube-test.yaml",
        "tests: [{name: a, results: [1]}, {name: b, error: 'SystemExit: 0'}, {name: c, results: [1]}]\n",
    )
    done = noob("test", "leave.yaml")
    assert done.code == 1
    assert [line.rpartition(" ")[2] for line in done.out.splitlines()] == ["failed", "passed", "failed"]
    assert "error: the run has failed: SystemExit: 0" in done.err
    assert "the node 'n' failed in epoch 0" in done.err


def test_what_has_failed_is_shown_at_its_place(noob, write):
    write("share.yaml", SHARE)
    write("share.tube-test.yaml", TESTS)
    done = noob("test", "share.yaml")
    assert done.code == 1
    assert done.out == (
        "share.tube-test.yaml: shared: passed\n"
        "share.tube-test.yaml: wrong: failed\n"
        "share.tube-test.yaml: nobody: failed\n"
    )
    assert "share.tube-test.yaml:8:23: error: result 1['share'] is not as expected\n" in done.err
    assert "  expected: 5\n  found: 4.0\n" in done.err
    assert "share.tube-test.yaml:9:11: error: the run has failed: ZeroDivisionError: division by zero\n" in done.err
    assert "share.yaml:5:3: error: the node 'share' failed in epoch 1\n" in done.err
    assert done.err.endswith("3 tests: 1 passed, 2 failed\n")


def test_what_is_expected_is_written(noob, write, folder):
    write("share.yaml", SHARE)
    write("share.tube-test.yaml", TESTS)
    done = noob("test", "--update", "share.yaml")
    assert done.code == 0
    assert done.err == (
        "warning: share.tube-test.yaml:9:11: 'nobody' expects an error now: ZeroDivisionError: division by zero\n"
        "3 tests: 1 passed, 2 updated\n"
    )
    assert (folder / "share.tube-test.yaml").read_text() == UPDATED
    assert noob("test", "share.yaml").err == "3 tests: 3 passed\n"
    assert [path.name for path in folder.iterdir() if ".tube-test" in path.name] == ["share.tube-test.yaml"]


def test_a_file_that_is_updated_keeps_its_permissions_and_its_link(noob, write, folder):
    write("share.yaml", SHARE)
    kept = write("kept/share.yaml", TESTS)
    kept.chmod(0o640)
    (folder / "share.tube-test.yaml").symlink_to(kept)

    assert noob("test", "--update", "share.yaml").code == 0

    assert kept.read_text() == UPDATED
    assert kept.stat().st_mode & 0o777 == 0o640
    assert (folder / "share.tube-test.yaml").is_symlink()
    assert [path.name for path in kept.parent.iterdir()] == ["share.yaml"]


ANY = "nodes: {a: {type: ast.literal_eval, params: {0: 'TEXT'}}, return: {type: return, depends: a.value}}\n"

EXPECTING = "tests:\n  - name: first\n    epochs: 1\n    results: []\n"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a\x85b",
            "\u2028",
            "\u2029 c",
            "\ufeffd",
            "e\rf\n  g\n",
            "  h\n\n\ti ",
            "\x07\x7f\ufffe",
            "010",
            "12:30:45",
            "<<",
            "yes",
        ),
        *("- i", "# j", "'", "🐟"),
    ],
)
def test_any_text_is_written_as_it_came_out(noob, write, folder, text):
    write("any.yaml", ANY.replace("'TEXT'", json.dumps(ascii({text: [text]}))))
    write("any.tube-test.yaml", EXPECTING)

    assert noob("test", "--update", "any.yaml").code == 0

    assert noob("test", "any.yaml").err == "1 test: 1 passed\n"
    assert open_document(folder / "any.tube-test.yaml").data["tests"][0]["results"] == [{text: [text]}]


@pytest.mark.parametrize("code", ["def give(): return '\\udcff'\n", "def give(): raise ValueError('\\udcff')\n"])
def test_what_can_not_be_written_is_told_and_the_file_stays(noob, write, folder, code):
    write("any.yaml", "nodes: {a: {type: giving.give}, return: {type: return, depends: a.value}}\n")
    write("giving.py", code)
    write("any.tube-test.yaml", EXPECTING)

    done = noob("test", "--update", "any.yaml")

    assert done.code == 2
    assert "any.tube-test.yaml: first: what has come out can't be written as YAML" in done.err
    assert (folder / "any.tube-test.yaml").read_text() == EXPECTING


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_the_ends_of_lines_stay(noob, write, folder, end, bom):
    write("any.yaml", ANY.replace("TEXT", "1"))
    file = folder / "any.tube-test.yaml"
    file.write_bytes(f"{bom}# mine\n{EXPECTING}".replace("\n", end).encode())

    assert noob("test", "--update", "any.yaml").code == 0

    updated = f"{bom}# mine\n{EXPECTING}".replace(" []\n", "\n      - 1\n")
    assert file.read_bytes().decode() == updated.replace("\n", end)


def test_a_tube_without_tests(noob, write, folder):
    write("count.yaml", COUNT)
    done = noob("test", "count.yaml")
    assert (done.code, done.out) == (2, "")
    assert "the tube 'count.yaml' has no tests: write some into 'count.tube-test.yaml'" in done.err
    assert noob("test", "--update", "count.yaml").code == 0
    assert (folder / "count.tube-test.yaml").read_text().endswith("    results:\n      - 0\n      - 1\n      - 2\n")
    assert noob("test", ".").err == "1 test: 1 passed\n"


def test_no_pytest_is_needed(noob, without, write):
    write("count.yaml", COUNT)
    write("count.tube-test.yaml", "tests: [{name: one, epochs: 1, results: [0]}]\n")
    done = noob("test", "count.yaml", env=without("pytest"), command=COMMAND)
    assert (done.code, done.out) == (0, "count.tube-test.yaml: one: passed\n")


def test_a_tube_that_needs_something_gets_no_first_test(noob, write, folder):
    write("share.yaml", SHARE)
    done = noob("test", "--update", "share.yaml")
    assert done.code == 2
    assert "the tube 'share' needs 'people': write a test with 'records' into 'share.tube-test.yaml'" in done.err
    assert not (folder / "share.tube-test.yaml").exists()


@pytest.mark.parametrize("ends", ["return chr(0xD800)", "raise KeyboardInterrupt"])
def test_nor_does_one_whose_first_run_goes_wrong(noob, write, folder, ends):
    write("half.yaml", "nodes: {half: {type: ends.half}, return: {type: return, depends: half.value}}\n")
    write("ends.py", f"def half():\n    {ends}\n")
    assert noob("test", "--update", "half.yaml").code != 0
    assert not (folder / "half.tube-test.yaml").exists()


def test_a_run_that_does_not_end_is_not_written(noob, write, folder):
    write("count.yaml", COUNT)
    text = "tests: [{name: all, results: [0]}]\n"
    write("count.tube-test.yaml", text)
    done = noob("test", "--update", "count.yaml")
    assert done.code == 2
    assert "the run has not ended after 1,000 epochs: say with 'epochs' how many there are to be" in done.err
    assert (folder / "count.tube-test.yaml").read_text() == text


def test_files_are_run_once_and_the_others_go_on(noob, write, folder):
    write("count.yaml", COUNT)
    write("count.tube-test.yaml", "tests: [{name: one, epochs: 1, results: [0]}]\n")
    write("broken.tube-test.yaml", "tests: []\n")
    (folder / "empty").mkdir()
    done = noob("test", "empty", "nothing", ".", "count.yaml", "count.tube-test.yaml")
    assert done.code == 2
    assert done.out == "count.tube-test.yaml: one: passed\n"
    assert "there is no file with tests, such as 'name.tube-test.yaml', in the folder 'empty'" in done.err
    assert "error: there is no tube 'nothing'" in done.err
    assert "broken.tube-test.yaml:1:8: error[K003]" in done.err
    assert done.err.endswith("1 test: 1 passed\n")


def test_all_files_that_are_wrong_are_told_and_the_others_of_the_folder_are_run(noob, write):
    write("count.yaml", COUNT)
    write("a.tube-test.yaml", "tests: []\n")
    write("b.tube-test.yaml", "tests: [{name: lost, results: []}]\n")
    write("c.tube-test.yaml", "tests: [\n")
    write("count.tube-test.yaml", "tests: [{name: one, epochs: 1, results: [0]}]\n")
    done = noob("test", ".")
    assert (done.code, done.out) == (2, "count.tube-test.yaml: one: passed\n")
    assert "a.tube-test.yaml:1:8: error[K003]: a file with tests has a list of 'tests', found an empty list" in done.err
    assert "there is no file" in done.err
    assert "c.tube-test.yaml:" in done.err


@pytest.mark.parametrize(
    ("given", "column", "message"),
    [
        ("records: nope.jsonl", 26, "the records can't be read: nope.jsonl: No such file"),
        ("records: nope.jsonl, error: InputError", 26, "the records can't be read: nope.jsonl: No such file"),
        ("records: bad.jsonl", 26, "bad.jsonl, record 2 (line 2, column 2): not JSON"),
        ("records: [{people: 3}, {people: x}]", 49, "record 2: the input 'people' should be int, given 'x'"),
        ("input: {folk: 3}", 31, "there is no input 'folk'"),
        ("epochs: 1", 12, "the input 'people' (int) is missing"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--update",)])
def test_what_a_test_gives_is_wrong(noob, write, folder, given, column, message, options):
    write("share.yaml", SHARE)
    write("bad.jsonl", '{"people": 1}\n{nonsense\n')
    text = f"tests:\n  - {{name: bad, {given}}}\n  - {{name: other, records: [{{people: 3}}], results: [1]}}\n"
    write("share.tube-test.yaml", text)
    done = noob("test", *options, "share.yaml")
    assert done.code == 2
    assert done.out == "share.tube-test.yaml: bad: wrong\nshare.tube-test.yaml: other: failed\n"
    assert f"share.tube-test.yaml:2:{column}: error: {message}" in done.err
    assert done.err.endswith("2 tests: 1 failed, 1 wrong\n")
    assert (folder / "share.tube-test.yaml").read_text() == text


@pytest.mark.parametrize(
    ("people", "expected", "news"),
    [
        (0, "error: ValueError", "expects another error now: ZeroDivisionError: division by zero"),
        (3, "error: ValueError", "expects no error any more"),
        (0, "error: ZeroDivisionError, results: [1]", None),
    ],
)
def test_an_error_that_comes_or_goes_with_an_update_is_named(noob, write, people, expected, news):
    write("share.yaml", SHARE)
    write("share.tube-test.yaml", f"tests:\n  - {{name: one, records: [{{people: {people}}}], {expected}}}\n")
    done = noob("test", "--update", "share.yaml")
    told = "" if news is None else f"warning: share.tube-test.yaml:2:12: 'one' {news}\n"
    assert (done.code, done.err) == (0, f"{told}1 test: 1 updated\n")


def test_what_a_node_raises_is_never_what_a_test_gives(noob, write):
    write("refusing.py", "from noob_cli import InputError\n\ndef refuse():\n    raise InputError('not that')\n")
    write("refuse.yaml", "nodes:\n  r: {type: refusing.refuse}\n  return: {type: return, depends: r.value}\n")
    write("refuse.tube-test.yaml", "tests: [{name: one, results: [1]}]\n")
    done = noob("test", "refuse.yaml")
    assert (done.code, done.out) == (1, "refuse.tube-test.yaml: one: failed\n")
