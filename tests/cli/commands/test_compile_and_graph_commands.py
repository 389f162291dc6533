"""`noob compile` and `noob graph`, through the real command."""

from __future__ import annotations

import ast
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


def test_compile_prints_python_with_the_names_and_lines_of_the_tube(tube, noob):
    done = noob("compile", tube)
    assert (done.code, done.err) == (0, "")
    function = done.out[done.out.index("def run") :]
    ast.parse(function)
    assert "double = count * factor" in function
    assert "double + total" in function
    assert "# the node 'double', line 9" in function
    assert "# the node 'child.half', line 22" in function


def test_compile_prints_the_plan_with_effects_blocks_and_lines(tube, noob):
    done = noob("compile", "--plan", tube)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "plan of outer"
    assert "keep total: asset of 'total'" in lines
    assert "  Draw the node 'count', line 7: writes count; keeps count_source; ends tube" in lines
    assert "    Inline the node 'child', line 15: reads child_half; writes child" in lines
    assert any(line.strip().startswith("Call the node 'child.half', line 22: reads child_x") for line in lines)


def test_compile_takes_inputs(tube, noob):
    tube.write_text(TUBE.replace(", default: 2", ""))
    assert "factor = 7" in noob("compile", tube, "-i", "factor=7").out
    done = noob("compile", tube)
    assert (done.code, done.out) == (2, "")
    assert "'factor' (int) is missing" in done.err


def test_compile_shows_the_loop_over_records_if_they_are_needed(tmp_path, noob):
    path = tmp_path / "tube.yaml"
    path.write_text(
        "input: {x: {type: int, scope: process}}\n"
        "nodes: {a: {type: operator.neg, depends: input.x}, r: {type: return, depends: a.value}}\n"
    )
    function = noob("compile", path).out
    assert "def stream(records):" in function
    assert "x = validate_x(x)" in function


@pytest.mark.parametrize("command", ["compile", "graph"])
def test_a_wrong_tube_is_shown_with_its_place(command, tmp_path, noob):
    path = tmp_path / "tube.yaml"
    path.write_text("nodes:\n  a: {type: no_such_builtin}\n")
    done = noob(command, path)
    assert (done.code, done.out) == (2, "")
    assert f"{path}:2:13: error[C001]" in done.err


@pytest.mark.parametrize("command", ["compile", "graph"])
def test_a_tube_that_is_not_there(command, noob):
    done = noob(command, "nothing.yaml")
    assert done.code == 2
    assert "nothing.yaml" in done.err


def test_graph_as_a_tree(tube, noob):
    assert noob("graph", tube).out == (
        "outer\n"
        "├── input.factor (int, default: 2)\n"
        "├── assets.total (int, scope runner)\n"
        "│   └── next epoch: add.value\n"
        "├── count (itertools.count)\n"
        "├── double (operator.mul)\n"
        "│   ├── a: count.value\n"
        "│   └── b: input.factor\n"
        "├── add (operator.add)\n"
        "│   ├── a: double.value\n"
        "│   └── b: assets.total\n"
        "├── child: the tube child\n"
        "│   ├── input.x (int, with every epoch)\n"
        "│   │   └── given: add.value\n"
        "│   ├── half (operator.floordiv)\n"
        "│   │   ├── a: input.x\n"
        "│   │   └── b: input.x\n"
        "│   └── return (return)\n"
        "│       └── 0: half.value\n"
        "└── return (return)\n"
        "    ├── total: add.value\n"
        "    └── one: child.value\n"
    )


def test_graph_as_mermaid(tube, noob):
    lines = noob("graph", tube, "--format", "mermaid").out.splitlines()
    assert lines[0] == "flowchart TD"
    for line in (
        '    input_factor(["input.factor<br/>int<br/>default: 2"])',
        '    assets_total[("assets.total<br/>int, scope runner")]',
        '    node_add -.->|"next epoch"| assets_total',
        '    node_count -->|"a"| node_double',
        '    subgraph in_child["child: the tube child"]',
        '        node_child_half["half<br/>operator.floordiv"]',
        "    node_add --> child_input_x",
        '    child_input_x -->|"a"| node_child_half',
        '    node_child_return -->|"one"| node_return',
    ):
        assert line in lines


def test_graph_as_dot(tube, noob):
    text = noob("graph", tube, "--format", "dot").out
    assert text.startswith('digraph "outer" {\n')
    assert text.count("{") == text.count("}")
    for line in (
        '    "assets_total" [label="assets.total\\nint, scope runner", shape=cylinder];',
        '    "node_add" -> "assets_total" [label="next epoch", style=dashed];',
        '    subgraph "cluster_in_child" {',
    ):
        assert line in text.splitlines()


LOOP = """\
nodes:
  text: {type: str.split, depends: input.line}
  word: {type: map, depends: text.value}
  upper: {type: str.upper, depends: word.value}
  all: {type: gather, depends: [{value: upper.value}, {n: word.n}]}
  switched: {type: str.upper, depends: input.line, enabled: false}
  part: {type: textwrap.shorten, depends: [input.line], params: {width: input.width, placeholder: ...}}
input:
  line: {type: str, scope: process}
  width: {type: int, default: 20}
"""


def test_a_tree_shows_loops_inputs_and_params(tmp_path, noob):
    path = tmp_path / "loop.yaml"
    path.write_text(LOOP)
    assert noob("graph", path).out == (
        "loop\n"
        "├── input.line (str, with every epoch)\n"
        "├── input.width (int, default: 20)\n"
        "├── text (str.split)\n"
        "│   └── self: input.line\n"
        "├── word (map)\n"
        "│   ├── value: text.value\n"
        "│   └── for each item\n"
        "│       ├── upper (str.upper)\n"
        "│       │   └── self: word.value\n"
        "│       └── all (gather)\n"
        "│           ├── value: upper.value\n"
        "│           └── n: word.n\n"
        "├── switched (str.upper, disabled)\n"
        "│   └── self: input.line\n"
        "└── part (textwrap.shorten)\n"
        "    ├── placeholder: '...'\n"
        "    ├── text: input.line\n"
        "    └── width: input.width\n"
    )


def test_every_format_shows_the_same_names(tube, noob):
    for name in ("tree", "mermaid", "dot", "svg", "html"):
        done = noob("graph", tube, "--format", name)
        assert (done.code, done.err) == (0, "")
        assert all(word in done.out for word in ("input.factor", "assets.total", "child", "operator.floordiv"))


def test_a_page_needs_nothing_else(tube, noob):
    tube.write_text(TUBE.replace("noob_id: outer\n", "noob_id: outer\ndescription: <b>&\n"))
    page = noob("graph", tube, "--format", "html").out
    assert "<p>&lt;b&gt;&amp;</p>" in page
    assert page.count("<svg") == page.count("</svg>") == 1
    assert "default-src 'none'" in page
    elsewhere = [word for word in ("src=", "href=", "@import", "url(") if word in page]
    assert elsewhere == []


def test_graph_does_not_need_inputs(tube, noob):
    tube.write_text(TUBE.replace(", default: 2", ""))
    assert noob("graph", tube).code == 0


def test_graph_shows_the_stages_with_what_holds_nodes_back(tube, noob):
    done = noob("graph", tube, "--stages")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:2] == ["in order    input.factor: comes with the epoch", "in order    count: is a source"]
    assert "in order    add: takes the asset 'total', which is carried from epoch to epoch" in lines
    assert lines[-1] == "nothing can be done for several epochs at once"


def test_inputs_without_stages_are_refused(tube, noob):
    done = noob("graph", tube, "-i", "x=1")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: '-i' is for '--stages'")


def test_stages_have_no_other_format(tube, noob):
    done = noob("graph", tube, "--stages", "--format", "svg")
    assert (done.code, done.out) == (2, "")
    assert "leave out '--format'" in done.err


def test_graph_shows_what_is_done_at_once(tmp_path, noob):
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
    lines = noob("graph", path, "--stages").out.splitlines()
    assert lines == [
        "in order    a: is a source",
        "at once     b, c",
        "in order    kept: 'kept' collects over epochs",
    ]


def test_a_loop_with_two_passes_is_named_once(noob):
    words = Path(__file__).parents[3] / "sample_tubes" / "words" / "words.yaml"
    lines = noob("graph", words, "--stages").out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("items ")] == ["word:", "counted:"]


@pytest.mark.parametrize(
    ("takes", "why"),
    [
        ("[each.value]", "several workers may have a part each"),
        ("[each.value, assets.sum]", "one worker has all: takes the asset 'sum', which is carried from epoch to epoch"),
        ("[each.value, assets.now]", "one worker has all: takes the asset 'now', which lives as long as the epoch"),
    ],
)
def test_it_is_said_which_items_are_handed_out_between_what_keeps_the_order(tmp_path, noob, takes, why):
    path = tmp_path / "tube.yaml"
    path.write_text(
        f"""
        assets:
          sum: {{type: int, scope: runner, depends: next.value}}
          now: {{type: dict, scope: process}}
        nodes:
          a: {{type: itertools.count}}
          top: {{type: operator.add, depends: [a.value, assets.sum]}}
          all: {{type: range, depends: top.value}}
          each: {{type: map, depends: all.value}}
          one: {{type: pprint.pformat, depends: {takes}}}
          ones: {{type: gather, depends: [one.value, {{n: each.n}}]}}
          next: {{type: len, depends: ones.value}}
        """
    )
    items = [line for line in noob("graph", path, "--stages").out.splitlines() if line.startswith("items ")]
    assert items == [f"items       each: {why}"]


def test_of_a_loop_that_takes_no_asset_of_the_epoch_it_is_said_which_is_there_meanwhile(tmp_path, noob):
    path = tmp_path / "tube.yaml"
    path.write_text(
        """
        assets:
          now: {type: dict, scope: process}
        nodes:
          a: {type: itertools.count}
          before: {type: pprint.pformat, depends: [assets.now]}
          each: {type: map, depends: before.value}
          one: {type: pprint.pformat, depends: [each.value]}
          ones: {type: gather, depends: [one.value, {n: each.n}]}
          next: {type: len, depends: ones.value}
        """
    )
    items = [line for line in noob("graph", path, "--stages").out.splitlines() if line.startswith("items ")]
    why = "it is done while the asset 'now' is there, which lives as long as the epoch"
    assert items == [f"items       each: one worker has all: {why}"]
