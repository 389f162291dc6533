"""What is open in the editor while the server runs, and what it has been told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from noob_cli.lsp.analysis import Analyses, Analysis, Open
from noob_cli.lsp.reporting import reported, uri_of
from noob_cli.lsp.side_by_side import is_left_to_schema, names_schema
from noob_cli.lsp.text import Text
from noob_cli.lsp.threads import in_thread
from noob_cli.specification.file import read_file


class Session:
    """The files that are open, and the editor that is told of them."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self.analyses = Analyses(self.folders)
        self._texts: dict[Path, tuple[bytes, Text]] = {}
        self._wrong: dict[str, dict[str, list[types.Diagnostic]]] = {}
        self._reported: dict[str, tuple[Open, Analysis | None]] = {}

    def folders(self) -> Sequence[Path]:
        """The folders that are open in the editor."""
        workspace = self._server.workspace
        uris = [folder.uri for folder in workspace.folders.values()] or [workspace.root_uri]
        return [Path(path) for uri in uris if (path := file_path(uri)) is not None]

    def put(self, uri: str, source: str, version: int | None, language: str | None = None) -> Open:
        """Take over the text of a file."""
        known = self.analyses.opened(uri)
        named = known.language if language is None and known is not None else language or "yaml"
        path = file_path(uri)
        opened = Open(uri, Text(source), version, named, None if path is None else Path(path))
        self.analyses.put(opened)
        return opened

    async def publish(self) -> None:
        """Tell the editor what is wrong with the tubes that are new, or of which something has changed."""
        await asyncio.gather(*map(self._publish_of, self.analyses))

    def close(self, uri: str) -> None:
        """Let go of a file, and take back what was said of it."""
        self.analyses.close(uri)
        self._reported.pop(uri, None)
        for other in sorted(self._wrong.pop(uri, {}), key=lambda other: other == uri):
            self._publish(other)

    def text_of(self, file: Path | None, opened: Open | None = None) -> Text:
        """The text of a file, as the editor has it; of the one that is asked about, if it is no file."""
        for other in self.analyses:
            if other.file == file and (file is not None or other is opened):
                return other.text
        if file is None:
            return Text("") if opened is None else opened.text
        try:
            data = read_file(file)
        except OSError:
            data = b""
        known = self._texts.get(file)
        if known is None or known[0] != data:
            known = self._texts[file] = (data, Text(data.decode("utf-8", "replace")))
        return known[1]

    def uri_of(self, file: Path | None, opened: Open) -> str:
        """The address of a file, as the editor has it."""
        if file is None or file == opened.file:
            return opened.uri
        return next((other.uri for other in self.analyses if other.file == file), None) or uri_of(file)

    async def _publish_of(self, opened: Open) -> None:
        analysis = await self.analyses.of(opened.uri)
        report = (opened, analysis)
        if not self._is_news(*report):
            return
        with self.analyses.reading(opened.file):
            wrong = await in_thread(partial(self._wrong_in, opened, analysis))
        if self._is_news(*report):
            self._reported[opened.uri] = report
            before, self._wrong[opened.uri] = self._wrong.get(opened.uri, {}), wrong
            # The file itself comes last: then all has been said.
            for uri in sorted({*wrong, *before}, key=lambda uri: uri == opened.uri):
                self._publish(uri)

    def _is_news(self, opened: Open, analysis: Analysis | None) -> bool:
        """Whether the editor has not been told of it, and it is of the newest text."""
        return self.analyses.opened(opened.uri) is opened and self._reported.get(opened.uri) != (opened, analysis)

    def _wrong_in(self, opened: Open, analysis: Analysis | None) -> dict[str, list[types.Diagnostic]]:
        """What is wrong with a tube, by the addresses of the files in which it is wrong."""
        wrong: dict[str, list[types.Diagnostic]] = {opened.uri: []}
        leaves_out = names_schema(opened.text)
        texts: dict[Path | None, Text] = {}

        def text_of(file: Path | None) -> Text:
            if file not in texts:
                texts[file] = self.text_of(file, opened)
            return texts[file]

        for diagnostic in [] if analysis is None else analysis.diagnostics:
            file = None if diagnostic.span is None else diagnostic.span.file
            uri = self.uri_of(file, opened)
            if not (leaves_out and uri == opened.uri and is_left_to_schema(diagnostic)):
                wrong.setdefault(uri, []).append(reported(diagnostic, opened.uri, text_of))
        return wrong

    def _publish(self, uri: str) -> None:
        own = self.analyses.opened(uri)
        shown = _once(diagnostic for by_uri in self._wrong.values() for diagnostic in by_uri.get(uri, []))
        version = None if own is None else own.version
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, version))


def _once(diagnostics: Iterable[types.Diagnostic]) -> list[types.Diagnostic]:
    different = {
        (diagnostic.code, diagnostic.message, diagnostic.range.start.line, diagnostic.range.start.character): diagnostic
        for diagnostic in diagnostics
    }
    return list(different.values())


def file_path(uri: str | None) -> str | None:
    """The path that an address names; None if it is that of no file."""
    if uri is None or not uri.startswith("file:"):
        return None
    path: str | None = to_fs_path(uri)
    return path
