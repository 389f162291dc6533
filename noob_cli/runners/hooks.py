"""Hooks: what the generated code calls in the run that it makes epochs for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from noob_cli.assets.context_managers import End
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.errors import InputError
from noob_cli.events import EPOCH_ENDED, Epoch, Event, MetaSignal, NoEvent
from noob_cli.plan.place import Place
from noob_cli.plan.plan import SOURCE
from noob_cli.raised import add_note, describe, is_of, notes_of, traceback_of
from noob_cli.runners.arguments import params_of, values_of
from noob_cli.runners.failure import OF_ITEM, Failure, Failures, drew, origin_of
from noob_cli.runners.observers import Callback, Look, Observers
from noob_cli.runners.standing import Standing
from noob_cli.runners.strand import by_hand, stack_from
from noob_cli.runners.whereabouts import whereabouts
from noob_cli.spelling import suggest
from noob_cli.tube import Tube
from noob_cli.wording import listing, short_repr

if TYPE_CHECKING:
    from noob_cli.runners.retry_policy import RetryPolicy


class Hooks:
    """The hooks of one plan: they note what fails and what ends, and tell the observers of the run what happens.

    Args:
        tube: The tube that is run.
        compiled: The code.
        standing: Where the run stands: what has ended, and how many events there were, is noted there.
        failures: Gets what fails.
        observers: Are told of what happens.
        on_end_within: Called when a nested tube has ended, and the run goes on without it.
    """

    def __init__(
        self,
        tube: Tube,
        compiled: CompiledPlan,
        standing: Standing,
        failures: Failures,
        observers: Observers,
        on_end_within: Callable[[], object],
    ) -> None:
        self._tube = tube
        self._compiled = compiled
        self._standing = standing
        self._failures_of_epoch = failures
        self._observers = observers
        self._on_end_within = on_end_within
        self._failed_in: int | None = None
        self._looked_in: int | None = None
        """The last epoch in which the node that is looked at has emitted something."""

    @property
    def by_name(self) -> dict[str, Any]:
        """The hooks, by their names in the generated code."""
        return {
            "again": self._again,
            "drew": self._drew,
            "emit_event": self._emit,
            "end_all": self._end_all if self._compiled.plan.awaits else self._end_all_by_hand,
            "end_of_run": self._end_of_run,
            "event_of": self._event,
            "failed": self._failed,
            "missing_input": self._missing_input,
            "notify_end": self._notify_end,
            "shown": self._observers.values,
            "source_ended": self._source_ended,
            "together": self._together,
            "traced": self._trace_asset,
            "unknown_inputs": self._unknown_inputs,
            "within": self._within,
        }

    # What fails

    @property
    def _failures(self) -> Failures:
        return OF_ITEM.get(self._failures_of_epoch)

    def _drew(self, error: BaseException) -> bool:
        return drew(error, self._compiled)

    def _failed(self, error: BaseException, epoch: int) -> int:
        """Note where an error came from; called before what was made is ended.

        Args:
            error: The error.
            epoch: The number of the last epoch that was counted.

        Returns:
            1 if the epoch that has failed was not counted yet, since drawing from a source began it; else 0.
        """
        uncounted = int(drew(error, self._compiled))
        epoch += uncounted
        self._refuse_other_than_mappings(error)
        reason = self._failures.reason_of(error)
        self._failed_in = epoch
        if self._failures.is_of(epoch) and self._failures.is_known(reason):
            self._failures.tell_first()
            return uncounted
        origin = origin_of(error, self._compiled)
        if origin is None or self._failures.is_cancelled(reason, epoch):
            return uncounted
        place, frame, is_end = origin
        if not place.is_given:
            self._note(reason, place, epoch, frame, while_ended=is_end)
            self._failures.tell_first()
        elif is_of(error, ValidationError):
            # It came with the record: nothing has been made for this epoch yet, which has no number.
            self._tube.validation.refuse(place.name, error)
        return uncounted

    def _again(self, error: Exception, policy: RetryPolicy, attempt: int) -> bool:
        """Whether a call that has failed is made again; if not, its error says how often it was."""
        if attempt > policy.times or not policy.admits(error):
            tried = f"tried {attempt} times"
            if attempt > 1 and tried not in notes_of(error):
                add_note(error, tried)
            return False
        if self._failures.is_known(error):
            self._failures.last = []
        number = f"try {attempt} of {policy.times + 1}"
        self._observers.log(f"the node '{policy.node}' has failed, {number}: {describe(error)}")
        return True

    def _refuse_other_than_mappings(self, error: BaseException) -> None:
        """Say of a record that is no mapping what is wrong: it fails where inputs are taken from it."""
        traceback = traceback_of(error)
        if traceback is not None and traceback.tb_next is None and "inputs" in traceback.tb_frame.f_locals:
            record = traceback.tb_frame.f_locals["inputs"]
            if not isinstance(record, Mapping):
                kind = type(record).__name__
                raise InputError(f"a record should be a mapping of inputs by their names, found {kind}") from None

    def _note(
        self, error: BaseException, place: Place, epoch: int, frame: FrameType, *, while_ended: bool = False
    ) -> None:
        values = values_of(place, self._tube, self._compiled.plan, frame)
        params = params_of(place, self._tube)
        self._failures.note(Failure(error, place, epoch, values, params, while_ended))
        if place.kind == "node" and any(state.key == (SOURCE, place.name) for state in self._compiled.plan.state):
            self._failures.draws[place.name] += 1

    # What ends

    async def _end_all(self, ends: Iterable[tuple[str, End | None]], error: BaseException | None) -> None:
        """End assets, by name, and note what fails to end."""
        places = ((self._compiled.place_of("asset", name), end) for name, end in ends)

        def say(place: Place) -> None:
            self._observers.trace(f"{place} was ended")

        await self._failures.end_all(places, error, say, epoch=self._failed_in)

    def _end_all_by_hand(self, ends: Iterable[tuple[str, End | None]], error: BaseException | None) -> None:
        self._failures.unwrapped(by_hand, self._end_all(ends, error))

    def _source_ended(self, qualified: str) -> bool:
        """Whether the tube that a source, or a nested tube, is in has ended now that this one has."""
        around, _, name = qualified.rpartition(".")
        ended = self._standing.ended[around]
        if name not in ended:
            self._observers.log(f"the source '{qualified}' has ended")
        ended.add(name)
        return self._compiled.plan.finish[around].has_ended(ended)

    def _end_of_run(self, qualified: str, end_tubes: Callable[[Collection[str]], None]) -> MetaSignal:
        """End the tube that a node is in, and those around it that are finished without it."""
        around, _, name = qualified.rpartition(".")
        self._observers.log(f"the node '{qualified}' has ended " + (f"the tube '{around}'" if around else "the run"))
        self._standing.ended[around].add(name)
        over = [around]
        while around and self._source_ended(around):
            around = around.rpartition(".")[0]
            over.append(around)
        if "" not in over:
            # What goes on without a nested tube is compiled for that.
            self._on_end_within()
        end_tubes(over)
        return NoEvent

    # Coroutines

    async def _together(
        self,
        started: Sequence[tuple[str, Coroutine[Any, Any, Any]]],
        epoch: int,
        end_of_run: Callable[[str, Any], Any],
        end_tubes: Any,
    ) -> dict[str | None, Any]:
        """The results of coroutines that run together, by name; under None, that one of them has ended its tube."""
        from noob_cli.runners.coroutines import together

        frame = sys._getframe(1)

        errors: list[BaseException] = []

        def note(name: str, error: BaseException) -> None:
            before = self._failures.last if errors else []
            errors.append(error)
            if not self._failures.is_known(error):
                self._note(error, self._compiled.place_of("node", name), epoch, frame)
                self._failures.last = [*before, *self._failures.last]

        results: dict[str | None, Any] = {}

        def end(name: str) -> Any:
            results[None] = end_of_run(name, end_tubes)
            return results[None]

        results.update((await together(started, epoch, note, end)).items())
        return results

    async def _within(self, seconds: float, text: str, call: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine, which is cancelled when its time is over."""
        from noob_cli.runners.coroutines import within

        return await within(seconds, text, call)

    # Inputs

    def _missing_input(self, name: str, record: Mapping[str, Any]) -> None:
        raise missing_input(self._tube, name, record) from None

    def _unknown_inputs(self, inputs: Mapping[str, Any]) -> None:
        known = self._tube.graph.inputs
        for name in inputs:
            if name not in known and self._observers.is_new(name):
                hint = suggest(name, known, "inputs")
                self._observers.warn(f"there is no input '{name}', it is ignored: {hint}")

    # Events

    def _event(self, node: str, signal: str, epoch: Epoch, value: Any) -> Event:
        number = self._standing.events
        self._standing.events += 1
        return Event(id=number, timestamp=datetime.now(UTC), node_id=node, signal=signal, epoch=epoch, value=value)

    def _emit(self, node: str, qualified: str, signal: str, epoch: Epoch, value: Any) -> Event:
        """Make an event, and give it to the callbacks; those get the names of the tubes that the node is in, too."""
        if self._observers.is_tracing:
            self._observers.trace(f"epoch {epoch.root}: {qualified}.{signal} = {short_repr(value)}")
        if qualified == self._observers.looked_at:
            self._look(sys._getframe(1), signal, value)
        return self._tell_callbacks(node, qualified, signal, epoch, value)

    def _look(self, frame: FrameType, signal: str | None = None, value: Any = None) -> None:
        """Tell what the node that is looked at has got, and emitted."""
        if self._observers.look is not None and self._observers.looked_at is not None:
            # The number of the epoch of the run: a nested tube counts its own.
            epoch = whereabouts(stack_from(frame), self._compiled).epoch or 0
            self._looked_in = epoch
            place = self._compiled.place_of("node", self._observers.looked_at)
            got = values_of(place, self._tube, self._compiled.plan, frame)
            returning, result = self._tube.graph.return_node, self._compiled.plan.body.result
            if not got and returning is not None and returning.id == place.name and result is not None:
                # What it gets may be all that it does.
                returned = frame.f_locals.get(result.name, NoEvent)
                got = {} if returned is NoEvent else {"value": returned}
            self._observers.look(Look(place, epoch, got, signal, value))

    def _tell_callbacks(self, node: str, qualified: str, signal: str, epoch: Epoch, value: Any) -> Event:
        event = self._event(node, signal, epoch, value)
        for callback in self._observers.callbacks:
            try:
                callback(event if node == qualified else {**event, "node_id": qualified})
            except BaseException as error:
                self._note_in_callback(error, callback, qualified, event)
                raise
        return event

    def _note_in_callback(self, error: BaseException, callback: Callback, node: str, event: Event) -> None:
        """Note that a callback has failed, at the place of the node whose event it was given."""
        name = getattr(callback, "__qualname__", None) or type(callback).__qualname__
        place = self._compiled.place_of("node", node)._replace(kind="callback", name=name)
        values = {f"{node}.{event['signal']}": event["value"]}
        self._failures.note(Failure(error, place, int(event["epoch"]), values))

    def _notify_end(self, epoch: int) -> None:
        if self._observers.ended is not None:
            self._observers.ended(epoch)
        if self._looked_in != epoch:
            self._look(sys._getframe(1))
        if not (self._observers.callbacks or self._observers.is_tracing):
            return
        self._observers.trace(f"epoch {epoch} has ended")
        self._tell_callbacks("meta", "meta", EPOCH_ENDED, Epoch(epoch), epoch)

    def _trace_asset(self, text: str, epoch: int) -> None:
        self._observers.trace(f"epoch {epoch}: {text}")


def missing_input(tube: Tube, name: str, record: Mapping[str, Any]) -> InputError:
    """The error for an input that a record has not.

    Args:
        tube: The tube that is run.
        name: The input.
        record: What there is.
    """
    spec = tube.graph.inputs[name]
    others = f", given {listing(list(record))}" if record else ""
    message = f"the input '{name}' ({spec.type_}) is missing{others}: every record needs it, unless it has a default"
    return InputError(message, name)
