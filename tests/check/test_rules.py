"""What can be wrong with a tube: each rule, and the place that it points at.

In the tubes, `«` stands right before the place that the mistake is shown at, and is not part of the file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import pytest

from noob_cli import Asset, Epoch, Name, RunnerContext, SynchronousRunner, Tube, TubeError
from noob_cli.diagnostics import Severity
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)


@pytest.fixture(autouse=True)
def _own_path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def one():
    return 1


def same(value):
    return value


def two(left, right=None, *, only=None) -> tuple[Annotated[int, Name("low")], Annotated[int, Name("high")]]:
    return left, right


def numbers(n=3) -> Iterator[int]:
    yield from range(n)


def now(value, epoch: Epoch):
    return value


def positional(value, /):
    return value


def source_with_epoch(epoch: Epoch):
    yield epoch


def box(size, color="red"):
    return size


class Machine:
    def __init__(self, size: int):
        self.size = size

    def process(self, value):
        return value


class NeedsContext:
    def __init__(self, context: RunnerContext):
        self.context = context

    def process(self):
        return 1


class TwoProcesses:
    def process(self, value):
        yield value


class Own(Asset):
    pass


NOTHING = 3


def place_of(marked):
    """A text without its mark, and the line and column where that stood."""
    before, mark, after = marked.partition("«")
    assert mark, "no place is marked"
    assert "«" not in after
    return before + after, (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def load(text, tmp_path):
    """The diagnostics of a tube file: those that keep it from running, or its warnings."""
    path = tmp_path / "tube.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        return list(Tube.from_specification(path).warnings)
    except TubeError as error:
        return list(error.diagnostics)


def brief(diagnostic):
    return diagnostic.code, (diagnostic.span.line, diagnostic.span.column)


# --- errors -----------------------------------------------------------------------------------


ERRORS = {
    # Y: file and YAML
    "a list that is not closed": ("Y001", "nodes: [1, 2«"),
    "a tab": ("Y001", "nodes:\n«\ta: {type: my.one}"),
    "an alias that does not exist": ("Y001", "nodes: «*nothing"),
    "two documents": ("Y001", "nodes: {}\n«---\nnodes: {}"),
    "an alias in itself": ("Y001", "nodes: «&a [*a]"),
    "a list as a key": ("Y001", "{«[a]: 1}"),
    "a tag": ("Y001", "nodes: «!python x"),
    "the same node twice": ("Y002", "nodes:\n  a: {type: my.one}\n  «a: {type: my.one}"),
    "the same key twice": ("Y002", "nodes:\n  a: {type: my.one, «type: my.one}"),
    "the same section twice": ("Y002", "nodes: {a: {type: my.one}}\n«nodes: {}"),
    "the same param twice": ("Y002", "nodes: {a: {type: my.box, params: {size: 1, «size: 2}}}"),
    "a list instead of a tube": ("Y003", "«- nodes"),
    "text instead of a tube": ("Y003", "«nodes"),
    "no nodes": ("Y003", "«description: something else"),
    "another mapping": ("Y003", "«input: {}\n"),
    # K: keys and values
    "a node without a type": ("K002", "nodes:\n  «a: {params: {}}"),
    "an asset without a type": (
        "K002",
        "assets: {«a: {scope: runner}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an asset without a scope": ("K002", "assets: {«a: {type: dict}}\nnodes: {b: {type: my.same, depends: assets.a}}"),
    "an input without a type": ("K002", "input: {«a: {scope: tube}}\nnodes: {b: {type: my.same, depends: input.a}}"),
    "nodes in a list": ("K003", "nodes:\n  «- {a: {type: my.one}}"),
    "assets in a list": ("K003", "assets: «[]\nnodes: {a: {type: my.one}}"),
    "text instead of inputs": ("K003", "input: «none\nnodes: {a: {type: my.one}}"),
    "text instead of a node": ("K003", "nodes: {a: «my.one}"),
    "nothing instead of a node": ("K003", "nodes:\n  «a:\n  b: {type: my.one}"),
    "a number as a type": ("K003", "nodes: {a: {type: «3}}"),
    "a relative type": ("K003", "nodes: {a: {type: «.nodes.one}}"),
    "a type that is no path": ("K003", "nodes: {a: {type: «my one}}"),
    "an asset's type that is no path": (
        "K003",
        "assets: {a: {type: «my-box, scope: node}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "params in a list": ("K003", "nodes: {a: {type: my.box, params: «[1]}}"),
    "text instead of params": ("K003", "nodes: {a: {type: my.box, params: «size}}"),
    "a scope that does not exist": (
        "K003",
        "assets: {a: {type: dict, scope: «epoch}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an input's scope that does not exist": (
        "K003",
        "input: {a: {type: int, scope: «epoch}}\nnodes: {b: {type: my.same, depends: input.a}}",
    ),
    "enabled by a list": ("K003", "nodes: {a: {type: my.one, enabled: «[]}}"),
    "enabled by a word": ("K003", "nodes: {a: {type: my.one, enabled: «perhaps}}"),
    "enabled by a signal": ("K003", "nodes: {a: {type: my.one}, b: {type: my.one, enabled: «a.value}}"),
    "stateful is a list": ("K003", "nodes: {a: {type: my.one, stateful: «[]}}"),
    "a description that is a list": ("K003", "description: «[a]\nnodes: {a: {type: my.one}}"),
    "a node's description that is a list": ("K003", "nodes: {a: {type: my.one, description: «[b]}}"),
    "an id with a space": ("K003", "noob_id: «my tube\nnodes: {a: {type: my.one}}"),
    "an asset's depends in a list": (
        "K003",
        "assets: {a: {type: dict, scope: runner, depends: «[b.value]}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an asset's depends that is no signal": (
        "K003",
        "assets: {a: {type: dict, scope: runner, depends: «b}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "a node called a-b": ("K004", "nodes:\n  «a-b: {type: my.one}"),
    "a node called 1": ("K004", "nodes:\n  «1: {type: my.one}"),
    "a node called null": ("K004", "nodes:\n  «null: {type: my.one}"),
    "a node called input": ("K004", "nodes: {«input: {type: my.one}}"),
    "a node called assets": ("K004", "nodes: {«assets: {type: my.one}}"),
    "a node called meta": ("K004", "nodes: {«meta: {type: my.one}}"),
    "a node called tube": ("K004", "nodes: {«tube: {type: my.one}}"),
    "an asset called meta": ("K004", "assets: {«meta: {type: dict, scope: node}}\nnodes: {a: {type: my.one}}"),
    "an input called a.b": ("K004", "input: {«a.b: {type: int}}\nnodes: {a: {type: my.one}}"),
    "depends on a node": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: «a}}"),
    "depends on too much": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: «a.b.c}}"),
    "depends on a node, in a list": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [«a]}}"),
    "depends on a node, by keyword": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [{value: «a}]}}"),
    "depends is a mapping": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: «{value: a.value}}}"),
    "depends is a number": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: «3}}"),
    "two slots in one item": (
        "K005",
        "nodes: {a: {type: my.one}, b: {type: my.two, depends: [«{left: a.value, right: a.value}]}}",
    ),
    "an item that is a number": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [«3]}}"),
    "an item that is empty": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [«{}]}}"),
    "an item that is nothing": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [«~]}}"),
    "an item that is a list": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [«[a.value]]}}"),
    "a slot that is no name": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [{«a b: a.value}]}}"),
    "a position below 0": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [{«-1: a.value}]}}"),
    "a slot that is true": ("K005", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [{«true: a.value}]}}"),
    "a slot that gets a list": (
        "K005",
        "nodes: {a: {type: my.one}, b: {type: my.same, depends: [{value: «[a.value]}]}}",
    ),
    # C: references to code
    "a module that does not exist": ("C001", "nodes: {a: {type: «no_such_module.one}}"),
    "a function that does not exist": ("C001", "nodes: {a: {type: «my.nothing}}"),
    "an attribute that does not exist": ("C001", "nodes: {a: {type: «my.Machine.nothing}}"),
    "a builtin that does not exist": ("C001", "nodes: {a: {type: «summ}}"),
    "an asset's class that does not exist": (
        "C001",
        "assets: {a: {type: «my.Nothing, scope: node}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "a module that can't be imported": ("C002", "nodes: {a: {type: «failing_module.one}}"),
    "a module with a syntax error": ("C002", "nodes: {a: {type: «unparsable_module.one}}"),
    "a module that needs another": ("C002", "nodes: {a: {type: «needing_module.one}}"),
    "a module that exits": ("C002", "nodes: {a: {type: «exiting_module.one}}"),
    "a number as a node": ("C003", "nodes: {a: {type: «my.NOTHING}}"),
    "a module as a node": ("C003", "nodes: {a: {type: «os.path}}"),
    "a generator method with slots": (
        "C003",
        "nodes: {a: {type: my.one}, b: {type: «my.TwoProcesses, depends: a.value}}",
    ),
    "a number as an asset": (
        "C004",
        "assets: {a: {type: «my.NOTHING, scope: node}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    # G: graph and slots
    "a node that does not exist": ("G001", "nodes: {a: {type: my.one}, b: {type: my.same, depends: «c.value}}"),
    "a node that does not exist, in a list": ("G001", "nodes: {b: {type: my.same, depends: [«c.value]}}"),
    "a node that does not exist, by keyword": ("G001", "nodes: {b: {type: my.same, depends: [{value: «c.value}]}}"),
    "a node that does not exist, for return": ("G001", "nodes: {r: {type: return, depends: «c.value}}"),
    "a node that does not exist, for an asset": (
        "G001",
        "assets: {a: {type: dict, scope: runner, depends: «c.value}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "a signal that does not exist": ("G002", "nodes: {a: {type: my.one}, b: {type: my.same, depends: «a.valeu}}"),
    "a signal that has another name": (
        "G002",
        "nodes:\n  a: {type: my.one}\n  b: {type: my.two, depends: a.value}\n  c: {type: my.same, depends: «b.value}",
    ),
    "a signal that does not exist, for an asset": (
        "G002",
        "assets: {a: {type: dict, scope: runner, depends: «b.x}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an input that does not exist": ("G003", "nodes: {b: {type: my.same, depends: «input.x}}"),
    "an asset that does not exist": ("G003", "nodes: {b: {type: my.same, depends: [«assets.x]}}"),
    "a slot that does not exist": (
        "G004",
        "nodes: {a: {type: my.one}, b: {type: my.two, depends: [a.value, {«rigth: a.value}]}}",
    ),
    "one position too many": ("G004", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [a.value, «a.value]}}"),
    "a position too far": ("G004", "nodes: {a: {type: my.one}, b: {type: my.same, depends: [a.value, {1: «a.value}]}}"),
    "a slot that the runner fills": (
        "G004",
        "nodes: {a: {type: my.one}, b: {type: my.now, depends: [a.value, {«epoch: a.value}]}}",
    ),
    "a slot given twice": (
        "G005",
        "nodes: {a: {type: my.one}, b: {type: my.same, depends: [{value: a.value}, {«value: a.value}]}}",
    ),
    "a slot given by position and by name": (
        "G005",
        "nodes: {a: {type: my.one}, b: {type: my.same, depends: [a.value, {«value: a.value}]}}",
    ),
    "a position given twice": (
        "G005",
        "nodes: {a: {type: my.one}, b: {type: my.same, depends: [a.value, {«0: a.value}]}}",
    ),
    "an argument that nothing supplies": ("G006", "nodes:\n  «b: {type: my.same}"),
    "a builtin's argument that nothing supplies": ("G006", "nodes:\n  «b: {type: abs}"),
    "an argument of a class that nothing supplies": (
        "G006",
        "nodes:\n  a: {type: my.one}\n  «b: {type: my.Machine, depends: a.value}",
    ),
    "an argument of a process method that nothing supplies": (
        "G006",
        "nodes:\n  «b: {type: my.Machine, params: {size: 3}}",
    ),
    "an argument of an asset that nothing supplies": (
        "G006",
        "assets: {«a: {type: my.box, scope: node}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an argument of an asset that nothing supplies, beside a list": (
        "G006",
        "assets: {«a: {type: my.box, scope: node, params: []}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "a generator that asks for the epoch": ("G006", "nodes:\n  «a: {type: my.source_with_epoch}"),
    "a class that asks for the context": ("G006", "nodes:\n  «a: {type: my.NeedsContext}"),
    "a param that does not exist": ("G007", "nodes: {a: {type: my.box, params: {size: 1, «colour: 2}}}"),
    "a param of a generator that does not exist": ("G007", "nodes: {a: {type: my.numbers, params: {«m: 2}}}"),
    "a param of a class that does not exist": (
        "G007",
        "nodes: {a: {type: my.one}, b: {type: my.Machine, params: {size: 1, «value: 2}, depends: a.value}}",
    ),
    "a param by position only": ("G007", "nodes: {a: {type: my.positional, params: {«value: 1}}}"),
    "a param that the runner fills": (
        "G007",
        "nodes: {a: {type: my.one}, b: {type: my.now, depends: a.value, params: {«epoch: 3}}}",
    ),
    "a param that is no word": ("K003", "nodes: {a: {type: dict, params: {«1: 3}}}"),
    "a param of an asset that does not exist": (
        "G007",
        "assets: {a: {type: my.box, scope: node, params: {size: 1, «sise: 2}}}\n"
        "nodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "too many params of an asset": (
        "G007",
        "assets: {a: {type: my.box, scope: node, params: «[1, 2, 3]}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "params of return": ("G007", "nodes: {a: {type: my.one}, r: {type: return, depends: a.value, params: {«x: 1}}}"),
    "return with names and without": (
        "G009",
        "nodes: {a: {type: my.one}, r: {type: return, depends: «[a.value, {x: a.value}]}}",
    ),
    "return of nothing": ("G009", "nodes: {a: {type: my.one}, «r: {type: return}}"),
    "return with a number as a key": (
        "G009",
        "nodes: {a: {type: my.one}, r: {type: return, depends: [{«3: a.value}]}}",
    ),
    "return with a key twice": (
        "G005",
        "nodes: {a: {type: my.one}, r: {type: return, depends: [{x: a.value}, {«x: a.value}]}}",
    ),
    "two returns": (
        "G010",
        "nodes:\n  a: {type: my.one}\n  r: {type: return, depends: a.value}\n  «s: {type: return, depends: a.value}",
    ),
    "a generator with depends": ("G011", "nodes: {a: {type: my.one}, b: {type: my.numbers, «depends: a.value}}"),
    "a node that waits for itself": ("G012", "nodes: {«a: {type: my.same, depends: a.value}}"),
    "two nodes that wait for each other": (
        "G012",
        "nodes:\n  «a: {type: my.same, depends: b.value}\n  b: {type: my.same, depends: a.value}",
    ),
    "a ring of three behind others": (
        "G012",
        "nodes:\n  z: {type: my.one}\n  y: {type: my.same, depends: z.value}\n"
        "  «a: {type: my.two, depends: [c.value, y.value]}\n  b: {type: my.same, depends: a.low}\n"
        "  c: {type: my.same, depends: b.value}\n  d: {type: my.same, depends: c.value}",
    ),
    "a node that needs a return node": (
        "G002",
        "nodes:\n  a: {type: my.one}\n  r: {type: return, depends: a.value}\n  b: {type: my.same, depends: «r.value}",
    ),
    # A: assets
    "a process-scoped asset with depends": (
        "A001",
        "assets: {a: {type: dict, scope: process, depends: «b.value}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "a node-scoped asset with depends": (
        "A001",
        "assets: {a: {type: dict, scope: node, depends: «b.value}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an asset that stores an input": (
        "A002",
        "input: {i: {type: int}}\nassets: {a: {type: dict, scope: runner, depends: «input.i}}\n"
        "nodes: {b: {type: my.two, depends: [assets.a, input.i]}}",
    ),
    "an asset that stores an asset": (
        "A002",
        "assets: {a: {type: dict, scope: runner, depends: «assets.a}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an asset that stores what is returned": (
        "A002",
        "assets: {a: {type: dict, scope: runner, depends: «r.value}}\n"
        "nodes: {b: {type: my.same, depends: assets.a}, r: {type: return, depends: b.value}}",
    ),
    "a reader that needs the storing node": (
        "A004",
        "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
        "nodes:\n  s: {type: my.one}\n  m: {type: my.same, depends: s.value}\n"
        "  «q: {type: my.two, depends: [assets.a, m.value]}",
    ),
    "a return that reads and needs the storing node": (
        "A004",
        "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
        "nodes:\n  s: {type: my.one}\n  «r: {type: return, depends: [s.value, assets.a]}",
    ),
    "two assets that want it both ways": (
        "A005",
        "assets:\n  a: {type: dict, scope: runner, depends: s.value}\n"
        "  b: {type: dict, scope: runner, depends: t.value}\n"
        "nodes:\n  «s: {type: my.same, depends: assets.b}\n  t: {type: my.same, depends: assets.a}",
    ),
    # I: inputs
    "an input that does not exist, in a param": ("I001", "nodes: {a: {type: my.box, params: {size: «input.x}}}"),
    "an input that does not exist, deep in a param": (
        "I001",
        "nodes: {a: {type: my.box, params: {size: {a: [1, «input.x]}}}}",
    ),
    "an input that does not exist, for an asset": (
        "I001",
        "assets: {a: {type: my.box, scope: node, params: [«input.x]}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an input that does not exist, for enabled": ("I001", "nodes: {a: {type: my.one, enabled: «input.x}}"),
    "a process-scoped input in a param": (
        "I002",
        "input: {x: {type: int, scope: process}}\nnodes: {a: {type: my.box, params: {size: «input.x}}}",
    ),
    "a process-scoped input deep in a param": (
        "I002",
        "input: {x: {type: int, scope: process}}\nnodes: {a: {type: my.box, params: {size: [[«input.x]]}}}",
    ),
    "a process-scoped input for an asset": (
        "I002",
        "input: {x: {type: int, scope: process}}\nassets: {a: {type: my.box, scope: node, params: {size: «input.x}}}\n"
        "nodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "a process-scoped input for enabled": (
        "I002",
        "input: {x: {type: int, scope: process}}\nnodes: {a: {type: my.one, enabled: «input.x}}",
    ),
    "an input of no type": (
        "I003",
        "input: {x: {type: «'int['}}\nnodes: {a: {type: my.same, depends: input.x}}",
    ),
    "an input of a type that does not exist": (
        "I003",
        "input: {x: {type: «pathlib.Pat}}\nnodes: {a: {type: my.same, depends: input.x}}",
    ),
    "an input of a type whose module fails": (
        "I003",
        "input: {x: {type: «failing_module.Thing}}\nnodes: {a: {type: my.same, depends: input.x}}",
    ),
    "an input of something that is no type": (
        "I003",
        "input: {x: {type: «my.NOTHING}}\nnodes: {a: {type: my.same, depends: input.x}}",
    ),
}

MODULES = {
    "failing_module": "1 / 0\n",
    "unparsable_module": "def one(:\n",
    "needing_module": "import no_such_module_at_all\n",
    "exiting_module": "import sys; sys.exit(3)\n",
}


@pytest.mark.parametrize(("code", "marked"), ERRORS.values(), ids=ERRORS)
def test_each_mistake_is_found_at_its_place(code, marked, tmp_path):
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    text, place = place_of(tubes.text(marked))
    found = load(text, tmp_path)
    assert (code, place) in [brief(each) for each in found]
    errors = [each for each in found if each.is_error]
    assert [brief(each) for each in errors] == [(code, place)]
    assert errors[0].span.file == tmp_path / "tube.yaml"
    assert errors[0].message


def test_there_are_enough_of_them():
    assert len(ERRORS) >= 60
    assert len({code for code, _ in ERRORS.values()}) >= 25


# --- warnings ---------------------------------------------------------------------------------


WARNINGS = {
    "an unknown key of a tube": ("K001", "nodes: {a: {type: my.one}}\n«node: {}"),
    "an unknown key of a node": ("K001", "nodes: {a: {type: my.one, «parms: {}}}"),
    "an unknown key of an asset": (
        "K001",
        "assets: {a: {type: dict, scope: node, «scopes: 1}}\nnodes: {b: {type: my.same, depends: assets.a}}",
    ),
    "an unknown key of an input": (
        "K001",
        "input: {i: {type: int, default: 1, «max: 3}}\nnodes: {b: {type: my.same, depends: input.i}}",
    ),
    "an unknown key that is a number": ("K001", "nodes: {a: {type: my.one}}\n«3: {}"),
    "an id that is the key's job": ("K001", "nodes: {a: {type: my.one, «id: b}}"),
    "an argument in params and depends": (
        "G008",
        "nodes: {a: {type: my.one}, b: {type: my.same, depends: a.value, params: {«value: 3}}}",
    ),
    "an asset that nobody takes": ("A003", "assets: {«a: {type: dict, scope: process}}\nnodes: {b: {type: my.one}}"),
    "an input that nothing uses": ("I004", "input: {«i: {type: int, default: 1}}\nnodes: {b: {type: my.one}}"),
}


@pytest.mark.parametrize(("code", "marked"), WARNINGS.values(), ids=WARNINGS)
def test_each_warning_is_shown_at_its_place(code, marked, tmp_path):
    text, place = place_of(tubes.text(marked))
    found = load(text, tmp_path)
    assert [(each.code, (each.span.line, each.span.column), each.severity) for each in found] == [
        (code, place, Severity.warning)
    ]


CLEAN = {
    "the smallest": "nodes: {}",
    "an id alone": "noob_id: a/b#1",
    "all header keys": (
        "noob_id: a\nnoob_model: noob.Tube\nnoob_version: 1.2.3\ndescription: d\nnodes: {a: {type: my.one}}"
    ),
    "all keys of a node": (
        "nodes: {a: {type: my.box, depends: [], params: {size: 1}, enabled: true, stateful: false, description: d}}"
    ),
    "all keys of an asset": (
        "assets: {a: {type: my.box, scope: runner, params: {size: 1}, depends: b.value, description: d}}\n"
        "nodes: {b: {type: my.same, depends: assets.a}}"
    ),
    "all keys of an input": (
        "input: {i: {type: int, scope: tube, default: 1, required: false, description: d}}\n"
        "nodes: {b: {type: my.same, depends: input.i}}"
    ),
    "an input used in a param": (
        "input: {i: {type: int, default: 1}}\nnodes: {b: {type: my.box, params: {size: [input.i]}}}"
    ),
    "an input used for enabled": "input: {i: {type: int, default: 1}}\nnodes: {b: {type: my.one, enabled: input.i}}",
    "an input used by an asset": (
        "input: {i: {type: int, default: 1}}\nassets: {a: {type: my.box, scope: node, params: [input.i]}}\n"
        "nodes: {b: {type: my.same, depends: assets.a}}"
    ),
    "a node and an asset of one name": (
        "assets: {a: {type: dict, scope: node}}\nnodes: {a: {type: my.same, depends: assets.a}}"
    ),
    "keywords as names": "nodes: {return: {type: return, depends: class.value}, class: {type: my.one}}",
    "an Asset subclass takes any params": (
        "assets: {a: {type: my.Own, scope: node, params: {any: 1}}}\nnodes: {b: {type: my.same, depends: assets.a}}"
    ),
    "several parameters that are not given": "nodes: {a: {type: my.one}, b: {type: my.two, depends: [a.value]}}",
    "a reader beside the storing node": (
        "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
        "nodes: {s: {type: my.one}, q: {type: my.same, depends: assets.a}}"
    ),
    "a source that stores and its readers": (
        "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
        "nodes: {s: {type: my.numbers}, q: {type: my.two, depends: [assets.a, s.value]}}"
    ),
}


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN)
def test_nothing_is_said_of_what_is_right(text, tmp_path):
    assert load(tubes.text(text), tmp_path) == []


# --- what the messages say --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nodes: {count: {type: my.one}, b: {type: my.same, depends: cont.value}}", ["'cont'", "'count'"]),
        ("nodes: {a: {type: my.two, params: {left: 1}}, b: {type: my.same, depends: a.lwo}}", ["'lwo'", "'low'"]),
        ("nodes: {a: {type: my.box, params: {size: 1, colour: 2}}}", ["'colour'", "'color'"]),
        ("nodes: {a: {type: my.one}, b: {type: my.two, depends: [a.value, {rigth: a.value}]}}", ["'rigth'", "'right'"]),
        ("nodes: {a: {type: my.onne}}", ["'onne'", "'one'"]),
        ("input: {size: {type: int}}\nnodes: {a: {type: my.box, params: {size: input.sise}}}", ["'sise'", "'size'"]),
        ("nodes: {a: {type: my.one}, b: {type: my.same, depends: a}}", ["'a'", "a.value"]),
        ("nodes: {a: {type: my.same, depends: b.value}, b: {type: my.same, depends: a.value}}", ["a → b → a"]),
        ("nodes: {a: {type: my.one}, b: {type: my.TwoProcesses, depends: a.value}}", ["map"]),
        ("nodes: {a: {type: no_such_module.f}}", ["no_such_module", sys.executable]),
        ("nodes: {a: {type: failing_module.f}}", ["failing_module", "ZeroDivisionError", "failing_module.py:1"]),
        ("nodes: {a: {type: my.box}}", ["'size'"]),
        (
            "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
            "nodes: {s: {type: my.one}, m: {type: my.same, depends: s.value}, "
            "q: {type: my.two, depends: [assets.a, m.value]}}",
            ["'q'", "'a'", "s → m → q"],
        ),
    ],
)
def test_what_a_message_says(text, words, tmp_path):
    (tmp_path / "failing_module.py").write_text("1 / 0\n")
    found = [each for each in load(tubes.text(text), tmp_path) if each.is_error]
    said = "\n".join(str(each) for each in found)
    assert all(word in said for word in words)


@pytest.mark.parametrize(
    ("text", "related"),
    [
        ("nodes:\n  a: {type: my.one}\n  a: {type: my.one}", (2, 3)),
        (
            "nodes:\n  a: {type: my.one}\n  r: {type: return, depends: a.value}\n  s: {type: return, depends: a.value}",
            (3, 3),
        ),
        ("nodes:\n  a: {type: my.same, depends: b.value}\n  b: {type: my.same, depends: a.value}", (3, 3)),
        (
            "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
            "nodes:\n  s: {type: my.one}\n  q: {type: my.two, depends: [assets.a, s.value]}",
            (3, 3),
        ),
    ],
    ids=["duplicate key", "second return", "cycle", "reader behind storing"],
)
def test_the_other_place_is_shown_too(text, related, tmp_path):
    (found,) = load(tubes.text(text), tmp_path)
    assert related in [(each.span.line, each.span.column) for each in found.related]


# --- several mistakes -------------------------------------------------------------------------


MANY = """\
noob_id: bad id
colour: red
input:
  i: {type: 'int['}
  j: {scope: tube}
assets:
  a: {type: dict, scope: epoch}
  b: {type: my.nothing, scope: node}
  c: {type: dict, scope: process, depends: x.value}
nodes:
  x: {type: no_such_module.f}
  y: {type: my.same, depends: nowhere.value}
  z: {type: my.same, depends: y.nothing}
  1: {type: my.one}
  w: {type: my.box, params: {colour: input.k}}
  v: {type: my.same, depends: v.value}
  u: {type: my.same, depends: [y.value, z]}
  y: {type: my.one}
"""


def test_all_mistakes_are_shown_at_once_in_the_order_of_the_file(tmp_path):
    found = load(tubes.text(MANY), tmp_path)
    assert [(each.code, each.span.line) for each in found] == [
        ("K003", 1),
        ("K001", 2),
        ("I003", 4),
        ("K002", 5),
        ("K003", 7),
        ("C001", 8),
        ("A001", 9),
        ("C001", 11),
        ("G001", 12),
        ("G002", 13),
        ("K004", 14),
        ("G006", 15),
        ("G007", 15),
        ("I001", 15),
        ("G012", 16),
        ("K005", 17),
        ("Y002", 18),
    ]


def test_what_refers_to_a_broken_entry_is_not_wrong_for_that(tmp_path):
    text = """
    input:
      i: {type: int, scope: never}
    assets:
      a: {type: dict, scope: never}
    nodes:
      x: {type: no_such_module.f}
      y: {params: {}}
      p: {type: my.same, depends: x.anything}
      q: {type: my.same, depends: y.anything}
      r: {type: my.two, depends: [input.i, assets.a]}
      s: {type: my.box, params: {size: input.i}}
    """
    assert [each.code for each in load(tubes.text(text), tmp_path)] == ["K003", "K003", "C001", "K002"]


def test_two_rings_are_two_mistakes(tmp_path):
    text = """
    nodes:
      a: {type: my.same, depends: b.value}
      b: {type: my.same, depends: a.value}
      c: {type: my.same, depends: d.value}
      d: {type: my.same, depends: c.value}
    """
    assert [each.code for each in load(tubes.text(text), tmp_path)] == ["G012", "G012"]


def test_warnings_are_shown_with_errors_and_do_not_stand_alone_in_the_way(tmp_path):
    text = "nodes: {a: {type: my.one, colour: 1}, b: {type: my.nothing}}"
    assert [each.code for each in load(tubes.text(text), tmp_path)] == ["K001", "C001"]


def test_the_error_has_all_of_it_in_words(tmp_path):
    (tmp_path / "tube.yaml").write_text(tubes.text(MANY))
    with pytest.raises(TubeError) as raised:
        Tube.from_specification(tmp_path / "tube.yaml")
    lines = str(raised.value).splitlines()
    assert len(lines) == len(raised.value.diagnostics)
    assert lines[0].startswith(f"{tmp_path / 'tube.yaml'}:1:10: error[K003]: ")


def test_a_tube_that_is_no_file_shows_paths():
    with pytest.raises(TubeError, match=r"nodes\.b\.depends\[0\]: error\[G001\]"):
        Tube.from_specification(tubes.data("nodes: {b: {type: my.same, depends: [c.value]}}"))


# --- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["nodes: {a: {type: my.one}}\n", MANY, "nodes: [", CLEAN["all header keys"], ""])
def test_loading_never_writes_to_the_users_file(text, tmp_path):
    path = tmp_path / "tube.yaml"
    path.write_text(tubes.text(text))
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
    with suppress(TubeError):
        Tube.from_specification(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) == before
    assert [each.name for each in tmp_path.iterdir()] == ["tube.yaml"]


def test_code_beside_the_tube_is_found(tmp_path):
    (tmp_path / "beside_the_tube.py").write_text("def f():\n    return 'beside'\n")
    assert load("nodes: {a: {type: beside_the_tube.f}}", tmp_path) == []


def test_two_tubes_with_modules_of_the_same_name(tmp_path):
    results = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "code_of_this_tube.py").write_text(f"def f():\n    return {name!r}\n")
        (folder / "tube.yaml").write_text(
            "nodes: {a: {type: code_of_this_tube.f}, r: {type: return, depends: a.value}}"
        )
        results += SynchronousRunner(Tube.from_specification(folder / "tube.yaml")).run(1)
    assert results == ["one", "other"]


def test_the_folder_of_the_tube_comes_before_the_working_folder(tmp_path, monkeypatch):
    for name in ("tube", "work"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "whose_code.py").write_text(f"def f():\n    return {name!r}\n")
    (tmp_path / "work" / "only_there.py").write_text("def f():\n    return 'there'\n")
    monkeypatch.chdir(tmp_path / "work")
    path = tmp_path / "tube" / "tube.yaml"
    path.write_text(
        "nodes:\n  a: {type: whose_code.f}\n  b: {type: only_there.f}\n"
        "  r: {type: return, depends: [a.value, b.value]}\n"
    )
    assert SynchronousRunner(Tube.from_specification(path)).run(1) == [["tube", "there"]]


def test_a_tube_without_an_id_is_called_like_its_file(tmp_path):
    path = tmp_path / "sunspots.yaml"
    path.write_text("nodes: {}")
    assert Tube.from_specification(path).name == "sunspots"
    path.write_text("noob_id: mine\nnodes: {}")
    assert Tube.from_specification(Path(path)).name == "mine"
    assert Tube.from_specification(str(path)).name == "mine"
