"""What the language leaves open is as the guide says in the section on that."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, environment, run_command

from .conftest import Shell

Run = Callable[..., Outcome]


def test_an_input_that_is_neither_required_nor_given_is_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "silent.yaml").write_text(
        "input: {text: {type: str, required: false}}\n"
        "nodes: {show: {type: repr, depends: input.text}, return: {type: return, depends: show.value}}\n"
    )
    assert shell("noob run silent.yaml -n 1").stdout == '"None"\n'


def test_a_run_ends_with_its_records_though_none_is_required(shell: Shell) -> None:
    done = shell("printf '{}\n{}\n' | noob run sample_tubes/squares.yaml -f -")
    assert done.stdout == '{"number":0,"square":0}\n{"number":1,"square":1}\n'


def test_a_slot_given_by_position_is_required(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text(
        "from noob_cli import NoEvent\n\n"
        "def nothing():\n    return NoEvent\n\n"
        "def show(text=None):\n    return repr(text)\n"
    )
    nodes = "nodes: {{nothing: {{type: silent.nothing}}, show: {{type: silent.show, depends: [{}]}}, {}}}\n"
    returned = "return: {type: return, depends: show.value}"
    (tmp_path / "position.yaml").write_text(nodes.format("nothing.value", returned))
    (tmp_path / "name.yaml").write_text(nodes.format("{text: nothing.value}", returned))
    assert shell("noob run position.yaml --epochs 2").stdout == ""
    assert shell("noob run name.yaml --epochs 2").stdout == '"None"\n"None"\n'


NODES = """
from typing import Annotated

from noob_cli import Epoch, Name


class Loud:
    def init(self):
        print("made")

    def process(self):
        return 1


def lists():
    yield from [[1, 2], [], [3]]


def mixed():
    yield from [[1, 2], (3,), [[4]]]


def wanted():
    yield from [0, 2, 1, 5]


def two() -> tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]:
    return [1, 2]


def too_few() -> tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]:
    return [1]


def closing():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


def breaking():
    yield 1
    raise ValueError("no more")


def fail(value):
    if value == 1:
        raise ValueError("one")
    return value
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a tube of a few lines, whose nodes may be those of `silent.py`."""
    (tmp_path / "silent.py").write_text(NODES)

    def run(tube: str, options: str = "") -> Outcome:
        (tmp_path / "silent.yaml").write_text(tube)
        arguments = ("run", "silent.yaml", *options.split())
        done = run_command(arguments, stdin=subprocess.DEVNULL, cwd=tmp_path, env=environment(tmp_path, COLUMNS="120"))
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


def test_defaults_are_validated(run: Run) -> None:
    tube = "input: {{x: {{type: int, default: {}}}}}\nnodes: {{s: {{type: repr, depends: input.x}}}}\n"
    done = run(tube.format("abc"), "-n 1")
    assert done.code == 2
    assert "the default should be int, found 'abc'" in done.err
    assert run(tube.format("'12'") + "  return: {type: return, depends: s.value}\n", "-n 1").code == 2


def test_several_signals_are_as_many_values(run: Run) -> None:
    done = run("nodes: {two: {type: silent.two}, return: {type: return, depends: two.a}}", "-n 1")
    assert (done.code, done.out) == (0, "1\n")
    done = run("nodes: {few: {type: silent.too_few}, return: {type: return, depends: few.a}}", "-n 1")
    assert done.code == 1
    assert "the node 'few' failed in epoch 0" in done.err


def test_a_disabled_node_is_not_made(run: Run) -> None:
    tube = "nodes: {{one: {{type: itertools.count}}, loud: {{type: silent.Loud, enabled: {}}}}}"
    assert run(tube.format("false"), "--epochs 1").err == ""
    assert run(tube.format("true"), "--epochs 1").err == "made\n"


def test_a_generator_is_closed_when_the_run_stops(run: Run) -> None:
    done = run("nodes: {c: {type: silent.closing}, return: {type: return, depends: c.value}}", "-n 1")
    assert (done.out, done.err) == ("1\n", "closed\n")


def test_an_error_while_drawing_is_a_failed_epoch(run: Run) -> None:
    done = run("nodes: {b: {type: silent.breaking}, return: {type: return, depends: b.value}}")
    assert (done.code, done.out) == (1, "1\n")
    assert "the node 'b' failed in epoch 1" in done.err


def test_a_loop_has_its_turn_where_its_map_is_and_one_number(run: Run) -> None:
    done = run(
        "nodes:\n"
        "  lists: {type: silent.lists}\n"
        "  after: {type: print, params: {end: ' items '}, depends: item.n}\n"
        "  item: {type: map, depends: lists.value}\n"
        "  other: {type: print, params: {end: ' '}, depends: lists.value}\n"
        "  show: {type: print, params: {end: ' '}, depends: item.value}\n"
        "  all: {type: gather, depends: [{value: item.value}, {n: item.n}]}\n"
        "  return: {type: return, depends: [{n: item.n}, {all: all.value}]}\n"
    )
    assert done.out == '{"n":2,"all":[1,2]}\n{"n":1,"all":[3]}\n'
    assert done.err == "1 2 2 items [1, 2] [] 3 1 items [3] "


def test_a_gather_that_takes_n_from_another_node(run: Run) -> None:
    done = run(
        "nodes:\n"
        "  value: {type: itertools.count}\n"
        "  wanted: {type: silent.wanted}\n"
        "  some: {type: gather, depends: [{value: value.value}, {n: wanted.value}]}\n"
        "  return: {type: return, depends: some.value}\n"
    )
    assert done.out == "[0,1]\n[2]\n"
    assert "the node 'some' has 1 value left" in done.err


def test_a_gather_joins_what_it_has_after_n_has_counted_it(run: Run) -> None:
    done = run(
        "nodes:\n"
        "  mixed: {type: silent.mixed}\n"
        "  joined: {type: gather, params: {n: 3, flatten: true}, depends: mixed.value}\n"
        "  return: {type: return, depends: joined.value}\n"
    )
    assert (done.out, done.err) == ("[1,2,3,[4]]\n", "")


def test_a_gather_refuses_what_it_cannot_join_when_it_comes(run: Run) -> None:
    done = run(
        "nodes:\n"
        "  number: {type: itertools.count}\n"
        "  joined: {type: gather, params: {n: 3, flatten: true}, depends: number.value}\n"
    )
    assert done.code == 1
    assert "the node 'joined' failed in epoch 0" in done.err
    assert "TypeError: 'flatten' joins what can be gone through, one level, found int" in done.err


def test_what_a_nested_tube_stored_in_an_epoch_that_failed_is_undone(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text(NODES)
    (tmp_path / "add_up.yaml").write_text(
        "input: {number: {type: int, scope: process}}\n"
        "assets: {total: {type: int, scope: runner, depends: add.value}}\n"
        "nodes:\n"
        "  add: {type: operator.add, depends: [assets.total, input.number]}\n"
        "  return: {type: return, depends: add.value}\n"
    )
    (tmp_path / "silent.yaml").write_text(
        "nodes:\n"
        "  number: {type: itertools.count}\n"
        "  sum: {type: tube, params: {tube: add_up.yaml}, depends: [{number: number.value}]}\n"
        "  fail: {type: silent.fail, depends: sum.value}\n"
        "  return: {type: return, depends: [number.value, fail.value]}\n"
    )
    (tmp_path / "go_on.py").write_text(
        "from noob_cli import SynchronousRunner, Tube\n\n"
        "with SynchronousRunner(Tube.from_specification('silent.yaml')) as runner:\n"
        "    for _ in range(4):\n"
        "        try:\n"
        "            print(runner.process())\n"
        "        except ValueError as error:\n"
        "            print(error)\n"
    )
    assert shell("python go_on.py").stdout == "[0, 0]\none\n[2, 2]\n[3, 5]\n"


def test_a_record_that_is_refused_draws_nothing(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "silent.yaml").write_text(
        "input: {x: {type: int, scope: process}}\n"
        "nodes: {number: {type: itertools.count}, return: {type: return, depends: [number.value, input.x]}}\n"
    )
    (tmp_path / "go_on.py").write_text(
        "from noob_cli import InputError, SynchronousRunner, Tube\n\n"
        "with SynchronousRunner(Tube.from_specification('silent.yaml')) as runner:\n"
        "    for x in (5, 'five', 6):\n"
        "        try:\n"
        "            print(runner.process(x=x))\n"
        "        except InputError:\n"
        "            print('refused')\n"
    )
    assert shell("python go_on.py").stdout == "[0, 5]\nrefused\n[1, 6]\n"


def test_a_nested_tube_that_ends_during_an_epoch(run: Run) -> None:
    tube = (
        "nodes:\n"
        "  number: {type: itertools.count}\n"
        "  child:\n"
        "    type: tube\n"
        "    params:\n"
        "      tube:\n"
        "        input: {number: {type: int, scope: process}}\n"
        "        nodes:\n"
        "          lists: {type: silent.lists}\n"
        "          return: {type: return, depends: [{list: lists.value}, {number: input.number}]}\n"
        "    depends: [{number: number.value}]\n"
    )
    done = run(tube + "  return: {type: return, depends: [{number: number.value}, {list: child.list}]}\n", "-n 4")
    assert done.out == '{"number":0,"list":[1,2]}\n{"number":1,"list":[]}\n{"number":2,"list":[3]}\n{"number":3}\n'
    done = run(tube + "  return: {type: return, depends: [number.value, child.list]}\n")
    assert (done.code, done.out) == (0, "[0,[1,2]]\n[1,[]]\n[2,[3]]\n")
