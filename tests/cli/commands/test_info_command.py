"""`noob info`, and the inputs that `noob run TUBE --help` ends with."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len

TUBE = """\
noob_id: bills
description: What a bill comes to.
input:
  tip: {type: float, description: How much is added.}
  api_token: {type: str, default: hush}
  people: {type: int, default: 2}
  bill: {type: float, scope: process}
assets:
  total: {type: float, scope: runner, depends: add.value, description: All so far.}
  journal: {type: io.StringIO, scope: runner}
nodes:
  add: {type: operator.add, depends: [assets.total, input.bill]}
  tipped: {type: operator.mul, depends: [add.value, input.tip], description: With the tip.}
  text: {type: str, depends: tipped.value}
  digit: {type: map, depends: text.value}
  shown: {type: textwrap.dedent, depends: digit.value, enabled: input.people}
  all: {type: gather, depends: [{value: shown.value}, {n: digit.n}]}
  some: {type: gather, params: {n: 3}, depends: all.value}
  note: {type: io.StringIO.write, depends: [assets.journal, text.value], stateful: true}
  pause: {type: asyncio.sleep, params: {delay: 0.1, result: input.people}, retry: {times: 3}, timeout: 2s, rate: 10/s}
  child:
    type: tube
    depends: [{x: add.value}]
    params:
      tube:
        input: {x: {type: float, scope: process}}
        nodes: {half: {type: operator.truediv, depends: [input.x, input.x]}, r: {type: return, depends: half.value}}
  return: {type: return, depends: [{half: child.value}, {total: tipped.value}]}
"""


@pytest.fixture
def facts(noob, write):
    """The facts of a tube, as `--json` prints them."""

    def facts_of(*args, tube=TUBE):
        write("bills.yaml", tube)
        done = noob("info", "bills.yaml", *args, "--json")
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)

    return facts_of


def test_the_keys_are_these(facts):
    found = facts("-i", "tip=1.1")
    assert list(found) == [
        *("id", "path", "description", "command", "missing_inputs", "inputs", "nodes", "assets", "sources", "end"),
        *("checkpoint", "parallel"),
    ]
    assert list(found["inputs"][0]) == ["name", "type", "scope", "required", "default", "record", "description"]
    assert list(found["nodes"][0]) == [
        *("name", "type", "kind", "slots", "signals", "params", "enabled", "loops", "stateful"),
        *("retry", "timeout", "rate", "description"),
    ]
    assert list(found["checkpoint"]) == ["ready", "assets"]
    assert list(found["parallel"][0]) == ["how", "nodes", "why"]


def test_inputs_and_a_command_with_their_types(facts):
    found = facts()
    assert found["command"] == "noob run bills.yaml -i tip=FLOAT -f RECORDS"
    assert found["inputs"][0] == {
        "name": "tip", "type": "float", "scope": "tube", "required": True, "default": None, "record": False,
        "description": "How much is added.",
    }  # fmt: skip
    assert [each["default"] for each in found["inputs"]] == [None, "***", 2, None]


def test_nodes_with_slots_signals_loops_and_what_stands_in_the_file(facts):
    nodes = {node["name"]: node for node in facts()["nodes"]}
    assert nodes["tipped"]["slots"] == [
        {"name": "a", "takes": "add.value", "required": True},
        {"name": "b", "takes": "input.tip", "required": True},
    ]
    assert (nodes["digit"]["kind"], nodes["digit"]["signals"]) == ("map", ["value", "n"])
    assert (nodes["shown"]["loops"], nodes["shown"]["enabled"]) == (["digit"], "input.people")
    assert (nodes["pause"]["retry"]["times"], nodes["pause"]["timeout"], nodes["pause"]["rate"]) == (3, "2s", "10/s")
    assert nodes["child.half"]["slots"][0] == {"name": "a", "takes": "child.input.x", "required": True}
    assert "tube" not in nodes["child"]["params"]


def test_what_a_checkpoint_holds_and_what_can_run_at_once(facts):
    found = facts("-i", "tip=1.1")
    assert found["checkpoint"] == {
        "ready": True,
        "assets": {"total": "the value that it carries", "journal": "the state of its object"},
    }
    assert {"how": "in order", "nodes": ["input.bill"], "why": "comes with the epoch"} in found["parallel"]


def test_an_asset_that_no_checkpoint_holds(facts):
    tube = "assets: {it: {type: threading.Lock, scope: runner}}\nnodes: {a: {type: builtins.id, depends: assets.it}}\n"
    assert facts(tube=tube)["checkpoint"] == {"ready": False, "assets": {"it": "nothing"}}


def test_what_values_are_drawn_from(facts):
    tube = "nodes: {a: {type: itertools.count}, b: {type: str, depends: a.value}, c: {type: time.time}}\n"
    assert facts(tube=tube)["sources"] == ["a"]


def test_what_needs_missing_inputs_is_not_known(facts, noob):
    found = facts()
    assert (found["missing_inputs"], found["end"], found["checkpoint"], found["parallel"]) == (
        ["tip"],
        None,
        None,
        None,
    )
    assert "when the inputs are given that it needs: 'tip'" in noob("info", "bills.yaml").out


@pytest.mark.parametrize(
    ("nodes", "end"),
    [
        ("a: {type: itertools.count}", "when 'a' has ended"),
        ("a: {type: itertools.count}\n  b: {type: itertools.count}", "when 'a', 'b' have ended"),
        (
            "a: {type: itertools.count}\n  b: {type: itertools.count}\n"
            "  c: {type: operator.add, depends: [a.value, b.value]}",
            "when one of 'a', 'b' has ended",
        ),
        ("a: {type: time.time}", "when it is stopped: give it an end with '-n' or '--epochs'"),
        (
            "a: {type: itertools.count, enabled: false}\n  b: {type: str, depends: a.value}",
            "at once, without an epoch: what it would end with needs a disabled node ('b' needs 'a')",
        ),
        ("a: {type: itertools.count, enabled: false}", "at once, without an epoch: all nodes are disabled"),
        (
            "a: {type: itertools.count}\n  b: {type: gather, params: {n: 2, flush: true}, depends: a.value}",
            "when 'a' has ended; then 'b' gives what is held back",
        ),
    ],
)
def test_how_it_ends(facts, nodes, end):
    assert facts(tube=f"nodes:\n  {nodes}\n")["end"] == end


def test_records_end_it(facts):
    nodes = "nodes: {a: {type: str, depends: input.x}}\n"
    required, optional = ("input: {x: {type: int, scope: process" + more + "}}\n" for more in ("", ", default: 1"))
    assert facts(tube=required + nodes)["end"] == "when the records end"
    assert facts(tube=optional + nodes)["end"] == "when the records end, if it is given any"


@pytest.mark.parametrize("columns", [40, 80])
def test_for_people_nothing_is_cut(terminal, write, columns):
    write("bills.yaml", TUBE)
    done = terminal("info", "bills.yaml", "-i", "tip=1.1", on_terminal="all", columns=columns)
    lines = done.shown.splitlines()
    assert max(map(cell_len, lines)) <= columns
    words = " ".join(done.shown.split())
    for text in (
        *("What a bill comes to.", "noob run bills.yaml -i tip=FLOAT -f RECORDS", "float, required", "default ***"),
        *("textwrap.dedent, for each item of digit, if input.people", "stored from add.value", "params n: 3"),
    ):
        assert text in words


def test_in_a_pipe_a_line_is_whole_and_ends_with_its_text(noob, write):
    write("bills.yaml", TUBE.replace("All so far.", "All so far " * 50))
    lines = noob("info", "bills.yaml").out.splitlines()
    assert any("All so far " * 49 in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("args", [("nothing.yaml",), ("bills.yaml", "-i", "tip"), ("bills.yaml", "-i", "tip=x")])
def test_what_is_wrong(noob, write, args):
    write("bills.yaml", TUBE)
    done = noob("info", *args)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")


class TestHelpOfRun:
    def test_it_ends_with_the_inputs_of_the_tube(self, noob, write):
        write("bills.yaml", TUBE)
        done = noob("run", "--help", "bills.yaml", env={"COLUMNS": "80"})
        assert (done.code, done.err) == (0, "")
        text = " ".join(done.out[done.out.index("Inputs of bills.yaml") :].split())
        assert "tip float How much is added. [required]" in text
        assert "api_token str [default: ***]" in text
        assert "in each record" in text
        assert text.index("people int [default: 2]") < text.index("bill float [required]")

    def test_no_code_is_imported_for_it(self, noob, write):
        write("bills.yaml", "input: {x: {type: nowhere.X}}\nnodes: {a: {type: nowhere.f, depends: input.x}}\n")
        done = noob("run", "bills.yaml", "-h")
        assert (done.code, done.err) == (0, "")
        assert "x nowhere.X" in done.out

    def test_a_tube_that_cannot_be_read_is_told_of(self, noob):
        done = noob("run", "nothing.yaml", "--help")
        assert done.code == 0
        assert "--epochs" in done.out
        assert "warning: the inputs of 'nothing.yaml' are not known" in done.err

    def test_without_a_tube_there_are_none(self, noob):
        done = noob("run", "--help")
        assert (done.code, done.err) == (0, "")
        assert "Inputs of" not in done.out
