"""Modules by their names: those that are read, and those of Python's own that are imported."""

from __future__ import annotations

import ast
import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.finding import module_names
from noob_cli.code.reading.sources import Source, Sources, is_of_python
from noob_cli.named_tuple import NamedTuple

_OURS = ("noob_cli", "pydantic", "pydantic_core", "annotated_types", "typing_extensions")
"""Packages that are this one, or that it has imported."""

_NEVER_IMPORTED = ("antigravity", "this", "test", "idlelib", "turtledemo", "lib2to3", "__main__", "turtle", "site")
"""Modules of Python's own that do something when they are imported, or are large."""


class ReadModule(NamedTuple):
    """A module that is not imported.

    Args:
        name: Its dotted name.
        source: What its source binds; None if that can't be read.
    """

    name: str
    source: Source | None


Module = ReadModule | ModuleType
"""A module that is read, or one of Python's own, or of this package, that is imported."""


class Modules:
    """The modules that can be imported from some folders. Several threads may ask at once.

    Args:
        folders: The folders of the tube, in which they are looked for first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.sources = Sources(folders)
        self._known: dict[str, Module | None] = {}
        self._lock = threading.RLock()

    def at_top(self, name: str, beside: bool = False) -> Module | None:
        """A module without dots in its name; None if there is none.

        Args:
            name: Its name.
            beside: Whether the folders of the tube come first whatever it is called.

        Raises:
            ModuleFailedError: The source of the module isn't Python.
            UnknownCodeError: It is not known what importing it does.
        """
        key = f"{name} beside" if beside else name
        with self._lock:
            if key not in self._known:
                self._known[key] = self._at_top(name, beside)
            return self._known[key]

    def modules_in(self, module: Module) -> Iterator[str]:
        """The names of the modules in a package."""
        places = module.source.places if isinstance(module, ReadModule) and module.source else None
        if isinstance(module, ModuleType):
            places = getattr(module, "__path__", None)
        return module_names(places or ())

    def imported_from(self, module: ReadModule, statement: ast.ImportFrom) -> Module | None:
        """The module from which something is imported in another; None if it isn't found."""
        name = name_imported_from(module, statement)
        return module if name == module.name else self.by_name(name)

    def by_name(self, name: str) -> Module | None:
        """A module, by its whole name; None if it isn't found."""
        first, *rest = name.split(".")
        module = self.at_top(first)
        for inner in rest:
            module = None if module is None else self.submodule_of(module, inner)
        return module

    def submodule_of(self, owner: Module, name: str) -> Module | None:
        """A module in another; None if it isn't found.

        Raises:
            UnknownCodeError: It is not known what importing it does.
        """
        if isinstance(owner, ModuleType):
            if name == "__main__":
                raise UnknownCodeError(name)
            full = f"{owner.__name__}.{name}"
            if not hasattr(owner, "__path__"):
                return sys.modules.get(full)
            try:
                return importlib.import_module(full)
            except ModuleNotFoundError:
                return None
            except Exception as error:
                raise UnknownCodeError(full) from error
        if owner.source is None or owner.source.places is None:
            return None
        full = f"{owner.name}.{name}"
        with self._lock:
            if full not in self._known:
                spec = PathFinder.find_spec(full, owner.source.places)
                self._known[full] = None if spec is None else ReadModule(full, self.sources.source(full, spec))
            return self._known[full]

    def is_missing(self, name: str) -> bool:
        """Whether there is no module of a name, so that importing it fails.

        Raises:
            UnknownCodeError: It isn't found, and may be made when code runs.
        """
        first, *rest = name.split(".")
        module = self.at_top(first)
        for inner in rest:
            around = module
            module = None if around is None else self.submodule_of(around, inner)
            if around is not None and module is None and not _shows_its_modules(around):
                raise UnknownCodeError(name)
        return module is None

    def _at_top(self, name: str, beside: bool) -> Module | None:
        if name in sys.builtin_module_names:
            return importlib.import_module(name)
        spec = self.sources.spec(name, beside)
        if spec is None:
            return None
        if name in _OURS or (name in sys.stdlib_module_names and is_of_python(spec.origin)):
            return self._imported(name)
        source = self.sources.source(name, spec)
        if source is not None:
            self.sources.refuse_missing(source)
        return ReadModule(name, source)

    @staticmethod
    def _imported(name: str) -> ModuleType:
        if name.partition(".")[0] in _NEVER_IMPORTED:
            raise UnknownCodeError(name)
        try:
            return importlib.import_module(name)
        except Exception as error:
            raise UnknownCodeError(name) from error


def name_imported_from(module: ReadModule, statement: ast.ImportFrom) -> str:
    """The whole name of the module from which something is imported in another.

    Args:
        module: The module that imports it.
        statement: What imports it.
    """
    name = statement.module or ""
    if statement.level:
        assert module.source is not None
        packages = module.source.package.split(".")
        packages = packages[: len(packages) - statement.level + 1]
        name = ".".join([*packages, *([name] if name else [])])
    return name


def _shows_its_modules(package: Module) -> bool:
    """Whether all modules in a package are files in its folders."""
    if isinstance(package, ModuleType):
        return hasattr(package, "__path__")
    source = package.source
    return source is not None and source.places is not None and not source.is_open
