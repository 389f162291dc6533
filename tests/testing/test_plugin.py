"""The plugin of pytest, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

TUBE = """
input:
  people: {type: int, scope: process}
nodes:
  share: {type: sharing.share, depends: [{people: input.people}]}
  return: {type: return, depends: [{share: share.value}]}
"""
IN_C = """
input:
  people: {type: int, scope: process}
nodes:
  share: {type: operator.truediv, params: {0: 12}, depends: [{1: input.people}]}
  return: {type: return, depends: [{share: share.value}]}
"""
TESTS = """
tests:
  - name: shared
    records: [{people: 3}]
    results: [{share: 4.0}]
  - name: wrong
    records: [{people: 3}]
    results: [{share: 5.0}]
  - name: nobody
    records: [{people: 0}]
    results: []
"""


@pytest.mark.slow
def test_files_with_tests_are_collected(tmp_path):
    (tmp_path / "sharing.py").write_text("def share(people):\n    return 12 / people\n")
    (tmp_path / "share.yaml").write_text(TUBE)
    (tmp_path / "share.tube-test.yaml").write_text(TESTS)
    (tmp_path / "c.yaml").write_text(IN_C)
    (tmp_path / "c.tube-test.yaml").write_text("tests: [{name: in C, records: [{people: 0}], results: []}]\n")
    (tmp_path / "broken.tube-test.yaml").write_text("tests: []\n")
    (tmp_path / "lost.tube-test.yml").write_text("tests: [{name: lost, results: []}]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout
    assert done.returncode == 1, said
    assert "4 failed, 1 passed, 1 error" in said
    assert f"{tmp_path}/share.tube-test.yaml:8:23: result 1['share'] is not as expected" in said
    assert "  expected: 5.0\n  found: 4.0\n" in said
    assert "FAILED share.tube-test.yaml::nobody" in said
    assert "sharing.py:2: in share\n    return 12 / people\n" in said
    assert f"{tmp_path}/share.yaml:5:3: the node 'share' failed in epoch 0\n  got: people = 0\n" in said
    assert f"{tmp_path}/c.yaml:5:3: the node 'share' failed in epoch 0\n  got: b = 0\n  params: 0 = 12\n" in said
    assert "  params: 0 = 12\nZeroDivisionError: division by zero\n" in said
    assert "in the node 'share', epoch 0" not in said
    assert "a file with tests has a list of 'tests', found an empty list" in said
    assert f"there is no file '{tmp_path}/lost.yaml'" in said
    assert "noob_cli" not in said
