"""What a tube looks like from afar: its entries, what can be folded, and the types along its edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types
from lsprotocol.types import SymbolKind

from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.marks import Mark, What
from noob_cli.lsp.tubes import place_of
from noob_cli.specification.reference import NOUNS

_KINDS = {"nodes": SymbolKind.Function, "assets": SymbolKind.Object, "input": SymbolKind.Variable}
_MOST_LETTERS = 30
"""How long the type of an edge is at the most that is shown beside it."""


def symbols_of(analysis: Analysis) -> list[types.DocumentSymbol]:
    """The sections of a tube, with their entries in them."""
    sections: list[types.DocumentSymbol] = []
    for mark in analysis.marks:
        if mark.what is What.key and len(mark.path) == 1 and mark.text in NOUNS:
            sections.append(_symbol(analysis, mark, SymbolKind.Namespace, children=[]))
        elif mark.what is What.entry and mark.symbol is not None and len(mark.path) == 2 and sections:
            type_ = place_of(analysis, mark.path).type_of(mark.symbol.section, mark.symbol.name)
            entries = sections[-1].children
            assert isinstance(entries, list)
            entries.append(_symbol(analysis, mark, _KINDS[mark.symbol.section], detail=type_))
    return sections


def folds_of(analysis: Analysis) -> list[types.FoldingRange]:
    """The sections and entries that stand in several lines."""
    text = analysis.opened.text
    folds = []
    for mark in analysis.marks:
        if (mark.what is What.key and len(mark.path) == 1) or mark.what is What.entry:
            where = text.range(*_whole(analysis, mark))
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
    for mark in analysis.marks:
        if start <= mark.end <= end and "depends" in mark.path:
            for kind in _types(analysis, mark):
                if 0 < len(kind) <= _MOST_LETTERS:
                    where = text.position(mark.end)
                    hints.append(types.InlayHint(where, f": {kind}", types.InlayHintKind.Type))
    return hints


def _symbol(analysis: Analysis, mark: Mark, kind: SymbolKind, **more: Any) -> types.DocumentSymbol:
    text = analysis.opened.text
    where, name = text.range(*_whole(analysis, mark)), text.range(mark.start, mark.end)
    return types.DocumentSymbol(mark.text or "''", kind, where, name, **more)


def _types(analysis: Analysis, mark: Mark) -> Iterator[str]:
    if mark.symbol is None:
        return
    place = place_of(analysis, mark.path)
    if mark.what is What.signal:
        yield dict(place.signals(mark.symbol.name)).get(mark.text, "")
    elif mark.what is What.use and mark.symbol.section != "nodes":
        yield (place.type_of(mark.symbol.section, mark.symbol.name) or "").rpartition(".")[2]


def _whole(analysis: Analysis, mark: Mark) -> tuple[int, int]:
    """From a key to the end of its value."""
    document, text = analysis.document, analysis.opened.text
    span = None if document is None else document.value_span(mark.path)
    end = mark.end if span is None else text.bounds(span)[1]
    return mark.start, max(mark.end, end)
