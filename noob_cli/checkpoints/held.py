"""Which assets a checkpoint holds: known from what the tube and its code say, before anything is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any, get_args

from noob_cli.assets.registry import Declared
from noob_cli.checkpoints.instance_state import UNCHANGING, takes_state
from noob_cli.checkpoints.written_files import WrittenFile, arguments_of_written, going_on
from noob_cli.code.annotations import annotations_of
from noob_cli.code.behind import expected_of, innermost
from noob_cli.code.looking import is_class, is_subclass, looked
from noob_cli.diagnostics import Span
from noob_cli.graph.graph import GraphAsset
from noob_cli.named_tuple import NamedTuple
from noob_cli.runners.arguments import tube_around
from noob_cli.specification.asset import AssetScope
from noob_cli.tube import Tube


class Held(Enum):
    """What a checkpoint holds of an asset."""

    carried = "the value that it carries"
    state = "the state of its object"
    file = "how far the file was written that it is"
    nothing = "nothing"
    nothing_wanted = "nothing, as the tube says"


class HeldAsset(NamedTuple):
    """A runner-scoped asset of a tube.

    Args:
        name: Its name, in a nested tube with those of the nodes around it.
        held: What a checkpoint holds of it.
        declared: What it is declared to be.
        span: Where it stands in the file.
    """

    name: str
    held: Held
    declared: Declared
    span: Span | None


def held_assets(tube: Tube, around: str = "") -> Iterator[HeldAsset]:
    """The runner-scoped assets of a tube, and of those that are nested in it and enabled.

    Args:
        tube: The tube, its inputs given.
        around: What the names begin with.
    """
    for name, asset in tube.graph.assets.items():
        if asset.scope is AssetScope.runner:
            declared = tube.assets.declared(name)
            yield HeldAsset(around + name, _held(asset, declared), declared, tube.document.key_span(asset.path))
    for name, child in tube.children.items():
        if name not in tube.disabled:
            yield from held_assets(child, f"{around}{name}.")


def _held(asset: GraphAsset, declared: Declared) -> Held:
    if asset.stored is not None:
        return Held.carried
    if asset.per_worker or asset.spec.checkpoint is False:
        return Held.nothing_wanted
    if arguments_of_written(declared) is not None:
        return Held.file
    kind = _class_of(asset.code)
    if asset.spec.checkpoint or (kind is not None and takes_state(kind)):
        return Held.state
    is_unchanging = kind is not None and (kind in UNCHANGING or is_subclass(kind, PurePath))
    return Held.nothing_wanted if is_unchanging else Held.nothing


def _class_of(code: Any) -> type | None:
    """The class of the object that code makes; None if that isn't known before it is made."""
    if is_class(code):
        return code
    made = looked(lambda: annotations_of(innermost(code)).get("return"), None)
    if expected_of(code).draws and (yielded := get_args(made)):
        made = yielded[0]
    return made if is_class(made) else None


def reopen_files(tube: Tube, written: Mapping[str, WrittenFile]) -> None:
    """Let the assets that are files go on where a run has left them.

    Args:
        tube: The tube, its inputs given.
        written: How far they were written, by the names of the assets.

    Raises:
        InputError: A file isn't there any more, or is shorter.
    """
    for name, file in written.items():
        around, own = tube_around(name, tube)
        around.assets.declare(own, going_on(around.assets.declared(own), file))
