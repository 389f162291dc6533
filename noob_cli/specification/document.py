"""A tube file as plain data, with the place of every key and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from noob_cli.advice import REMOVE, Action, Advice, Change
from noob_cli.diagnostics import Diagnostic, DocumentPath, Related, Severity, Span
from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.specification.composing import SafeYaml, compose, span_of
from noob_cli.specification.file import read_file
from noob_cli.struct import Struct, field
from noob_cli.wording import shortened

UNSEARCHED = "Y008"
"""The code of what is said where an installed package can't tell its folders."""

_MERGE = "tag:yaml.org,2002:merge"
_COLLECTIONS: dict[type[Node], str] = {SequenceNode: "tag:yaml.org,2002:seq", MappingNode: "tag:yaml.org,2002:map"}
_UNTAGGED = "!"
"""Stands where there would be a tag if there was one."""
_TEXT = ("tag:yaml.org,2002:str", _MERGE, "tag:yaml.org,2002:value")
"""What is text where it stands as a value; the last are the words `<<` and `=`."""


class Document(Struct):
    """A tube as plain data, and where each part of it stands.

    Args:
        data: Mappings, lists and scalars.
        file: The file it was read from, if there is one.
        problems: What is wrong with it as YAML: duplicate keys.
        others: Files in which a tube with the same id was found too.
        odd_keys: The keys that are not what their YAML nodes have as text, by the identity of the nodes.
        is_whole: Whether all that it builds on could be read.
        nested: The documents of tubes nested in it, by node, as far as they need not be looked for.
        code_objects: The code in it that was given as an object, by the path that it has instead.
    """

    data: Any
    file: Path | None = None
    problems: list[Diagnostic] = field(factory=list)
    root: Node | None = None
    others: tuple[Path, ...] = ()
    odd_keys: dict[int, Any] = field(factory=dict)
    is_whole: bool = True
    nested: Mapping[str, Document] = field(factory=dict)
    code_objects: Mapping[str, Any] = field(factory=dict)
    _children: dict[int, dict[Any, tuple[Node, Node]]] = field(factory=dict)

    @property
    def layers(self) -> list[Document]:
        """The documents that it was merged from, the one that wins first; itself if it was not."""
        return [self]

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the data, but not where each part stands, nor what is wrong with it."""
        return {**vars(self), "root": None, "problems": [], "odd_keys": {}, "_children": {}}

    def value_span(self, path: DocumentPath) -> Span | None:
        """Where the value at `path` stands, or what is there of the way to it; None without a file."""
        document, path = self.origin(path)
        return document._span(path, of_key=False)

    def key_span(self, path: DocumentPath) -> Span | None:
        """Where the key that `path` ends with stands, or what is there of the way to it; None without a file."""
        document, path = self.origin(path)
        return document._span(path, of_key=True)

    def origin(self, path: DocumentPath) -> tuple[Document, DocumentPath]:
        """The document of the file that a path comes from, and the path in that."""
        return self, path

    def whole(self, path: DocumentPath) -> DocumentPath:
        """A path in it as a path in its file."""
        return self.origin(path)[1]

    def depth(self, path: DocumentPath) -> int:
        """How much of a path exists in it."""
        data: Any = self.data
        depth = 0
        for step in path:
            known = data.keys() if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
            if step not in known:
                break
            data = data[step]
            depth += 1
        return depth

    def fragment(self, path: DocumentPath) -> DocumentFragment:
        """What stands at a path, as a document of its own."""
        data = self.data
        for step in path:
            data = data[step]
        return DocumentFragment(data, self.file, code_objects=self.code_objects, around=self, path=path)

    def _span(self, path: DocumentPath, *, of_key: bool) -> Span | None:
        """Where the last key, or value, on the way to `path` stands."""
        if self.root is None:
            return None if self.file is None else Span(self.file, 1, 1, 1, 2)
        key, value = self.root, self.root
        for step in path:
            child = self._child(value, step)
            if child is None:
                break
            key, value = child
        return span_of(key if of_key else value, self.file)

    def _child(self, node: Node, step: str | int) -> tuple[Node, Node] | None:
        if isinstance(node, SequenceNode):
            if isinstance(step, int) and step < len(node.value):
                return node.value[step], node.value[step]
        elif isinstance(node, MappingNode):
            if id(node) not in self._children:
                pairs = [(key, value) for key, value in _pairs(node) if isinstance(key, ScalarNode)]
                keys = [self.odd_keys.get(id(key), key.value) for key, _ in pairs]
                self._children[id(node)] = dict(reversed(list(zip(keys, pairs, strict=True))))
            return self._children[id(node)].get(step)
        return None


class DocumentFragment(Document):
    """A part of a document as a document of its own: a tube that stands inside of another.

    Args:
        around: The document.
        path: Where in it the part stands.
    """

    around: Document = field(factory=lambda: Document(None))
    path: DocumentPath = ()

    @property
    def name(self) -> str:
        """The entry of the document around it that it stands in."""
        return str(self.path[1])

    def origin(self, path: DocumentPath) -> tuple[Document, DocumentPath]:
        return self.around.origin((*self.path, *path))


class MergedDocument(Document):
    """A document merged with those that it extends.

    Args:
        merged: The documents that it was merged from, the one that wins first.
    """

    merged: list[Document] = field(factory=list)

    @property
    def layers(self) -> list[Document]:
        return self.merged

    def origin(self, path: DocumentPath) -> tuple[Document, DocumentPath]:
        """What the first of the documents says in which most of the path exists."""
        return max(self.layers, key=lambda layer: layer.depth(path)).origin(path)


def open_document(path: Path, others: tuple[Path, ...] = (), failed: tuple[str, ...] = ()) -> Document:
    """Open a tube's file.

    Args:
        path: The file.
        others: Files in which a tube with the same id was found too.
        failed: What could not be searched for its id, and why: Y008.

    Raises:
        TubeNotFoundError: It can't be opened.
        TubeError: It can't be read as YAML.
    """
    try:
        data = read_file(path)
    except OSError as error:
        raise TubeNotFoundError(f"the tube '{path}' can't be read: {error.strerror}") from error
    document = read_document(data, path)
    document.others = others
    document.problems += [*_found_twice(document), *(_unsearched(document, message) for message in failed)]
    return document


def _found_twice(document: Document) -> Iterator[Diagnostic]:
    """Y004: the id of a tube is in other files too."""
    if document.others:
        others = ", ".join(str(other) for other in document.others)
        message = f"the same id is also in {others}: this file, found first, is the one that counts"
        hint = "give one of them an id of its own, or name the file"
        yield _about_id(document, "Y004", message, hint)


def _unsearched(document: Document, message: str) -> Diagnostic:
    """An installed package that names folders with tubes fails to do so."""
    return _about_id(document, UNSEARCHED, message, "mend or remove the package that it comes from")


def _about_id(document: Document, code: str, message: str, hint: str) -> Diagnostic:
    path: DocumentPath = ("noob_id",)
    return Diagnostic(code, message, path, document.value_span(path), hint, Severity.warning)


def read_document(text: str | bytes, file: Path | None = None) -> Document:
    """Read a tube's YAML.

    Args:
        text: UTF-8, with or without a BOM.
        file: The file it came from, for messages.

    Returns:
        The document; duplicate keys are among its problems, the first of them holds.

    Raises:
        TubeError: It is not UTF-8, not YAML, too large or nested too deeply, or its aliases explode.
    """
    yaml = SafeYaml()
    root = compose(yaml, text, file)
    document = Document(None, file, root=root)
    if root is not None:
        document.data = _Construction(yaml, document).value(root, ())
        # It is on a circle, and would keep all nodes until that is looked for.
        yaml.constructor.constructed_objects.clear()
    return document


class _Construction:
    """Turns YAML nodes into plain data and notes the duplicate keys on the way."""

    def __init__(self, yaml: SafeYaml, document: Document) -> None:
        self._yaml = yaml
        self._document = document

    def value(self, node: Node, path: DocumentPath) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if node.tag not in (_UNTAGGED, _COLLECTIONS[type(node)]):
            raise self._unknown_tag(node)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self._mapping(node, path)

    def _mapping(self, node: MappingNode, path: DocumentPath) -> dict[Any, Any]:
        own: dict[Any, Any] = {}
        first: dict[Any, Node] = {}
        merged: list[dict[Any, Any]] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                if _MERGE in first:
                    self._duplicate(key_node.value, key_node, first[_MERGE], path)
                first.setdefault(_MERGE, key_node)
                merged += self._merged(value_node, path)
                continue
            if not isinstance(key_node, ScalarNode):
                raise self._error(
                    key_node, "a key is a word or a number, found a list or a mapping", "put text in quotes"
                )
            key = self._scalar(key_node)
            if key != key_node.value:
                self._document.odd_keys[id(key_node)] = key
            if key in first:
                self._duplicate(key, key_node, first[key], path)
                continue
            first[key] = key_node
            own[key] = self.value(value_node, (*path, key))
        if not merged:
            return own
        whole = {}
        for mapping in reversed(merged):
            whole.update(mapping)
        return whole | own

    def _merged(self, node: Node, path: DocumentPath) -> list[dict[Any, Any]]:
        """The mappings that a merge key `<<` brings in; earlier ones win."""
        value = self.value(node, path)
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(mapping, dict) for mapping in parts):
            message = "the merge key '<<' takes a mapping or a list of mappings"
            raise self._error(node, message, "write '<<: *name' or '<<: [*one, *another]'")
        return parts

    def _scalar(self, node: ScalarNode) -> Any:
        if node.tag in _TEXT:
            return self._text(node)
        if node.tag not in self._yaml.constructor.yaml_constructors:
            raise self._unknown_tag(node)
        try:
            return self._yaml.constructor.construct_object(node, deep=True)
        except MarkedYAMLError as error:
            raise self._error(node, error.problem or str(error)) from None
        except (ValueError, OverflowError, AttributeError, LookupError) as error:
            raise self._error(node, f"'{shortened(node.value, 60)}' can't be read: {error}") from None

    def _text(self, node: ScalarNode) -> str:
        text: str = node.value
        if text.isascii():
            return text
        try:
            # What JSON writes as two escapes is one character.
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise self._error(node, "a half of a surrogate pair is no character") from None

    def _duplicate(self, key: Any, second: Node, first: Node, path: DocumentPath) -> None:
        document = self._document
        document.problems.append(
            Diagnostic(
                "Y002",
                f"the key '{key}' stands here a second time",
                (*path, key),
                span_of(second, document.file),
                hint=Advice("remove one of the two, or give one another name", REMOVE),
                related=(Related("the first is here", span_of(first, document.file)),),
            )
        )

    def _unknown_tag(self, node: Node) -> TubeError:
        tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
        kind = (
            "a list" if isinstance(node, SequenceNode) else "a mapping" if isinstance(node, MappingNode) else "a value"
        )
        hint = Advice("take it out", Change(Action.replace, "", tag))
        return self._error(node, f"the tag '{shortened(tag, 60)}' has no meaning for {kind}", hint, is_of_yaml=True)

    def _error(self, node: Node, message: str, hint: str | None = None, *, is_of_yaml: bool = False) -> TubeError:
        span = span_of(node, self._document.file)
        return TubeError([Diagnostic("Y001", message, (), span, hint, is_of_yaml=is_of_yaml)])


def _pairs(node: MappingNode) -> Iterator[tuple[Node, Node]]:
    """The keys and values of a mapping, those that a merge key brings in last."""
    merged: list[Node] = []
    for key, value in node.value:
        if key.tag == _MERGE:
            merged.append(value)
        else:
            yield key, value
    for value in merged:
        for mapping in value.value if isinstance(value, SequenceNode) else [value]:
            if isinstance(mapping, MappingNode):
                yield from _pairs(mapping)
