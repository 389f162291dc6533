"""Finding code by its dotted path, from the folders of a tube first."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from noob_cli.code.looking import attribute
from noob_cli.code.own_imports import found_elsewhere, hide
from noob_cli.raised import describe, is_of

_BESIDE = "noob_cli.beside."
"""What is put before the name of a module beside a tube if others get another module by that name."""

_tube_modules: dict[str, str] = {}
"""Modules that came from the folder of a tube, those at its top, and the file each came from."""


class CodeNotFoundError(Exception):
    """No code is at a dotted path.

    Args:
        path: The whole path.
        missing: The part of it that does not exist.
        owner: The module or object in which that part was looked for; None if it is a module that is not installed.
    """

    def __init__(self, path: str, missing: str, owner: object | None = None) -> None:
        self.path = path
        self.missing = missing
        self.owner = owner
        before, _, _ = path.rpartition(f".{missing}")
        what = "module" if owner is None else "builtin"
        super().__init__(
            f"'{before}' has no '{missing}'" if before and owner is not None else f"there is no {what} '{missing}'"
        )


class ModuleFailedError(Exception):
    """A module exists but raised an error while it was imported, which is the cause of this one.

    Args:
        module: The dotted name of the module.
        error: What it raised.
    """

    def __init__(self, module: str, error: BaseException) -> None:
        self.module = module
        self.error = error
        super().__init__(f"importing '{module}' failed: {describe(error)}")


def module_names(folders: Iterable[str]) -> Iterator[str]:
    """The names of the modules in some folders, without those that no file is behind."""
    import pkgutil

    for info in pkgutil.iter_modules(folders):
        finder: Any = info.module_finder
        if finder.find_spec(info.name) is not None:
            yield info.name


def put_first(folders: Iterable[Path]) -> None:
    """Put folders first on `sys.path`, in this order, and forget modules of the same name from other tubes' folders.

    Args:
        folders: The folders of the tube and of what it builds on, and the working folder, where links lead.
    """
    texts = _as_entries(folders)
    hide([text for text in texts if text not in sys.path])
    sys.path[:] = [*texts, *(entry for entry in sys.path if entry not in texts)]
    for name in _may_have_others(texts):
        module_spec = PathFinder.find_spec(as_written(name), texts)
        if module_spec is not None and module_spec.origin != _tube_modules[name]:
            _forget(name)


def find_code(path: str, folders: Sequence[Path] = ()) -> object:
    """The object at a dotted path: a builtin for a bare name, else what is in a module.

    Where a package has an attribute and a submodule of one name, the attribute counts, if the rest of the path is in
    it.

    Args:
        path: Such as `sum`, `operator.mul` or `pathlib.Path.write_text`.
        folders: The folders of the tube, where links lead; modules from there are forgotten when another tube needs
            its own.

    Returns:
        What is there.

    Raises:
        CodeNotFoundError: A module or attribute does not exist.
        ModuleFailedError: A module raised an error while it was imported.
    """
    first, *rest = path.split(".")
    if not rest:
        if hasattr(builtins, first):
            builtin: object = getattr(builtins, first)
            return builtin
        raise CodeNotFoundError(path, first, builtins)
    name = first if file_beside(first, folders) is None else _BESIDE + first
    module = imported(name)
    if module is None:
        if hasattr(builtins, first):
            return _found_in(getattr(builtins, first), rest, path)
        raise CodeNotFoundError(path, first)
    _remember(name, module, folders)
    return _found_in(module, rest, path, name)


def file_beside(name: str, folders: Sequence[Path]) -> str | None:
    """The file of a module in the folders of a tube that has the name of another module, which everybody else gets.

    Args:
        name: The name of a module at the top.
        folders: The folders of the tube, where links lead.

    Returns:
        None if there is no such file, or no other module of that name.
    """
    known = sys.modules.get(name)
    if known is not None and name in _tube_modules:
        return None
    beside = PathFinder.find_spec(name, _as_entries(folders))
    if beside is None or beside.origin is None:
        return None
    if known is None:
        elsewhere = found_elsewhere(name)
        other = beside.origin if elsewhere is None else elsewhere.origin
    else:
        other = _file_of(known)
    return None if other is not None and _is_same(other, beside.origin) else beside.origin


def as_written(name: str) -> str:
    """The name of a module as a tube has it: without what is put before one that has the name of another."""
    return name.removeprefix(_BESIDE)


def beginnings(folders: Iterable[str]) -> tuple[str, ...]:
    """How the paths of the files in some folders begin, and of those below them."""
    return tuple(os.path.join(folder, "") for folder in folders)


def imported(name: str) -> ModuleType | None:
    """The module of a name, imported; None if there is none.

    Raises:
        ModuleFailedError: It raised an error.
    """
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if is_of(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            return None
        raise ModuleFailedError(as_written(name), error) from error


def _found_in(owner: object, parts: Sequence[str], path: str, module: str | None = None) -> object:
    """What is at the end of a path.

    Args:
        owner: Where it begins.
        parts: The rest of it.
        path: The whole dotted path.
        module: The name of the owner if that is a module.
    """
    if not parts:
        return owner
    first, *rest = parts
    try:
        return _found_in(_attribute(owner, first, path), rest, path)
    except CodeNotFoundError:
        # A submodule may not be imported yet, or have what an attribute of its name, such as a function, hasn't.
        name = f"{module}.{first}"
        is_package = module is not None and "__path__" in getattr(owner, "__dict__", ())
        submodule = imported(name) if is_package else None
        if submodule is None:
            raise
        return _found_in(submodule, rest, path, name)


def _attribute(owner: object, name: str, path: str) -> object:
    try:
        return getattr(owner, name)
    except AttributeError:
        raise CodeNotFoundError(path, name, owner) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ModuleFailedError(as_written(str(attribute(owner, "__name__", path))), error) from error


def _as_entries(folders: Iterable[Path]) -> list[str]:
    """Folders as they stand on `sys.path`."""
    return list(dict.fromkeys(map(str, folders)))


def _may_have_others(entries: Sequence[str]) -> list[str]:
    """The modules from tubes' folders of whose name there may be another in some folders.

    Of many tubes, most have modules that are nowhere near the others: one look into a folder tells for all of them.
    """
    places = beginnings(entries)
    distant = {name for name, origin in _tube_modules.items() if not origin.startswith(places)}
    near = set(_names_in(entries)) if distant else set()
    return [name for name in _tube_modules if name not in distant or as_written(name) in near]


def _names_in(entries: Iterable[str]) -> Iterator[str]:
    """What modules in some folders may be called: what their files and folders are called before the first dot."""
    for entry in entries:
        with suppress(OSError):
            yield from (file.partition(".")[0] for file in os.listdir(entry))


def _is_same(file: str, other: str) -> bool:
    try:
        return os.path.samefile(file, other)
    except OSError:
        return False


def _file_of(module: ModuleType) -> str | None:
    """The file of a module, which may say anything of it."""
    file = attribute(module, "__file__")
    return str(file) if isinstance(file, str | Path) else None


def _remember(name: str, module: ModuleType, folders: Sequence[Path]) -> None:
    origin = _file_of(module)
    if name in _tube_modules or origin is None or "site-packages" in origin:
        return
    if origin.startswith(beginnings(_as_entries(folders))):
        _tube_modules[name] = origin


def _forget(name: str) -> None:
    del _tube_modules[name]
    for module in [loaded for loaded in sys.modules if loaded == name or loaded.startswith(f"{name}.")]:
        del sys.modules[module]
