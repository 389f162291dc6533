"""Loading a tube: its document merged, its entries read, its code found, its graph built, and all of it checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from noob_cli.check.code import find_all_code
from noob_cli.check.entries import read_entries
from noob_cli.check.graph_rules import check_graph
from noob_cli.check.inputs import read_inputs
from noob_cli.check.root_causes import root_causes_in
from noob_cli.check.unused import check_unused
from noob_cli.code.codebase import ImportedCode, Opening, UnknownCodeError
from noob_cli.code.finding import ModuleFailedError
from noob_cli.collector import without_collecting
from noob_cli.diagnostics import Diagnostic, in_order
from noob_cli.errors import TubeError
from noob_cli.graph.graph import build_graph
from noob_cli.loading.loaded import Loaded
from noob_cli.loading.nested import NestedTubes, Surroundings
from noob_cli.specification.document import UNSEARCHED, Document, open_document
from noob_cli.specification.extends import folders_of, merge_extended
from noob_cli.specification.reference import INPUT, Reference
from noob_cli.specification.search import find_tube
from noob_cli.specification.tube import TubeSpecification, as_in_file
from noob_cli.specification.type_expression import TypeExpressionError, resolve_type
from noob_cli.wording import short_repr
from noob_cli.working_folder import working_folders


def document_of(spec: TubeSpecification | os.PathLike[str] | str | dict[str, Any]) -> Document:
    """The document of a tube.

    Args:
        spec: A path, an id, the tube as a dict, or a specification.

    Raises:
        TubeNotFoundError: There is no such file or id, or it can't be opened.
        TubeError: It can't be read as YAML.
        TypeError: It is nothing of that.
    """
    if isinstance(spec, TubeSpecification):
        return Document(as_in_file(spec))
    if isinstance(spec, dict):
        from noob_cli.specification.code_objects import with_paths

        data, code_objects = with_paths(spec)
        return Document(data, code_objects=code_objects)
    if isinstance(spec, str | os.PathLike):
        return open_document(*find_tube(os.fspath(spec)))
    raise TypeError(f"a tube is a path, an id, a dict or a TubeSpecification, found {short_repr(spec)}")


def load(document: Document) -> Loaded:
    """The tube that a document describes.

    Raises:
        TubeError: Something in it is wrong; the error has all that is.
    """
    loaded, diagnostics = _examine(document, Surroundings())
    if any(diagnostic.is_error for diagnostic in diagnostics):
        raise TubeError(diagnostics)
    return loaded.replace(warnings=tuple(diagnostics))


def diagnostics_of(document: Document, opening: Opening = ImportedCode) -> list[Diagnostic]:
    """All that is wrong with a tube and with those nested in it, types along the edges included, in order.

    Args:
        document: The document that describes it.
        opening: Whether code is imported, or only read.
    """
    return examined(document, opening)[1]


def examined(document: Document, opening: Opening) -> tuple[Loaded, list[Diagnostic]]:
    """A tube, as far as it can be loaded, and all that is wrong with it, as `diagnostics_of` has it.

    Args:
        document: The document that describes it.
        opening: Whether code is imported, or only read.
    """
    loaded, diagnostics = _examine(document, Surroundings(opening=opening))
    return loaded, in_order([*diagnostics, *type_diagnostics(loaded)])


def type_diagnostics(loaded: Loaded) -> list[Diagnostic]:
    """What is wrong with the types along the edges of a tube, and of those nested in it.

    It is not asked before a run: the answer takes the reading of annotations, and what it is about may not be reached.

    Args:
        loaded: A tube, as far as it could be loaded.
    """
    # A run doesn't import what only the command `validate` needs.
    from noob_cli.check.constants import check_constants, check_constants_for_tubes
    from noob_cli.check.types import check_types

    types = {}
    for name, spec in loaded.graph.inputs.items():
        with suppress(TypeExpressionError, ModuleFailedError, UnknownCodeError):
            types[name] = resolve_type(spec.type_, loaded.codebase.find)
    findings = [
        *check_types(loaded.graph, types, loaded.defaults),
        *check_constants(loaded.graph),
        *check_constants_for_tubes(loaded.graph, {name: child.input_types for name, child in loaded.children.items()}),
    ]
    diagnostics = [finding.locate(loaded.document) for finding in findings]
    for child in loaded.children.values():
        diagnostics += type_diagnostics(child)
    return in_order(diagnostics)


def _examine(document: Document, surroundings: Surroundings) -> tuple[Loaded, list[Diagnostic]]:
    """A tube, as far as it can be loaded, and what is wrong with it. If that are errors, it lacks what they are about.

    Args:
        document: The document that describes it.
        surroundings: The tubes that it is nested in.
    """
    document = merge_extended(document)
    with without_collecting():
        entries = read_entries(document)
    nested = NestedTubes(document, entries.spec, surroundings, _examine)
    own = folders_of(document)
    folders = list(dict.fromkeys([*own[:1], *working_folders(), *own[1:], *nested.folders]))
    codebase = surroundings.opening(folders)
    code = find_all_code(entries.spec, entries.types, codebase, nested.kinds, document.code_objects)
    inputs = read_inputs(entries.spec.input, codebase)
    with without_collecting():
        graph = build_graph(entries.spec, code.kinds, code.assets, frozenset(entries.broken))
        checked = check_graph(graph, document.data)
    known = {problem.path for problem in document.problems} | ({("extends",)} if not document.is_whole else set())
    findings = root_causes_in(
        [*entries.findings, *nested.findings, *code.findings, *inputs.findings, *checked.findings], known
    )
    diagnostics = [
        *document.problems,
        *(finding.locate(document) for finding in findings),
        *dict.fromkeys(nested.diagnostics),
    ]
    loaded = Loaded(
        entries.spec,
        checked.graph,
        checked.schedule,
        document,
        codebase,
        inputs.adapters,
        inputs.defaults,
        nested.loaded,
    )
    is_whole = not graph.broken and not any(diagnostic.is_error for diagnostic in diagnostics)
    if is_whole and graph.nodes:
        passed_over = entries.passed_over | {Reference(INPUT, name) for name in loaded.inherited_inputs}
        diagnostics += [finding.locate(document) for finding in check_unused(graph, passed_over)]
    return loaded, in_order(_said_once(diagnostics))


def _said_once(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Diagnostics, what a package does wrong said of the first only of the tubes that were searched for."""
    messages = set()
    for diagnostic in diagnostics:
        if diagnostic.code == UNSEARCHED:
            if diagnostic.message in messages:
                continue
            messages.add(diagnostic.message)
        yield diagnostic
