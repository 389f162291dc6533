"""Findings and hints about modules: missing ones, failing ones, and modules that are named instead of their code."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

from noob_cli.advice import did_you_mean
from noob_cli.check.finding import Finding
from noob_cli.code.codebase import Codebase
from noob_cli.code.finding import as_written, module_names
from noob_cli.code.looking import attribute, is_subclass, looked
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.raised import is_of, traceback_of
from noob_cli.spelling import nearest
from noob_cli.wording import listing

_OURS = str(Path(__file__).parents[1])

_ALIKE = 0.75
"""How much alike the names of modules are if one is meant: what is not installed is often a little like another."""

_ABBREVIATED = {
    "dt": "datetime",
    "mp": "multiprocessing",
    "np": "numpy",
    "npt": "numpy.typing",
    "nx": "networkx",
    "pd": "pandas",
    "pl": "polars",
    "plt": "matplotlib.pyplot",
    "sp": "scipy",
    "t": "typing",
    "tf": "tensorflow",
    "xr": "xarray",
}
"""What modules are called by custom in the code that imports them, and their names."""

_IMPORTED_ALONE = {
    **dict.fromkeys(("Counter", "OrderedDict", "defaultdict", "deque"), "collections"),
    **dict.fromkeys(("date", "datetime", "timedelta", "timezone"), "datetime"),
    "Decimal": "decimal",
    "Fraction": "fractions",
    "ndarray": "numpy",
    **dict.fromkeys(("DataFrame", "Series"), "pandas"),
    "Path": "pathlib",
    **dict.fromkeys(("HTTPError", "URLError"), "urllib.error"),
    "UUID": "uuid",
}
"""What is imported by its name alone by custom, and the module that it is in."""

_MOST_READ = 20
"""In how many modules beside the tube it is looked for a name."""

_MOST_CHARACTERS = 1_000_000
"""How much of each of them is read."""

_MOST_NAMED = 8
"""How many of the nodes and assets are named that are from a module which is not there."""

CORRECT_THERE = "correct it there: a module is imported before anything runs"
"""What to do about a module that raises an error."""


def names_in(owner: object) -> list[str]:
    """The public names in a module or another object; in a package the modules as well that nothing imported yet."""
    none: list[str] = []
    names = [name for name in looked(lambda: dir(owner), none) if type(name) is str]
    if _is_module(owner):
        names += looked(lambda: [*module_names(getattr(owner, "__path__", ()))], none)
        own = {name for name, value in vars(owner).items() if _is_defined_in(value, owner)}
        names.sort(key=lambda name: name not in own)
    return [name for name in dict.fromkeys(names) if not name.startswith("_")]


def _is_module(owner: object) -> TypeGuard[ModuleType]:
    """Whether it is a module indeed: an object may resist being asked."""
    return is_subclass(type(owner), ModuleType)


def _is_defined_in(code: object, module: ModuleType) -> bool:
    """Whether a function or a class says that it is from a module."""
    name = attribute(code, "__module__")
    return type(name) is str and name == vars(module).get("__name__")


def named_alone(name: str, codebase: Codebase) -> str | None:
    """The dotted path of code that is named without its module, beside the tube or as it is imported by custom.

    The modules are read, since one that the tube doesn't name isn't imported for it.

    Args:
        name: The name.
        codebase: The code that the tube may name.

    Returns:
        None if none is known.
    """
    for folder in codebase.folders[:1]:
        for module in islice(modules_in([str(folder)]), _MOST_READ):
            file = folder / f"{module}.py"
            # It may be gone, or kept from us.
            with suppress(OSError):
                if file.is_file() and name in _defined_in(file, file.stat().st_mtime_ns):
                    return f"{module}.{name}"
    return f"{_IMPORTED_ALONE[name]}.{name}" if name in _IMPORTED_ALONE else None


@lru_cache(maxsize=32)
def _defined_in(file: Path, modified: int) -> frozenset[str]:
    """The functions and classes that a file defines, as it was at some time."""
    with file.open(encoding="utf-8", errors="replace") as opened:
        text = opened.read(_MOST_CHARACTERS)
    return frozenset(re.findall(r"^(?:async +def|def|class) +(\w+)", text, re.MULTILINE))


def hint_for_module(path: str, name: str, codebase: Codebase) -> str:
    """A hint at how to get a missing module, or at the one that was meant.

    Args:
        path: The dotted path that names it.
        name: The module.
        codebase: The code that the tube may name.
    """
    if name in _ABBREVIATED:
        return did_you_mean(f"{_ABBREVIATED[name]}{path.removeprefix(name)}", path)
    for file in (folder / f"{name}.py" for folder in codebase.folders):
        if os.path.lexists(file) and not file.is_file():
            return _why_none(file)
    own = modules_in(map(str, codebase.folders))
    near = nearest(name, (*own, *sys.stdlib_module_names, *modules_in(sys.path)), _ALIKE)
    if near is not None:
        return did_you_mean(near, name)
    install = f"install it there with '{sys.executable} -m pip install ...', or put '{name}.py' beside the tube"
    # The folder of the tube is the first; behind it come the working folder, and those of what it builds on.
    beside = modules_in(map(str, codebase.folders[:1]))
    return f"{install}, where there is {listing(beside)}" if beside else install


def _why_none(file: Path) -> str:
    """Why what has the name of a module is none."""
    if file.is_symlink() and not file.exists():
        return f"the link '{file.name}' leads to '{file.readlink()}', where no file is"
    return f"'{file.name}' is a folder" if file.is_dir() else f"'{file.name}' is no file that can be imported"


def modules_in(folders: Iterable[str]) -> tuple[str, ...]:
    """The modules in some folders, looked up again when one of those has changed."""
    return _listed(tuple((folder, os.stat(folder).st_mtime_ns if os.path.isdir(folder) else 0) for folder in folders))


@lru_cache(maxsize=4)
def _listed(folders: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    return tuple(module_names([folder for folder, _ in folders]))


def what_to_name_in(code: ModuleType) -> str:
    """A hint for a module that is named where something in it is meant."""
    public = {name: value for name, value in vars(code).items() if not name.startswith("_") and callable(value)}
    own = [name for name, value in public.items() if _is_defined_in(value, code)]
    names = [f"{as_written(code.__name__)}.{name}" for name in own or public]
    return f"name what is meant in it: {listing(names, most=4)}" if names else "nothing in it can be called"


def place_of(error: BaseException) -> str:
    """Where in the user's module an error was raised."""
    if is_of(error, SyntaxError):
        file, line = (vars(SyntaxError)[name].__get__(error) for name in ("filename", "lineno"))
        if file is not None:
            return f" ({file}:{line})"
    traceback = traceback_of(error)
    place = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith("<frozen") and "importlib" not in file and not file.startswith(_OURS):
            place = f" ({file}:{traceback.tb_lineno})"
        traceback = traceback.tb_next
    return place


def check_name(path: str, at: DocumentPath, codebase: Codebase) -> Iterator[Finding]:
    """C006: the module of a dotted path is a file of the user's, which has the name of another.

    Args:
        path: The dotted path.
        at: Where it stands.
        codebase: The code that the tube may name.
    """
    name, dot, _ = path.partition(".")
    file = codebase.beside(name) if dot else None
    if file is not None:
        message = f"'{name}' is {file} here, and another module for everybody who imports that name"
        hint = f"give the file a name of its own, such as 'my_{name}'"
        yield Finding("C006", message, at, hint, severity=Severity.warning, explains=("beside", name))


def failing_module(name: str) -> DocumentPath:
    """What a finding explains that says that a module can't be imported."""
    return ("", name)


def one_for_each_module(findings: Iterable[Finding]) -> Iterator[Finding]:
    """A module that is not there, or fails, is one mistake, whatever is named in it."""
    of_module: dict[DocumentPath, list[Finding]] = {}
    for finding in findings:
        if finding.explains is not None:
            of_module.setdefault(finding.explains, []).append(finding)
    for finding in findings:
        if finding.explains is None:
            yield finding
        elif finding is of_module[finding.explains][0]:
            others = of_module[finding.explains][1:]
            notes = tuple((f"'{other.path[1]}' is from it too", other.path[:2]) for other in others[:_MOST_NAMED])
            yield finding._replace(related=notes)
