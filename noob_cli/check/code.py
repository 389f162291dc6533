"""Rules on references to code: whether what `type` names exists, can be imported, and can be run."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from noob_cli.check.finding import Finding
from noob_cli.diagnostics import DocumentPath, suggest
from noob_cli.importing import CodeNotFoundError, ModuleFailedError, describe, find_code
from noob_cli.nodes.kinds import NodeKind, NodeKindError, kind_of
from noob_cli.nodes.special import COUNT, SPECIAL_TYPES, gather_kind, map_kind, return_kind
from noob_cli.spec.node import NodeSpecification
from noob_cli.spec.tube import TubeSpecification


@dataclass
class Code:
    """The code of a tube, as far as it could be found.

    Args:
        kinds: What each node's code turned out to be.
        assets: What each asset's `type` names.
        findings: What is wrong with the rest.
    """

    kinds: dict[str, NodeKind] = field(default_factory=dict)
    assets: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def find_all_code(spec: TubeSpecification, folders: Sequence[Path], nested: Mapping[str, NodeKind]) -> Code:
    """Find the code of every node and asset of a tube.

    Args:
        spec: The tube.
        folders: The folders that come first when code is looked for.
        nested: The nodes that are tubes, as far as they could be loaded.
    """
    code = Code()
    finder = _Finder(folders)
    for name, node in spec.nodes.items():
        path = ("nodes", name, "type")
        if node.type_ in SPECIAL_TYPES:
            kind = nested.get(name) if node.type_ == "tube" else _special_kind(node, spec)
            if kind is not None:
                code.kinds[name] = kind
            continue
        try:
            code.kinds[name] = finder.kind(node)
        except _NotFound as error:
            code.findings.append(error.finding(path))
    for name, asset in spec.assets.items():
        path = ("assets", name, "type")
        try:
            found = finder.code(asset.type_)
            if not callable(found):
                raise _NotFound("C004", f"an asset is made by a class or a function, found {found!r}")
            code.assets[name] = found
        except _NotFound as error:
            code.findings.append(error.finding(path))
    return code


class _NotFound(Exception):
    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        self.code = code
        self.message = message
        self.hint = hint

    def finding(self, path: DocumentPath) -> Finding:
        return Finding(self.code, self.message, path, self.hint)


class _Finder:
    """Finds code, each dotted path once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._found: dict[str, Any] = {}
        self._kinds: dict[tuple[str, bool], NodeKind] = {}

    def kind(self, node: NodeSpecification) -> NodeKind:
        has_depends = bool(node.depends)
        key = (node.type_, has_depends)
        if key not in self._kinds:
            self._kinds[key] = self._kind_of(self.code(node.type_), has_depends)
        return self._kinds[key]

    def code(self, path: str) -> Any:
        if path not in self._found:
            self._found[path] = self._find(path)
        return self._found[path]

    def _find(self, path: str) -> Any:
        try:
            return find_code(path, self._folders)
        except CodeNotFoundError as error:
            raise _not_found(error) from None
        except ModuleFailedError as error:
            raise _failed(error) from None

    def _kind_of(self, code: Any, has_depends: bool) -> NodeKind:
        try:
            return kind_of(code, has_depends)
        except NodeKindError as error:
            raise _NotFound("C003", str(error)) from None


def _not_found(error: CodeNotFoundError) -> _NotFound:
    """C001: a module or an attribute does not exist."""
    owner = error.owner
    if owner is None:
        message = f"there is no module '{error.part}' for {sys.executable}"
        install = (
            f"install it there with '{sys.executable} -m pip install ...', or put '{error.part}.py' beside the tube"
        )
        return _NotFound("C001", message, install)
    names = [name for name in dir(owner) if not name.startswith("_")]
    if "." not in error.path:
        message = f"there is no builtin '{error.part}'; other code has a dotted path, such as 'module.{error.part}'"
        return _NotFound("C001", message, suggest(error.part, [*SPECIAL_TYPES, *names], "builtins"))
    kind = "module" if isinstance(owner, ModuleType) else type(owner).__name__
    name = getattr(owner, "__name__", repr(owner))
    where = getattr(owner, "__file__", None)
    message = f"the {kind} '{name}' has no '{error.part}'" + (f" ({where})" if where else "")
    return _NotFound("C001", message, suggest(error.part, names, "names in it"))


def _failed(error: ModuleFailedError) -> _NotFound:
    """C002: a module raises an error while it is imported."""
    cause = error.error
    message = f"the module '{error.module}' can't be imported: {describe(cause)}{_place_of(cause)}"
    if isinstance(cause, ModuleNotFoundError) and cause.name:
        hint = f"install it with '{sys.executable} -m pip install ...'"
        return _NotFound("C002", message, hint)
    return _NotFound("C002", message)


def _place_of(error: BaseException) -> str:
    """Where in the user's module an error was raised."""
    if isinstance(error, SyntaxError):
        return f" ({error.filename}:{error.lineno})"
    traceback = error.__traceback__
    place = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith("<frozen") and "importlib" not in file and Path(file) != Path(__file__):
            place = f" ({file}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return place


def _special_kind(node: NodeSpecification, spec: TubeSpecification) -> NodeKind:
    items = node.depends if isinstance(node.depends, list) else []
    named = {str(slot): text for item in items if isinstance(item, dict) for slot, text in item.items()}
    if node.type_ == "return":
        return return_kind(named)
    if node.type_ == "map":
        return map_kind()
    owner, _, signal = named.get(COUNT, "").partition(".")
    counts_items = signal == COUNT and owner in spec.nodes and spec.nodes[owner].type_ == "map"
    return gather_kind(named, closes_map=counts_items)
