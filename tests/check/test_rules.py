"""What is said of what is wrong with a tube. Where it is shown is in the tubes of `tests/diagnostics`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import pytest

from noob_cli import Asset, Name, SynchronousRunner, Tube, TubeError
from noob_cli.code.codebase import ImportedCode
from noob_cli.code.reading.reading import ReadCode
from noob_cli.loading.loading import diagnostics_of
from noob_cli.specification.document import open_document
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)
DIAGNOSTICS = Path(__file__).parent.parent / "diagnostics"


def one():
    return 1


def same(value):
    return value


def two(left, right=None, *, only=None) -> tuple[Annotated[int, Name("low")], Annotated[int, Name("high")]]:
    return left, right


def numbers(n=3) -> Iterator[int]:
    yield from range(n)


def box(size, color="red"):
    return size


class Machine:
    def __init__(self, size):
        self.size = size

    def process(self, value):
        return value


class TwoProcesses:
    def process(self, value):
        yield value


class Own(Asset):
    pass


def load(text, tmp_path):
    """The diagnostics of a tube file: those that keep it from running, or its warnings."""
    path = tmp_path / "tube.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        return list(Tube.from_specification(path).warnings)
    except TubeError as error:
        return list(error.diagnostics)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: file.symlink_to("/proc/self/mem"),
        lambda file: file.write_bytes(b"\xff\xfe\x00"),
        lambda file: file.write_text(f"{'#' * 1_000_000}\ndef Wanted(): ..."),
    ],
    ids=["memory", "no text", "large"],
)
def test_of_a_module_beside_the_tube_no_more_is_read_than_can_be(tmp_path, make):
    make(tmp_path / "beside.py")
    (missing,) = load("nodes: {a: {type: Wanted}}", tmp_path)
    assert missing.code == "C001"
    assert "beside.Wanted" not in missing.hint


def test_only_code_has_an_annotation_that_could_name_signals(tmp_path):
    nodes = "a: {type: my.one}, g: {type: gather, depends: a.value, params: {n: 2}}, b: {type: my.same, depends: g.x}"
    (found,) = load(tubes.text(f"nodes: {{{nodes}}}"), tmp_path)
    assert found.code == "G002"
    assert "Annotated" not in found.hint


def test_of_modules_beside_the_tube_only_those_are_named_that_are_there(tmp_path, monkeypatch):
    for place in ("work", "tubes"):
        (tmp_path / place).mkdir()
        (tmp_path / place / f"in_{place}.py").touch()
    monkeypatch.chdir(tmp_path / "work")
    (missing,) = load("nodes: {a: {type: numpie_of_this_project.f}}", tmp_path / "tubes")
    assert missing.hint.endswith("beside the tube, where there is 'in_tubes'")


def linked_to_nowhere(file):
    file.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (linked_to_nowhere, "the link 'mine.py' leads to 'nowhere', where no file is"),
        (Path.mkdir, "'mine.py' is a folder"),
        (os.mkfifo, "'mine.py' is no file that can be imported"),
    ],
    ids=["a link", "a folder", "a pipe"],
)
@pytest.mark.parametrize("opening", [ImportedCode, ReadCode])
def test_a_module_that_is_no_file(tmp_path, make, hint, opening):
    make(tmp_path / "mine.py")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").touch()
    make(tmp_path / "pack" / "part.py")
    tube = tmp_path / "tube.yaml"
    tube.write_text("nodes: {a: {type: mine.f}, b: {type: pack.part.f}}", encoding="utf-8")

    assert [each.hint for each in diagnostics_of(open_document(tube), opening)] == [hint, "there are no names in it"]


def test_the_path_of_what_is_wrong_in_a_tube_inside_of_another_that_extends_a_third(tmp_path):
    (tmp_path / "base.yaml").write_text("nodes: {a: {type: itertools.count}, wrong: {type: abs, depends: a.valeu}}")
    inner = "{extends: [base.yaml], nodes: {b: {type: abs, depends: a.valeu}}}"
    tube = tmp_path / "tube.yaml"
    tube.write_text(f"nodes: {{x: {{type: tube, params: {{tube: {inner}}}}}}}")

    in_base, in_tube = diagnostics_of(open_document(tube))
    assert in_base.path == ("nodes", "wrong", "depends")
    assert in_tube.path == ("nodes", "x", "params", "tube", "nodes", "b", "depends")


def test_code_that_is_not_there_is_found_beside_another_mistake_of_its_entry():
    assert sorted(tubes.codes("nodes: {a: {type: not_there.at_all, enabled: 7}}")) == ["C001", "K003"]


@pytest.mark.parametrize("word", ["true", "False"])
def test_a_name_that_is_a_truth_value(tmp_path, word):
    (wrong,) = load(f"nodes: {{{word}: {{type: itertools.count}}}}", tmp_path)
    assert wrong.hint == f"call it '{word.capitalize()}_', for example"


# --- what can't be in a file that stands here -----------------------------------------------


ODD = {
    "a list that ends with the file": ("Y001", (1, 13), b"nodes: [1, 2"),
    "a quote that ends with the file": ("Y001", (1, 10), b'nodes: "a'),
    "a byte that is not UTF-8": ("Y001", (2, 6), b"nodes:\n  a: \xff"),
    "a module with a syntax error": ("C002", (1, 19), b"nodes: {a: {type: unparsable_module.one}}"),
    "a module that exits": ("C002", (1, 19), b"nodes: {a: {type: exiting_module.one}}"),
    "a module that exits, named alone": ("C002", (1, 19), b"nodes: {a: {type: exiting_module}}"),
}

MODULES = {
    "unparsable_module": "def one(:\n",
    "exiting_module": "import sys; sys.exit(3)\n",
}


@pytest.mark.parametrize(("code", "place", "data"), ODD.values(), ids=ODD)
def test_each_is_found_at_its_place(code, place, data, tmp_path):
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    (tmp_path / "tube.yaml").write_bytes(data)
    with pytest.raises(TubeError) as raised:
        Tube.from_specification(tmp_path / "tube.yaml")
    (found,) = raised.value.diagnostics
    assert (found.code, (found.span.line, found.span.column)) == (code, place)
    assert found.message


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file that can be opened and not read")
@pytest.mark.parametrize(
    ("code", "column", "text"),
    [
        ("Y005", 11, "extends: [locked.yaml]\nnodes: {a: {type: my.one}}"),
        ("G016", 40, "nodes: {a: {type: tube, params: {tube: locked.yaml}}}"),
    ],
)
def test_a_file_that_can_t_be_read_is_a_mistake_where_it_is_named(code, column, text, tmp_path):
    (tmp_path / "locked.yaml").symlink_to("/proc/self/mem")
    (found,) = load(tubes.text(text), tmp_path)
    assert (found.code, found.span.line, found.span.column) == (code, 1, column)
    assert "can't be read" in found.message


# --- nothing ----------------------------------------------------------------------------------


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


RESISTING = """
class Resists:
    def __getattribute__(self, name):
        if name == "x":
            raise AttributeError(name)
        raise RuntimeError(name)
    def __dir__(self): return [3]
class Pretends:
    def __eq__(self, other): raise RuntimeError(other)
    __hash__ = None
class Named:
    __module__ = Pretends()
it, other = Resists(), Named()
"""


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
        # What was meant, and what there is if nothing is near.
        ("nods: {a: {type: my.one}}", ["did you mean 'nodes'?"]),
        ("nodes: {a: {tipe: my.one}}", ["did you mean 'type'?"]),
        ("nodes: {a: {type: my.one}, b: {type: my.same, depends: x.value}}", ["nodes that exist: 'a', 'b'"]),
        ("nodes: {count: {type: 3}, b: {type: my.same, depends: cuont.value}}", ["did you mean 'count'?"]),
        ("nodes: {a: {type: my.one}, b: {type: my.same, depends: a.x}}", ["signals that exist: 'value'"]),
        ("nodes: {a: {type: my.one}, b: {type: my.same, depends: [{x: a.value}]}}", ["slots that exist: 'value'"]),
        ("nodes: {a: {type: my.box, params: {size: 1, x: 2}}}", ["parameters that exist: 'size', 'color'"]),
        ("input: {size: {type: int}}\nnodes: {a: {type: my.same, depends: input.x}}", ["inputs that exist: 'size'"]),
        ("input: {size: {type: int}}\nnodes: {a: {type: my.same, depends: inputs.size}}", ["mean 'input.size'?"]),
        ("input: {size: {type: int}}\nnodes: {a: {type: my.same, depends: assets.size}}", ["is 'input.size'"]),
        ("input: {size: {type: int}}\nnodes: {a: {type: my.one, enabled: inputs.size}}", ["mean 'input.size'?"]),
        ("assets: {seen: {type: set, scope: node}}\nnodes: {a: {type: my.same, depends: assets.sen}}", ["'seen'?"]),
        ("assets: {seen: {type: set, scope: node}}\nnodes: {a: {type: my.same, depends: assets.x}}", ["'seen'"]),
        (
            "assets: {seen: {type: set, scope: node}}\nnodes: {a: {type: my.same, depends: asset.seen}}",
            ["'assets.seen'?"],
        ),
        (
            "assets: {seen: {type: set, scope: node}}\nnodes: {a: {type: my.same, depends: seen.value}}",
            ["'assets.seen'"],
        ),
        ("assets: {seen: {type: set, scope: proces}}\nnodes: {}", ["did you mean 'process'?"]),
        ("nodes: {a: {type: itertols.count}}", ["did you mean 'itertools'?"]),
        ("nodes: {a: {type: failing_modul.f}}", ["did you mean 'failing_module'?"]),
        ("nodes: {a: {type: tf.square}}", ["did you mean 'tensorflow.square'?"]),
        (
            "input: {x: {type: 'list[np.ndarray]', scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["did you mean 'numpy.ndarray'?", "are not validated"],
        ),
        ("nodes: {a: {type: cv2.imread}}", ["-m pip install", "'failing_module'"]),
        ("nodes: {a: {type: concurrent.futurs.Future}}", ["did you mean 'futures'?"]),
        ("nodes: {a: {type: math.sqroot}}", ["did you mean 'sqrt'?"]),
        ("nodes: {a: {type: my.x}}", ["names in it that exist: "]),
        ("nodes: {a: {type: math}}", ["the module 'math'", "'math.acos'"]),
        ("nodes: {a: {type: failing_module}}", ["failing_module", "ZeroDivisionError"]),
        (
            "input: {x: {type: integer, scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["did you mean 'int'?"],
        ),
        (
            "input: {x: {type: strr, scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["did you mean 'str'?"],
        ),
        (
            "input: {x: {type: Literl, scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["did you mean 'Literal'?"],
        ),
        (
            "input: {x: {type: pathlib.Pathh, scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["mean 'Path'?", "'pathlib' has no 'Pathh'; values of the input are not validated"],
        ),
        (
            "input: {x: {type: pathlb.Path, scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["mean 'pathlib'?", "there is no module 'pathlb'"],
        ),
        # What something is in another place.
        ("nodes: {a: {type: my.Machine, params: {size: 1, value: 2}}}", ["it is a slot"]),
        ("nodes: {a: {type: my.one}, b: {type: my.Machine, depends: [a.value, {size: a.value}]}}", ["in 'params'"]),
        ("nodes: {a: {type: math.floor(1)}}", ["arguments are given in 'params'"]),
        ("nodes: {a: {type: .my}}", ["relative", "'my'"]),
        ("nodes: {a: {type: ./failing_module.f}}", ["relative", "it is: 'failing_module.f'"]),
        ("nodes: {a: {type: 'failing_module:f'}}", ["write 'failing_module.f'"]),
        ("nodes: {a: {type: 'parts/failing_module.py:f'}}", ["write 'parts.failing_module.f'"]),
        ("nodes: {a: {type: failing}}", ["did you mean 'failing_module.failing'?"]),
        ("nodes: {a: {type: Awaited}}", ["did you mean 'failing_module.Awaited'?"]),
        ("nodes: {a: {type: Counter}}", ["did you mean 'collections.Counter'?"]),
        ("nodes: {a: {type: pow, retry: {times: 1, on: [URLError]}}}", ["did you mean 'urllib.error.URLError'?"]),
        (
            "input: {x: {type: Path, scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["did you mean 'pathlib.Path'?"],
        ),
        (
            "input: {x: {type: 'list[Awaited]', scope: process}}\nnodes: {a: {type: my.same, depends: input.x}}",
            ["did you mean 'failing_module.Awaited'?"],
        ),
        ("nodes: {a: {type: resisting.it.x}}", ["has no 'x'"]),
        ("nodes: {a: {type: resisting.x}}", ["names in it that exist: 'Pretends', 'Resists', "]),
        ("nodes: {a: {type: own_and_others.x}}", ["names in it that exist: 'zero', 'Path'"]),
        ("nodes: {a: {type: my.one}, b: {type: my.same, depends: a.x}}", ['Annotated[..., Name("x")]']),
        (
            "nodes: {b: {type: my.same, depends: a.x}, a: {type: tube, "
            "params: {tube: {nodes: {c: {type: my.one}, return: {type: return, depends: c.value}}}}}}",
            ["in the 'depends' of its 'return': [{x: node.signal}]"],
        ),
        ("input: {x: int}\nnodes: {}", ["write 'x: {type: int}'"]),
        ("assets: {a: 3}\nnodes: {b: dict}", ["'a: {type: package.module.name, scope: runner}'", "'b: {type: dict}'"]),
        ("nodes: {a: {type: pow, depends: {base: b.value, exp: b.value}}}", ["around each: [{base: ...}, {exp: ...}]"]),
        ("nodes: {a: {type: pow, depends: [{base: b.value, exp: b.value}]}}", ["around each: [{base: ...}, {exp"]),
        ("nodes: {a: {type: pow, depends: [{base: b.value}, {exp: 2}]}}", ["found 2", "is given in 'params'"]),
        (
            "nodes: {a: {type: tube, params: {tube: child.yaml, y: 1}, depends: [{z: b.value}]}, b: {type: my.one}}",
            ["'child.yaml' takes no 'y'", "'child.yaml' has no slot 'z'"],
        ),
        ("nodes: {a: {type: tube, params: {tube: child.yaml}}}", ["'child.yaml' needs 'x', which is not given"]),
        ("nodes: {}\na: {type: my.one}", ["warning", "belongs below 'nodes'"]),
        ("nodes: {}\ninputs: {type: {type: str}}", ["did you mean 'input'?"]),
        ("nodes: {}\nothers: {type: {type: str}}", ["keys that exist: "]),
        ("nodes: {}\nasset: {type: my.one}", ["did you mean 'assets'?"]),
        ("nodes: {}\nreturn: a.value", ["warning", "'return: {type: return, depends: node.signal}'"]),
        ("nodes:\n  a: {type: my.one, enabled:true}", ["write a space behind the colon: 'enabled: true'"]),
        ("noob_id: my tube\nnodes: {}", ["'my-tube'"]),
        ("nodes: {a: {type: my.one, stateful: [1]}}", ["'stateful' should be true or false"]),
        ("assets: {a: {type: dict, scope: runner, enter: never}}\nnodes: {}", ["'enter' should be true or false"]),
        ("nodes: {a: {type: my.one, params: 3}}", ["'params' should be a mapping"]),
        ("nodes: {a: {type: my.one}}\n---\nnodes: {}", ["a second document: a file has one tube", "of its own"]),
        ("nodes: {a: {type: @one}}", ["in quotes"]),
        ("nodes: {a: *b}", ["name it with '&' before"]),
        ("extends: base.yaml", ["[base.yaml]"]),
        ("nodes: {a-b: {type: my.one}}", ["'a_b'"]),
        (
            "assets: {a: {type: dict, scope: runner, depends: s.value}}\n"
            "nodes: {s: {type: my.one}, m: {type: my.same, depends: s.value}, "
            "q: {type: my.two, depends: [assets.a, m.value]}}",
            ["'q'", "'a'", "s → m → q"],
        ),
    ],
)
def test_what_a_message_says(text, words, tmp_path):
    (tmp_path / "failing_module.py").write_text("1 / 0\ndef failing(): ...\nclass Awaited: ...\n")
    (tmp_path / "child.yaml").write_text("input: {x: {type: int}}\nnodes: {a: {type: abs, depends: input.x}}\n")
    (tmp_path / "own_and_others.py").write_text("from pathlib import Path\ndef zero(): ...\n")
    (tmp_path / "resisting.py").write_text(RESISTING)
    said = "\n".join(str(each) for each in load(tubes.text(text), tmp_path))
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
        ("nodes:\n  a: {type: my.one\n  b: {type: my.one}", (2, 6)),
        ("nodes:\n  a: {type: 'my.one}\n  b: {type: my.one}", (2, 13)),
        ("nodes:\n  a: {type: my.one}\n  b\n  c: {type: my.one}", (3, 3)),
    ],
    ids=["duplicate key", "second return", "cycle", "reader behind storing", "brace", "quotes", "key"],
)
def test_the_other_place_is_shown_too(text, related, tmp_path):
    (found,) = load(tubes.text(text), tmp_path)
    assert related in [(each.span.line, each.span.column) for each in found.related]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("nodes: {a: {tpye: my.one}}", ["the key 'type' is missing"]),
        ("nodes: {a: {kind: my.one}}", ["the key 'kind' has no meaning here"]),
        (
            "nodes: {b: {type: my.same, dependson: a.value}, a: {type: my.one}}",
            [f"'{__name__}.same' needs 'value', which is not given"],
        ),
        ("nodes: {b: {type: my.same, depends: a.value}}\na: {type: my.one}", ["there is no node 'a'"]),
        ("nodes: {a: {type:my.one}}", ["the key 'type' is missing"]),
        (
            "assets: []\nnodes: {b: {type: print, depends: [assets.x, assets.y, assets.z, assets.u]}}",
            ["there is no asset 'x'", "there is no asset 'y'", "there is no asset 'z'"],
        ),
        ("nodes: {a: {type: nothing_here.f}, b: {type: nothing_here.g}}", ["'b' is from it too"]),
        (
            "nodes: {a-b: {type: my.one}, b: {type: my.same, depends: a-b.value}}",
            ["expected 'node.signal', 'input.name' or 'assets.name', found 'a-b.value'"],
        ),
    ],
)
def test_what_follows_from_a_mistake_is_a_note_of_it(text, notes, tmp_path):
    (found,) = load(tubes.text(text), tmp_path)
    assert found.is_error
    assert [each.message for each in found.related] == notes
    assert all(each.span is not None for each in found.related)


# --- several mistakes -------------------------------------------------------------------------


MANY = (DIAGNOSTICS / "broken" / "all_at_once.yaml").read_text(encoding="utf-8")


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


def test_warnings_are_shown_with_errors_and_do_not_stand_alone_in_the_way(tmp_path):
    text = "nodes: {a: {type: my.one, colour: 1}, b: {type: my.nothing}}"
    assert [each.code for each in load(tubes.text(text), tmp_path)] == ["K001", "C001"]


def test_the_error_has_all_of_it_in_words(tmp_path):
    (tmp_path / "tube.yaml").write_text(tubes.text(MANY))
    with pytest.raises(TubeError) as raised:
        Tube.from_specification(tmp_path / "tube.yaml")
    lines = str(raised.value).splitlines()
    assert len(lines) == len(raised.value.diagnostics)
    assert lines[0].startswith(f"{tmp_path / 'tube.yaml'}:2:10: error[K003]: ")


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
