"""Which node, asset or input an error came from."""

from __future__ import annotations

from dataclasses import dataclass

from noob_cli.diagnostics import Span
from noob_cli.plan.compiling import CompiledPlan
from noob_cli.plan.steps import Place


@dataclass(frozen=True)
class Failure:
    """An error in an epoch, or at the start of a run.

    Args:
        error: The error.
        place: The node or asset that raised it.
        epoch: The epoch; None at the start or the stop of the run.
        span: Where the node or asset stands in the tube's file.
    """

    error: BaseException
    place: Place
    epoch: int | None
    span: Span | None

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


def place_of(error: BaseException, compiled: CompiledPlan) -> Place | None:
    """The step of a plan in which an error was raised: that of the innermost of its lines in the traceback."""
    place = None
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == compiled.file:
        place = compiled.places.get(traceback.tb_lineno)
        traceback = traceback.tb_next
    return place
