"""Finding tube files: by path, by id in the places where tubes are kept, and all of them below a folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from noob_cli.advice import Advice, did_you_mean, write
from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.named_tuple import NamedTuple
from noob_cli.raised import describe
from noob_cli.settings import project_settings
from noob_cli.specification.file import read_file, real_path
from noob_cli.spelling import nearest, suggest
from noob_cli.wording import short_repr, shortened
from noob_cli.working_folder import GONE, working_folders

SUFFIXES = (".yaml", ".yml")
_WHERE_TO_LOOK = "a path begins at the folder of this file or at the working folder; an id is searched for below them"

SOURCES_GROUP = "noob.add_sources"
"""Entry points of this group are functions `() -> list[Path]` that name more folders with tubes."""

TUBE_KEYS = ("nodes", "extends", "noob_id")
"""The keys of which a tube has one at least."""
_NAMED = rb"""(?m)^noob_id[ \t]*:[ \t]*["']?([\w\-/#]+)["']?[ \t]*(?:#.*)?\r?$"""
_LOOKS_LIKE_A_TUBE = rb"(?m)^(nodes|extends|noob_id)[ \t]*:"
_BEGINS_A_LIST = rb"(?:(?:[ \t]*(?:#[^\n]*)?|---[ \t]*)\r?\n)*[ ]*-[ \r\n]"


class FoundTube(NamedTuple):
    """A tube that was looked for.

    Args:
        path: Its file.
        others: Files in which the same id was found too.
        failed: What could not be searched, and why.
    """

    path: Path
    others: tuple[Path, ...] = ()
    failed: tuple[str, ...] = ()


class _Candidate(NamedTuple):
    """A file that may be a tube.

    Args:
        path: Where it was found.
        real: Where it is, whatever links lead there.
        id: Its id; None if it has none.
    """

    path: Path
    real: str
    id: str | None


class SearchPlaces(NamedTuple):
    """Where tubes are searched.

    Args:
        folders: The folders, in order.
        failed: What should have named more, and why it could not.
        missing: What is named and is no folder, and what names it.
    """

    folders: list[Path]
    failed: list[str]
    missing: tuple[str, ...] = ()


def find_tube(reference: str, file: Path | None = None, *, guesses: bool = True) -> FoundTube:
    """The file of a tube.

    Args:
        reference: A path, which ends in `.yaml` or `.yml` or names a file, or an id.
        file: The file that refers to it; None for the command line.
        guesses: Whether the error tells which tube may be meant: for that, those of all folders are looked at.

    Raises:
        TubeNotFoundError: There is no such tube.
    """
    folder, bases = _folder_of(file), _bases_of(file)
    paths = [base / reference for base in bases] or [Path(reference)]
    for path in paths:
        if reference and os.path.exists(path) and not os.path.isdir(path):
            if file is not None and not os.path.isfile(path):
                # Only who types its name may have something that is read once, and waited for.
                raise TubeNotFoundError(f"'{shortened(reference, 200)}' is no file that can be read again")
            return FoundTube(_without_dots(path, reference, folder))
    is_folder = bool(reference) and any(os.path.isdir(path) for path in paths)
    if reference.endswith(SUFFIXES):
        if is_folder:
            raise TubeNotFoundError(f"'{reference}' is a folder: name a tube in it")
        for path in filter(os.path.islink, paths):
            end = os.readlink(path)
            raise TubeNotFoundError(f"the link '{shortened(reference, 200)}' leads to '{end}', where no file is")
        near = _near_file(reference, paths, file) if guesses else None
        hint = "" if near is None else f": {did_you_mean(near, reference)}"
        raise TubeNotFoundError(f"there is no file '{shortened(reference, 200)}'{hint}", near)
    places = search_places(folder)
    candidates = list(_candidates(places.folders))
    paths_by_file: dict[str, Path] = {}
    for path, real, id_ in candidates:
        if id_ == reference:
            paths_by_file.setdefault(real, path)
    if paths_by_file:
        first, *others = paths_by_file.values()
        return FoundTube(first, tuple(others), tuple(places.failed))
    if is_folder:
        raise TubeNotFoundError(f"'{reference}' is a folder, and no tube has that id: name a tube in the folder")
    if not guesses:
        raise _not_found(reference, places, (), None)
    beside = (f"{reference}{suffix}" for path in paths for suffix in SUFFIXES if _is_file_with(path, suffix, file))
    named = next(beside, None) or _found_by_name(file, candidates).get(reference)
    raise _not_found(reference, places, candidates, named)


def where_to_look(error: TubeNotFoundError) -> Advice:
    """What to do about a tube that another refers to, and that is not there."""
    return Advice(_WHERE_TO_LOOK, *([] if error.meant is None else [write(error.meant)]))


def search_places(folder: Path | None = None) -> SearchPlaces:
    """The folders that are searched for an id.

    Args:
        folder: The folder of the file that refers to the id.
    """
    import typer

    installed = _from_entry_points()
    from_environment = os.environ.get("NOOB_PATH", "").split(os.pathsep)
    named = {Path(entry).expanduser(): "NOOB_PATH" for entry in from_environment if entry} | _from_pyproject()
    places = [
        *([folder] if folder is not None else []),
        *working_folders(),
        *named,
        Path(typer.get_app_dir("noob")),
        *installed.folders,
    ]
    folders = list(dict.fromkeys(place.resolve() for place in places if os.path.isdir(place)))
    missing = tuple(
        f"{by} names '{place}', which is no folder" for place, by in named.items() if not os.path.isdir(place)
    )
    return SearchPlaces(folders, installed.failed, missing)


def tube_files(folder: Path) -> Iterator[Path]:
    """The tube files at and below a folder, in order of their names.

    A YAML file is a tube when it is a mapping with `nodes`, `extends` or `noob_id`; one that can't be read is when it
    looks like that. Dot folders and virtual environments are not searched.
    """
    return (path for path in files_below(folder) if is_tube_file(path))


def files_below(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> Iterator[Path]:
    """The files at and below a folder whose names end so, in order of their names.

    Dot folders and virtual environments are not searched, and pipes and devices are passed over.

    Args:
        folder: The folder.
        suffixes: What their names end with; the files that may be tubes, if nothing is said.
    """
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not os.path.exists(os.path.join(root, name, "pyvenv.cfg"))
        )
        paths = (os.path.join(root, name) for name in sorted(files) if name.endswith(suffixes))
        # A pipe or a device would be waited for.
        yield from (Path(path) for path in paths if os.path.isfile(path))


def is_tube_file(path: Path) -> bool:
    """Whether a YAML file is a tube, or, if it can't be read, looks like one."""
    try:
        text = read_file(path)
    except OSError:
        return False
    if looks_like_a_tube(text):
        return True
    # Much YAML is no tube, and reading it takes its time.
    return any(key.encode() in text for key in TUBE_KEYS) and _has_tube_key(_data_of(text))


def looks_like_a_tube(text: bytes) -> bool:
    """Whether a line of a text begins with a key that only tubes have; it need not be YAML."""
    return re.search(_LOOKS_LIKE_A_TUBE, text) is not None


def named_ids(folder: Path) -> Iterator[str]:
    """The ids of the tubes at and below a folder."""
    return (name for path in files_below(folder) if (name := _id_of(path)) is not None)


def _candidates(folders: Iterable[Path]) -> Iterator[_Candidate]:
    """The files at and below some folders that may be tubes; each is read once, however often it is found."""
    ids: dict[str, str | None] = {}
    real_folders: dict[str, str] = {}
    for path in (path for folder in folders for path in files_below(folder)):
        real = real_path(path, real_folders)
        if real not in ids:
            ids[real] = _id_of(path)
        yield _Candidate(path, real, ids[real])


def _id_of(path: Path) -> str | None:
    """The `noob_id` in a file. Only where it isn't written plainly, the file is parsed."""
    try:
        text = read_file(path)
    except OSError:
        return None
    if b"noob_id" not in text:
        return None
    named = re.search(_NAMED, text)
    if named is not None:
        return named.group(1).decode()
    data = _data_of(text)
    name = data.get("noob_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None


def _data_of(text: bytes) -> Any:
    """What a file says; None if it can't be read, or is a list, which can be large, and no tube."""
    if re.match(_BEGINS_A_LIST, text):
        return None
    from noob_cli.specification.document import read_document

    try:
        return read_document(text).data
    except TubeError:
        return None


def _has_tube_key(data: Any) -> bool:
    return isinstance(data, dict) and any(key in data for key in TUBE_KEYS)


def _without_dots(path: Path, reference: str, folder: Path | None) -> Path:
    """A path that says where a file is, as somebody would who looks from the working folder."""
    if os.pardir not in Path(reference).parts:
        return path
    return Path(reference) if folder is None else path.parent.resolve() / path.name


def _is_file_with(path: Path, suffix: str, own: Path | None) -> bool:
    file = Path(f"{path}{suffix}")
    return bool(path.name) and os.path.isfile(file) and not _is_same(file, own)


def _near_file(reference: str, paths: Sequence[Path], own: Path | None) -> str | None:
    """The tube that is meant by a path at which no file is: one that is called so elsewhere, or nearly so."""
    wanted = Path(reference).stem
    named: dict[str, str] = {}
    for path in paths:
        with suppress(OSError, ValueError):
            beside = (path.parent / name for name in sorted(os.listdir(path.parent)) if name.endswith(SUFFIXES))
            for other in beside:
                # A pipe or a device would be waited for.
                if os.path.isfile(other) and is_tube_file(other) and not _is_same(other, own):
                    named.setdefault(other.stem, os.path.join(os.path.dirname(reference), other.name))
    if wanted not in named:
        # That the settings are wrong is no answer to where a file is.
        with suppress(TubeNotFoundError):
            named = {**_found_by_name(own, _candidates(search_places(_folder_of(own)).folders)), **named}
    near = wanted if wanted in named else nearest(wanted, tuple(named))
    return None if near is None else named[near]


def _found_by_name(own: Path | None, candidates: Iterable[_Candidate]) -> dict[str, str]:
    """The paths of the tubes that are found, but for the one that asks, by their ids and the names of their files."""
    named: dict[str, str] = {}
    bases = [os.path.join(base, "") for base in _bases_of(own)]
    asking = None if own is None else os.path.realpath(own)
    for path, real, id_ in candidates:
        if real != asking and (id_ is not None or is_tube_file(path)):
            shown = str(path)
            shown = shown.removeprefix(next(filter(shown.startswith, bases), ""))
            named.setdefault(path.stem, shown)
            if id_ is not None:
                named.setdefault(id_, shown)
    return named


def _folder_of(file: Path | None) -> Path | None:
    return None if file is None else file.resolve().parent


def _bases_of(file: Path | None) -> list[Path]:
    """Where a path may begin that a file names, or the command line: each folder once."""
    return list(dict.fromkeys([*([] if file is None else [file.resolve().parent]), *working_folders()]))


def _is_same(path: Path, own: Path | None) -> bool:
    return own is not None and path.resolve() == own.resolve()


def _from_pyproject() -> dict[Path, str]:
    """The folders that `[tool.noob] tubes` names in the nearest `pyproject.toml`, each with what names it."""
    try:
        file, values = project_settings()
    except ValueError as error:
        raise TubeNotFoundError(str(error)) from error
    tubes = values.get("tubes", [])
    if not isinstance(tubes, list) or not all(isinstance(tube, str) for tube in tubes):
        raise TubeNotFoundError(f"{file}: [tool.noob] tubes is a list of folders, found {tubes!r}")
    return {} if file is None else {file.parent / tube: f"[tool.noob] tubes in {file}" for tube in tubes}


def _from_entry_points() -> SearchPlaces:
    """The folders that installed packages name. What one of them does wrong keeps nobody from the tubes of others."""
    places = SearchPlaces([], [])
    if not _is_declared(SOURCES_GROUP):
        return places
    from importlib.metadata import entry_points

    try:
        entries = entry_points(group=SOURCES_GROUP)
    except Exception as error:
        places.failed.append(f"the entry points of {SOURCES_GROUP} can't be read: {describe(error)}")
        return places
    for entry in entries:
        try:
            places.folders.extend(_folders_of(entry.load()()))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            places.failed.append(f"the entry point '{entry.name}' of {SOURCES_GROUP} failed: {describe(error)}")
    return places


def _folders_of(folders: Any) -> list[Path]:
    if isinstance(folders, str | bytes | os.PathLike) or not isinstance(folders, Iterable):
        raise TypeError(f"expected a list of folders, found {short_repr(folders)}")
    return [Path(folder) for folder in folders]


def _is_declared(group: str) -> bool:
    """Whether an installed package may have entry points of a group.

    To look for its name takes a fraction of the time in which what reads them is imported, and hardly any has some.
    """
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        return True
    for place in sys.path:
        try:
            with os.scandir(place or os.curdir) as entries:
                folders = [entry.path for entry in entries if entry.name.lower().endswith(("dist-info", "egg-info"))]
        except NotADirectoryError:
            # What is in an archive is not looked at here.
            return True
        except OSError:
            continue
        for folder in folders:
            try:
                text = read_file(Path(folder, "entry_points.txt"))
            except OSError:
                continue
            if group.encode() in text:
                return True
    return False


def _not_found(
    reference: str, places: SearchPlaces, candidates: Iterable[_Candidate], file: str | None
) -> TubeNotFoundError:
    if file is not None:
        message = f"no tube has the id '{shortened(reference, 200)}', but there is a file '{file}': name the file"
        return TubeNotFoundError(message, file)
    known = dict.fromkeys(candidate.id for candidate in candidates if candidate.id is not None)
    where = f" in {', '.join(map(str, places.folders))}" if places.folders else f" ({GONE})"
    more = "".join(f"; {folder}" for folder in (*places.missing, *places.failed))
    message = f"there is no tube '{shortened(reference, 200)}'{where}; {suggest(reference, known, 'ids')}{more}"
    return TubeNotFoundError(message, nearest(reference, tuple(known)))
