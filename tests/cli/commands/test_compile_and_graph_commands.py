"""`noob compile` and `noob graph`, through the real command."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TUBE = """\
noob_id: outer
input:
  factor: {type: int, default: 2}
assets:
  total: {type: int, scope: runner, depends: add.value}
nodes:
  count:
    type: itertools.count
  double:
    type: operator.mul
    depends: [count.value, input.factor]
  add:
    type: operator.add
    depends: [double.value, assets.total]
  child:
    type: tube
    depends: [{x: add.value}]
    params:
      tube:
        input: {x: {type: int, scope: process}}
        nodes:
          half: {type: operator.floordiv, depends: [input.x, input.x]}
          return: {type: return, depends: half.value}
  return:
    type: return
    depends: [{total: add.value}, {one: child.value}]
"""


@pytest.fixture
def tube(tmp_path: Path) -> Path:
    path = tmp_path / "outer.yaml"
    path.write_text(TUBE)
    return path


def noob(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "noob_cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_compile_prints_python_with_the_names_and_lines_of_the_tube(tube):
    done = noob("compile", tube)
    assert (done.returncode, done.stderr) == (0, "")
    function = done.stdout[done.stdout.index("def run") :]
    ast.parse(function)
    assert "double = count * factor" in function
    assert "double + total" in function
    assert "# the node 'double', line 9" in function
    assert "# the node 'child.half', line 22" in function


def test_compile_prints_the_plan_with_effects_blocks_and_lines(tube):
    done = noob("compile", "--plan", tube)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "plan of outer"
    assert "keep total: asset of 'total'" in lines
    assert "  Draw the node 'count', line 7: writes count; keeps count_source; ends tube" in lines
    assert "    Inline the node 'child', line 15: reads child_half; writes child" in lines
    assert any(line.strip().startswith("Call the node 'child.half', line 22: reads child_x") for line in lines)


def test_compile_takes_inputs(tube):
    tube.write_text(TUBE.replace(", default: 2", ""))
    assert "factor = 7" in noob("compile", tube, "-i", "factor=7").stdout
    done = noob("compile", tube)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'factor' (int) is missing" in done.stderr


def test_compile_shows_the_loop_over_records_if_they_are_needed(tmp_path):
    path = tmp_path / "tube.yaml"
    path.write_text(
        "input: {x: {type: int, scope: process}}\n"
        "nodes: {a: {type: operator.neg, depends: input.x}, r: {type: return, depends: a.value}}\n"
    )
    function = noob("compile", path).stdout
    assert "def stream(records):" in function
    assert "x = validate_x(x)" in function


@pytest.mark.parametrize("command", ["compile", "graph"])
def test_a_wrong_tube_is_shown_with_its_place(command, tmp_path):
    path = tmp_path / "tube.yaml"
    path.write_text("nodes:\n  a: {type: no_such_builtin}\n")
    done = noob(command, path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{path}:2:13: error[C001]" in done.stderr


@pytest.mark.parametrize("command", ["compile", "graph"])
def test_a_tube_that_is_not_there(command):
    done = noob(command, "nothing.yaml")
    assert done.returncode == 2
    assert "nothing.yaml" in done.stderr


def test_graph_as_a_tree(tube):
    assert noob("graph", tube).stdout == (
        "outer\n"
        "├── assets.total (int, scope runner)\n"
        "│   └── next epoch: add.value\n"
        "├── count (itertools.count)\n"
        "├── double (operator.mul)\n"
        "│   ├── a: count.value\n"
        "│   └── b: input.factor\n"
        "├── add (operator.add)\n"
        "│   ├── a: double.value\n"
        "│   └── b: assets.total\n"
        "├── child (tube)\n"
        "│   ├── x: add.value\n"
        "│   └── child\n"
        "│       ├── half (operator.floordiv)\n"
        "│       │   ├── a: input.x\n"
        "│       │   └── b: input.x\n"
        "│       └── return (return)\n"
        "│           └── 0: half.value\n"
        "└── return (return)\n"
        "    ├── total: add.value\n"
        "    └── one: child.value\n"
    )


def test_graph_as_mermaid(tube):
    lines = noob("graph", tube, "--format", "mermaid").stdout.splitlines()
    assert lines[0] == "flowchart TD"
    for line in (
        '    input_factor(["input.factor<br/>int"])',
        '    assets_total[("assets.total<br/>int, scope runner")]',
        '    nodes_add -.->|"value"| assets_total',
        '    nodes_count -->|"value → a"| nodes_double',
        '        nodes_child_nodes_half["half<br/>operator.floordiv"]',
        '        nodes_child_input_x -->|"x → a"| nodes_child_nodes_half',
    ):
        assert line in lines


def test_graph_as_dot(tube):
    text = noob("graph", tube, "--format", "dot").stdout
    assert text.startswith('digraph "outer" {\n')
    assert text.count("{") == text.count("}")
    for line in (
        '    "assets_total" [label="assets.total\\nint, scope runner", shape=cylinder];',
        '    "nodes_add" -> "assets_total" [label="value", style=dashed];',
        '    subgraph "cluster_nodes_child_" {',
    ):
        assert line in text.splitlines()


def test_graph_does_not_need_inputs(tube):
    tube.write_text(TUBE.replace(", default: 2", ""))
    assert noob("graph", tube).returncode == 0


def test_graph_shows_the_stages_with_what_holds_nodes_back(tube):
    done = noob("graph", tube, "--stages")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["in order    input.factor: comes with the epoch", "in order    count: is a source"]
    assert "in order    add: takes the asset 'total', which is carried from epoch to epoch" in lines
    assert lines[-1] == "nothing can be done for several epochs at once"


def test_graph_shows_what_is_done_at_once(tmp_path):
    path = tmp_path / "tube.yaml"
    path.write_text(
        """
        nodes:
          a: {type: itertools.count}
          b: {type: textwrap.dedent, depends: a.value}
          c: {type: textwrap.dedent, depends: b.value}
          kept: {type: gather, depends: c.value, params: {n: 2}}
        """
    )
    lines = noob("graph", path, "--stages").stdout.splitlines()
    assert lines == [
        "in order    a: is a source",
        "at once     b, c",
        "in order    kept: 'kept' collects over epochs",
    ]
