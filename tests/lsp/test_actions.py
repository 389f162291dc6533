"""Known mistakes that the editor mends by what the server offers: the file is valid afterwards."""

from __future__ import annotations

import pytest
from lsprotocol import types

from noob_cli.cli.report.checking import check_tubes
from noob_cli.code.reading.reading import ReadCode
from tests.lsp.client import applied

MISTAKES = {
    "a signal": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: abs, depends: [a.valeu]}\n",
        "change 'valeu' to 'value'",
    ),
    "a node": ("nodes:\n  first: {type: itertools.count}\n  b: {type: abs, depends: fisrt.value}\n", "change 'fisrt'"),
    "an input": ("input:\n  top: {type: int}\nnodes:\n  a: {type: abs, params: {0: input.tpo}}\n", "change 'tpo'"),
    "code": ("nodes:\n  a: {type: itertools.cuont}\n", "change 'cuont' to 'count'"),
    "a module": ("nodes:\n  a: {type: itertool.count}\n", "change 'itertool' to 'itertools'"),
    "a key": ("nodes:\n  a: {type: abs, dependz: [b.value]}\n  b: {type: itertools.count}\n", "change 'dependz'"),
    "a scope": (
        "assets:\n  a: {type: list, scope: runer}\nnodes:\n  b: {type: len, depends: [assets.a]}\n",
        "change 'runer' to 'runner'",
    ),
    "a missing scope": (
        "assets:\n  a:\n    type: list\nnodes:\n  b: {type: len, depends: [assets.a]}\n",
        "add 'scope: runner'",
    ),
    "a missing scope in brackets": (
        "assets:\n  a: {type: list}\nnodes:\n  b: {type: len, depends: [assets.a]}\n",
        "add 'scope: runner'",
    ),
    "a missing slot": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: operator.mul, depends: [a.value]}\n",
        "give 'b' the value of 'a.value'",
    ),
    "a missing slot in lines": (
        "nodes:\n  a: {type: itertools.count}\n  b:\n    type: operator.mul\n    depends:\n      - a.value\n",
        "give 'b' the value of 'a.value'",
    ),
    "no slots at all": (
        "nodes:\n  a: {type: itertools.count}\n  b:\n    type: abs\n",
        "give 'x' the value of 'a.value'",
    ),
    "a word for true": ("nodes:\n  a: {type: itertools.count, stateful: 'yes'}\n", "write 'true'"),
    "an id": ("noob_id: my tube\nnodes:\n  a: {type: itertools.count}\n", "write 'my-tube'"),
    "a slot twice": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: abs, depends: [a.value, {x: a.value}]}\n",
        "remove it",
    ),
    "what has no effect": (
        "assets:\n  a:\n    type: list\n    scope: process\n    checkpoint: true\n"
        "nodes:\n  b: {type: len, depends: [assets.a]}\n",
        "remove it",
    ),
    "text with a colon": (
        "description: counts: one by one\nnodes:\n  a: {type: itertools.count}\n",
        "put it in quotes",
    ),
    "text with an at": ("description: @home\nnodes:\n  a: {type: itertools.count}\n", "put it in quotes"),
    "tabs": ("nodes:\n\ta:\n\t\ttype: itertools.count\n", "indent with spaces"),
    "tabs among spaces": ("nodes:\n  a:\n\ttype: itertools.count\n", "indent with spaces"),
    "an asset that no node takes": (
        "assets:\n  a: {type: list, scope: runner}\nnodes:\n  b: {type: itertools.count}\n",
        "remove it",
    ),
    "an input that nothing uses": ("input:\n  a: {type: int}\nnodes:\n  b: {type: itertools.count}\n", "remove it"),
    "a name": ("nodes:\n  a-b: {type: itertools.count}\n", "change 'a-b' to 'a_b'"),
    "a reserved name": (
        "assets:\n  input: {type: list, scope: runner}\nnodes:\n  b: {type: len, depends: [assets.input_]}\n",
        "change 'input' to 'input_'",
    ),
    "emoji before it": (
        "description: 🥁\nnodes: {a: {type: itertools.count, description: 🥁🥁}, b: {type: abs, depends: [a.valeu]}}\n",
        "change 'valeu' to 'value'",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_mended(client, tmp_path, name):
    text, title = MISTAKES[name]
    path = tmp_path / "tube.yaml"
    address = client.open(path, text)
    for _ in range(3):
        wrong = client.diagnostics(address)
        if not wrong:
            break
        assert all("path" in each.data for each in wrong)
        document, context = types.TextDocumentIdentifier(address), types.CodeActionContext([])
        offered = client.ask("textDocument/codeAction", types.CodeActionParams(document, wrong[0].range, context))
        action = next(each for each in offered if each.title.startswith(title))
        text = applied(text, action.edit.changes[address])
        client.change(address, text)
    path.write_text(text)
    (checked,) = check_tubes([str(path)], True, ReadCode)
    assert list(map(str, checked.diagnostics)) == []
    assert text != MISTAKES[name][0]
