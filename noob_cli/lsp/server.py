"""The server: which question of the editor is answered by which module."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from noob_cli.lsp.answers import Answers
from noob_cli.lsp.completion import TRIGGERS
from noob_cli.lsp.session import Session

_PAUSE = 0.1
"""How many seconds nothing is typed before it is said what is wrong."""


def serve(version: str) -> None:
    """Speak to an editor over standard input and output, until it ends that.

    Args:
        version: The version of the server, which it tells the editor.
    """
    # It closes what it writes to, and nothing else may be written there.
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    make_server(version).start_io(stdin, stdout)


def make_server(version: str) -> LanguageServer:
    """The server, which knows nothing of any file yet."""
    server = LanguageServer("noob", version, text_document_sync_kind=types.TextDocumentSyncKind.Full)
    session = Session(server)
    files, answers = _Files(server, session), Answers(session)
    features: dict[str, Callable[..., Any]] = {
        types.INITIALIZED: files.initialized,
        types.TEXT_DOCUMENT_DID_OPEN: files.opened,
        types.TEXT_DOCUMENT_DID_CHANGE: files.changed,
        types.TEXT_DOCUMENT_DID_CLOSE: files.closed,
        types.TEXT_DOCUMENT_DID_SAVE: files.saved,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: files.saved,
        types.TEXT_DOCUMENT_COMPLETION: answers.completion,
        types.COMPLETION_ITEM_RESOLVE: answers.resolve,
        types.TEXT_DOCUMENT_HOVER: answers.hover,
        types.TEXT_DOCUMENT_DEFINITION: answers.definition,
        types.TEXT_DOCUMENT_REFERENCES: answers.references,
        types.TEXT_DOCUMENT_PREPARE_RENAME: answers.prepare_rename,
        types.TEXT_DOCUMENT_RENAME: answers.rename,
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: answers.symbols,
        types.TEXT_DOCUMENT_FOLDING_RANGE: answers.folds,
        types.TEXT_DOCUMENT_INLAY_HINT: answers.hints,
        types.TEXT_DOCUMENT_CODE_ACTION: answers.actions,
    }
    options = {
        types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(TRIGGERS, resolve_provider=True),
        types.TEXT_DOCUMENT_RENAME: types.RenameOptions(prepare_provider=True),
        types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions([types.CodeActionKind.QuickFix]),
    }
    for feature, answer in features.items():
        # What is registered is given attributes, which methods can't have.
        server.feature(feature, options.get(feature))(functools.partial(answer))
    return server


class _Files:
    """Follows what is done to files."""

    def __init__(self, server: LanguageServer, session: Session) -> None:
        self._server = server
        self._session = session

    async def initialized(self, params: types.InitializedParams) -> None:
        """Ask to be told of files that are changed elsewhere, code among them."""
        workspace = self._server.client_capabilities.workspace
        watching = None if workspace is None else workspace.did_change_watched_files
        if watching is not None and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(f"**/*.{suffix}") for suffix in ("py", "yaml", "yml")]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            feature = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration("noob-files", feature, options)
            await self._server.client_register_capability_async(types.RegistrationParams([registration]))

    async def opened(self, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self._session.put(document.uri, document.text, document.version, document.language_id)
        await self._session.publish()

    async def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        text = self._server.workspace.get_text_document(uri).source
        put = self._session.put(uri, text, params.text_document.version)
        await asyncio.sleep(_PAUSE)
        if self._session.analyses.opened(uri) is put:
            await self._session.publish()

    async def closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._session.close(params.text_document.uri)

    async def saved(self, params: object) -> None:
        self._session.analyses.forget()
        await self._session.publish()
