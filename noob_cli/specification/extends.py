"""Building on other tubes: `extends` merges their documents into one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from noob_cli.diagnostics import Diagnostic, DocumentPath
from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.specification.document import Document, MergedDocument, open_document
from noob_cli.specification.search import find_tube, where_to_look

_OWN = ("noob_id", "noob_model", "noob_version", "extends")
"""The keys that a tube has for itself."""


MOST_BEHIND_EACH_OTHER = 100
"""How many tubes may extend each other, one behind the other."""

_IN_AN_ENTRY = 2
"""How deep the keys of an entry are: below the section and the entry's name."""


def merge_extended(document: Document) -> Document:
    """A document with those merged into it that it extends, from left to right, itself last.

    Mappings are merged key by key, anything else is replaced; `depends` is always replaced whole, and a later `return`
    node replaces an earlier one, whatever its name.

    Args:
        document: The document; returned as it is if it extends nothing, or is such a whole.

    Returns:
        The whole. That a tube which it extends can't be found or read, or that they extend each other in a circle, is
        among its problems, and the rest is there.
    """
    return document if isinstance(document, MergedDocument) else _Merging().merge(document, ())


def folders_of(document: Document) -> list[Path]:
    """The folders of a document and of those that it extends, its own first."""
    files = (layer.file for layer in document.layers)
    return list(dict.fromkeys(file.resolve().parent for file in files if file is not None))


class _Merging:
    """Merges a document with all that it extends: each file is read and merged once, however often it is met."""

    def __init__(self) -> None:
        self._merged: dict[Path, Document] = {}

    def merge(self, document: Document, chain: tuple[Path, ...]) -> Document:
        extends = document.data.get("extends") if isinstance(document.data, dict) else None
        if not isinstance(extends, list) or not all(isinstance(reference, str) for reference in extends):
            # Anything else is a mistake that the rules on keys and values show.
            return document
        own = document.file.resolve() if document.file is not None else None
        chain = chain if own is None else (*chain, own)
        data: dict[str, Any] = {}
        layers: list[Document] = []
        problems = list(document.problems)
        is_whole = True
        for at, reference in enumerate(extends):
            try:
                extended = self._extended(document, reference, ("extends", at), chain)
            except TubeError as error:
                problems += error.diagnostics
                is_whole = False
                continue
            problems += extended.problems
            is_whole = is_whole and extended.is_whole
            data = _merged(data, {key: value for key, value in extended.data.items() if key not in _OWN})
            layers = [*extended.layers, *layers]
        layers = list({id(layer): layer for layer in layers}.values())
        return MergedDocument(
            _merged(data, document.data),
            document.file,
            list(dict.fromkeys(problems)),
            others=document.others,
            is_whole=is_whole,
            merged=[document, *layers],
            code_objects=document.code_objects,
        )

    def _extended(self, document: Document, reference: str, path: DocumentPath, chain: tuple[Path, ...]) -> Document:
        """A document that another one extends, merged with those that it extends itself."""
        span = document.value_span(path)
        try:
            tube_file = find_tube(reference, document.file)
            file = tube_file.path.resolve()
            if file in self._merged:
                return self._merged[file]
            if file in chain:
                way = " → ".join(step.name for step in [*chain[chain.index(file) :], file])
                message = f"these tubes extend each other in a circle: {way}"
                hint = "put what they have in common into a tube of its own"
                raise TubeError([Diagnostic("Y006", message, path, span, hint)])
            if len(chain) > MOST_BEHIND_EACH_OTHER:
                message = f"more than {MOST_BEHIND_EACH_OTHER} tubes extend each other, one behind the other"
                raise TubeError([Diagnostic("Y007", message, path, span, "put what they say into fewer tubes")])
            extended = open_document(*tube_file)
        except TubeNotFoundError as error:
            message = f"what is extended is not there: {error}"
            raise TubeError([Diagnostic("Y005", message, path, span, where_to_look(error))]) from None
        if not isinstance(extended.data, dict):
            message = f"what is extended is no tube: '{reference}' is not a mapping"
            raise TubeError([Diagnostic("Y005", message, path, span, hint="name a file with 'nodes' in it")])
        self._merged[file] = self.merge(extended, chain)
        return self._merged[file]


def _merged(under: dict[Any, Any], over: dict[Any, Any]) -> dict[Any, Any]:
    """Two tubes in one, the second of which wins."""
    nodes = over.get("nodes")
    if isinstance(nodes, dict) and isinstance(under.get("nodes"), dict):
        replaced = _replaced_returns(under["nodes"], nodes)
        kept = {name: node for name, node in under["nodes"].items() if name not in replaced}
        under = {**under, "nodes": kept}
    return _merged_mappings(under, over)


def _merged_mappings(under: dict[Any, Any], over: dict[Any, Any], depth: int = 0) -> dict[Any, Any]:
    merged = dict(under)
    for key, value in over.items():
        known = merged.get(key)
        whole = depth == _IN_AN_ENTRY and key == "depends"
        if isinstance(value, dict) and isinstance(known, dict) and not whole:
            merged[key] = _merged_mappings(known, value, depth + 1)
        elif value is None and isinstance(known, dict):
            # A section or an entry left empty changes nothing.
            continue
        else:
            merged[key] = value
    return merged


def _replaced_returns(under: dict[Any, Any], over: dict[Any, Any]) -> set[Any]:
    """The `return` nodes that a later one of another name replaces."""
    if not any(_is_return(node) for node in over.values()):
        return set()
    return {name for name, node in under.items() if _is_return(node) and name not in over}


def _is_return(node: Any) -> bool:
    return isinstance(node, dict) and node.get("type") == "return"
