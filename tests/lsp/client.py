"""A client of the language server: that of pygls, in a thread of its own, so that tests can ask it and wait."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient
from pygls.uris import from_fs_path

from noob_cli.lsp.session import Session
from tests.patience import PATIENCE


class Client:
    """A server in a process of its own, and what it has said.

    Args:
        command: Starts it.
        folders: The folders that are open.
    """

    def __init__(self, *command: str, folders: list[Path], cwd: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client: Any = BaseLanguageClient("tests", "1")
        self._said: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._news = threading.Condition()
        self._versions: dict[str, int] = {}
        self._client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(functools.partial(self._publish))
        self.registered: list[types.Registration] = []
        self._client.feature(types.CLIENT_REGISTER_CAPABILITY)(functools.partial(self._register))
        watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        self._wait(self._client.start_io(*command, cwd=str(cwd)))
        self.capabilities = self.ask(
            "initialize",
            types.InitializeParams(
                types.ClientCapabilities(
                    workspace=types.WorkspaceClientCapabilities(did_change_watched_files=watching)
                ),
                workspace_folders=[types.WorkspaceFolder(uri(folder), folder.name) for folder in folders],
                root_uri=uri(folders[0]) if folders else None,
            ),
        ).capabilities
        self.tell("initialized", types.InitializedParams())

    def ask(self, method: str, params: Any) -> Any:
        """Ask something and wait for the answer."""

        async def asked() -> Any:
            return await self._client.protocol.send_request_async(method, params)

        return self._wait(asked())

    def tell(self, method: str, params: Any) -> None:
        """Tell something."""

        async def told() -> None:
            self._client.protocol.notify(method, params)

        self._wait(told())

    def open(self, path: Path | str, text: str | None = None, language: str = "noob") -> str:
        """Open a file, or a text in its place."""
        address = path if isinstance(path, str) else uri(path)
        source = text if text is not None else Path(path).read_bytes().decode("utf-8")
        self._versions[address] = 1
        item = types.TextDocumentItem(address, language, 1, source)
        self.tell("textDocument/didOpen", types.DidOpenTextDocumentParams(item))
        return address

    def change(self, address: str, text: str) -> None:
        """Put another text into an open file."""
        self._versions[address] += 1
        params = types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(self._versions[address], address),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
        self.tell("textDocument/didChange", params)

    def close(self, address: str) -> None:
        """Close a file."""
        with self._news:
            self._said.pop(address, None)
        self.tell("textDocument/didClose", types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(address)))
        with self._news:
            assert self._news.wait_for(lambda: address in self._said, PATIENCE)
            del self._said[address], self._versions[address]

    def close_all(self) -> None:
        """Close what is still open."""
        for address in list(self._versions):
            # Only what has been said is taken back.
            self.diagnostics(address)
            self.close(address)

    def diagnostics(self, address: str) -> list[types.Diagnostic]:
        """What is said of the last text of a file, once it is."""

        with self._news:
            assert self._news.wait_for(lambda: self.is_said(address), PATIENCE)
            return self._said[address][1]

    def is_said(self, address: str) -> bool:
        """Whether anything has been said of the last text of a file."""
        with self._news:
            return address in self._said and self._said[address][0] == self._versions[address]

    def all_diagnostics(self) -> dict[str, list[types.Diagnostic]]:
        """What is said of all files."""
        with self._news:
            return {address: shown for address, (_, shown) in self._said.items()}

    def wait_until_registered(self) -> list[types.Registration]:
        """What the server has asked to be told."""
        with self._news:
            assert self._news.wait_for(lambda: self.registered, PATIENCE)
            return self.registered

    def stop(self) -> int:
        """End the server as an editor does, and say how it ended."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        server = self._client._server
        code: int = self._wait(server.wait())
        self._wait(self._client.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
        return code

    def _register(self, params: types.RegistrationParams) -> None:
        with self._news:
            self.registered += params.registrations
            self._news.notify_all()

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        with self._news:
            self._said[params.uri] = (params.version, list(params.diagnostics))
            self._news.notify_all()

    def _wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)


def session_in(folder: Path, publish: Callable[[Any], object] = lambda _: None) -> Session:
    """What a server knows that runs in this process: what it would tell the editor, it tells a function.

    Args:
        folder: The folder that is open.
        publish: Is told what is wrong with a file.
    """
    workspace = SimpleNamespace(folders={}, root_uri=folder.as_uri())
    return Session(cast("Any", SimpleNamespace(workspace=workspace, text_document_publish_diagnostics=publish)))


def uri(path: Path) -> str:
    """The address of a file."""
    address = from_fs_path(str(path))
    assert address is not None
    return address


def at(text: str, mark: str = "‸") -> tuple[str, types.Position]:
    """A text without the mark in it, and where that is."""
    offset = text.index(mark)
    before = text[:offset]
    units = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    return before + text[offset + len(mark) :], types.Position(before.count("\n"), units)


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """A text after some edits, as an editor makes them."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def offset(position: types.Position) -> int:
        before = lines[position.line] if position.line < len(lines) else ""
        units = before.encode("utf-16-le")[: 2 * position.character].decode("utf-16-le")
        return starts[position.line] + len(units)

    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text
