"""What takes long holds up nothing else: the loop of the server only hands on."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from lsprotocol import types

from noob_cli.lsp import answers as answering
from noob_cli.lsp import session as publishing
from noob_cli.lsp.analysis import Analyses
from noob_cli.lsp.answers import Answers
from tests.lsp.client import session_in

TEXT = "nodes:\n  a: {type: itertools.count}\n  b: {type: abs, depends: [a.valeu]}\n"
AT = types.Position(2, 27)
WORK = {
    answering: (
        "completed",
        "resolved",
        "hover_text",
        "defined_at",
        "named_at",
        "symbols_of",
        "folds_of",
        "hints_of",
        "offers_for",
    ),
    publishing: ("reported",),
}


def test_everything_is_worked_out_beside_the_loop(tmp_path, monkeypatch):
    done: dict[str, threading.Thread] = {}

    def noted(name: str, work: Any) -> Any:
        def called(*args: Any, **named: Any) -> Any:
            done[name] = threading.current_thread()
            return work(*args, **named)

        return called

    for module, names in WORK.items():
        for name in names:
            monkeypatch.setattr(module, name, noted(name, getattr(module, name)))
    monkeypatch.setattr(Analyses, "_find_out", noted("_find_out", Analyses._find_out))
    asyncio.run(everything_asked(tmp_path))
    assert set(done) == {"_find_out"}.union(*WORK.values())
    assert threading.main_thread() not in done.values()
    assert threading.current_thread() not in done.values()


async def everything_asked(folder: Path) -> None:
    told: list[object] = []
    session = session_in(folder, told.append)
    answers, uri = Answers(session), (folder / "tube.yaml").as_uri()
    session.put(uri, TEXT, 1, "yaml")
    await session.publish()
    assert told
    document = types.TextDocumentIdentifier(uri)
    whole = types.Range(types.Position(0, 0), types.Position(9, 0))
    assert await answers.completion(types.CompletionParams(document, AT))
    await answers.resolve(types.CompletionItem("a"))
    assert await answers.hover(types.HoverParams(document, AT))
    assert await answers.definition(types.DefinitionParams(document, AT))
    assert await answers.references(types.ReferenceParams(types.ReferenceContext(True), document, AT))
    assert await answers.prepare_rename(types.PrepareRenameParams(document, AT))
    assert await answers.rename(types.RenameParams(document, AT, "c"))
    assert await answers.symbols(types.DocumentSymbolParams(document))
    await answers.folds(types.FoldingRangeParams(document))
    await answers.hints(types.InlayHintParams(document, whole))
    assert await answers.actions(types.CodeActionParams(document, whole, types.CodeActionContext([])))


def test_for_actions_no_other_file_is_read(tmp_path, monkeypatch):
    (tmp_path / "base.yaml").write_text(TEXT.replace("valeu", "vaelu"))
    uri = (tmp_path / "tube.yaml").as_uri()
    session = session_in(tmp_path)

    async def offered() -> list[types.CodeAction]:
        session.put(uri, f"extends: [base.yaml]\n{TEXT.replace('b:', 'c:')}", 1, "yaml")
        await session.publish()
        read: list[Path] = []
        monkeypatch.setattr(publishing, "read_file", read.append)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri),
            types.Range(types.Position(0, 0), types.Position(9, 0)),
            types.CodeActionContext([]),
        )
        actions = await Answers(session).actions(params)
        assert not read
        return actions

    assert [action.title for action in asyncio.run(offered())] == ["change 'valeu' to 'value'"]


def test_what_is_open_and_no_tube_is_not_read_as_one(tmp_path):
    session = session_in(tmp_path)
    other = session.put((tmp_path / "services.yaml").as_uri(), "services: {a: {image: a}}\n", 1, "yaml")
    uri = (tmp_path / "tube.yaml").as_uri()
    session.put(uri, TEXT, 1, "yaml")
    params = types.RenameParams(types.TextDocumentIdentifier(uri), AT, "c")
    assert asyncio.run(Answers(session).rename(params)) is not None
    assert "mended" not in vars(other)
