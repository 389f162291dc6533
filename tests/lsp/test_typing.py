"""Text that is being typed, and editors that do odd things."""

from __future__ import annotations

import asyncio
import json
import os
import random
import threading

import pytest
from lsprotocol import types

from noob_cli.lsp.analysis import Analyses, Analysis, Open
from noob_cli.lsp.text import Text
from noob_cli.lsp.threads import in_thread
from noob_cli.specification.file import read_file
from tests.benchmarks.validate import tube_of
from tests.cli.conftest import environment, run_command
from tests.lsp.client import at
from tests.lsp.conftest import ROOT
from tests.patience import PATIENCE

BOTH = """\
nodes:
  a: {type: itertools.count}
  b: {type: abs, depends: [a.valeu]}
"""


@pytest.mark.parametrize(
    "typed",
    [
        "  c: {type: abs, depends: [a.\n",
        "  c: {type: \n",
        "  c: {type: 'ab\n",
        "  c\n",
        "  c:\n",
        "  c:\n    ty\n",
        "  c: {type: abs, depends: [{x: a.value}\n",
        "  c:\n    depends:\n      - \n",
        "  c: {type: @\n",
        "  c: *\n",
    ],
)
def test_the_rest_is_known_while_a_line_is_typed(client, tmp_path, typed):
    lines = BOTH.splitlines(keepends=True)
    for at_line in (1, 2, 3):
        text = "".join([*lines[:at_line], typed, *lines[at_line:]])
        address = client.open(tmp_path / "tube.yaml", text)
        found = [(each.code, each.range.start.line) for each in client.diagnostics(address)]
        client.close(address)
        assert ("G002", text.splitlines().index(lines[2].rstrip())) in found
        typed_lines = range(at_line, at_line + typed.count("\n"))
        assert {code for code, line in found if line not in typed_lines} <= {"G002", "Y001"}


def test_places_are_counted_in_utf_16(client, tmp_path):
    text, _ = at("nodes: {a: {type: itertools.count, description: 🥁é🥁}, b: {type: abs, depends: [‸a.valeu]}}\n")
    (found,) = client.diagnostics(client.open(tmp_path / "tube.yaml", text))
    start = len(text.partition("[a.")[0].encode("utf-16-le")) // 2 + 1
    assert (found.range.start.character, found.range.end.character) == (start, start + len("a.valeu"))


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + BOTH,
        BOTH.replace("\n", "\r\n"),
        BOTH.replace("\n", "\r"),
        BOTH.replace("a:", "é:").replace("a.", "é."),
    ],
)
def test_bom_and_line_ends_and_letters(client, tmp_path, text):
    address = client.open(tmp_path / "tube.yaml", text)
    (found,) = client.diagnostics(address)
    assert (found.code, found.range.start.line, found.range.start.character) == ("G002", 2, 27)
    position = types.Position(2, 32)
    params = types.CompletionParams(types.TextDocumentIdentifier(address), position)
    assert any(item.label.endswith(".value") for item in client.ask("textDocument/completion", params).items)


def test_a_text_that_is_no_file(client):
    address = client.open("untitled:Untitled-1", BOTH)
    (found,) = client.diagnostics(address)
    assert (found.code, found.range.start.line) == ("G002", 2)
    document = types.TextDocumentIdentifier(address)
    context = types.ReferenceContext(include_declaration=True)
    params = types.ReferenceParams(context, document, types.Position(1, 2))
    assert len(client.ask("textDocument/references", params)) == 2


TUBES = [
    "nodes:\n  a: {type: nowhere.a}\n",
    "\ufeffnodes:\n  a: {type: nowhere.a}\n",
    "nodes:\n  # The first.\n  a:\n    type: nowhere.a\nasets: {}\n",
    "noob_id: a\nasets: {}\n",
    "extends: [base.yaml]\n",
    "nodes: {a: {type: map}, b: 3}\nedges: []\n",
]
OTHERS = [
    "services:\n  web: {image: [\n",
    "name: check\non: push\njobs:\n  test: {runs-on: ubuntu-latest}\n",
    "kind: Cluster\nnodes:\n- role: control-plane\n",
    "nodes:\n  - role: worker\n",
    "nodes:\n  a: {type: input}\nedges: []\n",
    "extends: standard\nrules: {}\n",
    "input: {generate: {}}\noutput: {drop: {}}\n",
    "description: ...\n",
    "",
]


@pytest.mark.parametrize("text", TUBES)
def test_a_tube_is_known_by_what_is_in_it(client, tmp_path, text):
    assert client.diagnostics(client.open(tmp_path / "tube.yaml", text, language="yaml"))


@pytest.mark.parametrize("text", OTHERS)
def test_other_yaml_is_left_alone(client, tmp_path, text):
    address = client.open(tmp_path / "docker-compose.yaml", text, language="yaml")
    assert client.diagnostics(address) == []
    document, whole = types.TextDocumentIdentifier(address), types.Range(types.Position(0, 0), types.Position(9, 0))
    context = types.CodeActionContext([])
    assert not client.ask("textDocument/codeAction", types.CodeActionParams(document, whole, context))


def test_files_of_tools_are_left_alone(client, tmp_path):
    text = "extends: [standard]\n"
    assert client.diagnostics(client.open(tmp_path / ".lintrc.yaml", text, language="yaml")) == []
    assert client.diagnostics(client.open(tmp_path / ".lintrc.yml", f"noob_id: a\n{text}", language="yaml"))


@pytest.mark.parametrize("text", ["", "  \n", "nod\n", "# A tube.\ndescription: counts\n"])
def test_what_may_become_a_tube_is_completed(client, tmp_path, text):
    document = types.TextDocumentIdentifier(client.open(tmp_path / "new.yaml", text, language="yaml"))
    params = types.CompletionParams(document, types.Position(text.count("\n"), 0))
    assert "nodes" in [item.label for item in client.ask("textDocument/completion", params).items]


def test_what_is_not_saved_counts_in_other_files_too(client, tmp_path):
    (tmp_path / "base.yaml").write_text("nodes:\n  a: {type: itertools.count}\n")
    base = client.open(tmp_path / "base.yaml")
    text = "extends: [base.yaml]\nnodes:\n  b: {type: abs, depends: first.value}\n"
    child = client.open(tmp_path / "child.yaml", text)
    assert [each.code for each in client.diagnostics(child)] == ["G001"]
    client.change(base, "nodes:\n  first: {type: itertools.count}\n")
    client.diagnostics(base)
    document = types.TextDocumentIdentifier(child)
    hover = client.ask("textDocument/hover", types.HoverParams(document, types.Position(2, 27)))
    assert "node `first`" in hover.contents.value


@pytest.mark.slow
def test_a_large_tube_is_answered_for_while_it_is_analysed(client, tmp_path):
    """What was known before is told, at the places of the new text; nor has a file beside it to wait."""
    text = tube_of(2_000)
    address, beside = client.open(tmp_path / "large.yaml", text), client.open(tmp_path / "beside.yaml", BOTH)
    client.diagnostics(address)
    new, position = at(f"\n# typed\n{text}".replace("- value: node_", "- value: node_‸", 1))
    client.change(address, new)
    document, other = types.TextDocumentIdentifier(address), types.TextDocumentIdentifier(beside)
    client.tell("textDocument/didSave", types.DidSaveTextDocumentParams(document))
    completion = client.ask("textDocument/completion", types.CompletionParams(document, position))
    hover = client.ask("textDocument/hover", types.HoverParams(document, position))
    symbols = client.ask("textDocument/documentSymbol", types.DocumentSymbolParams(document))
    hover_beside = client.ask("textDocument/hover", types.HoverParams(other, types.Position(1, 2)))
    assert not client.is_said(address)
    assert "node_2.value" in [item.label for item in completion.items]
    assert "node `node_0`" in hover.contents.value
    assert hover.range.start == types.Position(position.line, position.character - len("node_"))
    assert [symbol.name for symbol in symbols] == ["nodes"]
    assert "node `a`" in hover_beside.contents.value
    assert client.diagnostics(address) == []


def test_an_analysis_that_is_under_way_does_not_keep_the_server_from_ending():
    go_on, ended = threading.Event(), []

    async def begin() -> None:
        waiting = asyncio.ensure_future(in_thread(lambda: ended.append(go_on.wait(PATIENCE))))
        await asyncio.wait([waiting], timeout=0)

    asyncio.run(begin())
    assert not ended
    go_on.set()


def test_a_changed_module_is_read_anew(client, tmp_path):
    (tmp_path / "changing.py").write_text("def one(): ...\n")
    address = client.open(tmp_path / "tube.yaml", "nodes:\n  a: {type: changing.two}\n")
    assert [each.code for each in client.diagnostics(address)] == ["C001"]
    assert [each.method for each in client.wait_until_registered()] == ["workspace/didChangeWatchedFiles"]
    (tmp_path / "changing.py").write_text("def one(): ...\n\n\ndef two(): ...\n")
    client.tell("workspace/didChangeWatchedFiles", types.DidChangeWatchedFilesParams([]))
    client.change(address, "nodes:\n  a: {type: changing.two}\n\n")
    assert client.diagnostics(address) == []


def test_a_module_that_is_new_or_changed_counts_in_all_tubes(tmp_path):
    module, analyses = tmp_path / "appearing.py", Analyses(lambda: [tmp_path])
    text = Text("nodes:\n  a: {type: appearing.two}\n")
    for name in ("one", "other"):
        analyses.put(Open(name, text, 1, "noob", tmp_path / f"{name}.yaml"))

    def wrong() -> list[list[str]]:
        async def found() -> list[Analysis | None]:
            return [await analyses.of(opened.uri) for opened in analyses]

        return [[each.code for each in analysis.diagnostics] for analysis in asyncio.run(found()) if analysis]

    assert wrong() == [["C001"], ["C001"]]
    module.write_text("def two(): ...\n")
    analyses.forget()
    assert wrong() == [[], []]
    module.write_text("def one(): ...\n")
    os.utime(module, (1, 1))
    assert wrong() == [["C001"], ["C001"]]


def test_a_changed_module_leaves_what_is_known_of_tubes_that_do_not_name_it(tmp_path):
    analyses, folders = Analyses(list), [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
        (folder / "counted.py").write_text("def two(): ...\n")
        analyses.put(Open(folder.name, Text("nodes:\n  a: {type: counted.two}\n"), 1, "noob", folder / "tube.yaml"))
    before = [asyncio.run(analyses.of(folder.name)) for folder in folders]
    (folders[0] / "counted.py").write_text("def one(): ...\n")
    os.utime(folders[0] / "counted.py", (1, 1))
    one, other = [asyncio.run(analyses.of(folder.name)) for folder in folders]
    assert other is before[1]
    assert one is not None
    assert [each.code for each in one.diagnostics] == ["C001"]


def test_a_file_is_what_the_editor_has_whatever_links_lead_to_it(tmp_path):
    analyses, real = Analyses(list), tmp_path / "real"
    real.mkdir()
    (real / "base.yaml").write_text("nodes: {}\n")
    (tmp_path / "folder").symlink_to(real)
    (tmp_path / "base.yaml").symlink_to(real / "base.yaml")
    analyses.put(Open("base", Text("nodes: {a: {type: itertools.count}}\n"), 1, "noob", tmp_path / "base.yaml"))
    with analyses.reading(tmp_path / "tube.yaml"):
        named = (real / "base.yaml", tmp_path / "folder" / "base.yaml", tmp_path / "base.yaml")
        texts = {read_file(path) for path in named}
    assert texts == {b"nodes: {a: {type: itertools.count}}\n"}


def test_a_text_that_is_no_file_leaves_what_is_known_of_others(tmp_path):
    analyses = Analyses(lambda: [tmp_path])
    analyses.put(Open("one", Text("nodes: {}\n"), 1, "noob", tmp_path / "one.yaml"))
    known = asyncio.run(analyses.of("one"))
    analyses.put(Open("untitled:1", Text("nodes: {}\n"), 1, "noob", None))
    assert asyncio.run(analyses.of("one")) is known


def test_a_schema_that_another_server_knows_is_left_to_it(client, tmp_path):
    text = "# yaml-language-server: $schema=tube.schema.json\n" + BOTH.replace("count}", "count, dependz: a.value}")
    address = client.open(tmp_path / "tube.yaml", text)
    assert [each.code for each in client.diagnostics(address)] == ["G002"]
    document = types.TextDocumentIdentifier(address)
    keys = client.ask("textDocument/completion", types.CompletionParams(document, types.Position(3, 6)))
    assert not keys.items


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("nodes:\n  a: {type: map, depends: b.value, params: {concurrency: 0}}\n  b: {type: abs}\n", ["G006"]),
        ("nodes:\n  a: {type: gather, depends: b.value}\n  b: {type: itertools.count}\n", ["G015"]),
        ("nodes:\n  a: {type: gather, depends: b.value, params: {n: 0}}\n  b: {type: itertools.count}\n", []),
        ("nodes:\n  a: !node {type: itertools.count}\n", []),
        ("nodes:\n  a: {type: tube, params: {tube: nowhere.yaml}}\n", ["G016"]),
        ("assets:\n  a: {type: list, scope: node, depends: b.value}\nnodes:\n  b: {type: itertools.count}\n", []),
        ("nodes:\n  null: {type: itertools.count}\n", ["K004"]),
        ("nodes:\n  a: {type: itertools.count}\n---\nnodes: {}\n", ["Y001"]),
        ("nodes:\n  a: &a {type: itertools.count, params: *a}\n", ["Y001"]),
        ("nodes:\n  a: {type: itertools.count\n", []),
    ],
)
def test_nothing_is_said_twice_and_nothing_by_none(client, tmp_path, text, codes):
    """As tried with yaml-language-server and the schema."""
    address = client.open(tmp_path / "tube.yaml", f"# yaml-language-server: $schema=tube.schema.json\n{text}")
    assert [each.code for each in client.diagnostics(address)] == codes


SAMPLES = sorted(ROOT.glob("sample_tubes/**/*.yaml"))
KEYS = [*"\n :{}[],a.'\"#-|\t🥁", "  ", "&x ", "*x", "value", "\u2028", "\r\n"]


@pytest.mark.many
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_keys_that_are_hit_at_random(client, path, number_of_keystrokes):
    """After each burst the server says what it says of a file that is opened with that text."""
    chance = random.Random(path.stem)
    text = path.read_text()
    address = client.open(path, text)
    for _ in range(number_of_keystrokes // 20):
        for _ in range(20):
            start = chance.randrange(len(text) + 1)
            end = min(len(text), start + chance.choice((0, 0, 0, 1, 5)))
            text = text[:start] + chance.choice(KEYS) + text[end:]
        client.change(address, text)
        document = types.TextDocumentIdentifier(address)
        position = types.Position(chance.randrange(text.count("\n") + 2), chance.randrange(20))
        client.ask("textDocument/completion", types.CompletionParams(document, position))
        client.ask("textDocument/hover", types.HoverParams(document, position))
        seen = types.Range(types.Position(0, 0), position)
        client.ask("textDocument/inlayHint", types.InlayHintParams(document, seen))
        typed = client.diagnostics(address)
        client.close(address)
        client.open(path, text)
        assert client.diagnostics(address) == typed
    client.close(address)


def message(content: dict) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


BEGIN = message({"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": None}})
PLACE = {"textDocument": {"uri": "file:///nowhere.yaml"}, "position": {"line": 0, "character": 0}}
ALIVE = message({"id": 2, "method": "textDocument/hover", "params": PLACE})
ODD = [b"", b"Content-Length: 3\r\n\r\n{{{", message({"id": 3, "method": "not/there"}), b"hello\r\n"]


@pytest.mark.slow
@pytest.mark.parametrize("said", ODD)
@pytest.mark.parametrize("end", [b"", b'Content-Length: 999\r\n\r\n{"half'])
def test_an_editor_that_says_odd_things_and_goes_away(tmp_path, said, end):
    done = run_command(("lsp",), input=BEGIN + said + ALIVE + end, cwd=tmp_path, env=environment(tmp_path))
    assert b'"id": 2, "jsonrpc": "2.0", "result": null' in done.stdout
    assert done.returncode == 0
