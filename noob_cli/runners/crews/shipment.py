"""A job on its way to a worker process, and what the two say to each other."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.codegen.timing import Timer
from noob_cli.collector import not_looked_for
from noob_cli.loading.loading import load
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.stages import Stages
from noob_cli.runners.crews.crew import Job, Underway
from noob_cli.runners.crews.travelling import SentFailed
from noob_cli.runners.crews.wire import Parcel
from noob_cli.runners.observers import Observers
from noob_cli.specification.document import Document
from noob_cli.tube import Tube

GIVE_UP = getattr(signal, "SIGURG", signal.SIGTERM)
"""What a process gets that is to give up what it is doing: a signal that does nothing where nobody expects it."""


class Shipment(NamedTuple):
    """What a job is made of in another process.

    Args:
        path: Where modules are looked for.
        document: The document of the tube.
        given: What was given for its tube-scoped inputs.
        plan: The plan.
        stages: The stages of the plan.
        file: What tracebacks call its code.
    """

    path: Sequence[str]
    document: Document
    given: Mapping[str, Any]
    plan: Plan
    stages: Stages
    file: str


class Answers(NamedTuple):
    """What a worker answers when it has done some epochs.

    Args:
        epochs: The epochs, in order, as they are or packed; instead of one that could not be made again there, why.
        seconds: How many epochs of each region there were, and how long they took; None if it goes on with others that
            it has got at the same time.
        at_work: The node or asset that it is at work for meanwhile.
    """

    epochs: list[Underway | Parcel | SentFailed]
    seconds: Mapping[int, tuple[int, float]] | None = None
    at_work: Place | None = None


class Said(NamedTuple):
    """What a worker tells at any time.

    Args:
        text: What happens once in a run, or what the user should know of.
        is_warning: Whether the user should know of it.
    """

    text: str
    is_warning: bool


class SentReport(NamedTuple):
    """What a worker has to tell at its end.

    Args:
        timers: What the nodes have taken and emitted there, by name.
        failed: What has failed to end.
    """

    timers: Mapping[str, Timer]
    failed: SentFailed | None


class Elsewhere:
    """Stands, in a worker, for why an epoch has failed before it came there."""

    def __init__(self) -> None:
        self.error = Exception("it has failed before")


def shipment_of(job: Job) -> Shipment:
    """What a job is made of.

    Args:
        job: The job.
    """
    tube, code = job.tube, job.code
    return Shipment(tuple(sys.path), tube.document, tube.given, code.plan, job.stages, code.file)


def job_of(shipment: Shipment, tube: Tube | None, observers: Observers) -> Job:
    """The job that was shipped.

    Args:
        shipment: What it is made of.
        tube: Its tube, if that is there already.
        observers: Are told of what happens.
    """
    if tube is None:
        with not_looked_for():
            tube = Tube(load(shipment.document))
        tube.give_inputs(shipment.given)
    code = CompiledPlan(shipment.plan)
    code.file = shipment.file
    return Job(tube, code, shipment.stages, observers)
