"""Code that a tube has as an object, and not as a dotted path: only one that comes from Python can."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

from noob_cli.names import is_dotted_path
from noob_cli.specification.reference import texts_in
from noob_cli.specification.tube import TubeSpecification, as_in_file

_SECTIONS = ("nodes", "assets")


def with_paths(tube: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A tube with a dotted path wherever code stands in it.

    What is in a module gets the path of that. What is not, such as a lambda, or the function of a function, gets one
    that nothing else in the tube has.

    Args:
        tube: The tube. It stays as it is.

    Returns:
        The tube, and the code that its path does not lead to, by path.
    """
    objects: dict[str, Any] = {}
    return _Naming({text for text, _ in texts_in(tube)}, objects).tube(tube), objects


class _Naming:
    """Names the code in a tube.

    Args:
        taken: The paths that stand in the tube.
        objects: Gets the code that its path does not lead to.
    """

    def __init__(self, taken: set[str], objects: dict[str, Any]) -> None:
        self._taken = taken
        self._objects = objects

    def tube(self, tube: dict[str, Any]) -> dict[str, Any]:
        """A tube, with its code named."""
        tube = dict(tube)
        if isinstance(tube.get("extends"), list):
            tube["extends"] = [os.fspath(one) if isinstance(one, os.PathLike) else one for one in tube["extends"]]
        for section in _SECTIONS:
            if isinstance(tube.get(section), dict):
                tube[section] = {name: self._entry(entry) for name, entry in tube[section].items()}
        if isinstance(tube.get("input"), dict):
            tube["input"] = {name: _with_type_as_text(entry) for name, entry in tube["input"].items()}
        return tube

    def _entry(self, entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        entry = dict(entry)
        if callable(entry.get("type")):
            entry["type"] = self._path_of(entry["type"])
        retry = entry.get("retry")
        if isinstance(retry, dict) and isinstance(retry.get("on"), list):
            named = [self._path_of(error) if isinstance(error, type) else error for error in retry["on"]]
            entry["retry"] = {**retry, "on": named}
        params = entry.get("params")
        if entry.get("type") == "tube" and isinstance(params, dict) and "tube" in params:
            entry["params"] = {**params, "tube": self._other_tube(params["tube"])}
        return entry

    def _other_tube(self, tube: Any) -> Any:
        """A tube to which this one refers, as a file would."""
        if isinstance(tube, dict):
            return self.tube(tube)
        if isinstance(tube, TubeSpecification):
            return as_in_file(tube)
        return os.fspath(tube) if isinstance(tube, os.PathLike) else tube

    def _path_of(self, code: Any) -> str:
        path = _path_by_its_names(code)
        if path is not None and _is_at(path, code):
            return path
        known = next((known for known, other in self._objects.items() if other is code), None)
        if known is not None:
            return known
        base = path or f"{type(code).__module__}.{type(code).__name__}_object"
        path = next(path for path in _numbered(base) if path not in self._taken and path not in self._objects)
        self._objects[path] = code
        return path


def described_code(code: Any) -> str:
    """What code is called that no path leads to, and where it stands, for a message."""
    name = getattr(code, "__qualname__", None)
    if not isinstance(name, str):
        return f"an object of the class {type(code).__module__}.{type(code).__qualname__}"
    is_lambda = name.endswith("<lambda>")
    known_as = "the lambda" if is_lambda else f"'{name.rpartition('.')[2]}'"
    if not inspect.isfunction(code):
        return known_as
    return f"{known_as} in line {code.__code__.co_firstlineno} of '{code.__code__.co_filename}'"


def _path_by_its_names(code: Any) -> str | None:
    """The path that code says that it has; None if it says none."""
    module, name = getattr(code, "__module__", None), getattr(code, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    name = name.replace("<locals>.", "").replace("<lambda>", "lambda_")
    path = name if module == "builtins" else f"{module}.{name}"
    return path if is_dotted_path(path) else None


def _is_at(path: str, code: Any) -> bool:
    """Whether a path leads to some code, for whoever imports it."""
    if "." not in path:
        return getattr(sys.modules["builtins"], path, None) is code
    names = path.split(".")
    for at in range(len(names) - 1, 0, -1):
        named: Any = sys.modules.get(".".join(names[:at]))
        if named is not None:
            for name in names[at:]:
                named = getattr(named, name, None)
            return named is code
    return False


def _numbered(path: str) -> Iterator[str]:
    yield path
    yield from (f"{path}_{number}" for number in count(2))


def _with_type_as_text(entry: Any) -> Any:
    """An input whose type is the expression for it."""
    if not isinstance(entry, dict) or isinstance(entry.get("type", ""), str):
        return entry
    type_ = entry["type"]
    path = _path_by_its_names(type_) if isinstance(type_, type) and not hasattr(type_, "__origin__") else None
    return {**entry, "type": path or repr(type_)}
