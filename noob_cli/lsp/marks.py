"""What stands where in a tube: names that are given and used, code, other tubes, keys and words."""

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


class What(Enum):
    """What stands somewhere."""

    entry = "entry"
    """The name of an entry, where it is given."""
    use = "use"
    """The name of an entry, where it is used."""
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
    word = "word"
    """Any other value."""


class Mark(NamedTuple):
    """Something in the text of a tube.

    Args:
        what: What it is.
        path: Where it is in the document.
        start: Where it begins in the text.
        end: Where it ends.
        text: What stands there.
        symbol: The entry that it is about: that is named, whose signal it is, or that is given something.
    """

    what: What
    path: DocumentPath
    start: int
    end: int
    text: str
    symbol: Symbol | None = None

    @property
    def named(self) -> Symbol | None:
        """The entry whose name stands there; None if anything else does."""
        return self.symbol if self.what in (What.entry, What.use) else None

    def at(self, offset: int) -> Mark:
        """The same up to the end of the word at a place: of `a.b.c`, `a.b` if the place is in `b`."""
        end = re.compile(r"\w*").match(self.text, max(0, offset - self.start))
        return self if end is None else self._replace(end=self.start + end.end(), text=self.text[: end.end()])


def marks_of(document: Document, text: Text) -> list[Mark]:
    """All that stands in a file, in order.

    Args:
        document: What it says.
        text: Its text.
    """
    marks = [] if document.root is None else list(_Marks(text).of_tube(document.root, ()))
    return sorted(marks, key=lambda mark: (mark.start, mark.end))


def mark_at(marks: list[Mark], offset: int) -> Mark | None:
    """What stands at a place: the shortest of what does."""
    there = [mark for mark in marks if mark.start <= offset <= mark.end]
    return min(there, key=lambda mark: (mark.end - mark.start, mark.start != offset), default=None)


class _Marks:
    """Goes through the nodes of a document.

    Args:
        text: Its text.
    """

    def __init__(self, text: Text) -> None:
        self._text = text

    def of_tube(self, tube: Node, around: DocumentPath) -> Iterator[Mark]:
        for key, value in _pairs(tube):
            path = (*around, key.value)
            yield self._mark(What.key, path, key)
            if key.value in NOUNS:
                for name, entry in _pairs(value):
                    symbol = Symbol(key.value, name.value, around)
                    yield self._mark(What.entry, (*path, name.value), name, symbol)
                    yield from self._entry(symbol, entry, (*path, name.value))
            elif key.value == "extends":
                for at, item in enumerate(_items(value)):
                    yield from self._scalar(What.tube, (*path, at), item)
            else:
                yield from self._scalar(What.word, path, value)

    def _entry(self, symbol: Symbol, entry: Node, path: DocumentPath) -> Iterator[Mark]:
        for key, value in _pairs(entry):
            inside = (*path, key.value)
            yield self._mark(What.key, inside, key)
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
                yield from self._scalar(What.word, inside, value)

    def _type(self, path: DocumentPath, value: Node) -> Iterator[Mark]:
        if isinstance(value, ScalarNode):
            mark = self._mark(What.word, path, value)
            if value.value in SPECIAL_TYPES:
                yield mark
                return
            for named in _PATH.finditer(mark.text):
                yield mark._replace(
                    what=What.code, start=mark.start + named.start(), end=mark.start + named.end(), text=named[0]
                )

    def _retry(self, path: DocumentPath, value: Node) -> Iterator[Mark]:
        for key, said in _pairs(value):
            yield self._mark(What.key, (*path, key.value), key)
            for at, item in enumerate(_items(said)):
                yield from self._type((*path, key.value, at), item)

    def _depends(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Mark]:
        yield from self._reference(symbol, path, value)
        for at, item in enumerate(_items(value)):
            yield from self._reference(symbol, (*path, at), item)
            for key, said in _pairs(item):
                inside = (*path, at, key.value)
                yield self._mark(What.slot, inside, key, symbol)
                yield from self._reference(symbol, inside, said)

    def _reference(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Mark]:
        if not isinstance(value, ScalarNode):
            return
        mark = self._mark(What.word, path, value)
        if not is_reference(mark.text):
            return
        owner, _, name = mark.text.partition(".")
        middle = mark.start + len(owner)
        if owner in (INPUT, ASSETS):
            named = Symbol(owner, name, symbol.around)
            yield mark._replace(what=What.use, start=middle + 1, text=name, symbol=named)
        else:
            named = Symbol("nodes", owner, symbol.around)
            yield mark._replace(what=What.use, end=middle, text=owner, symbol=named)
            yield mark._replace(what=What.signal, start=middle + 1, text=name, symbol=named)

    def _params(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Mark]:
        for key, said in _pairs(value):
            inside = (*path, key.value)
            yield self._mark(What.slot, inside, key, symbol)
            if key.value == "tube" and isinstance(said, MappingNode):
                yield from self.of_tube(said, inside)
            elif key.value == "tube":
                yield from self._scalar(What.tube, inside, said, symbol)
            else:
                yield from self._inputs(symbol, inside, said)
        for at, item in enumerate(_items(value)):
            yield from self._inputs(symbol, (*path, at), item)

    def _inputs(self, symbol: Symbol, path: DocumentPath, value: Node) -> Iterator[Mark]:
        if isinstance(value, ScalarNode):
            mark = self._mark(What.word, path, value)
            name = input_named(mark.text)
            if name is None:
                yield mark
            else:
                used = Symbol(INPUT, name, symbol.around)
                yield mark._replace(what=What.use, start=mark.end - len(name), text=name, symbol=used)
        for key, said in _pairs(value):
            yield from self._inputs(symbol, (*path, key.value), said)
        for at, item in enumerate(_items(value)):
            yield from self._inputs(symbol, (*path, at), item)

    def _scalar(self, what: What, path: DocumentPath, value: Node, symbol: Symbol | None = None) -> Iterator[Mark]:
        if isinstance(value, ScalarNode):
            yield self._mark(what, path, value, symbol)

    def _mark(self, what: What, path: DocumentPath, node: ScalarNode, symbol: Symbol | None = None) -> Mark:
        start, end = self._text.start_of(node), self._text.end_of(node)
        if node.style in ('"', "'"):
            start, end = start + 1, max(start + 1, end - 1)
        return Mark(what, path, start, end, self._text.source[start:end], symbol)


def _pairs(node: Node) -> Iterator[tuple[ScalarNode, Node]]:
    if isinstance(node, MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, ScalarNode))


def _items(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
