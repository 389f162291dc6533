"""Files that are assets and are written to: how far, and opened again by a run that goes on."""

from __future__ import annotations

import builtins
import inspect
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from noob_cli.assets.registry import Declared
from noob_cli.errors import InputError
from noob_cli.specification.params import as_call
from noob_cli.wording import count_of


@dataclass(frozen=True)
class WrittenFile:
    """A file that was written to.

    Args:
        path: What it is called.
        size: How many bytes it had.
        position: Before which of them it was written on.
    """

    path: str
    size: int
    position: int


def arguments_of_written(declared: Declared) -> Mapping[str, Any] | None:
    """What `open` is called with for an asset that is a file and is written to, opened by its name.

    Args:
        declared: What the asset is declared to be.

    Returns:
        The arguments by name; None if it is something else.
    """
    if declared.code is not builtins.open:
        return None
    positional, named = (declared.params, {}) if isinstance(declared.params, list) else as_call(declared.params or {})
    with suppress(TypeError):
        bound = inspect.signature(open).bind(*positional, **named)
        bound.apply_defaults()
        file, mode = bound.arguments["file"], bound.arguments["mode"]
        if isinstance(file, str | os.PathLike) and isinstance(mode, str) and not {*mode}.isdisjoint("wxa+"):
            return bound.arguments
    return None


def as_written(file: IO[Any]) -> WrittenFile:
    """How far a file was written, which outlives a crash of the machine.

    Args:
        file: The file, open.

    Raises:
        OSError: It can't be written.
        ValueError: The file is closed.
    """
    file.flush()
    descriptor = file.fileno()
    with suppress(OSError):
        os.fsync(descriptor)
    binary = getattr(file, "buffer", file)
    return WrittenFile(os.path.abspath(file.name), os.fstat(descriptor).st_size, binary.tell())


def going_on(declared: Declared, written: WrittenFile) -> Declared:
    """What an asset is declared to be so that its file is opened as another run has left it.

    Args:
        declared: What it is declared to be by the tube.
        written: How far it was written.

    Raises:
        InputError: The file isn't there any more, or is shorter.
    """
    arguments = arguments_of_written(declared)
    assert arguments is not None
    path = os.fspath(arguments["file"])
    size = os.stat(path).st_size if os.path.isfile(path) else 0
    if size < written.size:
        raise InputError(
            f"the file '{path}' of the asset '{declared.spec.id}' has {count_of(size, 'byte')}, and the checkpoint "
            f"covers {written.size}: put back the one that the run has written to, or begin anew with another folder "
            "for the checkpoint"
        )
    params: dict[str | int, Any] = dict(arguments.items())
    return declared._replace(code=partial(_reopened, written), params=params)


def _reopened(written: WrittenFile, mode: str, **arguments: Any) -> IO[Any]:
    """Open a file, cut back and where it was written on."""
    kept = mode if "a" in mode else mode.replace("+", "").replace("w", "r").replace("x", "r") + "+"
    file: IO[Any] = open(mode=kept, **arguments)  # noqa: SIM115
    os.ftruncate(file.fileno(), written.size)
    file.seek(written.position)
    return file
