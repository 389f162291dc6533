"""Writing files that are not there yet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from noob_cli.errors import InputError
from noob_cli.wording import listing


def write_new(files: Mapping[Path, bytes]) -> None:
    """Write files, or none of them. One that is there already and has the same in it stays as it is.

    Args:
        files: What is in each.

    Raises:
        InputError: One is there and has something else in it, or can't be written, or its folder is none.
    """
    folders = (folder for path in files for folder in path.parents)
    no_folder = next((folder for folder in folders if os.path.lexists(folder) and not os.path.isdir(folder)), None)
    if no_folder is not None:
        raise InputError(f"'{no_folder}' is no folder: name one, or one that is to be made")
    taken = [str(path) for path, content in files.items() if os.path.lexists(path) and not _is_there(path, content)]
    if taken:
        verb = "is" if len(taken) == 1 else "are"
        raise InputError(f"{listing(taken)} {verb} there already, and nothing is written over: name another folder")
    missing = {path: content for path, content in files.items() if not _is_there(path, content)}
    written: list[Path] = []
    try:
        for path, content in missing.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                written.append(path)
                file.write(content)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InputError(f"'{error.filename or path}' can't be written: {error.strerror or error}") from error


def _is_there(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
