"""What is being made or ended, as the stack of a thread shows it."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType

from noob_cli.assets.context_managers import UNINTERRUPTED
from noob_cli.assets.lifetimes import end_all
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.plan.place import Place
from noob_cli.runners.starting import Starter

_PLACES = {
    Starter.start_tube.__code__: "place",
    Starter.start_node.__code__: "place",
    end_all.__code__: "what",
}
"""What makes or ends nodes and assets, and its variable with the one that has its turn."""


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
            return place is not None and place.what == "asset"
    return False
