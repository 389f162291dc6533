"""Finding code by its dotted path, from the folders of a tube first."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

_tube_modules: dict[str, str | None] = {}
"""Top-level modules that came from the folder of a tube, and the file each came from."""


class CodeNotFoundError(Exception):
    """No code is at a dotted path.

    Args:
        path: The whole path.
        part: The part of it that does not exist.
        owner: The module or object in which that part was looked for; None if it is a module that is not installed.
    """

    def __init__(self, path: str, part: str, owner: object | None = None) -> None:
        self.path = path
        self.part = part
        self.owner = owner
        super().__init__(f"'{part}' of '{path}' does not exist")


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


def describe(error: BaseException) -> str:
    """An error as its type and message, also if it can't say its message."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def put_first(folders: Iterable[Path]) -> None:
    """Put folders first on `sys.path`, in this order, and forget modules of the same name from other tubes' folders.

    Args:
        folders: The folders of the tube and of what it builds on, and the working folder.
    """
    texts = list(dict.fromkeys(str(folder.resolve()) for folder in folders))
    sys.path[:] = texts + [entry for entry in sys.path if entry not in texts]
    for name, origin in list(_tube_modules.items()):
        found = PathFinder.find_spec(name, texts)
        if found is not None and found.origin != origin:
            _forget(name)


def find_code(path: str, folders: Sequence[Path] = ()) -> object:
    """The object at a dotted path: a builtin for a bare name, else the longest importable module, then attributes.

    Args:
        path: Such as `sum`, `operator.mul` or `pathlib.Path.write_text`.
        folders: The folders of the tube; modules from there are forgotten when another tube needs its own.

    Returns:
        What is there.

    Raises:
        CodeNotFoundError: A module or attribute does not exist.
        ModuleFailedError: A module raised an error while it was imported.
    """
    first, *rest = path.split(".")
    if not rest:
        if hasattr(builtins, first):
            found: object = getattr(builtins, first)
            return found
        raise CodeNotFoundError(path, first, builtins)
    module = _import(first, path)
    if module is None:
        if hasattr(builtins, first):
            return _attributes(getattr(builtins, first), rest, path)
        raise CodeNotFoundError(path, first)
    _remember(first, module, folders)
    depth = 1
    while depth <= len(rest) and "__path__" in vars(module):
        deeper = _import(".".join([first, *rest[:depth]]), path)
        if deeper is None:
            break
        module = deeper
        depth += 1
    return _attributes(module, rest[depth - 1 :], path)


def _attributes(owner: object, parts: Sequence[str], path: str) -> object:
    for part in parts:
        try:
            owner = getattr(owner, part)
        except AttributeError:
            raise CodeNotFoundError(path, part, owner) from None
        except Exception as error:
            raise ModuleFailedError(getattr(owner, "__name__", path), error) from error
    return owner


def _import(name: str, path: str) -> ModuleType | None:
    """The module, or None if there is none of that name."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            return None
        raise ModuleFailedError(name, error) from error
    except (Exception, SystemExit) as error:
        raise ModuleFailedError(name, error) from error


def _remember(name: str, module: ModuleType, folders: Sequence[Path]) -> None:
    origin = getattr(module, "__file__", None)
    if name not in _tube_modules and origin is not None:
        inside = any(Path(origin).is_relative_to(folder.resolve()) for folder in folders)
        if inside and "site-packages" not in origin:
            _tube_modules[name] = origin


def _forget(name: str) -> None:
    del _tube_modules[name]
    for module in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[module]
