"""What a page is told of a tube: its graph, its inputs, and what is wrong with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from noob_cli.errors import TubeNotFoundError
from noob_cli.view.following import stamp_of
from noob_cli.view.looking import look_at
from tests.patience import PATIENCE

TUBE = """
noob_id: looked_at
description: A tube.
input:
  factor: {type: int, default: 2, description: How often.}
  token: {type: str, default: swordfish}
  number: {type: int, scope: process}
nodes:
  inner:
    type: tube
    params:
      tube:
        input: {given: {type: int, scope: process}}
        nodes:
          double: {type: operator.add, depends: [input.given, input.given]}
          return: {type: return, depends: double.value}
    depends: [{given: input.number}]
  times: {type: operator.mul, depends: [inner.value, input.factor]}
  out: {type: return, depends: times.value}
"""


@pytest.fixture
def tube(tmp_path: Path) -> Path:
    file = tmp_path / "looked_at.yaml"
    file.write_text(TUBE, encoding="utf-8")
    return file


def test_defaults_are_shown_as_they_would_be_filled_in(tmp_path):
    file = tmp_path / "defaults.yaml"
    file.write_text(
        """
        input:
          names: {type: "list[str]", default: [a, b]}
          file: {type: pathlib.Path, default: out.db}
          flag: {type: bool, default: true}
          nothing: {type: int | None, default: null}
        nodes: {one: {type: dict, depends: [{n: input.names}, {f: input.file}, {g: input.flag}, {h: input.nothing}]}}
        """,
        encoding="utf-8",
    )
    inputs = look_at(str(file), None)["facts"]["tube"]["inputs"]
    assert [given["default"] for given in inputs] == ['["a","b"]', "out.db", "true", ""]


def test_a_tube_that_is_in_order(tube):
    seen = look_at(str(tube), None)
    told = seen["facts"]["tube"]
    assert (told["name"], told["description"], told["result"]) == ("looked_at", "A tube.", "out.value")
    assert (told["nested"], told["folded"]) == (["inner"], ["inner"])
    assert 'data-node="inner"' in told["graph"]
    assert "inner.double" not in told["graph"]
    assert "swordfish" not in json.dumps(seen)
    factor, token, number = told["inputs"]
    assert (factor["type"], factor["default"], factor["description"]) == ("int", "2", "How often.")
    assert (token["default"], token["secret"]) == ("***", True)
    assert (number["of_records"], number["required"]) == (True, True)
    assert str(tube.parent) in seen["folders"]
    assert [problem["severity"] for problem in seen["facts"]["problems"]] == ["warning"]


def test_a_nested_tube_unfolded(tube):
    told = look_at(str(tube), [])["facts"]["tube"]
    assert 'data-node="inner.double"' in told["graph"]
    assert told["folded"] == []


def test_a_tube_that_is_broken(tube):
    tube.write_text(TUBE.replace("operator.mul", "operator.mull"), encoding="utf-8")
    seen = look_at(str(tube), None)
    assert "tube" not in seen["facts"]
    (problem,) = (problem for problem in seen["facts"]["problems"] if problem["severity"] == "error")
    assert problem["place"].endswith("looked_at.yaml:18:17")
    assert (problem["code"], problem["hint"]) == ("C001", "did you mean 'imul'?")
    assert str(tube.parent) in seen["folders"]


def test_a_file_that_is_no_yaml(tube):
    tube.write_text("nodes: [", encoding="utf-8")
    (problem,) = look_at(str(tube), None)["facts"]["problems"]
    assert problem["severity"] == "error"


def test_no_tube(tmp_path):
    with pytest.raises(TubeNotFoundError):
        look_at(str(tmp_path / "nothing.yaml"), None)


@pytest.mark.slow
def test_what_modules_print_is_not_among_the_facts(tmp_path):
    (tmp_path / "loud.py").write_text("print('loud')\ndef one() -> int: return 1\n", encoding="utf-8")
    (tmp_path / "tube.yaml").write_text("nodes: {n: {type: loud.one}}\n", encoding="utf-8")
    asked = json.dumps({"tube": "tube.yaml", "folded": None})
    done = subprocess.run(
        [sys.executable, "-P", "-m", "noob_cli.view.looking", asked],
        cwd=tmp_path,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert json.loads(done.stdout)["facts"]["tube"]["name"] == "tube"
    assert done.stderr == b"loud\n"


def test_a_change_of_a_tube_or_a_module_is_seen(tmp_path):
    folders = [str(tmp_path), str(tmp_path / "nothing")]
    seen = {stamp_of(folders)}
    for name, text in (("a.yaml", "1"), ("b.py", "1"), ("b.py", "12"), ("notes.txt", "1")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        seen.add(stamp_of(folders))
    assert len(seen) == 4
    os.remove(tmp_path / "a.yaml")
    assert stamp_of(folders) not in seen
