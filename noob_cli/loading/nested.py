"""The tubes that are nodes of another: found, read, and examined as the one around them is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from noob_cli.advice import Action, Advice, Change
from noob_cli.check.concurrency import keeps_something
from noob_cli.check.finding import Finding, missing_in
from noob_cli.check.loops import flushes
from noob_cli.check.values import described
from noob_cli.code.codebase import ImportedCode, Opening
from noob_cli.diagnostics import Diagnostic, DocumentPath, Span
from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.loading.loaded import Loaded
from noob_cli.nodes.kinds import NodeKind
from noob_cli.nodes.special import tube_kind
from noob_cli.specification.document import Document, open_document
from noob_cli.specification.extends import folders_of
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.search import find_tube, where_to_look
from noob_cli.specification.tube import TubeSpecification
from noob_cli.spelling import nearest
from noob_cli.struct import Struct, field

MOST_NESTED = 80
"""How deep tubes may be nested."""

MOST_TUBES = 1_000
"""How many tubes may be nested in one."""


class Surroundings(Struct):
    """The tubes around one that is nested in them.

    Args:
        files: The files that they stand in, the outermost first.
        depth: How many there are.
        numbers: Counts the tubes that are nested in the outermost.
        inputs: The tube-scoped inputs that they declare.
        opening: Whether code is imported, or only read.
    """

    files: tuple[Path, ...] = ()
    depth: int = 0
    numbers: Iterator[int] = field(factory=lambda: count(1))
    inputs: frozenset[str] = frozenset()
    opening: Opening = ImportedCode

    def and_one_in(self, file: Path | None, inputs: Mapping[str, InputSpecification]) -> Surroundings:
        """With one more, which stands in a file and has some inputs."""
        files = self.files if file is None else (*self.files, file.resolve())
        declared = {name for name, spec in inputs.items() if spec.scope is InputScope.tube}
        return self.replace(files=files, depth=self.depth + 1, inputs=self.inputs | declared)

    def refuse_more(self, path: DocumentPath, span: Span | None) -> None:
        """Y007, in a `TubeError`, if another tube can't be nested in them."""
        if self.depth > MOST_NESTED:
            message = f"tubes are nested more than {MOST_NESTED} deep here"
        elif (number := next(self.numbers)) > MOST_TUBES:
            if number > MOST_TUBES + 1:
                # It has been said of the first.
                raise TubeError([])
            message = f"more than {MOST_TUBES:,} tubes are nested in one, and those in them counted each time"
        else:
            return
        raise TubeError([Diagnostic("Y007", message, path, span, "put what they do into fewer tubes")])


Examine = Callable[[Document, Surroundings], tuple[Loaded, list[Diagnostic]]]
"""Examines a document: gives the tube, as far as it can be loaded, and what is wrong with it."""


class NestedTubes:
    """The tubes that are nodes of another.

    Args:
        document: The document of the tube around them.
        spec: What it says.
        surroundings: The tubes around that.
        examine: What examines each of them.
    """

    def __init__(
        self, document: Document, spec: TubeSpecification, surroundings: Surroundings, examine: Examine
    ) -> None:
        self.loaded: dict[str, Loaded] = {}
        self.kinds: dict[str, NodeKind] = {}
        self.folders: list[Path] = []
        self.findings: list[Finding] = []
        self.diagnostics: list[Diagnostic] = []
        tubes = {name: node for name, node in spec.nodes.items() if node.type_ == "tube"}
        if not tubes:
            return
        self._document = document
        self._surroundings = surroundings.and_one_in(document.file, spec.input)
        self._examine = examine
        for name, node in tubes.items():
            params = node.params or {}
            if isinstance(params.get("tube"), str | dict):
                self._load(name, params["tube"], bool(node.depends))
            else:
                self.findings.append(_without_tube(name, params))

    def _load(self, name: str, reference: str | dict[str, Any], has_depends: bool) -> None:
        path = ("nodes", name, "params", "tube")
        try:
            document = self._document.nested.get(name) or self._open(reference, path)
        except TubeError as error:
            self.diagnostics += error.diagnostics
            return
        loaded, diagnostics = self._examine(document, self._surroundings)
        self.loaded[name] = loaded
        self.diagnostics += diagnostics
        self.folders += folders_of(loaded.document)
        if not loaded.graph.broken and not any(diagnostic.is_error for diagnostic in diagnostics):
            self.kinds[name] = _kind_of(loaded, has_depends, self._surroundings.inputs)

    def _open(self, reference: str | dict[str, Any], path: DocumentPath) -> Document:
        document = self._document
        self._surroundings.refuse_more(path, document.value_span(path))
        if isinstance(reference, dict):
            return document.fragment(path)
        origin = document.origin(path)[0].file
        span = document.value_span(path)
        try:
            tube_file = find_tube(reference, origin)
            files, file = self._surroundings.files, tube_file.path.resolve()
            if file in files:
                way = " → ".join(step.name for step in [*files[files.index(file) :], tube_file.path])
                hint = "take it out of one of them: an epoch of it would never end"
                raise TubeError([Diagnostic("G017", f"this tube contains itself: {way}", path, span, hint)])
            return open_document(*tube_file)
        except TubeNotFoundError as error:
            raise TubeError([Diagnostic("G016", str(error), path, span, where_to_look(error))]) from None


def _without_tube(name: str, params: Mapping[str | int, Any]) -> Finding:
    """G016: a node of type `tube` is not told which."""
    path = ("nodes", name)
    found = f", found {described(params['tube'])}" if "tube" in params else ""
    meant = None if "tube" in params else nearest("tube", tuple(map(str, params)))
    hint = Advice("give it the id or the path of a tube, or the tube itself", Change(Action.choose, "tube"))
    if meant is not None:
        change = Change(Action.replace, "tube", meant, at=(*path, "params", meant))
        hint = Advice(f"did you mean 'tube' by '{meant}'?", change)
    return Finding(
        "G016",
        f"'{name}' is a tube and needs the param 'tube'{found}",
        path,
        hint,
        at_key=True,
        explains=missing_in(path),
        explained_by=((*path, "params"), ("extends",)),
    )


def _kind_of(loaded: Loaded, has_depends: bool, surrounding: Collection[str]) -> NodeKind:
    """A tube as a node. The tube-scoped inputs that a tube around it declares as well, it need not be given."""
    scopes: dict[InputScope, dict[str, bool]] = {scope: {} for scope in InputScope}
    for name, spec in loaded.graph.inputs.items():
        scopes[spec.scope][name] = spec.required and not (spec.scope is InputScope.tube and name in surrounding)
    returned = loaded.graph.return_node
    signals = [] if returned is None else [signal.name for signal in returned.kind.interface.signals]
    return tube_kind(
        scopes[InputScope.process],
        scopes[InputScope.tube],
        signals,
        is_source=loaded.graph.has_source and not has_depends,
        stateful=keeps_something(loaded.graph, loaded.schedule),
        flush=next((node.id for node in loaded.graph.nodes.values() if flushes(node)), None),
    )
