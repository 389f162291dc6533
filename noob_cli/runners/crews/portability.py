"""What can't go to another process fails the epoch that it is of, at the node that has emitted it."""

from __future__ import annotations

from typing import Any

from noob_cli.errors import NotPortableError
from noob_cli.events import NoEvent
from noob_cli.raised import describe
from noob_cli.runners.crews.crew import Failed, Job, Underway
from noob_cli.runners.crews.giver import giver_of, made_of, names_of
from noob_cli.runners.crews.wire import packed


def refused(job: Job, epoch: Underway, region: int, reason: Exception, *, is_result: bool) -> Underway:
    """An epoch that can't go to another process, as one that has failed: at the node whose value can't.

    Args:
        job: What is worked at.
        epoch: The epoch.
        region: The number of the stage whose region it comes to, or from.
        reason: Why it can't be pickled.
        is_result: Whether it comes from there.
    """
    number, at, failed, notes, values = epoch
    names = names_of(job, region, is_result=is_result)
    kept: list[Any] = []
    for name, value in zip(names, values, strict=True):
        try:
            packed(value)
        except Exception as error:
            kept.append(NoEvent)
            culprits_name, culprit = _culprit(job, name, value)
            what = f"of type '{type(culprit).__name__}'"
            where, why = failure_of(job, number, culprits_name, what, error, is_result=is_result)
            if where < at:
                at, failed = where, why
        else:
            kept.append(value)
    if failed is None:
        at, failed = failure_of(job, number, names[0], "together with others", reason, is_result=is_result)
    return number, at, failed, notes, tuple(kept)


def _culprit(job: Job, name: str, value: Any) -> tuple[str, Any]:
    """Of a value that can't be pickled, what it is made of for which that is so, with its name."""
    for inner_name, inner in made_of(job, name, value):
        try:
            packed(inner)
        except Exception:
            return _culprit(job, inner_name, inner)
    return name, value


def failure_of(
    job: Job, epoch: int, name: str, what: str, reason: BaseException, *, is_result: bool
) -> tuple[int, Failed]:
    """Where in the plan an epoch has failed one of whose values can't go to another process, and why.

    Args:
        job: What is worked at.
        epoch: The number of the epoch.
        name: The name of the value.
        what: What it is.
        reason: Why it can't.
        is_result: Whether it was made in a worker process.
    """
    giver = giver_of(job, name)
    error = NotPortableError(f"{giver} can't go to another process: it is {what} ({describe(reason)})")
    of_whom = f"{giver.place}, and of the nodes that take it," if is_result else "the nodes that take it,"
    way_out = (
        f"use threads ('--runner threads', or on=\"threads\"), or say 'stateful: true' of {of_whom} so that they are "
        "called where the run is"
    )
    return giver.at, giver.failed(error, epoch, way_out)
