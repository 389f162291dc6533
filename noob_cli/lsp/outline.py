"""What a tube looks like from afar: its entries, what can be folded, and the types along its edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types
from lsprotocol.types import SymbolKind

from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.tokens import Token, TokenKind
from noob_cli.lsp.tubes import place_of
from noob_cli.specification.reference import NOUNS

_KINDS = {"nodes": SymbolKind.Function, "assets": SymbolKind.Object, "input": SymbolKind.Variable}
_MOST_LETTERS = 30
"""How long the type of an edge is at the most that is shown beside it."""


def symbols_of(analysis: Analysis) -> list[types.DocumentSymbol]:
    """The sections of a tube, with their entries in them."""
    sections: list[types.DocumentSymbol] = []
    for token in analysis.tokens:
        if token.kind is TokenKind.key and len(token.path) == 1 and token.text in NOUNS:
            sections.append(_symbol(analysis, token, SymbolKind.Namespace, children=[]))
        elif token.kind is TokenKind.definition and token.symbol is not None and len(token.path) == 2 and sections:
            type_ = place_of(analysis, token.path).type_of(token.symbol.section, token.symbol.name)
            entries = sections[-1].children
            assert isinstance(entries, list)
            entries.append(_symbol(analysis, token, _KINDS[token.symbol.section], detail=type_))
    return sections


def folds_of(analysis: Analysis) -> list[types.FoldingRange]:
    """The sections and entries that stand in several lines."""
    text = analysis.opened.text
    folds = []
    for token in analysis.tokens:
        if (token.kind is TokenKind.key and len(token.path) == 1) or token.kind is TokenKind.definition:
            where = text.range(*_whole(analysis, token))
            if where.end.line > where.start.line:
                folds.append(types.FoldingRange(where.start.line, where.end.line))
    return folds


def hints_of(analysis: Analysis, within: types.Range) -> list[types.InlayHint]:
    """The types of what nodes take, behind the names by which they take it.

    Args:
        analysis: What is known of the file.
        within: The part of the text that is seen.
    """
    text = analysis.opened.text
    start, end = text.offset(within.start), text.offset(within.end)
    hints = []
    for token in analysis.tokens:
        if start <= token.end <= end and "depends" in token.path:
            for kind in _types(analysis, token):
                if 0 < len(kind) <= _MOST_LETTERS:
                    where = text.position(token.end)
                    hints.append(types.InlayHint(where, f": {kind}", types.InlayHintKind.Type))
    return hints


def _symbol(analysis: Analysis, token: Token, kind: SymbolKind, **more: Any) -> types.DocumentSymbol:
    text = analysis.opened.text
    where, name = text.range(*_whole(analysis, token)), text.range(token.start, token.end)
    return types.DocumentSymbol(token.text or "''", kind, where, name, **more)


def _types(analysis: Analysis, token: Token) -> Iterator[str]:
    if token.symbol is None:
        return
    place = place_of(analysis, token.path)
    if token.kind is TokenKind.signal:
        yield dict(place.signals(token.symbol.name)).get(token.text, "")
    elif token.kind is TokenKind.reference and token.symbol.section != "nodes":
        yield (place.type_of(token.symbol.section, token.symbol.name) or "").rpartition(".")[2]


def _whole(analysis: Analysis, token: Token) -> tuple[int, int]:
    """From a key to the end of its value."""
    document, text = analysis.document, analysis.opened.text
    span = None if document is None else document.value_span(token.path)
    end = token.end if span is None else text.bounds(span)[1]
    return token.start, max(token.end, end)
