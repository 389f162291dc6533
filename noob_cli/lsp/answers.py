"""The answers to what the editor asks of a place in a file, as the protocol has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from noob_cli.diagnostics import Diagnostic
from noob_cli.lsp.actions import Offer, offers_for
from noob_cli.lsp.analysis import Analysis, Open
from noob_cli.lsp.completion import completed, resolved
from noob_cli.lsp.definitions import defined_at, named_at
from noob_cli.lsp.hover import hover_text
from noob_cli.lsp.outline import folds_of, hints_of, symbols_of
from noob_cli.lsp.reporting import range_of, reported
from noob_cli.lsp.session import Session
from noob_cli.lsp.side_by_side import names_schema
from noob_cli.lsp.threads import in_thread
from noob_cli.lsp.tokens import Symbol, Token, TokenKind, token_at
from noob_cli.lsp.tube_file import files_beside
from noob_cli.lsp.workspace import Workspace
from noob_cli.names import RESERVED_NAMES, is_name

_T = TypeVar("_T")

_MOST_ACTIONS = 100
"""How many changes are offered at a time, about."""


class Answers:
    """Answers for the files of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asked: str | None = None

    async def completion(self, params: types.CompletionParams) -> types.CompletionList | None:
        """What may stand at a place."""
        uri = params.text_document.uri
        analysis = await self._session.analyses.soon(uri)
        opened = self._session.analyses.opened(uri)
        if opened is None or analysis is None:
            return None
        self._asked = uri
        offset = opened.text.offset(params.position)
        return await self._with(analysis, partial(completed, analysis, opened.text, offset, names_schema(opened.text)))

    async def resolve(self, item: types.CompletionItem) -> types.CompletionItem:
        """More of one of the choices that were given last."""
        analysis = None if self._asked is None else await self._session.analyses.soon(self._asked)
        return await in_thread(lambda: resolved(item, None if analysis is None else analysis.code))

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is told of a place."""
        uri = params.text_document.uri
        analysis = await self._session.analyses.soon(uri)
        opened = self._session.analyses.opened(uri)
        if opened is None or analysis is None:
            return None
        return await self._with(analysis, partial(_hover, analysis, opened, params.position))

    async def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Where something is defined."""
        return await self._at(params, self._definition)

    async def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Where an entry is named."""
        with_entry = params.context.include_declaration
        return await self._at(params, partial(self._references, with_entry=with_entry)) or []

    async def prepare_rename(self, params: types.PrepareRenameParams) -> types.Range | None:
        """What stands where something is to get another name; None if that can't."""

        def where(analysis: Analysis, token: Token) -> types.Range | None:
            is_named = named_at(analysis, token) is not None
            return analysis.opened.text.range(token.start, token.end) if is_named else None

        return await self._at(params, where)

    async def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Another name for an entry, wherever it is named."""
        edit = await self._at(params, partial(self._renamed, new=params.new_name))
        if edit is None:
            raise JsonRpcInvalidParams("only nodes, assets and inputs can get another name")
        return edit

    async def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        """The entries of a tube."""
        return await self._of_whole(params.text_document.uri, symbols_of, left_to_schema=True)

    async def folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        """What can be folded."""
        return await self._of_whole(params.text_document.uri, folds_of, left_to_schema=True)

    async def hints(self, params: types.InlayHintParams) -> list[types.InlayHint]:
        """The types along the edges that are seen."""
        return await self._of_whole(params.text_document.uri, lambda analysis: hints_of(analysis, params.range))

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about what is wrong at a place."""
        analysis = await self._session.analyses.of(params.text_document.uri)
        return [] if analysis is None else await self._with(analysis, partial(self._offered, analysis, params.range))

    async def _of_whole(
        self, uri: str, find: Callable[[Analysis], list[_T]], *, left_to_schema: bool = False
    ) -> list[_T]:
        analysis = await self._session.analyses.soon(uri)
        if analysis is None or (left_to_schema and names_schema(analysis.opened.text)):
            return []
        return await self._with(analysis, partial(find, analysis))

    async def _at(self, params: Any, answer: Callable[[Analysis, Token], _T | None]) -> _T | None:
        """The answer of what is known of a file, and of what stands at a place in it; None if nothing does."""
        analysis = await self._session.analyses.of(params.text_document.uri)
        if analysis is None:
            return None
        known: Analysis = analysis

        def answered() -> _T | None:
            token = _token_at(known, known.opened.text.offset(params.position))
            return None if token is None else answer(known, token)

        return await self._with(known, answered)

    async def _with(self, analysis: Analysis, answer: Callable[[], _T]) -> _T:
        """An answer, for which nothing else has to wait, and for which files are as the editor has them."""
        with self._session.analyses.reading(analysis.opened.file):
            return await in_thread(answer)

    def _definition(self, analysis: Analysis, token: Token) -> types.Location | None:
        span = defined_at(analysis, token)
        if span is None:
            return None
        opened = analysis.opened
        where = range_of(span, lambda file: self._session.text_of(file, opened))
        return types.Location(self._session.uri_of(span.file, opened), where)

    def _references(self, analysis: Analysis, token: Token, with_entry: bool) -> list[types.Location]:
        named = named_at(analysis, token)
        if named is None:
            return []
        occurrences = self._occurrences(analysis, *named, self._workspace(analysis, token, named[1]))
        return [
            types.Location(uri, where)
            for uri, where, token in occurrences
            if with_entry or token.kind is not TokenKind.definition
        ]

    def _renamed(self, analysis: Analysis, token: Token, new: str) -> types.WorkspaceEdit | None:
        named = named_at(analysis, token)
        if named is None:
            return None
        if new in RESERVED_NAMES:
            raise JsonRpcInvalidParams(f"'{new}' is reserved: references use it for something else")
        if not is_name(new):
            raise JsonRpcInvalidParams(f"'{new}' is no name: it has letters, digits and _, and no digit in front")
        (symbol, file), workspace = named, self._workspace(analysis, token, named[1])
        why_not = None if file is None else workspace.why_not(symbol, new, file)
        if why_not is not None:
            raise JsonRpcInvalidParams(why_not)
        changes: dict[str, list[types.TextEdit]] = {}
        for uri, where, _ in self._occurrences(analysis, symbol, file, workspace):
            changes.setdefault(uri, []).append(types.TextEdit(where, new))
        return types.WorkspaceEdit(changes)

    def _offered(self, analysis: Analysis, within: types.Range) -> list[types.CodeAction]:
        opened = analysis.opened
        offered: list[types.CodeAction] = []
        for diagnostic in analysis.diagnostics:
            offers = offers_for(analysis, diagnostic) if _is_in(diagnostic, opened, within) else []
            if offers:
                shown = reported(diagnostic, opened.uri, lambda file: self._session.text_of(file, opened))
                offered += _actions(offers, shown, opened)
            if len(offered) >= _MOST_ACTIONS:
                break
        return offered

    def _workspace(self, analysis: Analysis, token: Token, named_in: Path | None) -> Workspace:
        tubes = [file for file in (analysis.opened.file, named_in) if file]
        own = [file for tube in tubes for file in (tube, *files_beside(tube))]
        open_files = {opened.real_file: opened for opened in self._session.analyses if opened.real_file is not None}
        known = {file: opened.tube for file, opened in open_files.items() if opened.is_tube}
        return Workspace(list(self._session.folders()), [*own, *open_files], token.text, known)

    def _occurrences(
        self, analysis: Analysis, symbol: Symbol, file: Path | None, workspace: Workspace
    ) -> list[tuple[str, types.Range, Token]]:
        """The addresses and places at which an entry of a file is named."""
        opened = analysis.opened
        if file is None:
            tokens = analysis.tokens
            named = [token for token in tokens if (entry := named_at(analysis, token)) and entry[0] == symbol]
            return [(opened.uri, opened.text.range(token.start, token.end), token) for token in named]
        return [
            (self._session.uri_of(tube.file, opened), tube.text.range(token.start, token.end), token)
            for tube, token in workspace.occurrences(symbol, file)
        ]


def _hover(analysis: Analysis, opened: Open, position: types.Position) -> types.Hover | None:
    offset = opened.text.offset(position)
    moved = offset - opened.text.earlier(analysis.opened.text, offset)
    token = _token_at(analysis, offset - moved)
    text = None if token is None else hover_text(analysis, token, names_schema(opened.text))
    if token is None or not text:
        return None
    where = opened.text.range(token.start + moved, token.end + moved)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)


def _token_at(analysis: Analysis, offset: int) -> Token | None:
    token = token_at(analysis.tokens, offset)
    return token.at(offset) if token is not None and token.kind is TokenKind.code else token


def _is_in(diagnostic: Diagnostic, opened: Open, within: types.Range) -> bool:
    """Whether it is shown in a part of a file: of what is in others, those need not be read."""
    if diagnostic.span is None or diagnostic.span.file != opened.file:
        return False
    shown = range_of(diagnostic.span, lambda _: opened.text)
    return not (shown.end < within.start or within.end < shown.start)


def _actions(offers: list[Offer], about: types.Diagnostic, opened: Open) -> Iterator[types.CodeAction]:
    for offer in offers:
        text = opened.text
        edits = [
            types.TextEdit(text.range(edit.start, edit.end), text.with_its_lines(edit.written)) for edit in offer.edits
        ]
        kind, is_only = types.CodeActionKind.QuickFix, len(offers) == 1
        change = types.WorkspaceEdit({opened.uri: edits})
        yield types.CodeAction(offer.title, kind, diagnostics=[about], is_preferred=is_only, edit=change)
