"""Finding the source of modules, and what each binds at its top level, without importing any."""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ModuleSpec, PathFinder
from pathlib import Path

from noob_cli.code.finding import ModuleFailedError, beginnings
from noob_cli.code.own_imports import NEEDED
from noob_cli.code.reading.conditions import is_attempt_to_import, is_true
from noob_cli.struct import Struct, field

_MOST_BYTES = 5_000_000
"""How large the source of a module may be that is read."""

_OPENING = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__", "modules"})
"""The names by which code may bind others than its source shows."""

Binding = ast.stmt | ast.alias
"""What binds a name: a definition, an assignment, or an imported name."""


class Source(Struct):
    """What the source of a module binds at its top level.

    Args:
        name: The dotted name of the module.
        file: Its file; None for a package without one.
        places: The folders of a package; None for what is none.
        bindings: What binds each name, as far as it is bound in one way.
        imported_from: For each imported name, the statement that imports it.
        starred: The modules all of whose names are imported.
        attempts: For each name that an attempt to import binds last, that attempt.
        unclear: The names that are bound, changed or deleted in ways that only show when the code runs.
        is_open: Whether it may bind more names than its source shows.
        may_name_signals: Whether it uses this package, or the public one.
        doc: Its docstring.
    """

    name: str
    file: Path | None = None
    places: tuple[str, ...] | None = None
    bindings: dict[str, Binding] = field(factory=dict)
    imported_from: dict[str, ast.Import | ast.ImportFrom] = field(factory=dict)
    starred: list[ast.ImportFrom] = field(factory=list)
    attempts: dict[str, ast.Try] = field(factory=dict)
    unclear: set[str] = field(factory=set)
    is_open: bool = False
    may_name_signals: bool = True
    doc: str | None = None

    @property
    def package(self) -> str:
        """The package from which its relative imports count."""
        return self.name if self.places is not None else self.name.rpartition(".")[0]


class Sources:
    """The sources of the modules that can be imported from some folders.

    Args:
        folders: The folders of a tube, in which modules are looked for first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [str(folder.resolve()) for folder in folders]
        self._beginnings = beginnings(self._folders)
        self._versions: dict[Path, int] = {}
        self._specs: dict[tuple[str, bool], ModuleSpec | None] = {}

    def spec(self, name: str, beside: bool = False) -> ModuleSpec | None:
        """Where a module at the top is.

        Args:
            name: Its name.
            beside: Whether the folders of the tube come first whatever it is called, as they do for `type`.
        """
        key = (name, beside)
        if key not in self._specs:
            self._specs[key] = self._spec(name, beside)
        return self._specs[key]

    def source(self, name: str, spec: ModuleSpec) -> Source | None:
        """What a module binds; None if its source can't be read.

        Args:
            name: Its dotted name.
            spec: Where it is.

        Raises:
            ModuleFailedError: The source of the module isn't Python.
        """
        places = None if spec.submodule_search_locations is None else tuple(spec.submodule_search_locations)
        if spec.origin is None:
            return Source(name, places=places)
        if spec.origin.endswith(tuple(EXTENSION_SUFFIXES)) or not spec.origin.endswith(tuple(SOURCE_SUFFIXES)):
            return None
        file = Path(spec.origin)
        try:
            stat = os.stat(file)
            self._versions[file] = stat.st_mtime_ns
            if stat.st_size > _MOST_BYTES:
                return None
            return _read(name, file, places, stat.st_mtime_ns)
        except (SyntaxError, ValueError) as error:
            raise ModuleFailedError(name, error) from error
        except (OSError, RecursionError, MemoryError):
            return None

    def stub(self, source: Source) -> Source | None:
        """What the stub file beside a module says that it binds; None if there is none."""
        file = None if source.file is None else source.file.with_suffix(".pyi")
        try:
            return None if file is None else _read(source.name, file, source.places, os.stat(file).st_mtime_ns)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def changed(self) -> bool:
        """Whether a file that was read is another now."""
        return any(_version(file) != version for file, version in list(self._versions.items()))

    def is_own(self, source: Source) -> bool:
        """Whether a module stands in a folder of the tube."""
        return source.file is not None and self.is_in_folders(str(source.file))

    def is_in_folders(self, file: str) -> bool:
        """Whether a file stands in a folder of the tube, or below one."""
        return file.startswith(self._beginnings)

    def refuse_missing(self, source: Source) -> None:
        """Refuse a module beside the tube that imports at its top level what is not installed.

        Raises:
            ModuleFailedError: It can't be imported.
        """
        if not self.is_own(source):
            return
        for statement in source.imported_from.values():
            names = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
            if isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
                names = [statement.module]
            for name in names:
                first = name.partition(".")[0]
                if not _is_of_this_python(first) and self.spec(first) is None:
                    error = ModuleNotFoundError(f"No module named '{first}'", name=first)
                    raise ModuleFailedError(source.name, error)

    def _spec(self, name: str, beside: bool) -> ModuleSpec | None:
        if beside or (name not in NEEDED and name not in sys.stdlib_module_names):
            spec = PathFinder.find_spec(name, self._folders)
            if spec is not None:
                return spec
        for finder in sys.meta_path:
            spec = finder.find_spec(name, None) if hasattr(finder, "find_spec") else None
            if spec is not None and spec.origin is not None and not self._is_hidden(spec):
                return spec
            if spec is not None and spec.submodule_search_locations:
                return spec
        return None

    def _is_hidden(self, spec: ModuleSpec) -> bool:
        """Whether what has the name of a module that Python needs is in a folder of the tube."""
        return spec.origin is not None and os.path.dirname(spec.origin) in self._folders and spec.name in NEEDED


def is_of_python(origin: str | None) -> bool:
    """Whether a module stands where Python's own do, and does not only have the name of one."""
    if origin is None or origin in ("built-in", "frozen"):
        return True
    return "site-packages" not in origin and os.path.realpath(origin).startswith(_beginnings_of_python())


@cache
def _beginnings_of_python() -> tuple[str, ...]:
    """How the paths begin of the modules that come with Python."""
    return beginnings({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})


def _is_of_this_python(name: str) -> bool:
    """Whether there is a module of Python's own by a name, without looking for it."""
    return name in sys.builtin_module_names or (name in sys.stdlib_module_names and name in sys.modules)


def _version(file: Path) -> int:
    try:
        return os.stat(file).st_mtime_ns
    except OSError:
        return -1


@lru_cache(maxsize=500)
def _read(name: str, file: Path, places: tuple[str, ...] | None, version: int) -> Source:
    """What a module binds, read once for each version of its file."""
    data = file.read_bytes()
    tree = ast.parse(data, str(file))
    source = Source(name, file, places, may_name_signals=b"noob" in data, doc=ast.get_docstring(tree))
    _Bindings(source).read(tree)
    return source


def bound_by(statements: Iterable[ast.stmt], source: Source) -> Source:
    """What some of the statements of a module bind."""
    bound = Source(source.name, source.file, source.places, may_name_signals=source.may_name_signals)
    _Bindings(bound).read(ast.Module(list(statements), []))
    return bound


class _Bindings:
    """Notes what the statements of a module bind."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def read(self, tree: ast.Module) -> None:
        self._statements(tree.body)
        source = self._source
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                source.unclear.update(node.names)
            elif isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                source.is_open = source.is_open or name in _OPENING
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                    # What is changed from outside is not what its definition shows.
                    source.unclear.update(_base_of(node))
        source.is_open = source.is_open or "__getattr__" in source.bindings

    def _statements(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            if isinstance(statement, ast.If) and (holds := is_true(statement.test)) is not None:
                self._statements(statement.body if holds else statement.orelse)
            elif isinstance(statement, ast.Try) and is_attempt_to_import(statement):
                self._source.attempts.update(dict.fromkeys(_names_bound(statement), statement))
            else:
                self._statement(statement)

    def _bind(self, name: str, binding: Binding) -> None:
        self._source.bindings[name] = binding
        self._source.attempts.pop(name, None)

    def _statement(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._bind(statement.name, statement)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            self._imported(statement)
        elif isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets):
            for name in _names_bound(statement):
                self._bind(name, statement)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if statement.value is not None:
                self._bind(statement.target.id, statement)
        elif sys.version_info >= (3, 12) and isinstance(statement, ast.TypeAlias):
            self._bind(statement.name.id, statement)
        elif not isinstance(statement, ast.Expr | ast.Pass | ast.Assert | ast.Raise) or _binds_inside(statement):
            self._unclear(statement)

    def _imported(self, statement: ast.Import | ast.ImportFrom) -> None:
        source = self._source
        for alias in statement.names:
            if alias.name == "*" and isinstance(statement, ast.ImportFrom):
                source.starred.append(statement)
                continue
            name = alias.asname or (alias.name.partition(".")[0] if isinstance(statement, ast.Import) else alias.name)
            self._bind(name, alias)
            source.imported_from[name] = statement

    def _unclear(self, statement: ast.stmt) -> None:
        self._source.unclear.update(_names_bound(statement))
        if any(isinstance(node, ast.alias) and node.name == "*" for node in ast.walk(statement)):
            self._source.is_open = True


def _names_bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement may bind or delete, at whatever depth."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name is not None:
            yield node.name


def _binds_inside(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.NamedExpr) for node in ast.walk(statement))


def _base_of(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name) and node.id not in ("self", "cls"):
        yield node.id
