"""The code of a tube on its way to another machine: what the tube has beside it, and where it comes to."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from noob_cli.code.own_imports import NEEDED
from noob_cli.errors import ClusterError
from noob_cli.named_tuple import NamedTuple
from noob_cli.raised import cause_of, context_of
from noob_cli.specification.extends import folders_of
from noob_cli.tube import Tube
from noob_cli.working_folder import working_folders

_MOST_BYTES: Final = 1 << 26
"""How many bytes of files are uploaded."""


class OwnCode(NamedTuple):
    """The code of a tube that is installed nowhere.

    Args:
        folders: The folders that it is in, in the order in which modules are looked for there.
        working: The number of the working folder among them.
        archive: The files, in an archive, in which each folder has its number for a name.
    """

    folders: tuple[str, ...]
    working: int
    archive: bytes

    def moved(self, file: Path) -> Path:
        """Where a file is elsewhere, seen from the working folder there."""
        resolved = file.resolve()
        return Path("..", str(self.folders.index(str(resolved.parent))), resolved.name)

    def unpack(self, folder: str) -> list[str]:
        """Write the files.

        Args:
            folder: The folder that it is written to.

        Returns:
            Where the folders are now.
        """
        with ZipFile(BytesIO(self.archive)) as archive:
            archive.extractall(folder)
        unpacked = [os.path.join(folder, str(number)) for number in range(len(self.folders))]
        for path in unpacked:
            os.makedirs(path, exist_ok=True)
        return unpacked


def own_code(tube: Tube) -> OwnCode:
    """The code of a tube that other machines have to get: what of it is installed nowhere.

    That is all that it has imported from its folders and from the working folder, modules and whole packages, and all
    modules that stand in its folders; of other folders on the path of modules, what it names from there, and what that
    has imported beside it.

    Args:
        tube: The tube.

    Raises:
        ClusterError: The code is too much to be sent.
    """
    beside = {str(folder) for _, nested in tube.with_nested() for folder in folders_of(nested.document)}
    named = {code.partition(".")[0] for _, nested in tube.with_nested() for code in _code_of(nested)}
    working = os.path.realpath(next(iter(working_folders()), os.sep))
    on_path = [os.path.realpath(entry or working) for entry in sys.path]
    wanted = {*beside, working, *(folder for name, folder in _imported() if name in named)}
    installed = _installed()
    folders = [folder for folder in dict.fromkeys([*on_path, *beside, working]) if folder in wanted - installed]
    buffer = BytesIO()
    size = 0
    with ZipFile(buffer, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for number, folder in enumerate(folders):
            for file in sorted(set(_files_in(folder, is_beside=folder in beside))):
                size += os.path.getsize(file)
                if size > _MOST_BYTES:
                    raise ClusterError(
                        f"the code beside the tube has more than {_MOST_BYTES >> 20} MB, in {folder}: install it on "
                        "the workers, or keep it apart from other files"
                    )
                archive.write(file, os.path.join(str(number), os.path.relpath(file, folder)))
    return OwnCode(tuple(folders), folders.index(working), buffer.getvalue())


def _code_of(tube: Tube) -> Iterator[str]:
    yield from (str(node.spec.type_) for node in tube.graph.nodes.values())
    yield from (str(asset.spec.type_) for asset in tube.graph.assets.values())
    yield from (str(spec.type_) for spec in tube.graph.inputs.values())


def _installed() -> set[str]:
    """The folders of Python itself, and of what is installed."""
    folders = {*sysconfig.get_paths().values(), site.getusersitepackages(), *site.getsitepackages()}
    return {os.path.realpath(folder) for folder in folders}


def _imported() -> Iterator[tuple[str, str]]:
    """The modules at the top that have been imported, each with the folder that it is in; but for our own."""
    for name, module in list(sys.modules.items()):
        if "." not in name and name not in NEEDED and name != "__main__":
            yield from ((name, os.path.dirname(place)) for place in _places_of(module))


def _places_of(module: object) -> list[str]:
    """The file of a module, or the folders of a package."""
    # Some are no modules, but pretend to be.
    attributes = getattr(module, "__dict__", {})
    path, file = attributes.get("__path__"), attributes.get("__file__")
    places = list(path) if path is not None else [file]
    return [os.path.realpath(place) for place in places if isinstance(place, str)]


def _files_in(folder: str, *, is_beside: bool) -> Iterator[str]:
    """The files of a folder that are code of the tube's.

    Args:
        folder: The folder.
        is_beside: Whether a tube stands in it.
    """
    if is_beside:
        yield from (os.path.realpath(file) for file in Path(folder).glob("*.py"))
    for name, where in _imported():
        if where == folder:
            for place in _places_of(sys.modules[name]):
                yield from _files_of_package(place) if os.path.isdir(place) else [place]


def _files_of_package(package: str) -> Iterator[str]:
    for root, folders, files in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        yield from (os.path.join(root, name) for name in files if not name.startswith("."))


def missing_module(error: BaseException) -> str | None:
    """The module that an error comes from, since it is not there; None if it comes from something else."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        if isinstance(link, ModuleNotFoundError):
            return link.name
        seen.add(id(link))
        link = cause_of(link) or context_of(link)
    return None


def what_to_do(module: str, worker: str) -> str:
    """What to do about a module that is missing on another machine.

    Args:
        module: The name of the module.
        worker: What the worker is called.
    """
    return f"{worker} has no module '{module}': install it there, or put it beside the tube, from where it is uploaded"
