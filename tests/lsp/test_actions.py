"""Known mistakes that the editor mends by what the server offers: the file is valid afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from noob_cli.check.catalogue import RULES
from noob_cli.cli.report.checking import check_tubes
from noob_cli.code.reading.reading import ReadCode
from noob_cli.diagnostics import Diagnostic
from noob_cli.lsp.actions import Offer, offers_for
from noob_cli.lsp.analysis import Analyses, Analysis, Open
from noob_cli.lsp.text import Text
from tests.diagnostics.test_diagnostics import BROKEN, HERE
from tests.lsp.client import applied

MISTAKES = {
    "a signal": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: abs, depends: [a.valeu]}\n",
        "change 'valeu' to 'value'",
    ),
    "a node": (
        "nodes:\n  first: {type: itertools.count}\n  b: {type: abs, depends: fisrt.value}\n",
        "write 'first.value'",
    ),
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
    "a key without a space": (
        "nodes:\n  a: {type:itertools.count}\n",
        "change 'type:itertools.count' to 'type: itertools.count'",
    ),
    "code by its file": ("nodes:\n  a: {type: ./itertools.count}\n", "write 'itertools.count'"),
    "code as in an entry point": ("nodes:\n  a: {type: 'itertools:count'}\n", "write 'itertools.count'"),
    "a fixed value among the slots": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: pow, depends: [{base: a.value}, {exp: 2}]}\n",
        "give 'exp' in 'params'",
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
    "a reserved name that is used": (
        "nodes:\n  meta: {type: itertools.count}\n  b: {type: abs, depends: [meta.value]}\n",
        "change 'meta' to 'meta_'",
    ),
    "a name that can't be used": (
        "input:\n  a-b: {type: int}\nnodes:\n  c: {type: abs, params: {0: input.a-b}}\n",
        "change 'a-b' to 'a_b'",
    ),
    "a key twice": ("nodes:\n  a:\n    type: itertools.count\n    type: itertools.count\n", "remove it"),
    "an input of epochs in params": (
        "input:\n  n: {type: int, scope: process}\nnodes:\n  a:\n    params: {0: input.n}\n    type: abs\n",
        "give '0' in 'depends'",
    ),
    "an input of epochs": (
        "input:\n  n: {type: int, scope: process}\nnodes:\n  a: {type: abs, params: {0: input.n}}\n",
        "add 'scope: tube'",
    ),
    "a gather that is not told when": (
        "nodes:\n  a: {type: itertools.count}\n  b:\n    type: gather\n    depends: a.value\n",
        "add 'n: 2'",
    ),
    "a gather that is told twice": (
        "nodes:\n  a: {type: itertools.count}\n  b:\n    type: gather\n    params: {n: 2}\n    depends:\n"
        "      - a.value\n      - trigger: a.value\n",
        "remove 'trigger'",
    ),
    "a number in quotes": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: gather, params: {n: '3'}, depends: a.value}\n",
        "write '3'",
    ),
    "no type": ("nodes:\n  a: {type: itertools.count}\n  return:\n    depends: a.value\n", "add 'type: return'"),
    "no type of an input": (
        "input:\n  a: {default: 3}\nnodes:\n  b: {type: abs, params: {0: input.a}}\n",
        "add 'type: int'",
    ),
    "a call": (
        "nodes:\n  a:\n    type: itertools.count(3, step=2)\n",
        "give its arguments in 'params'",
    ),
    "a call of nothing": ("nodes:\n  a: {type: itertools.count()}\n", "give its arguments in 'params'"),
    "a number as an id": ("noob_id: 12\nnodes:\n  a: {type: itertools.count}\n", "put it in quotes"),
    "a time without its unit": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: asyncio.sleep, timeout: '3', depends: a.value}\n",
        "write '3s'",
    ),
    "no tube": ("nodes:\n  a:\n    type: tube\n    params: {tube: null}\n", "add 'tube: nested.yaml'"),
    "a tube that is not there": ("extends: [nestd.yaml]\n", "write 'nested.yaml'"),
    "an asset without its word": (
        "assets:\n  n: {type: list, scope: runner}\nnodes:\n  a: {type: len, depends: [asset.n]}\n",
        "change 'asset.n' to 'assets.n'",
    ),
    "slots in one item": (
        "nodes:\n  a: {type: itertools.count}\n  b:\n    type: operator.mul\n    depends:\n"
        "      - 0: a.value\n        1: a.value\n",
        "make a list of it",
    ),
    "slots in one item far behind its dash": (
        "nodes:\n  a: {type: itertools.count}\n  b:\n    type: operator.mul\n    depends:\n"
        "    -   0: a.value\n        1: a.value\n",
        "make a list of it",
    ),
    "slots in no list": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: operator.mul, depends: {0: a.value, 1: a.value}}\n",
        "make a list of it",
    ),
    "a bracket that is not closed": (
        "nodes:\n  a: {type: itertools.count}\n  b: {type: abs, depends: [a.value}\n",
        "write 'b: {type: abs, depends: [a.value]}'",
    ),
    "a mistake in a tube in a tube": (
        "nodes:\n  a:\n    type: tube\n    params:\n      tube:\n        nodes:\n"
        "          b: {type: itertools.count, kind: 3}\n          kind: {type: itertools.count}\n",
        "remove it",
    ),
    "a missing scope in lines of another kind": (
        "assets:\r\n  a:\r\n    type: list\r\nnodes:\r\n  b: {type: len, depends: [assets.a]}\r\n",
        "add 'scope: runner'",
    ),
    "tabs in lines of another kind": ("nodes:\r\n\ta:\r\n\t\ttype: itertools.count\r\n", "indent with spaces"),
    "emoji before it": (
        "description: 🥁\nnodes: {a: {type: itertools.count, description: 🥁🥁}, b: {type: abs, depends: [a.valeu]}}\n",
        "change 'valeu' to 'value'",
    ),
}


@pytest.mark.many
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_mended(client, tmp_path, name):
    text, title = MISTAKES[name]
    path = tmp_path / "tube.yaml"
    (tmp_path / "nested.yaml").write_text("nodes:\n  a: {type: itertools.count}\n")
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
    mistake, _ = MISTAKES[name]
    assert text != mistake
    assert text.count("\r") == (text.count("\n") if "\r" in mistake else 0)


def test_what_an_alias_names_is_not_edited_where_it_stands(tmp_path):
    text = "nodes:\n  a: {type: itertools.count, params: &p {step: 1}}\n  b: {type: itertools.count, enable: *p}\n"
    _, wrong = looked_at(text, tmp_path / "tube.yaml")
    assert [(each.code, [offer.title for offer in offers]) for each, offers in wrong] == [
        ("K001", ["change 'enable' to 'enabled'"])
    ]
    _, wrong = looked_at(text.replace("enable", "colour"), tmp_path / "tube.yaml")
    assert [(each.code, offers) for each, offers in wrong] == [("K001", [])]


def test_a_module_is_no_type(tmp_path):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "counts.py").touch()
    (tmp_path / "things" / "__init__.py").write_text("def count(): ...\n")
    _, wrong = looked_at("nodes:\n  counts: {depends: []}\n", tmp_path / "tube.yaml")
    titles = [offer.title for _, offers in wrong for offer in offers]
    assert titles == ["add 'type: things.count'", "add 'type: package.module.name'"]


NOT_DEFINITE = {
    *("A005", "C002", "C003", "C004", "C005", "C006", "C007", "C008", "C009", "G010", "G011", "G012", "G013", "G014"),
    *("G017", "G018", "G021", "G022", "T001", "T002", "T003", "Y003", "Y004", "Y006", "Y007", "Y008"),
}
"""The rules whose hints leave open what to write, or mean a change of something else than the file."""


def looked_at(source: str, file: Path) -> tuple[Analysis, list[tuple[Diagnostic, list[Offer]]]]:
    """What is known of a text, and what can be done about each thing that is wrong with it."""
    analyses = Analyses(lambda: [HERE])
    analyses.put(Open("tube", Text(source), 1, "noob", file))
    analysis = asyncio.run(analyses.of("tube"))
    assert analysis is not None
    with analyses.reading(file):
        return analysis, [(each, offers_for(analysis, each)) for each in analysis.diagnostics]


@pytest.mark.slow
def test_whatever_is_offered_mends_what_it_is_offered_for_and_leaves_yaml():
    can_be_mended = set()
    for name, path in BROKEN.items():
        file = path if path.is_file() else max(path.glob("*.y*"), key=lambda file: file.stem == "tube")
        source = file.read_bytes().decode()
        analysis, wrong = looked_at(source, file)
        before = [(each.code, each.message) for each, _ in wrong]
        for diagnostic, offers in wrong:
            can_be_mended |= {diagnostic.code} if offers else set()
            for offer in offers:
                text = source
                for edit in sorted(offer.edits, reverse=True):
                    text = text[: edit.start] + edit.written + text[edit.end :]
                mended, left = looked_at(text, file)
                same = (diagnostic.code, diagnostic.message)
                found = [(each.code, each.message) for each, _ in left]
                assert found.count(same) < before.count(same), (name, offer)
                assert bool(mended.opened.mended.problems) <= bool(analysis.opened.mended.problems), (name, offer)
    assert set(RULES) - can_be_mended == NOT_DEFINITE
