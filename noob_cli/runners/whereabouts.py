"""What is being done, made or ended, as the stack of a thread shows it."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType

from noob_cli.assets.context_managers import UNINTERRUPTED
from noob_cli.assets.lifetimes import end_all
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.runners.node_task import to_its_end
from noob_cli.runners.starting import Starter

_PLACES = {Starter.start_tube.__code__: "place", Starter.start_node.__code__: "place", end_all.__code__: "what"}
"""What makes or ends nodes and assets, and its variable with the one that has its turn."""


class Whereabouts(NamedTuple):
    """What a thread is at work for, as far as that is known.

    Args:
        place: The node or asset; None outside of all.
        epoch: The epoch; None outside of all.
    """

    place: Place | None = None
    epoch: int | None = None


def made_in(function: FrameType) -> Place | None:
    """The node or asset that a function of ours makes or ends.

    Args:
        function: The function, under way.
    """
    place = function.f_locals.get(_PLACES[function.f_code]) if function.f_code in _PLACES else None
    return place if isinstance(place, Place) else None


def place_in(stack: Iterable[FrameType], code: CompiledPlan) -> Place | None:
    """The node or asset that a worker is at work for.

    Args:
        stack: The functions that are under way, from the innermost.
        code: The plan that it works at.
    """
    for function in stack:
        if (made := made_in(function)) is not None:
            return made
        if function.f_code.co_filename == code.file and function.f_lineno in code.places:
            return code.places[function.f_lineno]
    return None


def whereabouts(stack: Iterable[FrameType], code: CompiledPlan | None) -> Whereabouts:
    """What a thread is at work for.

    Args:
        stack: The functions that are under way, from the innermost.
        code: The plan whose epochs are made; None if there is none yet.
    """
    place: Place | None = None
    for function in stack:
        if place is None:
            place = made_in(function)
        if code is None:
            continue
        if function.f_code is to_its_end.__code__:
            names = function.f_locals
            return Whereabouts(place or code.place_of("node", names["name"]), names["epoch"])
        if function.f_code.co_filename == code.file:
            place = place or code.places.get(function.f_lineno)
            if (epoch := _epoch_in(function, code)) is not None:
                return Whereabouts(place, epoch)
    return Whereabouts(place)


def _epoch_in(function: FrameType, code: CompiledPlan) -> int | None:
    """The number of the epoch that a function of the generated code makes, if it has that."""
    names = function.f_locals
    if "this_epoch" in names:
        epoch: int | None = names["this_epoch"]()
    else:
        epoch = names.get(code.plan.body.counter)
    # What is drawn at the head of a loop belongs to an epoch that has not been counted yet.
    return epoch if epoch is None or function.f_lineno not in code.heads else epoch + 1


def is_in_epoch(stack: Iterable[FrameType], code: CompiledPlan) -> bool:
    """Whether a thread is in the middle of an epoch, and not where the next is drawn.

    Args:
        stack: The functions that are under way, from the innermost.
        code: The plan whose epochs are made.
    """
    lines = (function.f_lineno for function in stack if function.f_code.co_filename == code.file)
    line = next(lines, None)
    return line is not None and line not in code.heads


def is_making(stack: Iterable[FrameType], code: CompiledPlan) -> bool:
    """Whether a worker makes or ends something that nothing but a third signal interrupts.

    Args:
        stack: The functions that are under way, from the innermost.
        code: The plan that it works at.
    """
    for function in stack:
        if function.f_code in UNINTERRUPTED:
            return True
        if function.f_code is Starter.start_node.__code__:
            return False
        if function.f_code.co_filename == code.file:
            place = code.places.get(function.f_lineno)
            return place is not None and place.kind == "asset"
    return False
