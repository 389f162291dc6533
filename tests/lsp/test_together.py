"""Several tubes that build on each other, and their code, edited at random: each is known as if just opened."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from noob_cli.lsp.answers import Answers
from tests.lsp.client import session_in

TUBES = {
    "parent.yaml": "extends: [base.yaml]\ninput:\n  top: {type: int, default: 3}\nnodes:\n  t:\n    type: tube\n"
    "    depends: [{row: number.value}]\n    params: {tube: child.yaml, size: input.top}\n"
    "  return: {type: return, depends: t.value}\n",
    "child.yaml": "noob_id: child\ninput:\n  size: {type: int}\n  row: {type: int, scope: process}\nnodes:\n"
    "  scale: {type: mine.scaled, depends: [input.row], params: {factor: 2.5}}\n"
    "  return: {type: return, depends: scale.value}\n",
    "base.yaml": "nodes:\n  number: {type: itertools.count, params: {step: 2}}\n  inner:\n    type: tube\n"
    "    params:\n      tube:\n        nodes:\n          a: {type: itertools.count, description: 🥁é}\n",
}
CODE = (
    "def scaled(value: int, factor: float = 2.0) -> float: ...\n",
    "def scaled(:\n",
    "import nowhere\n",
    "try:\n    import nowhere\nexcept ImportError:\n    class scaled:\n        def process(self, value): ...\n",
)
KEYS = [
    *("\n", " ", ":", "{", "}", "[", "]", ",", ".", "'", '"', "#", "-", "|", "\t", "🥁", "&x ", "*x ", "? ", "---\n"),
    *("\r\n", "\r", "\u2028", "\x85", "e\u0301", "\ud83d", "\ufeff", "<<: *x", "type: ", "depends: [", "input.", ""),
    *("params: {tube: parent.yaml}", "extends: [child.yaml]"),
]


class Editor:
    """What an editor has open, and what it has been told of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: dict[str, tuple[int | None, list[str]]] = {}
        self.session = session_in(folder, self._publish)
        self.answers = Answers(self.session)

    def put(self, name: str, text: str, version: int) -> None:
        self.session.put((self.folder / name).as_uri(), text, version, "yaml")

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        wrong = sorted(f"{each.code} {each.range} {each.message}" for each in params.diagnostics)
        self.told[params.uri.rpartition("/")[2]] = (params.version, wrong)

    async def ask(self, name: str, at: types.Position) -> None:
        """Ask everything of a place."""
        document, answers = types.TextDocumentIdentifier((self.folder / name).as_uri()), self.answers
        whole = types.Range(types.Position(0, 0), at)
        await answers.completion(types.CompletionParams(document, at))
        await answers.hover(types.HoverParams(document, at))
        await answers.definition(types.DefinitionParams(document, at))
        await answers.references(types.ReferenceParams(types.ReferenceContext(True), document, at))
        with suppress(JsonRpcInvalidParams):
            await answers.rename(types.RenameParams(document, at, "other"))
        await answers.symbols(types.DocumentSymbolParams(document))
        await answers.folds(types.FoldingRangeParams(document))
        await answers.hints(types.InlayHintParams(document, whole))
        await answers.actions(types.CodeActionParams(document, whole, types.CodeActionContext([])))


@pytest.mark.parametrize("seed", range(3))
def test_tubes_and_code_are_edited_together(tmp_path, number_of_keystrokes, seed):
    asyncio.run(edited(tmp_path, random.Random(seed), number_of_keystrokes // 20))


async def edited(folder: Path, chance: random.Random, bursts: int) -> None:
    texts, editor = dict(TUBES), Editor(folder)
    for version in range(1, bursts + 1):
        name = chance.choice(list(texts))
        for _ in range(chance.choice((1, 5, 15))):
            text = texts[name] if chance.random() < 0.95 else TUBES[name].replace("\n", chance.choice(("\n", "\r\n")))
            start = chance.randrange(len(text) + 1)
            end = min(len(text), start + chance.choice((0, 0, 0, 1, 5, 40)))
            texts[name] = text[:start] + chance.choice(KEYS) + text[end:]
        if chance.random() < 0.2:
            (folder / "mine.py").write_text(chance.choice(CODE))
            os.utime(folder / "mine.py", (version, version))
            editor.session.analyses.forget()
        fresh = Editor(folder)
        for each, text in texts.items():
            if version == 1 or each == name:
                editor.put(each, text, version)
            fresh.put(each, text, version)
        publishing = asyncio.ensure_future(editor.session.publish())
        await editor.ask(name, types.Position(chance.randrange(12), chance.randrange(40)))
        await publishing
        await editor.session.publish()
        await fresh.session.publish()
        told = {each: wrong for each, (_, wrong) in editor.told.items() if each in texts}
        assert told == {each: wrong for each, (_, wrong) in fresh.told.items() if each in texts}
