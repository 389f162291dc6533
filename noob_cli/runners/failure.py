"""Which node, asset or input an error came from, and what that was given."""

from __future__ import annotations

from types import FrameType
from typing import NamedTuple

from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.diagnostics import Span
from noob_cli.errors import InputError
from noob_cli.plan.place import Place
from noob_cli.raised import is_of, traceback_of
from noob_cli.runners.given import Given


class Failure(NamedTuple):
    """An error in an epoch, or at the start or the stop of a run.

    Args:
        error: The error.
        place: The node or asset that raised it.
        epoch: The epoch; None at the start or the stop of the run.
        span: Where the node or asset stands in the tube's file.
        given: What it was given.
        while_ended: Whether it was being ended, at its normal end or because something had failed.
    """

    error: BaseException
    place: Place
    epoch: int | None
    span: Span | None
    given: Given
    while_ended: bool = False

    @property
    def is_of_input(self) -> bool:
        """Whether it is a value that the type of a nested tube's input does not admit."""
        return self.place.what == "input" and is_of(self.error, InputError)

    def __str__(self) -> str:
        when = "" if self.epoch is None else f", epoch {self.epoch}"
        if self.while_ended:
            where = "" if self.span is None else f" ({self.span})"
            return f"while {self.place}{where} was ended{when}"
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


class Origin(NamedTuple):
    """Where in a plan an error was raised.

    Args:
        place: The step.
        frame: Where the generated code stood.
        is_end: Whether the step, an asset, was being ended there.
    """

    place: Place
    frame: FrameType
    is_end: bool


def origin_of(error: BaseException, compiled: CompiledPlan) -> Origin | None:
    """The step of a plan in which an error was raised, that of the innermost of its lines in the traceback.

    Returns:
        Where it was; None if it was in none of them.
    """
    found = None
    traceback = traceback_of(error)
    while traceback is not None and traceback.tb_frame.f_code.co_filename == compiled.file:
        line = traceback.tb_lineno
        place = compiled.places.get(line)
        found = None if place is None else Origin(place, traceback.tb_frame, line in compiled.ends)
        traceback = traceback.tb_next
    return found
