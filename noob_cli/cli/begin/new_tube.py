"""The files of a new tube: a commented one, its module, and its tests."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from importlib.machinery import PathFinder
from pathlib import Path
from string import Template

_TEMPLATES = {".yaml": "tube.yaml.txt", ".py": "module.py.txt", ".tube-test.yaml": "tube-test.yaml.txt"}
"""The endings of the files, each with the template of what is in it."""


def new_tube(folder: Path) -> dict[Path, bytes]:
    """What is written for a new tube.

    Args:
        folder: Where to. Its name is that of the tube, as far as a module may have it.
    """
    name = name_for(folder)
    return {folder / f"{name}{ending}": _filled(template, name) for ending, template in _TEMPLATES.items()}


def name_for(folder: Path) -> str:
    """The name of a tube in a folder: one that a module can have, and that none has which Python would find first.

    Args:
        folder: The folder.
    """
    plain = unicodedata.normalize("NFKD", folder.resolve().name.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name or name[0].isdigit() or keyword.iskeyword(name):
        name = f"tube_{name}".rstrip("_")
    elsewhere = [place for place in sys.path if place and Path(place).resolve() not in (folder.resolve(), Path.cwd())]
    installed = PathFinder.find_spec(name, elsewhere)
    is_taken = name in sys.stdlib_module_names or (installed is not None and installed.origin is not None)
    return f"{name}_tube" if is_taken else name


def _filled(template: str, name: str) -> bytes:
    text = Path(__file__).with_name(template).read_text(encoding="utf-8")
    return Template(text).substitute(name=name).encode()
