"""Which node, asset or input an error came from, and what that was given."""

from __future__ import annotations

from types import FrameType
from typing import NamedTuple

from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.diagnostics import Span
from noob_cli.plan.place import Place
from noob_cli.raised import traceback_of
from noob_cli.runners.given import Given


class Failure(NamedTuple):
    """An error in an epoch, or at the start or the stop of a run.

    Args:
        error: The error.
        place: The node or asset that raised it.
        epoch: The epoch; None at the start or the stop of the run.
        span: Where the node or asset stands in the tube's file.
        given: What it was given.
        while_ended: Whether it was being ended after all else was done, or had failed.
    """

    error: BaseException
    place: Place
    epoch: int | None
    span: Span | None
    given: Given
    while_ended: bool = False

    def __str__(self) -> str:
        when = "" if self.epoch is None else f", epoch {self.epoch}"
        where = "" if self.span is None else f", {self.span}"
        return f"in {self.place}{when}{where}"


def drew(error: BaseException, compiled: CompiledPlan) -> bool:
    """Whether an error was raised while the loop over epochs drew the next value, whose epoch had no number yet."""
    traceback = traceback_of(error)
    return (
        traceback is not None
        and traceback.tb_frame.f_code.co_filename == compiled.file
        and traceback.tb_lineno in compiled.heads
    )


def place_of(error: BaseException, compiled: CompiledPlan) -> tuple[Place, FrameType] | None:
    """The step of a plan in which an error was raised, that of the innermost of its lines in the traceback.

    Returns:
        The step, and where the generated code stood; None if it was in none of them.
    """
    found = None
    traceback = traceback_of(error)
    while traceback is not None and traceback.tb_frame.f_code.co_filename == compiled.file:
        place = compiled.places.get(traceback.tb_lineno)
        found = None if place is None else (place, traceback.tb_frame)
        traceback = traceback.tb_next
    return found
