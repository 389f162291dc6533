"""A tube in the editor: itself, and those that stand in it or are nested in it, and what their entries are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from noob_cli.assets.asset import parameters_of
from noob_cli.check.types import shown
from noob_cli.code.annotations import MISSING, UNRESOLVED
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError
from noob_cli.code.interface import Interface, Slot
from noob_cli.diagnostics import DocumentPath
from noob_cli.loading.loaded import Loaded
from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.tube_file import files_beside, said_at
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import NodeKind, NodeKindError, Role, kind_of
from noob_cli.nodes.special import gather_kind, map_kind, return_kind
from noob_cli.specification.input import InputScope
from noob_cli.specification.schema import tube_schema
from noob_cli.specification.search import named_ids, search_places

_OF_A_TUBE = ("params", "tube")
_SPECIAL: Mapping[str, Callable[[], NodeKind | None]] = {
    "map": map_kind,
    "gather": lambda: gather_kind((), closes_map=False),
    "return": lambda: return_kind(()),
    "tube": lambda: None,
}


class Place(NamedTuple):
    """A place in a tube.

    Args:
        loaded: The tube, or the one in it in which the place is; None if that is not known.
        data: What is said of it, those that it extends included.
        around: The path of the tube; empty for that of the file itself.
        path: The path of the place in it.
    """

    loaded: Loaded | None
    data: Mapping[str, Any]
    around: DocumentPath
    path: DocumentPath

    def section(self, name: str) -> Mapping[str, Any]:
        """The entries of a section, whatever is wrong with them."""
        entries = self.data.get(name)
        return {str(key): value for key, value in entries.items()} if isinstance(entries, dict) else {}

    def entry(self, section: str, name: str) -> Mapping[Any, Any]:
        """What is said of an entry; nothing if that is no mapping."""
        entry = said_at(self.data, (section, name))
        return entry if isinstance(entry, dict) else {}

    def kind(self, name: str) -> NodeKind | None:
        """What a node is, as far as its code is known, whatever else is wrong with it."""
        if self.loaded is None:
            return None
        node = self.loaded.graph.nodes.get(name)
        if node is not None:
            return node.kind
        type_ = self.type_of("nodes", name)
        if type_ is None:
            return None
        if type_ in _SPECIAL:
            return _SPECIAL[type_]()
        try:
            return kind_of(self.loaded.codebase.find(type_))
        except (UnknownCodeError, CodeNotFoundError, ModuleFailedError, NodeKindError):
            return None

    def interface(self, section: str, name: str, key: str) -> Interface | None:
        """What a node or an asset takes in `params`, or a node in `depends`; None if it isn't known."""
        if section == "nodes":
            kind = self.kind(name)
            return None if kind is None else kind.parameters if key == "params" else kind.interface
        asset = None if self.loaded is None else self.loaded.graph.assets.get(name)
        return None if asset is None else parameters_of(asset.code)

    def type_of(self, section: str, name: str) -> str | None:
        """What the `type` of an entry says."""
        type_ = self.entry(section, name).get("type")
        return type_ if isinstance(type_, str) else None

    def params(self, name: str) -> Mapping[Any, Any]:
        """The `params` of a node."""
        params = self.entry("nodes", name).get("params")
        return params if isinstance(params, dict) else {}

    def description(self, section: str, name: str) -> str:
        """What is said of an entry."""
        description = self.entry(section, name).get("description")
        return description if isinstance(description, str) else ""

    def extended(self, name: str) -> Iterator[str]:
        """The names of the entries of a section that only the tubes have which it extends."""
        if self.loaded is not None:
            own, *others = (said_at(layer.data, (name,)) for layer in self.loaded.document.layers)
            names = dict.fromkeys(str(entry) for entries in others if isinstance(entries, dict) for entry in entries)
            yield from (entry for entry in names if not (isinstance(own, dict) and entry in own))

    def given(self, name: str) -> set[str]:
        """The names of what a node is given, in `params` and in `depends`."""
        depends = self.entry("nodes", name).get("depends")
        items = (item for item in depends if isinstance(item, dict)) if isinstance(depends, list) else ()
        return {*map(str, self.params(name)), *(str(slot) for item in items for slot in item)}

    def inputs(self, scope: InputScope | None = None) -> Iterator[str]:
        """The names of its inputs, of a scope."""
        for name, entry in self.section("input").items():
            own_scope = entry.get("scope", InputScope.tube.value) if isinstance(entry, dict) else InputScope.tube.value
            if scope is None or own_scope == scope.value:
                yield name

    def signals(self, name: str) -> list[tuple[str, str]]:
        """The signals of a node, and their types."""
        kind = self.kind(name)
        if kind is None or kind.role is Role.return_:
            return []
        return [(signal.name, type_text(signal.annotation)) for signal in kind.interface.signals]


def place_of(analysis: Analysis, path: DocumentPath) -> Place:
    """The tube in which a path of a document ends, and where in it."""
    loaded = analysis.loaded
    document = analysis.document if loaded is None else loaded.document
    data: Any = None if document is None else document.data
    around: DocumentPath = ()
    while len(path) > len(_OF_A_TUBE) + 2 and path[0] == "nodes" and path[2:4] == _OF_A_TUBE:
        name = str(path[1])
        loaded = None if loaded is None else loaded.children.get(name)
        data = said_at(data, path[:4])
        around, path = (*around, *path[:4]), path[4:]
    return Place(loaded, data if isinstance(data, dict) else {}, around, path)


def tubes_named(place: Place) -> Iterator[tuple[str, bool]]:
    """What another tube may be called in one, and whether that is a file, and not an id."""
    own = None if place.loaded is None else place.loaded.document.file
    places = search_places(None if own is None else own.parent)
    own_id = place.data.get("noob_id")
    for name in dict.fromkeys(name for folder in places.folders for name in named_ids(folder)):
        if name != own_id:
            yield name, False
    if own is not None:
        yield from ((file.name, True) for file in files_beside(own) if file != own)


def type_text(annotation: Any) -> str:
    """A type, in the notation of annotations; nothing if it isn't known."""
    if annotation is MISSING or annotation is UNRESOLVED:
        return ""
    return shown([annotation]).replace("UNRESOLVED", "...")


def slot_text(slot: Slot) -> str:
    """A slot or a parameter: its name, its type, and whether it is required."""
    kind = type_text(slot.annotation)
    return f"{slot.name}{f': {kind}' if kind else ''}{'' if slot.required else ' = ...'}"


@functools.cache
def keys_of(what: str) -> Mapping[str, Any]:
    """What the schema says of the keys of a `tube`, an `input`, an `asset`, a `node`, or of its `retry`."""
    schema = tube_schema()
    if what == "tube":
        return dict(schema["properties"])
    if what == "retry":
        alternatives = schema["$defs"]["node"]["properties"]["retry"]["anyOf"]
        return dict(next(alternative["properties"] for alternative in alternatives if "properties" in alternative))
    return dict(schema["$defs"][what]["properties"])


def choices_of(schema: Mapping[str, Any]) -> Mapping[str, str]:
    """The values that a key takes, and what each means."""
    alternatives = [schema, *schema.get("anyOf", ())]
    choices: dict[str, str] = {}
    for alternative in alternatives:
        choices.update(zip(alternative.get("enum", ()), alternative.get("enumDescriptions", ()), strict=False))
        types = alternative.get("type", ())
        if "boolean" in ([types] if isinstance(types, str) else types):
            choices.update({"true": "", "false": ""})
    return choices
