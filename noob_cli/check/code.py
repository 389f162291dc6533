"""Rules on references to code: whether what `type` names exists, can be imported, and can be run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

from noob_cli.advice import did_you_mean
from noob_cli.check.finding import Finding, signals_of
from noob_cli.check.module_hints import (
    CORRECT_THERE,
    check_name,
    failing_module,
    hint_for_module,
    named_alone,
    names_in,
    one_for_each_module,
    place_of,
    what_to_name_in,
)
from noob_cli.code.codebase import Codebase, UnknownCodeError
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError, as_written
from noob_cli.code.looking import attribute, described, is_class, is_subclass, name_of
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.events import EndOfRun
from noob_cli.names import is_name
from noob_cli.nodes.kinds import NodeKind, NodeKindError, Supply, kind_of
from noob_cli.nodes.special import COUNT, SPECIAL_TYPES, gather_kind, map_kind, return_kind
from noob_cli.raised import describe, is_of
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import dependencies_of
from noob_cli.specification.tube import TubeSpecification
from noob_cli.spelling import suggest
from noob_cli.struct import Struct, field
from noob_cli.wording import listing, short_repr

_T = TypeVar("_T")


class Code(Struct):
    """The code of a tube, as far as it could be found.

    Args:
        kinds: What each node's code turned out to be.
        assets: What each asset's `type` names.
        findings: What is wrong with the rest.
    """

    kinds: dict[str, NodeKind] = field(factory=dict)
    assets: dict[str, Any] = field(factory=dict)
    findings: list[Finding] = field(factory=list)

    def found(self, find: Callable[[], _T], path: DocumentPath) -> _T | None:
        """Some code; None if that isn't known, or can't be used, which is noted then.

        Args:
            find: Finds the code.
            path: Where it is named.
        """
        try:
            return find()
        except UnknownCodeError:
            return None
        except _NotFound as error:
            self.findings.append(error.finding(path))
            return None


def find_all_code(
    spec: TubeSpecification,
    types: Mapping[DocumentPath, str],
    codebase: Codebase,
    nested: Mapping[str, NodeKind],
    code_objects: Mapping[str, Any],
) -> Code:
    """Find the code of every node and asset of a tube. What is not known has no kind, and nothing is wrong with it.

    Args:
        spec: The tube.
        types: What the `type` of the entries names in which something else is wrong.
        codebase: The code that it may name.
        nested: The nodes that are tubes, as far as they could be loaded.
        code_objects: The code that was given as an object, by the path that it has instead.
    """
    code = Code()
    finder = _Finder(codebase, code_objects)
    for name, asset in spec.assets.items():
        path: DocumentPath = ("assets", name, "type")
        maker = code.found(partial(finder.maker, asset.type_), path)
        if maker is not None:
            code.assets[name] = maker
            code.findings += finder.names(asset.type_, path)
    for name, node in spec.nodes.items():
        path = ("nodes", name, "type")
        if node.type_ in SPECIAL_TYPES:
            kind = nested.get(name) if node.type_ == "tube" else _special_kind(node, spec)
        else:
            kind = code.found(partial(finder.kind, node, _supply_of(node, spec)), path)
            if kind is not None:
                code.findings += finder.names(node.type_, path)
                code.findings += [*_wrong_signals(kind, node.type_, path), *_lost_marks(kind, path)]
        if kind is not None:
            code.kinds[name] = kind
    for name, node in spec.nodes.items():
        for at, type_ in enumerate([] if node.retry is None else node.retry.on):
            error = code.found(partial(finder.exception, type_), ("nodes", name, "retry", "on", at))
            if error is not None and name in code.kinds:
                kind = code.kinds[name]
                code.kinds[name] = kind._replace(retried=(*kind.retried, error))
    for entry, type_ in types.items():
        if type_ not in SPECIAL_TYPES:
            code.found(partial(finder.code, type_), (*entry, "type"))
    code.findings = list(one_for_each_module(code.findings))
    return code


class _NotFound(Exception):
    """Code that can't be used.

    Args:
        code: The rule's code.
        message: What was found and what was expected.
        hint: What to do.
        module: The module that is the reason, whatever is named in it.
        is_computed: Whether the code may be right, and the params be what it can't do with.
    """

    def __init__(
        self, code: str, message: str, hint: str | None = None, module: str | None = None, is_computed: bool = False
    ) -> None:
        self.code = code
        self.message = message
        self.hint = hint
        self.module = module
        self.is_computed = is_computed

    def finding(self, path: DocumentPath) -> Finding:
        explains = None if self.module is None else failing_module(self.module)
        explained_by = ((*path[:-1], "params"), ("extends",)) if self.is_computed else ()
        return Finding(self.code, self.message, path, self.hint, explains=explains, explained_by=explained_by)


class _Finder:
    """Finds code, each dotted path once."""

    def __init__(self, codebase: Codebase, code_objects: Mapping[str, Any]) -> None:
        self._codebase = codebase
        self._code_objects = code_objects
        self._found: dict[str, Any] = dict(code_objects)
        self._kinds: dict[tuple[str, Supply], NodeKind] = {}

    def kind(self, node: NodeSpecification, supply: Supply) -> NodeKind:
        key = (node.type_, supply)
        kind = self._kinds.get(key)
        if kind is None or kind.is_computed:
            kind = self._kinds[key] = self._kind_of(self.code(node.type_), supply, node)
        return kind

    def maker(self, type_: str) -> Any:
        """What makes an asset."""
        maker = self.code(type_)
        if not callable(maker):
            is_module = is_subclass(type(maker), ModuleType)
            hint = what_to_name_in(maker) if is_module else "name what makes it, or what returns it"
            raise _NotFound("C004", f"an asset is made by a class or a function, found {_shown(maker)}", hint)
        return maker

    def exception(self, type_: str) -> type[Exception]:
        """C009: what a call is to be made again with is no exception, or none that says of a failure."""
        code = self.code(type_)
        if is_class(code) and is_subclass(code, Exception) and not is_subclass(code, EndOfRun):
            return code
        is_exception = is_class(code) and is_subclass(code, BaseException)
        message = f"'{type_}' is no {'failure, with which a call is made again' if is_exception else 'exception'}"
        raise _NotFound("C009", message, "name exceptions, such as 'OSError' or 'urllib.error.URLError'")

    def names(self, type_: str, path: DocumentPath) -> list[Finding]:
        """What is to be said of the names on the way to some code."""
        return [] if type_ in self._code_objects else [*_private(type_, path), *check_name(type_, path, self._codebase)]

    def code(self, path: str) -> Any:
        if path not in self._found:
            self._found[path] = self._find(path)
        return self._found[path]

    def _find(self, path: str) -> Any:
        try:
            try:
                return self._codebase.find(path)
            except CodeNotFoundError as error:
                # A module that is named as if it were code: the hint lists what is in it.
                module = None if "." in path else self._codebase.module(path)
                if module is not None:
                    return module
                raise _not_found(error, self._codebase) from None
        except ModuleFailedError as error:
            raise _failed(error, self._codebase) from None

    def _kind_of(self, code: Any, supply: Supply, node: NodeSpecification) -> NodeKind:
        try:
            return kind_of(code, supply, node)
        except NodeKindError as error:
            if type(code) is ModuleType:
                message = f"a node runs something that can be called, found {_shown(code)}"
                raise _NotFound("C003", message, what_to_name_in(code)) from None
            raise _NotFound("C003", str(error), error.hint, is_computed=error.is_computed) from None


def _not_found(error: CodeNotFoundError, codebase: Codebase) -> _NotFound:
    """C001: a module or an attribute does not exist."""
    owner = error.owner
    if owner is None:
        message = f"there is no module '{error.missing}' for {sys.executable}"
        return _NotFound("C001", message, hint_for_module(error.path, error.missing, codebase), module=error.missing)
    if "." not in error.path:
        message = (
            f"there is no builtin '{error.missing}'; other code has a dotted path, such as 'module.{error.missing}'"
        )
        meant = named_alone(error.missing, codebase)
        if meant is not None:
            return _NotFound("C001", message, did_you_mean(meant, error.missing))
        return _NotFound("C001", message, suggest(error.missing, [*SPECIAL_TYPES, *names_in(owner)], "builtins"))
    kind = "module" if is_subclass(type(owner), ModuleType) else name_of(type(owner))
    name = as_written(name_of(owner))
    where = attribute(owner, "__file__")
    message = f"the {kind} '{name}' has no '{error.missing}'" + (f" ({where})" if where else "")
    return _NotFound("C001", message, suggest(error.missing, names_in(owner), "names in it"))


def _shown(code: object) -> str:
    return f"the module '{as_written(code.__name__)}'" if type(code) is ModuleType else described(code)


def _private(type_: str, path: DocumentPath) -> Iterator[Finding]:
    """C005: a part of the path has a name for its module alone."""
    for name in type_.split("."):
        if name.startswith("_") and not name.endswith("__"):
            message = f"'{name}' is private by its name: it may change or go without notice"
            hint = "name something public, or give it a name without '_' in front"
            yield Finding("C005", message, path, hint, severity=Severity.warning)
            return


def _supply_of(node: NodeSpecification, spec: TubeSpecification) -> Supply:
    references = [dependency.reference for dependency in dependencies_of(node.depends, ())]
    if not references:
        return Supply.nothing
    return Supply.at_start if all(map(spec.is_there_at_start, references)) else Supply.in_epochs


def _wrong_signals(kind: NodeKind, type_: str, path: DocumentPath) -> Iterator[Finding]:
    """C007: a signal whose name is none, or the name of another."""
    names = [signal.name for signal in kind.interface.signals]
    wrong = [name for name in names if not (type(name) is str and is_name(name))]
    twice = [name for name in dict.fromkeys(names) if name not in wrong and names.count(name) > 1]
    if wrong:
        shown = ", ".join(map(short_repr, wrong))
        calls = f"a signal {shown}, which is no identifier" if len(wrong) == 1 else f"signals {shown}: no identifiers"
        message = f"'{type_}' calls {calls}"
        hint = "use letters, digits and _, and no digit in front"
        yield Finding("C007", message, path, hint, explains=signals_of(path[:-1]))
    elif twice:
        message = f"'{type_}' has more than one signal {listing(twice)}"
        hint = "give each a name of its own, by which others take it"
        yield Finding("C007", message, path, hint, explains=signals_of(path[:-1]))


def _lost_marks(kind: NodeKind, path: DocumentPath) -> Iterator[Finding]:
    """C008: a method loses its mark where a subclass overrides it."""
    for lost in kind.lost_marks:
        message = (
            f"'{lost.overriding}.{lost.method}' overrides a method that is marked in '{lost.base}' for '{lost.mark}', "
            "and has no mark: it isn't run"
        )
        hint = f"put '@{lost.mark}_method' on it too"
        yield Finding("C008", message, path, hint, severity=Severity.warning)


def _failed(error: ModuleFailedError, codebase: Codebase) -> _NotFound:
    """C002: a module raises an error while it is imported."""
    cause = error.error
    message = f"the module '{error.module}' can't be imported: {describe(cause)}{place_of(cause)}"
    hint = CORRECT_THERE
    name: str | None = vars(ImportError)["name"].__get__(cause) if is_of(cause, ImportError) else None
    if name and is_of(cause, ModuleNotFoundError):
        hint = f"install it with '{sys.executable} -m pip install ...'"
    if name and (file := codebase.beside(name.split(".")[0])):
        hint = f"give {file} a name of its own: by this one, everybody but a tube gets another module"
    return _NotFound("C002", message, hint, error.module)


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
