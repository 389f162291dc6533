"""What fails in a run: which node, asset or input an error came from, and what that was called with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from itertools import islice
from types import FrameType
from typing import Any, Final

from noob_cli.assets.context_managers import End
from noob_cli.assets.lifetimes import end_all
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.diagnostics import Span
from noob_cli.errors import InputError
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.raised import (
    add_note,
    cause_of,
    context_of,
    errors_in,
    is_cancellation,
    is_of,
    members_of,
    notes_of,
    set_context,
    text_of,
    traceback_of,
)
from noob_cli.runners.arguments import params_of
from noob_cli.runners.strand import Strand
from noob_cli.tube import Tube
from noob_cli.wording import short_repr

_LOOP_IN_A_LOOP: Final = r"from a running event loop|loop is (already )?running|^Already running \w+ in this thread"
"""What `asyncio` and `anyio` say to who runs an event loop inside of another."""

_IN_ONE_LOOP: Final = (
    "something in this tube is awaited, so that all of it is called as in one coroutine, inside of which no other "
    "event loop can be run: make this a coroutine function that awaits"
)

_MOST_VALUES: Final = 20
"""How many values are shown of what something was given."""


class Failure(NamedTuple):
    """An error in an epoch, or at the start or the stop of a run. It pickles if the error and the values do.

    Args:
        error: The error.
        place: The node or asset that raised it.
        epoch: The epoch; None at the start or the stop of the run.
        values: What its slots got in this call, by name.
        params: What it was made with, or what its calls get every time.
        while_ended: Whether it was being ended, at its normal end or because something had failed.
    """

    error: BaseException
    place: Place
    epoch: int | None
    values: Mapping[str, Any] = {}
    params: Mapping[str, Any] = {}
    while_ended: bool = False

    @property
    def span(self) -> Span | None:
        """Where the node or asset stands in the tube's file."""
        return self.place.span

    @property
    def is_of_input(self) -> bool:
        """Whether it is a value that the type of a nested tube's input does not admit."""
        return self.place.kind == "input" and is_of(self.error, InputError)

    @property
    def when(self) -> str:
        """When it was, for a message."""
        if self.while_ended:
            return "while it was ended" + ("" if self.epoch is None else f", in epoch {self.epoch}")
        return "when the run started" if self.epoch is None else f"in epoch {self.epoch}"

    @property
    def message(self) -> str:
        """What has failed, and when."""
        if not self.while_ended:
            return f"{self.place} failed {self.when}"
        epoch = "" if self.epoch is None else f" in epoch {self.epoch}"
        return f"{self.place} could not be ended as it should{epoch}"

    @property
    def given(self) -> Iterator[tuple[str, list[str]]]:
        """What it was given: a word, and a line for each of the values."""
        for label, values in (("got", self.values), ("params", self.params)):
            shown = [f"{name} = {short_repr(value)}" for name, value in islice(values.items(), _MOST_VALUES)]
            more = len(values) - len(shown)
            yield label, shown + ([f"and {more} more"] if more else [])

    def note(self, shown: Callable[[Span], object] = str) -> str:
        """What is noted of the error: what failed, when, and where that stands.

        Args:
            shown: Says where something stands.
        """
        when = "" if self.epoch is None else f", epoch {self.epoch}"
        if self.while_ended:
            where = "" if self.span is None else f" ({shown(self.span)})"
            return f"while {self.place}{where} was ended{when}"
        where = "" if self.span is None else f", {shown(self.span)}"
        return f"in {self.place}{when}{where}"

    def __str__(self) -> str:
        return self.note()


class Failures:
    """What has failed last in a run: an error, and then what failed to end because of it.

    Args:
        tube: The tube that is run.
        strand: Does what the run does.
    """

    def __init__(self, tube: Tube, strand: Strand) -> None:
        self.last: list[Failure] = []
        """The last error of a node or an asset, and where it came from; after it, what failed to end because of it."""
        self.draws: Counter[str] = Counter()
        """How often each source, by name, has failed to give a value."""
        self.tell: Callable[[Failure], object] | None = None
        """Told what the start of the run or an epoch has failed with, before what was made is ended."""
        self._told: Failure | None = None
        self._tube = tube
        self._strand = strand

    @property
    def first(self) -> Failure | None:
        """The last error of a node or an asset, and where it came from."""
        return self.last[0] if self.last else None

    def is_of(self, epoch: int) -> bool:
        """Whether it was an epoch that failed last."""
        return self.first is not None and self.first.epoch == epoch

    def is_known(self, error: BaseException) -> bool:
        """Whether an error, or one in a group, is noted."""
        known = [failure.error for failure in self.last]
        return any(member is noted for member in errors_in(error) for noted in known)

    def is_cancelled(self, error: BaseException, epoch: int | None) -> bool:
        """Whether an error only says that something is cancelled, since something else has failed in the epoch."""
        return epoch is not None and self.is_of(epoch) and is_cancellation(error)

    def is_left(self, error: BaseException | None) -> bool:
        """Whether somebody has had enough, rather than that a node has raised something."""
        return error is not None and is_of(error, GeneratorExit) and not self.is_known(error)

    def reason_of(self, error: BaseException) -> BaseException:
        """Why an error came: if it is a cancellation because something was interrupted, what has interrupted it."""
        return self._strand.reason_of(error)

    def tell_first(self) -> None:
        """Tell the last error, once, if somebody wants to know."""
        if self.tell is not None and self.first is not None and self.first is not self._told:
            self._told = self.first
            self.tell(self.first)

    def note(self, failure: Failure) -> None:
        """Something has failed: what failed before is of no interest any more."""
        self.last = [failure]
        add_note(failure.error, str(failure))
        hint = _hint_for(failure.error)
        if hint is not None and hint not in notes_of(failure.error):
            add_note(failure.error, hint)

    def note_at_start(self, error: BaseException, place: Place) -> None:
        """A node or an asset has failed when the run started.

        Args:
            error: The error.
            place: The node or asset.
        """
        error = self.reason_of(error)
        if self.first is None or self.first.error is not error:
            self.note(Failure(error, place, None, params=params_of(place, self._tube)))
            self.tell_first()

    async def end_all(
        self,
        ends: Iterable[tuple[Place, End | None]],
        error: BaseException | None,
        on_end: Callable[[Place], object],
        *,
        epoch: int | None,
    ) -> None:
        """End nodes and assets in turn, and note what fails to end.

        Args:
            ends: The nodes and assets, and what ends each.
            error: The error that is under way.
            on_end: Told of what was ended.
            epoch: The epoch that has failed, if they are its own; None if they are those of the run.

        Raises:
            BaseException: What an end raised; a group if there is more than one error.
        """
        reason = None if error is None else self.reason_of(error)
        is_known = reason is not None and (self.is_known(reason) or self.is_cancelled(reason, epoch))
        because_of = self.last if is_known else []

        def note(failure: BaseException, place: Place) -> BaseException:
            failure = self.reason_of(failure)
            number = None if epoch is None or not because_of else because_of[0].epoch
            params = params_of(place, self._tube)
            because_of.append(Failure(failure, place, number, params=params, while_ended=True))
            add_note(failure, str(because_of[-1]))
            self.last = because_of
            return failure

        await end_all(ends, error, on_end, note, is_left=self.is_left(error))

    def recognise(self, error: RuntimeError) -> None:
        """A `StopIteration` that a node raises is another error when it leaves a generator."""
        if self.first is not None and cause_of(error) is self.first.error:
            self.last[0] = self.first._replace(error=error)

    def unwrapped(self, do: Callable[..., Any], *arguments: Any) -> Any:
        """Do something; a `StopIteration` of the user's, which can't leave a coroutine, is raised as it was."""
        try:
            return do(*arguments)
        except RuntimeError as error:
            own = self.own_error(error)
            if own is error:
                raise
        raise own

    def own_error(self, error: RuntimeError) -> BaseException:
        """The `StopIteration` of the user's that an error stands for; else the error itself."""
        own = cause_of(error)
        return error if own is None or all(failure.error is not own for failure in self.last) else own


def attributed(
    errors: Iterable[BaseException], failures: Sequence[Failure]
) -> list[tuple[BaseException, Failure | None]]:
    """Each error with where it came from; those of a group are taken out of it, as if each had come alone.

    Args:
        errors: What ended a run, or an epoch of it: among them groups, if ending what was made failed as well.
        failures: Where errors came from, as far as that is known.

    Returns:
        Each error, and where it came from. A group that a node has raised is one error.
    """
    known = {id(failure.error): failure for failure in failures}

    def take_apart(error: BaseException) -> Iterator[tuple[BaseException, Failure | None]]:
        if members_of(error) and id(error) not in known:
            for member in members_of(error):
                yield from take_apart(member)
        else:
            yield error, known.get(id(error))

    origins = [origin for error in errors for origin in take_apart(error)]
    shown = {id(error) for error, _ in origins}
    for error, _ in origins:
        _forget_contexts(error, shown)
    return origins


def _forget_contexts(error: BaseException, shown: Collection[int]) -> None:
    """Let Python not show with an error those in whose wake it came, if they are shown anyway."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        context = context_of(link)
        while context is not None and any(id(inner) in shown for inner in errors_in(context)):
            context = None if context_of(context) is context else context_of(context)
            set_context(link, context)
        link = context


OF_ITEM: ContextVar[Failures] = ContextVar("failures of an item")
"""In the task of an item of a map: what has failed there."""


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
    origin = None
    traceback = traceback_of(error)
    while traceback is not None and traceback.tb_frame.f_code.co_filename == compiled.file:
        line = traceback.tb_lineno
        place = compiled.places.get(line)
        origin = None if place is None else Origin(place, traceback.tb_frame, line in compiled.ends)
        traceback = traceback.tb_next
    return origin


def _hint_for(error: BaseException) -> str | None:
    """What to do about an error that comes from the way in which a tube is run; None for all others."""
    is_loop = is_of(error, RuntimeError) and re.search(_LOOP_IN_A_LOOP, text_of(error)) is not None
    return _IN_ONE_LOOP if is_loop else None
