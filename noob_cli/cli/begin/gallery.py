"""The gallery of samples: it is beside the package in a checkout, and inside of it where it is installed."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import noob_cli
from noob_cli.errors import InputError
from noob_cli.spelling import suggest

_FOLDER = "sample_tubes"
_ELSEWHERE = re.compile(r"(?:\.\.|sample_tubes)/(\w+)/")
"""How a sample names another one."""
_IN_GALLERY = re.compile(r"sample_tubes/([\w./]+)")
"""How a sample names its files in the commands that try it."""
_NO_SAMPLE = re.compile(r"\.|__pycache__|.*\.(pyc|sqlite3|md|svg)$")
"""What is in the gallery and in no sample: what runs leave behind, and what is told of it."""


def samples() -> dict[str, Path]:
    """The samples, each a folder or a tube, by name.

    Raises:
        InputError: They are not there.
    """
    package = Path(noob_cli.__file__).parent
    for gallery in (package / _FOLDER, package.parent / _FOLDER):
        if gallery.is_dir():
            return {path.stem: path for path in sorted(gallery.iterdir()) if not _NO_SAMPLE.match(path.name)}
    raise InputError(f"the samples are not installed: there is no folder '{_FOLDER}' in {package}")


def sample(name: str, folder: Path) -> dict[Path, bytes]:
    """What is written for a sample, with those that it is made of.

    Args:
        name: The sample.
        folder: Where to: it gets a folder of its own there.

    Raises:
        InputError: There is none of that name.
    """
    known = samples()
    if name not in known:
        raise InputError(f"there is no sample '{name}': {suggest(name, known, 'samples')}")
    files: dict[Path, bytes] = {}
    wanted = [name]
    for sample in wanted:
        for path in _files_of(known[sample]):
            content = path.read_bytes()
            if path.suffix == ".yaml":
                text = content.decode()
                wanted += [other for other in _ELSEWHERE.findall(text) if other not in wanted]
                content = _IN_GALLERY.sub(lambda named: shlex.quote(str(folder / named[1])), text).encode()
            files[folder / path.relative_to(known[sample].parent)] = content
    return files


def _files_of(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not _NO_SAMPLE.match(name))
        yield from (Path(root, name) for name in sorted(names) if not _NO_SAMPLE.match(name))
