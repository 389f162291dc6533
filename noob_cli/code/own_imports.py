"""Imports that never see the folder of a tube: those of Python's own modules, and of what this package needs.

A user's `queue.py` or `rich.py` may stand beside the tube, where `type` finds it (`noob_cli.code.finding`). Whoever
else imports that name, now or in the middle of a run, gets the module that has always had it.

This module is imported before there is anything to keep its own imports from the working folder: it needs none but
what is built into Python.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

NEEDED = {
    *("annotated_doc", "annotated_types", "click", "colorama", "markdown_it", "mdurl", "noob_cli", "orjson"),
    *("pydantic", "pydantic_core", "pygments", "rich", "ruamel", "shellingham", "typer", "typing_extensions"),
    "typing_inspection",
    # Of the extra `dask`
    *("cloudpickle", "dask", "distributed", "fsspec", "jinja2", "locket", "markupsafe", "msgpack", "packaging"),
    *("importlib_metadata", "lazy_importer", "partd", "psutil", "sortedcontainers", "tblib", "tlz", "toolz"),
    *("tornado", "yaml", "zict", "zipp"),
    # Of the extra `lsp`
    *("attr", "attrs", "cattr", "cattrs", "lsprotocol", "pygls"),
}
"""The modules of this package, of what it needs, and of what that needs; those of extras too, while they are used."""

_hidden: set[str] = set()


def hide(folders: list[str]) -> None:
    """Keep the imports of this package from folders, from here on.

    Args:
        folders: As they stand on `sys.path`.
    """
    _hidden.update(folders)
    if _OwnImports not in sys.meta_path:
        sys.meta_path.insert(0, _OwnImports)


def hide_what_comes_first() -> None:
    """Keep the imports of this package from what comes before Python's own modules.

    That is the working folder, for `python -m`, and, in a process that another has spawned, the folders of its tube.
    """
    folder = str(getattr(os, "__file__", "")).rpartition(os.sep)[0]
    hide(sys.path[: sys.path.index(folder)] if folder in sys.path else [])


def found_elsewhere(name: str) -> ModuleSpec | None:
    """Where the module is that everybody gets who imports a name that this package, or Python itself, needs.

    Args:
        name: The name of a module at the top.

    Returns:
        None if neither needs a module of that name, or there is none but in the hidden folders.
    """
    if name not in NEEDED and name not in sys.stdlib_module_names:
        return None
    return PathFinder.find_spec(name, [entry for entry in sys.path if entry not in _hidden])


class _OwnImports:
    """Finds them before anything else does."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Where a module is; None for those that are found as usual."""
        return found_elsewhere(name) if path is None else None
