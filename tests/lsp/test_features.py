"""What the server answers, on samples and on tubes that are being typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from noob_cli.specification.search import tube_files
from tests.lsp.client import applied, at
from tests.lsp.conftest import ROOT

SUNSPOTS = ROOT / "sample_tubes" / "sunspots" / "sunspots.yaml"

CODE = '''
from __future__ import annotations
from collections.abc import Iterator
from typing import Annotated, Literal
from noob_cli import Name

print("imported")
1 / 0

def numbers(top: int = 3) -> Iterator[Annotated[int, Name("number")]]:
    """Numbers, one in each epoch."""
    yield from range(top)

def scaled(value: int, factor: float = 2.0) -> float:
    """A value, scaled."""
    return value * factor

def opened(mode: Literal["read", "write"] = "read") -> str: ...

class Log:
    def __init__(self, path: str) -> None: ...
'''

TUBE = """\
input:
  top: {type: int}
  line: {type: str, scope: process}
assets:
  log: {type: mine.Log, scope: runner, params: {path: log.txt}}
nodes:
  number: {type: mine.numbers, params: {top: input.top}}
  scale:
    type: mine.scaled
    depends: [{value: number.number}]
  return: {type: return, depends: scale.value}
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "mine.py").write_text(CODE)
    return tmp_path


def place(client, path: Path, marked: str, **more):
    """The params for the place of the mark in a text, which is opened."""
    text, position = at(marked)
    address = client.open(path, text)
    return {"text_document": types.TextDocumentIdentifier(address), "position": position, **more}


def complete(client, path: Path, marked: str) -> dict[str, types.CompletionItem]:
    found = client.ask("textDocument/completion", types.CompletionParams(**place(client, path, marked)))
    return {item.label: item for item in found.items}


@pytest.mark.many
@pytest.mark.parametrize(
    ("marked", "offered"),
    [
        ("‸", {"nodes", "assets", "input", "extends"}),
        ("nodes:\n  a: {‸", {"type", "depends", "params", "enabled"}),
        ("nodes:\n  a:\n    ty‸", {"type"}),
        ("nodes:\n  a:\n    retry:\n      ‸", {"times", "wait", "on"}),
        ("nodes:\n  a: {type: ‸", {"map", "gather", "return", "tube", "sum", "mine", "operator"}),
        ("nodes:\n  a: {type: mine.‸}", {"mine.numbers", "mine.scaled", "mine.Log"}),
        ("nodes:\n  a: {type: operator.m‸}", {"operator.mul"}),
        ("nodes:\n  a:\n    type: 'mine.‸", {"mine.numbers"}),
        ('nodes:\n  a: {type: "mine.‸"}', {"mine.numbers"}),
        ('nodes:\n  a: {description: "a \\" # b", type: mine.‸', {"mine.numbers"}),
        ("nodes:\n  a: {type: tube, params: {‸}}", {"tube"}),
        ("nodes:\n  a: {type: mine.opened, params: {mode: ‸", {"read", "write"}),
        ("nodes:\n  a: {type: pathlib.Path.‸}", {"pathlib.Path.write_text"}),
        ("nodes:\n  a: {type: ric‸}", {"rich"}),
        ("nodes:\n  a: {type: rich.cells.‸}", {"rich.cells.cell_len"}),
        ("assets:\n  a: {type: mine.Log, scope: ‸}", {"runner", "process", "node"}),
        ("assets:\n  a: {type: mine.Log, scope: runner, params: {‸}}", {"path"}),
        ("input:\n  a: {type: int, scope: ‸}", {"tube", "process"}),
        ("nodes:\n  a: {type: mine.numbers, params: {‸}}", {"top"}),
        ("nodes:\n  a: {type: mine.numbers, enabled: ‸}\ninput:\n  on: {type: bool}", {"true", "false", "input.on"}),
        (
            TUBE + "  more: {type: mine.scaled, depends: [‸",
            {"number.number", "scale.value", "input.line", "assets.log"},
        ),
        (TUBE + "  more: {type: mine.scaled, depends: [{‸", {"value", "factor"}),
        (TUBE + "  more:\n    type: mine.scaled\n    depends:\n      - value: num‸", {"number.number"}),
        (TUBE + "  more: {type: mine.scaled, params: {factor: inp‸", {"input.top"}),
        (TUBE + "  more: {type: tube, params: {tube: ‸", {"other.yaml", "other-tube"}),
        ("extends: [‸]", {"other.yaml", "other-tube"}),
        ("nodes:\n  a: {type: sum, retry: {times: 1, on: [urllib.error.‸]}}", {"urllib.error.URLError"}),
        (
            "nodes:\n  t:\n    type: tube\n    params:\n      tube:\n        nodes:\n          x: {type: mine.‸",
            {"mine.scaled"},
        ),
    ],
)
def test_completion(client, folder, marked, offered):
    (folder / "other.yaml").write_text("noob_id: other-tube\nnodes: {}\n")
    found = complete(client, folder / "tube.yaml", marked)
    assert offered <= set(found)


def test_a_param_says_whether_it_has_a_default(client, folder):
    found = complete(client, folder / "tube.yaml", "nodes:\n  a: {type: mine.scaled, params: {‸}}")
    assert {label: item.detail for label, item in found.items()} == {
        "value": "value: int",
        "factor": "factor: float = ...",
    }


def test_what_is_not_there_is_not_offered(client, folder):
    found = complete(client, folder / "tube.yaml", TUBE + "  more: {type: mine.scaled, depends: [more.‸")
    assert "more.value" not in found
    assert "return.value" not in found
    found = complete(client, folder / "tube.yaml", TUBE + "  more: {type: mine.scaled, params: {x: input.‸")
    assert "input.line" not in found
    assert not complete(client, folder / "tube.yaml", "nodes:\n  # a comment ‸")
    (folder / "tube.yaml").write_text("noob_id: own\nnodes: {}\n")
    assert "own" not in complete(client, folder / "tube.yaml", "noob_id: own\nextends: [‸")


def test_what_is_chosen_stays_in_its_quotes(client, folder):
    text = "nodes:\n  a: {type: 'mine.‸'}"
    edit = complete(client, folder / "tube.yaml", text)["mine.numbers"].text_edit
    assert applied(at(text)[0], [edit]) == "nodes:\n  a: {type: 'mine.numbers'}"


def test_a_choice_says_more_when_it_is_asked(client, folder):
    found = complete(client, folder / "tube.yaml", "nodes:\n  a: {type: mine.sc‸}")
    item = client.ask("completionItem/resolve", found["mine.scaled"])
    assert "def scaled(value: int, factor: float=2.0) -> float" in item.documentation.value
    assert "A value, scaled." in item.documentation.value
    edit = found["mine.scaled"].text_edit
    assert edit.new_text == "mine.scaled"
    assert (edit.range.start.character, edit.range.end.character) == (12, 19)


@pytest.mark.many
@pytest.mark.parametrize(
    ("marked", "told"),
    [
        (TUBE.replace("mine.numbers", "mine.num‸bers"), ["def numbers(top: int=3)", "Numbers, one in each epoch."]),
        (
            TUBE.replace("number.number", "num‸ber.number"),
            ["node `number`", "source", "`number`: `int`", "`top: int = ...`"],
        ),
        (TUBE.replace("number.number", "number.num‸ber"), ["signal `number` of `number`", "`int`"]),
        (TUBE.replace("mine.numbers", "mi‸ne.numbers"), ["module mine"]),
        (TUBE.replace("mine.numbers", "oper‸ator.truediv"), ["module operator", "Operator interface."]),
        (TUBE.replace("{value:", "{val‸ue:"), ["slot `value`", "`int`", "required"]),
        (TUBE.replace("params: {top:", "params: {t‸op:"), ["param `top`", "optional"]),
        (TUBE.replace("params: {path:", "params: {pa‸th:"), ["param `path` of `mine.Log`", "`str`", "required"]),
        (TUBE.replace("log:", "lo‸g:"), ["asset `log`", "One object for the whole run", "class Log"]),
        (TUBE.replace("input.top", "input.to‸p"), ["input `top`", "`int`", "Given once"]),
        (TUBE.replace("scope: runner", "sco‸pe: runner"), ["How long"]),
        (TUBE.replace("scope: runner", "scope: run‸ner"), ["One object for the whole run"]),
        (TUBE.replace("type: return", "type: re‸turn"), ["What an epoch returns"]),
        (TUBE.replace("depends: scale", "depe‸nds: scale"), ["signal"]),
    ],
)
def test_hover(client, folder, marked, told):
    found = client.ask("textDocument/hover", types.HoverParams(**place(client, folder / "tube.yaml", marked)))
    assert found is not None
    assert [part for part in told if part not in found.contents.value] == []


@pytest.mark.many
@pytest.mark.parametrize(
    ("marked", "file", "text"),
    [
        (TUBE.replace("number.number", "num‸ber.number"), "tube.yaml", "number: {type"),
        (TUBE.replace("input.top", "input.to‸p"), "tube.yaml", "top: {type: int}"),
        (TUBE.replace("[{value", "[assets.lo‸g, {value"), "tube.yaml", "log: {type"),
        (TUBE.replace("mine.numbers", "mine.num‸bers"), "mine.py", "def numbers"),
        (TUBE.replace("mine.numbers", "mi‸ne.numbers"), "mine.py", ""),
        (TUBE.replace("number.number", "number.num‸ber"), "mine.py", "def numbers"),
        (TUBE.replace("{value:", "{val‸ue:"), "mine.py", "value: int, factor"),
        (TUBE.replace("  scale:", "  sca‸le:"), "mine.py", "def scaled"),
        (TUBE.replace("mine.scaled", "operator.mu‸l"), None, ""),
        (TUBE.replace("mine.scaled", "json.lo‸ads"), "__init__.py", "def loads"),
        ("extends: [ot‸her.yaml]", "other.yaml", ""),
        ("extends: [other.yaml]\nnodes:\n  b: {type: sum, depends: [fi‸rst.value]}", "other.yaml", "first: {type"),
        ("nodes:\n  t: {type: tube, params: {tube: oth‸er.yaml}}", "other.yaml", ""),
        ("nodes:\n  t: {type: tube, params: {tube: other.yaml, li‸mit: 3}}", "other.yaml", "limit: {type"),
    ],
)
def test_definition(client, folder, marked, file, text):
    other = folder / "other.yaml"
    other.write_text(
        "input:\n  limit: {type: int}\nnodes:\n  first: {type: itertools.count, params: {step: input.limit}}\n"
    )
    found = client.ask("textDocument/definition", types.DefinitionParams(**place(client, folder / "tube.yaml", marked)))
    if file is None:
        assert found is None
        return
    path = Path(found.uri.removeprefix("file://"))
    assert path.name == file
    source = at(marked)[0] if file == "tube.yaml" else path.read_text()
    line = source.splitlines()[found.range.start.line]
    assert line[found.range.start.character :].startswith(text)


FAMILY = {
    "base.yaml": "input:\n  limit: {type: int}\nnodes:\n  first: {type: itertools.count, params: {step: input.limit}}\n"
    "  second: {type: abs, depends: [first.value]}\n",
    "child.yaml": "extends: [base.yaml]\nnodes:\n  first: {params: {start: 1}}\n"
    "  third: {type: abs, depends: first.value}\n",
    "alone.yaml": "nodes:\n  first: {type: itertools.count}\n  other: {type: abs, depends: [first.value]}\n",
    "around.yaml": "nodes:\n  t: {type: tube, params: {tube: base.yaml, limit: 2}}\n",
    "inside.yaml": "nodes:\n  t:\n    type: tube\n    depends: [{row: u.value}]\n    params:\n      size: 2\n"
    "      tube:\n        input:\n          size: {type: int}\n          row: {type: int, scope: process}\n"
    "        nodes:\n          v: {type: operator.mul, depends: [input.row, input.size]}\n"
    "          return: {type: return, depends: v.value}\n  u: {type: itertools.count}\n",
    "keeping.yaml": "assets:\n  sum: {type: int, scope: runner, depends: a.value}\n"
    "nodes:\n  a: {type: abs, depends: [assets.sum]}\n",
    "kept.yaml": "extends: [keeping.yaml]\nassets:\n  sum: {description: All.}\n"
    "nodes:\n  b: {type: abs, depends: [assets.sum]}\n",
    "outside.yaml": "extends: [inside.yaml]\nnodes:\n  t: {params: {size: 3, tube: {input: {size: {default: 4}}}}}\n",
}


def named(client, folder, file: str, marked: str) -> dict[str, int]:
    params = place(client, folder / file, marked, context=types.ReferenceContext(include_declaration=True))
    found = client.ask("textDocument/references", types.ReferenceParams(**params))
    names = [each.uri.rpartition("/")[2] for each in found]
    return {name: names.count(name) for name in names}


@pytest.fixture
def family(client, folder):
    for name, text in FAMILY.items():
        (folder / name).write_text(text)
        client.open(folder / name)
    return folder


@pytest.mark.slow
def test_references(client, family):
    marked = FAMILY["base.yaml"].replace("  first:", "  fir‸st:")
    assert named(client, family, "base.yaml", marked) == {"base.yaml": 2, "child.yaml": 2}
    marked = FAMILY["alone.yaml"].replace("[first.value", "[fi‸rst.value")
    assert named(client, family, "alone.yaml", marked) == {"alone.yaml": 2}
    marked = FAMILY["base.yaml"].replace("input.limit", "input.lim‸it")
    assert named(client, family, "base.yaml", marked) == {"base.yaml": 2, "around.yaml": 1}
    marked = FAMILY["keeping.yaml"].replace("assets.sum", "assets.su‸m")
    assert named(client, family, "keeping.yaml", marked) == {"keeping.yaml": 2, "kept.yaml": 2}


def renamed(client, folder, file: str, marked: str, new: str) -> dict[str, str]:
    params = types.RenameParams(**place(client, folder / file, marked), new_name=new)
    changes = client.ask("textDocument/rename", params).changes
    return {
        name: applied(FAMILY[name], edits)
        for name, edits in ((address.rpartition("/")[2], edits) for address, edits in changes.items())
    }


def test_rename(client, family):
    found = renamed(client, family, "child.yaml", FAMILY["child.yaml"].replace("  first:", "  fir‸st:"), "begin")
    assert found == {name: FAMILY[name].replace("first", "begin") for name in ("base.yaml", "child.yaml")}
    found = renamed(client, family, "base.yaml", FAMILY["base.yaml"].replace("  limit:", "  lim‸it:"), "top")
    assert found == {name: FAMILY[name].replace("limit", "top") for name in ("base.yaml", "around.yaml")}
    found = renamed(client, family, "kept.yaml", FAMILY["kept.yaml"].replace("assets.sum", "assets.su‸m"), "total")
    assert found == {name: FAMILY[name].replace("sum", "total") for name in ("keeping.yaml", "kept.yaml")}


@pytest.mark.parametrize(
    ("file", "marked", "name", "files"),
    [
        ("around.yaml", "li‸mit: 2", "limit", ("base.yaml", "around.yaml")),
        ("inside.yaml", "      si‸ze: 2", "size", ("inside.yaml", "outside.yaml")),
        ("inside.yaml", "input.si‸ze", "size", ("inside.yaml", "outside.yaml")),
        ("outside.yaml", "{si‸ze: 3", "size", ("inside.yaml", "outside.yaml")),
        ("inside.yaml", "{ro‸w: u", "row", ("inside.yaml",)),
        ("inside.yaml", "  v‸:", "v", ("inside.yaml",)),
    ],
)
def test_rename_in_nested_tubes(client, family, file, marked, name, files):
    """From what gives an input, from the input, and from what uses it, across `extends`."""
    text = FAMILY[file].replace(marked.replace("‸", ""), marked)
    found = renamed(client, family, file, text, "another")
    assert found == {file: re.sub(rf"\b{name}\b", "another", FAMILY[file]) for file in files}


@pytest.mark.parametrize(
    ("new", "reason"),
    [("2nd", "no name"), ("input", "is reserved"), ("second", "already, in base.yaml"), ("a-b", "no name")],
)
def test_what_can_not_be_renamed(client, family, new, reason):
    marked = FAMILY["child.yaml"].replace("  first:", "  fir‸st:")
    with pytest.raises(JsonRpcException, match=reason):
        renamed(client, family, "child.yaml", marked, new)


def test_an_input_that_a_nested_tube_takes_over_keeps_its_name(client, folder):
    (folder / "base.yaml").write_text(FAMILY["base.yaml"])
    marked = "input:\n  lim‸it: {type: int}\nnodes:\n  t: {type: tube, params: {tube: base.yaml}}\n"
    inside = "input:\n  lim‸it: {type: int}\nnodes:\n  t: {type: tube, params: {tube: {input: {limit: {type: int}}}}}\n"
    below = inside.replace("lim‸it", "limit").replace("{limit:", "{lim‸it:")
    for text in (marked, inside, below):
        params = types.RenameParams(**place(client, folder / "around.yaml", text), new_name="top")
        with pytest.raises(JsonRpcException, match="takes it over"):
            client.ask("textDocument/rename", params)


def test_symbols_folds_and_hints(client, folder):
    address = client.open(folder / "tube.yaml", TUBE)
    document = types.TextDocumentIdentifier(address)
    symbols = client.ask("textDocument/documentSymbol", types.DocumentSymbolParams(document))
    assert {each.name: [child.name for child in each.children] for each in symbols} == {
        "input": ["top", "line"],
        "assets": ["log"],
        "nodes": ["number", "scale", "return"],
    }
    folds = client.ask("textDocument/foldingRange", types.FoldingRangeParams(document))
    assert {(each.start_line, each.end_line) for each in folds} == {(0, 2), (3, 4), (5, 10), (7, 9)}
    whole = types.Range(types.Position(0, 0), types.Position(99, 0))
    hints = client.ask("textDocument/inlayHint", types.InlayHintParams(document, whole))
    assert [(each.position.line, each.label) for each in hints] == [(9, ": int"), (10, ": float")]


@pytest.mark.slow
@pytest.mark.parametrize("path", list(tube_files(ROOT / "sample_tubes")), ids=lambda path: path.stem)
def test_everything_on_the_samples(client, path):
    """Nothing is wrong, every place can be asked about, and every definition leads somewhere."""
    address = client.open(path, language="yaml")
    assert client.diagnostics(address) == []
    document = types.TextDocumentIdentifier(address)
    lines = path.read_text().splitlines()
    for line, text in enumerate(lines):
        for character in {len(text), len(text) // 2}:
            position = types.Position(line, character)
            client.ask("textDocument/completion", types.CompletionParams(document, position))
            client.ask("textDocument/hover", types.HoverParams(document, position))
            found = client.ask("textDocument/definition", types.DefinitionParams(document, position))
            if found is not None:
                source = Path(found.uri.removeprefix("file://")).read_text().splitlines()
                assert len(source) > found.range.start.line
    symbols = client.ask("textDocument/documentSymbol", types.DocumentSymbolParams(document))
    entry = symbols[0].children[0].selection_range.start
    context = types.ReferenceContext(include_declaration=True)
    named = client.ask("textDocument/references", types.ReferenceParams(context, document, entry))
    assert named
    changes = client.ask("textDocument/rename", types.RenameParams(document, entry, "another")).changes
    renamed = [(uri, edit.range.start) for uri, edits in changes.items() for edit in edits]
    assert sorted(renamed) == sorted((each.uri, each.range.start) for each in named)
    folds = client.ask("textDocument/foldingRange", types.FoldingRangeParams(document))
    assert {each.start_line for each in folds} >= {each.selection_range.start.line for each in symbols}
    whole = types.Range(types.Position(0, 0), types.Position(len(lines), 0))
    hints = client.ask("textDocument/inlayHint", types.InlayHintParams(document, whole))
    assert all(each.label.startswith(": ") for each in hints)
    assert not client.ask(
        "textDocument/codeAction", types.CodeActionParams(document, whole, types.CodeActionContext([]))
    )
    client.close(address)


def test_nothing_was_imported(client, folder):
    """It would have failed."""
    address = client.open(folder / "tube.yaml", TUBE)
    assert {each.code for each in client.diagnostics(address)} == {"I004", "A003"}
