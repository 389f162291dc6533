"""The files that a run reads, so that nothing is written over one of them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePath
from types import ModuleType

from noob_cli.code.finding import as_written
from noob_cli.diagnostics import Diagnostic
from noob_cli.file_identity import identity_in
from noob_cli.settings import project_file
from noob_cli.tube import Tube

FileInUse = tuple[str | int, str]
"""A file by its name or a descriptor, and what it is."""

LOG = "the log file"


def files_of(tube: Tube) -> Iterator[FileInUse]:
    """The files of a tube: its own, those of the tubes that it extends and nests, and that of its project's settings.

    Args:
        tube: The tube.
    """
    yield from _documents(tube, "the tube that is run")
    yield from _settings()


def files_given_to(tube: Tube) -> Iterator[FileInUse]:
    """The files that its inputs and `params` name, which its nodes may read, if they are there.

    Args:
        tube: The tube, its inputs given.
    """
    for name, value in tube.input.items():
        yield from ((path, f"a file that the input '{name}' names") for path in _paths_in(value))
    for kind, entries in (("node", tube.graph.nodes), ("asset", tube.graph.assets)):
        for name, entry in entries.items():
            if entry.spec.params and name not in tube.children:
                what = f"a file that the {kind} '{name}' has in its 'params'"
                yield from ((path, what) for path in _paths_in(entry.spec.params))
    for child in tube.children.values():
        yield from files_given_to(child)


def files_named_in(diagnostics: Iterable[Diagnostic]) -> Iterator[FileInUse]:
    """The same of a tube that could not be loaded, as far as is known.

    Args:
        diagnostics: What is wrong with it.
    """
    for span in {diagnostic.span for diagnostic in diagnostics}:
        if span is not None and span.file is not None:
            yield str(span.file), "a tube that was read"
    yield from _settings()


def what_would_be_lost(path: os.PathLike[str] | int, in_use: Iterable[FileInUse]) -> str | None:
    """What a file is that something is to be written to, if it is in use, or a module that is imported.

    Args:
        path: The file, by whatever name, or its descriptor; it need not exist.
        in_use: Files, and what each is.
    """
    wanted = _identity(path)
    if wanted is None:
        return None
    # None of the modules is where no file is yet, or where the shell has just emptied one.
    is_empty = os.stat(path).st_size == 0 if isinstance(path, int) else not os.path.exists(path)
    files = in_use if is_empty else chain(in_use, _modules(_suffix_of(path)))
    return next((what for file, what in files if _identity(file) == wanted), None)


def _documents(tube: Tube, what: str) -> Iterator[FileInUse]:
    first, *extended = tube.document.layers
    if first.file is not None:
        yield str(first.file), what
    for layer in extended:
        yield str(layer.file), f"extended by {what}"
    for name, child in tube.children.items():
        yield from _documents(child, f"the tube of the node '{name}'")


def _suffix_of(path: os.PathLike[str] | int) -> str | None:
    """The suffix of a file, in lower case; None if it may have others."""
    if isinstance(path, int) or os.stat(path).st_nlink > 1:
        return None
    return os.path.splitext(os.path.realpath(path))[1].lower()


def _modules(suffix: str | None) -> Iterator[FileInUse]:
    """The modules whose file has a suffix: there are hundreds, and to look at each takes as long as a short run.

    Args:
        suffix: In lower case; None for all.
    """
    for name, module in list(sys.modules.items()):
        # What a module of a user's does when it is asked is not ours to find out.
        file = vars(module).get("__file__") if isinstance(module, ModuleType) else None
        if isinstance(file, str) and suffix in (None, os.path.splitext(file)[1].lower()):
            yield file, f"the module '{as_written(name)}', which is imported"


def _settings() -> Iterator[FileInUse]:
    file = project_file()
    if file is not None:
        yield str(file), "the settings of the project"


def _paths_in(value: object) -> Iterator[str]:
    """The texts and paths of what is there, in a value of which all the rest is plain data."""
    if isinstance(value, str | PurePath):
        if os.path.exists(value):
            yield str(value)
    elif isinstance(value, dict):
        yield from _paths_in([*value.values()])
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from _paths_in(item)


def _identity(file: str | int | os.PathLike[str]) -> tuple[int | str, ...] | None:
    """What tells a regular file, or one that isn't there yet, from all others, by whatever name; None of all else."""
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return None if isinstance(file, int) else _identity_to_be(os.path.realpath(file))
    except (OSError, ValueError):
        return None
    return identity_in(status) if stat.S_ISREG(status.st_mode) else None


def _identity_to_be(path: str) -> tuple[int | str, ...] | None:
    folder, name = os.path.split(path)
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return None
    return *identity_in(status), name
