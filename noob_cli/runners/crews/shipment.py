"""A job on its way to a worker process, and what the two say to each other."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.codegen.timing import Timer
from noob_cli.collector import without_collecting
from noob_cli.errors import NotPortableError
from noob_cli.loading.loading import load
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.stages import Stages
from noob_cli.raised import describe
from noob_cli.runners.crews.batches import Values
from noob_cli.runners.crews.crew import Job
from noob_cli.runners.crews.travelling import SentFailed
from noob_cli.runners.crews.uploading import OwnCode
from noob_cli.runners.crews.wire import Parcel, packed, unpacked
from noob_cli.runners.observers import Observers
from noob_cli.runners.own_messages import Message
from noob_cli.runners.rates import Rates
from noob_cli.runners.strand import stack_from
from noob_cli.specification.code_objects import described_code
from noob_cli.specification.document import Document, MergedDocument
from noob_cli.tube import Tube

GIVE_UP = getattr(signal, "SIGURG", signal.SIGTERM)
"""What a process gets that is to give up what it is doing: a signal that does nothing where nobody expects it."""


_IS_UNPACKED: Final = ContextVar("is_unpacked", default=False)
"""Whether a job is being made of what was shipped, for which the code of its tube is imported."""


class Shipment(NamedTuple):
    """A job as another process gets it.

    Args:
        path: Where modules are looked for.
        contents: What the job is made of there.
        origins: Where the code of the tube has been uploaded to, if it has: folders, each with the one that it is from.
        folder: The working folder of the run, in which it goes on if it is there, too.
        hears_from: From which level on somebody wants to know what code tells; None if nobody does.
    """

    path: Sequence[str]
    contents: Parcel
    origins: Mapping[str, str] = {}
    folder: str | None = None
    hears_from: int | None = None


class _Contents(NamedTuple):
    """What a job is made of in another process.

    Args:
        document: The document of the tube, with those of the tubes nested in it.
        given: What was given for its tube-scoped inputs.
        plan: The plan.
        stages: The stages of the plan.
        file: What tracebacks call its code.
        rates: Says how long calls of nodes that have a rate have to wait.
    """

    document: Document
    given: Mapping[str, Any]
    plan: Plan
    stages: Stages
    file: str
    rates: Rates


class Answers(NamedTuple):
    """What a worker answers when it has done some epochs.

    Args:
        epochs: The epochs, in order: the values of each, or the epoch packed; instead of one that could not be made
            again there, why.
        size: How many bytes those have that are packed.
        seconds: How many epochs have been done of what it has got at once, and how long they took; None if it goes on
            with the others.
        at_work: The node or asset that it is at work for meanwhile.
        timers: What the nodes have taken and emitted there so far, by name.
    """

    epochs: Sequence[Values | Parcel | SentFailed]
    size: int
    seconds: tuple[int, float] | None = None
    at_work: Place | None = None
    timers: Mapping[str, Timer] = {}


class Said(NamedTuple):
    """What a worker tells at any time.

    Args:
        what: What happens once in a run, or what the user should know of, or what code has told.
        is_warning: Whether the user should know of it.
    """

    what: str | Message
    is_warning: bool = False

    def tell(self, observers: Observers) -> None:
        """Tell it where somebody wants to know."""
        if isinstance(self.what, Message):
            assert observers.hear is not None
            observers.hear(self.what)
            return
        (observers.warn if self.is_warning else observers.log)(self.what)


class SentReport(NamedTuple):
    """What a worker has to tell at its end.

    Args:
        timers: What the nodes have taken and emitted there, by name.
        failed: What has failed to end.
    """

    timers: Mapping[str, Timer]
    failed: SentFailed | None


class FailedElsewhere:
    """Stands, in a worker, for why an epoch has failed before it came there."""

    def __init__(self) -> None:
        self.error = Exception("it has failed before")


def shipment_of(job: Job, own: OwnCode | None = None) -> Shipment:
    """A job as another process gets it.

    Args:
        job: The job.
        own: The tube's own code, if it goes along: where it is, is known on arrival.

    Raises:
        NotPortableError: It can't go there.
    """
    if _IS_UNPACKED.get():
        # It would do so in each of the processes, and without an end.
        raise _refusal(
            f"{_imported()} starts it when it is imported, as a worker process has just done: put what runs it there "
            "behind 'if __name__ == \"__main__\":'"
        )
    tube, code = job.tube, job.code
    objects = tube.document.code_objects
    of_script = sorted(name for name in _code_in(tube) if name.startswith("__main__.") or name in objects)
    if of_script:
        name = of_script[0]
        if name in objects:
            raise _refusal(f"{described_code(objects[name])} is in no module: put it into a module")
        raise _refusal(f"{name} is in the script that is run, which is no module there: put it into a module")
    contents = _Contents(_with_nested(tube, own), tube.given, code.plan, job.stages, code.file, job.rates)
    try:
        path = tuple(sys.path) if own is None else ()
        hears_from = None if job.observers.hear is None else job.observers.hears_from
        return Shipment(path, packed(contents), hears_from=hears_from)
    except Exception as error:
        raise _refusal_of(contents, error) from None


def _imported() -> str:
    """The module that is being imported."""
    modules = (frame for frame in stack_from(sys._getframe()) if frame.f_code.co_name == "<module>")
    return next((f"the module '{frame.f_globals['__name__']}'" for frame in modules), "the code of a tube")


def _code_in(tube: Tube) -> Iterator[str]:
    """The code that a tube, and those nested in it, name."""
    for _, inner in tube.with_nested():
        yield from (str(node.spec.type_) for node in inner.graph.nodes.values())
        yield from (str(asset.spec.type_) for asset in inner.graph.assets.values())


def _with_nested(tube: Tube, own: OwnCode | None) -> Document:
    """The document of a tube with those of the tubes nested in it, as they were when they were read."""
    nested = {name: _with_nested(child, own) for name, child in tube.children.items()}
    document = tube.document if own is None else _moved(tube.document, own)
    return document.replace(nested=nested)


def _moved(document: Document, own: OwnCode) -> Document:
    """A document that stands where its code has been uploaded to."""
    if isinstance(document, MergedDocument):
        document = document.replace(merged=[_moved(layer, own) for layer in document.layers])
    return document if document.file is None else document.replace(file=own.moved(document.file))


def _refusal_of(contents: _Contents, error: Exception) -> NotPortableError:
    """Why the contents of a job can't be pickled."""
    values = {f"the input '{name}'": value for name, value in contents.given.items()}
    values |= {f"'{path}'": value for path, value in _values_in(contents.document.data)}
    for what, value in values.items():
        try:
            packed(value)
        except Exception as reason:
            is_it = f"{what} is of type '{type(value).__name__}', which can't be pickled ({describe(reason)})"
            return _refusal(f"{is_it}. Use threads ('--runner threads', or on=\"threads\")")
    return _refusal(describe(error))


def _values_in(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """What stands in a document that is neither a mapping nor a list, with its path."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        yield from _values_in(value, f"{path}.{key}" if path else str(key))
    if path and not isinstance(data, dict | list):
        yield path, data


def _refusal(why: str) -> NotPortableError:
    return NotPortableError(f"the tube can't go to another process: {why}")


def job_of(contents: Parcel, tube: Tube | None, observers: Observers) -> Job:
    """The job that was shipped.

    Args:
        contents: What it is made of.
        tube: Its tube, if that is there already.
        observers: Are told of what happens.
    """
    before = _IS_UNPACKED.set(True)
    try:
        made: _Contents = unpacked(contents)
        if tube is None:
            with without_collecting():
                tube = Tube(load(made.document))
            tube.give_inputs(made.given)
    finally:
        _IS_UNPACKED.reset(before)
    code = CompiledPlan(made.plan)
    code.file = made.file
    return Job(tube, code, made.stages, observers, made.rates)
