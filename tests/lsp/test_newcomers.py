"""What somebody sees who types a tube from its first letter on."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.client import applied, at
from tests.lsp.test_features import TUBE, complete, place
from tests.lsp.test_features import folder as folder

BASE = "nodes:\n  first: {type: itertools.count}\n"


def in_order(client, path, marked: str) -> list[str]:
    found = complete(client, path, marked).values()
    return [item.label for item in sorted(found, key=lambda item: item.sort_text or "")]


@pytest.mark.parametrize(
    ("marked", "offered", "left_out"),
    [
        ("nodes:\n  sm‸\n", [], ["sm"]),
        ("nodes:\n  some: {type: abs}\n  ‸\n", [], ["some"]),
        ("extends: [base.yaml]\nnodes:\n  fi‸\n", ["first"], ["fi"]),
        (
            f"{TUBE}  more: {{type: mine.scaled, depends: [{{value: scale.value}}], params: {{‸}}}}\n",
            ["factor"],
            ["value"],
        ),
        (f"{TUBE}  more: {{type: mine.scaled, params: {{factor: 3}}, depends: [{{‸}}]}}\n", ["value"], ["factor"]),
        (f"{TUBE}  more: {{type: mine.scaled, params: {{fac‸tor: 3}}}}\n", ["factor"], []),
        ("input:\n  a: {type: ‸", ["str", "int", "float"], ["abs", "print"]),
        ("nodes:\n  a: {type: scal‸", ["mine.scaled"], []),
        ("nodes:\n  a: {type: pri‸", ["print"], []),
        ("n‸", ["noob_id", "nodes"], []),
        (f"{TUBE}  more: {{type: abs, depends: [‸", ["scale.value", "number.number"], []),
    ],
)
def test_what_is_meant_comes_first(client, folder, marked, offered, left_out):
    (folder / "base.yaml").write_text(BASE)
    found = in_order(client, folder / "tube.yaml", marked)
    assert found[: len(offered)] == offered
    assert not set(left_out) & set(found)


def test_what_is_said_of_an_entry_is_shown_with_it(client, folder):
    text = "input:\n  a: {type: int, description: How many.}\nnodes:\n  b: {type: map, description: One by one.}\n"
    found = complete(client, folder / "tube.yaml", f"{text}  c: {{type: abs, depends: [‸")
    assert {label: item.documentation for label, item in found.items()} == {
        "input.a": "How many.",
        "b.value": "One by one.",
        "b.n": "One by one.",
    }


@pytest.mark.parametrize(
    ("marked", "label", "line"),
    [
        ("assets:\n  a:\n    scope:‸", "runner", "    scope: runner"),
        ("assets:\n  a:\n    scope: ‸", "runner", "    scope: runner"),
        (f"{BASE}  b:\n    depends:\n      -‸", "first.value", "      - first.value"),
        (f"{BASE}  b: {{depends:‸", "first.value", "  b: {depends: first.value"),
    ],
)
def test_what_is_chosen_stands_behind_a_space(client, folder, marked, label, line):
    item = complete(client, folder / "tube.yaml", marked)[label]
    assert isinstance(item.text_edit, types.TextEdit)
    assert applied(at(marked)[0], [item.text_edit]).splitlines()[-1] == line


@pytest.mark.parametrize(
    "typed",
    ["    params: {", "    params: {to", "    params: {top: in", "    params: {top: input.limit", "    par", "    ty"],
)
def test_what_is_being_typed_makes_nothing_else_wrong(client, folder, typed):
    """Nothing of it is unused yet, nor does its entry lack anything."""
    (folder / "needing.py").write_text("def steps(top: int): ...\n")
    before = "input:\n  limit: {type: int}\nassets:\n  log: {type: list, scope: runner}\n"
    text = f"{before}nodes:\n  a:\n    type: needing.steps\n{typed}‸\n  b: {{type: map}}\n"
    if typed.endswith("ty"):
        text = text.replace("    type: needing.steps\n", "")
    params = place(client, folder / "tube.yaml", text)
    found = client.diagnostics(params["text_document"].uri)
    line = params["position"].line
    elsewhere = {(each.code, each.range.start.line) for each in found if each.code != "Y001"}
    assert elsewhere <= {("G006", line + 1), ("K003", line)}
    whole = text.replace(f"{typed}‸", "")
    assert {each.code for each in client.diagnostics(client.open(folder / "whole.yaml", whole))} >= {"G006"}
