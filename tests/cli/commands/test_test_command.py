"""`noob test`: which tests are run, what is said of them, and what `--update` writes."""

from __future__ import annotations

from tests.cli.conftest import COUNT

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
    assert (done.code, done.err) == (0, "3 tests: 1 passed, 2 updated\n")
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


def test_a_tube_without_tests(noob, write, folder):
    write("count.yaml", COUNT)
    done = noob("test", "count.yaml")
    assert (done.code, done.out) == (2, "")
    assert "the tube 'count.yaml' has no tests: write some into 'count.tube-test.yaml'" in done.err
    assert noob("test", "--update", "count.yaml").code == 0
    assert (folder / "count.tube-test.yaml").read_text().endswith("    results:\n      - 0\n      - 1\n      - 2\n")
    assert noob("test", ".").err == "1 test: 1 passed\n"


def test_a_tube_that_needs_something_gets_no_first_test(noob, write, folder):
    write("share.yaml", SHARE)
    done = noob("test", "--update", "share.yaml")
    assert done.code == 2
    assert "the tube 'share' needs 'people': write a test with 'records' into 'share.tube-test.yaml'" in done.err
    assert not (folder / "share.tube-test.yaml").exists()


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
