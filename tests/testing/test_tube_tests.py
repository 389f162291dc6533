"""Files with tests of tubes: what they say, and what comes out when they are run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.testing import specification
from noob_cli.testing.comparing import Difference, first_difference
from noob_cli.testing.running import ENDLESS, Mismatch, mismatch_of, run_test
from noob_cli.testing.specification import read_tests
from tests.cli.conftest import COUNT

SHARE = """
input:
  total: {type: int, default: 12}
  people: {type: int, scope: process}
nodes:
  share: {type: operator.truediv, depends: [input.total, input.people]}
  return: {type: return, depends: [{share: share.value}]}
"""
SILENT = """
nodes:
  n: {type: itertools.count}
"""


@pytest.fixture
def mismatch(tmp_path: Path):
    def run(tube: str, test: str) -> Mismatch | None:
        (tmp_path / "share.yaml").write_text(tube)
        path = tmp_path / "share.tube-test.yaml"
        path.write_text(f"tests:\n  - {{name: one, {test}}}\n")
        tests = read_tests(path)
        return mismatch_of(tests, 0, run_test(tests, 0, lambda text: None))

    return run


@pytest.mark.parametrize(
    ("tube", "test"),
    [
        (SHARE, "records: [{people: 3}, {people: 4}], results: [{share: 4}, {share: 3.0000000001}]"),
        (SHARE, "input: {total: 6}, records: [{people: 3}], results: [{share: 2}]"),
        (SHARE, "records: [{people: 3}, {people: 0}], results: [{share: 4}], error: ZeroDivisionError"),
        (SHARE, "records: [{people: three}], error: the input 'people' should be int"),
        (SHARE, "input: {total: much}, records: [], error: the input 'total' should be int"),
        (SHARE, "records: [], results: []"),
        (COUNT, "epochs: 2, results: [0, 1]"),
        (SILENT, "epochs: 2, results: []"),
    ],
)
def test_what_is_as_expected(mismatch, tube, test):
    assert mismatch(tube, test) is None


@pytest.mark.parametrize(
    ("tube", "test", "message", "details"),
    [
        (
            SHARE,
            "records: [{people: 3}, {people: 4}], results: [{share: 4}, {share: 2}]",
            "result 2['share'] is not as expected",
            (("expected", "2"), ("found", "3.0")),
        ),
        (
            SHARE,
            "records: [{people: 3}], results: [{shares: 4}]",
            "result 1['shares'] is not as expected",
            (("expected", "4"), ("found", "nothing")),
        ),
        (
            SHARE,
            "records: [{people: 3}], results: [{share: 4}, {share: 3}]",
            "result 2 is missing: 1 result made, 2 expected",
            (("expected", '{"share": 3}'),),
        ),
        (COUNT, "results: [0, 1]", "there are more results than expected (2)", ()),
        (SHARE, "records: [{people: 0}], results: []", "the run has failed: ZeroDivisionError: division by zero", ()),
        (
            SHARE,
            "records: [{people: 0}], error: ValueError",
            "the run has failed with another error",
            (("expected", "ValueError"), ("found", "ZeroDivisionError: division by zero")),
        ),
        (SHARE, "records: [{people: 3}], error: Error", "the run did not fail, and made 1 result", ()),
        (
            SHARE,
            "records: [{people: 3}]",
            "the test 'one' expects nothing, so that it can't fail",
            (("hint", "write 'results', a list, or let 'noob test --update' write it"),),
        ),
        (SILENT, "results: []", ENDLESS, ()),
    ],
)
def test_what_is_not(mismatch, tube, test, message, details):
    found = mismatch(tube, test)
    assert found is not None
    assert found.message.startswith(message)
    assert found.details == details
    assert found.span is not None
    assert found.span.line > 1


@pytest.mark.parametrize(
    ("expected", "found"),
    [(1, True), ("1", 1), (None, 0), ([1], {"0": 1}), (1.0, 1.00001), (float("inf"), 1.0), ([], None), ({}, [])],
)
def test_what_differs(expected, found):
    assert first_difference([expected], [found]) is not None
    assert first_difference([found], [expected]) is not None


@pytest.mark.parametrize(
    ("expected", "found"), [(1, 1.0), (0.1 + 0.2, 0.3), (None, None), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ("1", "1")]
)
def test_what_does_not(expected, found):
    assert first_difference({"of": expected}, {"of": found}) is None


def test_the_first_difference_of_several():
    assert first_difference({"a": [1, 2]}, {"a": [1, 3], "b": 1}) == Difference(("a", 1), "2", "3")


def test_records_and_paths_begin_at_the_folder_of_the_file(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    (home / "people.csv").write_text("people\n3\n")
    (home / "helping.py").write_text(
        "import pathlib\n\ndef read(people):\n    return pathlib.Path('people.csv').read_text() * people\n"
    )
    (home / "other.yaml").write_text(
        "input:\n  people: {type: int, scope: process}\n"
        "nodes:\n  r: {type: helping.read, depends: input.people}\n  return: {type: return, depends: r.value}\n"
    )
    path = home / "some.tube-test.yaml"
    path.write_text("tube: other.yaml\ntests:\n  - {name: one, records: people.csv, results: []}\n")
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    tests = read_tests(path)
    assert run_test(tests, 0, lambda text: None, most=5).results == ["people\n3\n" * 3]
    assert sys.path == before
    assert Path.cwd() == tmp_path


def test_the_file_beside_a_tube(tmp_path):
    tube = tmp_path / "a.yml"
    assert specification.tests_beside(tube) == tmp_path / "a.tube-test.yaml"
    (tmp_path / "a.tube-test.yml").touch()
    assert specification.tests_beside(tube) == tmp_path / "a.tube-test.yml"
    (tmp_path / "a.yml").write_text(COUNT)
    (tmp_path / "a.tube-test.yml").write_text("tests: [{name: one, epochs: 1, results: [0]}]")
    assert read_tests(tmp_path / "a.tube-test.yml").tube == str(tube)


def test_all_that_is_wrong_is_shown_at_its_place(tmp_path):
    path = tmp_path / "a.tube-test.yaml"
    path.write_text(
        "tube: 3\n"
        "tests:\n"
        "  - name: a\n"
        "    result: []\n"
        "  - nme: b\n"
        "    epochs: 0\n"
        "    records: {a: 1}\n"
        "  - 3\n"
        "  - {name: a, results: 3}\n"
    )
    with pytest.raises(TubeError) as caught:
        read_tests(path)
    assert sorted((d.code, d.span.line) for d in caught.value.diagnostics) == [
        ("K001", 4),
        ("K001", 5),
        ("K002", 5),
        ("K003", 1),
        ("K003", 6),
        ("K003", 7),
        ("K003", 8),
        ("K003", 9),
    ]


@pytest.mark.parametrize("text", ["", "3", "tests: []", "tests: {a: 1}", "- name: a", "tests: ["])
def test_what_is_no_file_with_tests(tmp_path, text):
    path = tmp_path / "a.tube-test.yaml"
    path.write_text(text)
    with pytest.raises(TubeError):
        read_tests(path)


def test_two_tests_of_a_name(tmp_path):
    path = tmp_path / "a.tube-test.yaml"
    path.write_text("tests:\n  - {name: a, results: []}\n  - {name: a, results: []}\n")
    with pytest.raises(TubeError, match="another test is called 'a', too"):
        read_tests(path)


def test_a_tube_that_is_not_there(tmp_path):
    path = tmp_path / "a.tube-test.yaml"
    path.write_text("tests:\n  - {name: a, results: []}\n")
    tests = read_tests(path)
    with pytest.raises(TubeNotFoundError, match=r"a\.yaml"):
        run_test(tests, 0, lambda text: None)
