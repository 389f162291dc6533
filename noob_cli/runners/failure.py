"""Which node, asset or input an error came from, and what that was given."""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType
from typing import NamedTuple

from noob_cli.diagnostics import Span
from noob_cli.plan.compiling import CompiledPlan
from noob_cli.plan.steps import Place
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
    traceback = error.__traceback__
    return (
        traceback is not None
        and traceback.tb_frame.f_code.co_filename == compiled.file
        and traceback.tb_lineno in compiled.heads
    )


def errors_in(error: BaseException) -> Iterator[BaseException]:
    """An error, and if it is a group, all that are in it."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from errors_in(each)


def place_of(error: BaseException, compiled: CompiledPlan) -> tuple[Place, FrameType] | None:
    """The step of a plan in which an error was raised, that of the innermost of its lines in the traceback.

    Returns:
        The step, and where the generated code stood; None if it was in none of them.
    """
    found = None
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == compiled.file:
        place = compiled.places.get(traceback.tb_lineno)
        found = None if place is None else (place, traceback.tb_frame)
        traceback = traceback.tb_next
    return found
