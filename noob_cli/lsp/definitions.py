"""Where something in a tube is defined: in the tube, in another, or in Python."""

from __future__ import annotations

import ast
from pathlib import Path

from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError
from noob_cli.code.reading.stand_ins import FunctionNode, origin_of
from noob_cli.diagnostics import Span
from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.code import definition_of, place_in
from noob_cli.lsp.tokens import Symbol, Token, TokenKind
from noob_cli.lsp.tubes import Place, place_of
from noob_cli.nodes.special import SPECIAL_TYPES


def defined_at(analysis: Analysis, token: Token) -> Span | None:
    """Where something is defined; None if that is nowhere that can be shown."""
    place = place_of(analysis, token.path)
    if token.kind is TokenKind.code:
        return _in_python(analysis, token.text)
    if token.kind is TokenKind.tube:
        return _tube(analysis, token, place)
    if token.symbol is None:
        return None
    if token.kind is TokenKind.slot:
        return _slot(analysis, place, token.symbol, token.text)
    if token.kind is TokenKind.reference:
        return _entry(place, token.symbol)
    type_ = place.type_of(token.symbol.section, token.symbol.name)
    code = None if type_ is None or type_ in SPECIAL_TYPES else _in_python(analysis, type_)
    return code or _entry(place, token.symbol)


def named_at(analysis: Analysis, token: Token) -> tuple[Symbol, Path | None] | None:
    """The entry whose name stands somewhere, and the file in which it is; None if there stands anything else.

    Where a nested tube is given something, that is an input of that tube.
    """
    own = analysis.opened.file
    if token.kind is not TokenKind.slot or token.symbol is None or token.symbol.section != "nodes":
        return None if token.named is None else (token.named, own)
    node, place = token.symbol, place_of(analysis, token.path)
    child = None if place.loaded is None else place.loaded.children.get(node.name)
    if child is None or token.text not in child.spec.input:
        return None
    if isinstance(place.params(node.name).get("tube"), dict):
        return Symbol("input", token.text, (*node.around, "nodes", node.name, "params", "tube")), own
    return Symbol("input", token.text), child.document.file


def _entry(place: Place, symbol: Symbol) -> Span | None:
    """Where an entry is, in the last of the tubes that say something of it."""
    if symbol.name not in place.section(symbol.section) or place.loaded is None:
        return None
    return place.loaded.document.key_span((symbol.section, symbol.name))


def _in_python(analysis: Analysis, path: str) -> Span | None:
    return None if analysis.code is None else definition_of(analysis.code, path)


def _slot(analysis: Analysis, place: Place, symbol: Symbol, name: str) -> Span | None:
    """Where a parameter is, or the input of a nested tube."""
    child = None if place.loaded is None else place.loaded.children.get(symbol.name)
    if child is not None and symbol.section == "nodes":
        return child.document.key_span(("input", name)) if name in child.spec.input else None
    type_ = place.type_of(symbol.section, symbol.name)
    if analysis.code is None or type_ is None or type_ in SPECIAL_TYPES:
        return None
    try:
        origin = origin_of(analysis.code.find(type_))
    except (UnknownCodeError, CodeNotFoundError, ModuleFailedError):
        return None
    if origin is None or origin.file is None:
        return None
    functions = [node for node in ast.walk(origin.node) if isinstance(node, FunctionNode)]
    parameters = (node for function in functions for node in ast.walk(function.args) if isinstance(node, ast.arg))
    parameter = next((parameter for parameter in parameters if parameter.arg == name), None)
    if parameter is None:
        return None
    return place_in(Path(origin.file), parameter.lineno, parameter.col_offset + 1)


def _tube(analysis: Analysis, token: Token, place: Place) -> Span | None:
    file = None
    if token.symbol is not None and place.loaded is not None:
        child = place.loaded.children.get(token.symbol.name)
        file = None if child is None else child.document.file
    elif analysis.opened.file is not None and analysis.opened.tube is not None:
        file = analysis.opened.tube.file_of(token.text)
    return None if file is None else place_in(file, 1)
