"""The tokens of a tube's text: names that are defined and referred to, code, other tubes, keys and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from noob_cli.diagnostics import DocumentPath
from noob_cli.lsp.text import Text
from noob_cli.named_tuple import NamedTuple
from noob_cli.names import is_reference
from noob_cli.nodes.special import SPECIAL_TYPES
from noob_cli.specification.document import Document
from noob_cli.specification.reference import ASSETS, INPUT, NOUNS, input_named

_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class Symbol(NamedTuple):
    """An entry of a tube.

    Args:
        section: `nodes`, `assets` or `input`.
        name: Its name.
        around: The path of the tube in the file that it is in; empty for that of the file itself.
    """

    section: str
    name: str
    around: DocumentPath = ()


class TokenKind(Enum):
    """What a token is."""

    definition = "definition"
    """The name of an entry, where it is defined."""
    reference = "reference"
    """The name of an entry, where something refers to it."""
    signal = "signal"
    """A signal of a node."""
    slot = "slot"
    """What is given to a node or an asset, by name."""
    code = "code"
    """A dotted path of Python code."""
    tube = "tube"
    """Another tube."""
    key = "key"
    """Any other key."""
    value = "value"
    """Any other value."""


class Token(NamedTuple):
    """Something in the text of a tube.

    Args:
        kind: What it is.
        path: Where it is in the document.
        start: Where it begins in the text.
        end: Where it ends.
        text: What stands there.
        symbol: The entry that it is about: that is named, whose signal it is, or that is given something.
    """

    kind: TokenKind
    path: DocumentPath
    start: int
    end: int
    text: str
    symbol: Symbol | None = None

    @property
    def named(self) -> Symbol | None:
        """The entry whose name stands there; None if anything else does."""
        return self.symbol if self.kind in (TokenKind.definition, TokenKind.reference) else None

    def at(self, offset: int) -> Token:
        """The same up to the end of the word at a place: of `a.b.c`, `a.b` if the place is in `b`."""
        end = re.compile(r"\w*").match(self.text, max(0, offset - self.start))
        return self if end is None else self._replace(end=self.start + end.end(), text=self.text[: end.end()])


def tokens_of(document: Document, text: Text) -> list[Token]:
    """All that stands in a file, in order."""
    tokens = [] if document.root is None else list(_Tokens(text).of_tube(document.root, ()))
    return sorted(tokens, key=lambda token: (token.start, token.end))


def token_at(tokens: list[Token], offset: int) -> Token | None:
    """What stands at a place: the shortest of what does."""
    there = [token for token in tokens if token.start <= offset <= token.end]
    return min(there, key=lambda token: (token.end - token.start, token.start != offset), default=None)


class _Tokens:
    """Goes through the nodes of a document."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def of_tube(self, tube: Node, around: DocumentPath) -> Iterator[Token]:
        for key, value in _pairs(tube):
            path = (*around, key.value)
            yield self._token(TokenKind.key, path, key)
            if key.value in NOUNS:
                for name, entry in _pairs(value):
                    symbol = Symbol(key.value, name.value, around)
                    yield self._token(TokenKind.definition, (*path, name.value), name, symbol)
                    yield from self._entry(symbol, entry, (*path, name.value))
            elif key.value == "extends":
                for at, item in enumerate(_items(value)):
                    yield from self._scalar(TokenKind.tube, (*path, at), item)
            else:
                yield from self._scalar(TokenKind.value, path, value)

    def _entry(self, symbol: Symbol, entry: Node, path: DocumentPath) -> Iterator[Token]:
        for key, value in _pairs(entry):
            inside = (*path, key.value)
            yield self._token(TokenKind.key, inside, key)
            if key.value == "type":
                yield from self._type(inside, value)
            elif key.value == "depends":
                yield from self._depends(symbol, inside, value)
            elif key.value == "params":
                yield from self._params(symbol, inside, value)
            elif key.value == "retry":
                yield from self._retry(inside, value)
            elif key.value == "enabled":
                yield from self._inputs(symbol, inside, value)
            else:
                yield from self._scalar(TokenKind.value, inside, value)

    def _type(self, path: DocumentPath, value: Node) -> Iterator[Token]:
        if isinstance(value, ScalarNode):
            token = self._token(TokenKind.value, path, value)
            if value.value in SPECIAL_TYPES:
                yield token
                return
            for named in _PATH.finditer(token.text):
                yield token._replace(
                    kind=TokenKind.code, start=token.start + named.start(), end=token.start + named.end(), text=named[0]
                )

    def _retry(self, path: DocumentPath, value: Node) -> Iterator[Token]:
        for key, inner in _pairs(value):
            yield self._token(TokenKind.key, (*path, key.value), key)
            for at, item in enumerate(_items(inner)):
                yield from self._type((*path, key.value, at), item)

    def _depends(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Token]:
        yield from self._reference(symbol, path, value)
        for at, item in enumerate(_items(value)):
            yield from self._reference(symbol, (*path, at), item)
            for key, inner in _pairs(item):
                inside = (*path, at, key.value)
                yield self._token(TokenKind.slot, inside, key, symbol)
                yield from self._reference(symbol, inside, inner)

    def _reference(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Token]:
        if not isinstance(value, ScalarNode):
            return
        token = self._token(TokenKind.value, path, value)
        if not is_reference(token.text):
            return
        owner, _, name = token.text.partition(".")
        middle = token.start + len(owner)
        if owner in (INPUT, ASSETS):
            named = Symbol(owner, name, symbol.around)
            yield token._replace(kind=TokenKind.reference, start=middle + 1, text=name, symbol=named)
        else:
            named = Symbol("nodes", owner, symbol.around)
            yield token._replace(kind=TokenKind.reference, end=middle, text=owner, symbol=named)
            yield token._replace(kind=TokenKind.signal, start=middle + 1, text=name, symbol=named)

    def _params(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Token]:
        for key, inner in _pairs(value):
            inside = (*path, key.value)
            yield self._token(TokenKind.slot, inside, key, symbol)
            if key.value == "tube" and isinstance(inner, MappingNode):
                yield from self.of_tube(inner, inside)
            elif key.value == "tube":
                yield from self._scalar(TokenKind.tube, inside, inner, symbol)
            else:
                yield from self._inputs(symbol, inside, inner)
        for at, item in enumerate(_items(value)):
            yield from self._inputs(symbol, (*path, at), item)

    def _inputs(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Token]:
        if isinstance(value, ScalarNode):
            token = self._token(TokenKind.value, path, value)
            name = input_named(token.text)
            if name is None:
                yield token
            else:
                used = Symbol(INPUT, name, symbol.around)
                yield token._replace(kind=TokenKind.reference, start=token.end - len(name), text=name, symbol=used)
        for key, inner in _pairs(value):
            yield from self._inputs(symbol, (*path, key.value), inner)
        for at, item in enumerate(_items(value)):
            yield from self._inputs(symbol, (*path, at), item)

    def _scalar(
        self, kind: TokenKind, path: DocumentPath, value: Node, symbol: Symbol | None = None
    ) -> Iterator[Token]:
        if isinstance(value, ScalarNode):
            yield self._token(kind, path, value, symbol)

    def _token(self, kind: TokenKind, path: DocumentPath, node: ScalarNode, symbol: Symbol | None = None) -> Token:
        start, end = self._text.start_of(node), self._text.end_of(node)
        if node.style in ('"', "'"):
            start, end = start + 1, max(start + 1, end - 1)
        return Token(kind, path, start, end, self._text.source[start:end], symbol)


def _pairs(node: Node) -> Iterator[tuple[ScalarNode, Node]]:
    if isinstance(node, MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, ScalarNode))


def _items(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
