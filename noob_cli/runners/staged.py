"""Making epochs in stages: what keeps the order here, and what doesn't by a crew."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any, cast

from noob_cli.codegen.compiled import Appendable, Epochs, SavedState
from noob_cli.codegen.runtime import ENDED, NOT_BEGUN, NOT_YET
from noob_cli.codegen.staging import Piece
from noob_cli.errors import EndedAheadError
from noob_cli.events import NoEvent
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.stages import Stages
from noob_cli.runners.admission import Admission
from noob_cli.runners.backlog import Backlog, Records
from noob_cli.runners.crews.crew import Crew, OnTheirWay, Underway
from noob_cli.runners.early import EarlyStores, early_of
from noob_cli.runners.failure import Failure, Failures
from noob_cli.runners.handing_out import region_of, segment_of
from noob_cli.runners.interrupted import Interrupted
from noob_cli.runners.route import Route

if TYPE_CHECKING:
    # Only a run that awaits something pays for the import of asyncio.
    from noob_cli.runners.crews.coroutines import Coroutines

_MOST_AT_ONCE = 16
"""How many epochs begin before it is looked again how many may be under way."""

_SECONDS_BETWEEN = 0.005
"""How long it may take until it is seen that there is a record, while something is under way."""

Chain = Generator[Underway | None, None, None]
"""What brings epochs through all stages."""


class Staged:
    """Makes the epochs of a plan in stages.

    Args:
        plan: The plan.
        stages: Its stages; None if its epochs are made one by one, after what is left from an earlier plan.
        chunked: Other stages, between which items of maps are handed out, for as long as there are fewer epochs than
            workers; None if that would change nothing.
        epochs: The functions that make epochs one by one, on the same state.
        failures: Gets what has failed.
        crew: Does the regions; it has begun to. Coroutines, if something in the plan is awaited.
        backlog: What has been made before, and not been delivered.
        wanted: Says how many results are wanted at the most.
        end_of_run: Ends the tube that a node is in.
        work_at: Has the crew work at some of the stages.
        place_of: The place of a node or an asset by its name.
    """

    def __init__(
        self,
        plan: Plan,
        stages: Stages | None,
        chunked: Stages | None,
        epochs: Epochs,
        failures: Failures,
        crew: Crew | Coroutines | None,
        backlog: Backlog,
        wanted: Callable[[], int],
        end_of_run: Callable[..., object],
        work_at: Callable[[Stages], object],
        place_of: Callable[[str, str], Place],
    ) -> None:
        self._plan = plan
        self._is_staged = stages is not None
        self._epochs = epochs
        self._failures = failures
        self._crew = cast("Crew", crew)
        self._backlog = backlog
        self._wanted = wanted
        self._end_of_run = end_of_run
        self._work_at = work_at
        self._place_of = place_of
        self._drawn: Iterator[Any] = iter(())
        """The records that are still to come."""
        self._chain: Chain | None = None
        self._admission = Admission()
        """How many epochs have begun, and how many may."""
        self._route = Route(stages, chunked, self._crew, self._admission)
        self._asked_by: object = None
        """Who has asked last: others go on as they have begun when it is their turn again."""
        self._patience: float | None = None
        """How long to wait for a worker, before it is looked whether there is a record."""
        self._broken: BaseException | None = None
        """Why no further record could be had."""
        self._way: Stages | None = None
        """The stages that epochs go through now."""
        self._early: Mapping[int, EarlyStores] = {}
        """Where something is stored early, by the number of the stage."""
        self._before_early: OnTheirWay = iter(())
        """What comes to the first of these segments."""

    @property
    def behind(self) -> int:
        """How many epochs have begun that have not been delivered."""
        return self._admission.under_way + len(self._backlog.outcomes) + (self._broken is not None)

    @property
    def is_behind(self) -> bool:
        """Whether something is still to come of what has begun."""
        return self._chain is not None or bool(self._backlog.outcomes)

    def driven(self) -> Epochs:
        """The functions that make epochs, in stages."""
        epochs = self._epochs
        if self._is_staged:
            return epochs.driven(
                process=self._process,
                run=lambda limit, results: self._collect(self._results(None, limit), results),
                iterate=lambda limit: self._results(None, limit),
                stream=self._results,
                save=self._save,
            )
        return epochs.driven(
            process=lambda inputs: self._process(inputs) if self.is_behind else epochs.process(inputs),
            run=lambda limit, results: self._collect(self._then(epochs.iterate, None, limit), results),
            iterate=lambda limit: self._then(epochs.iterate, None, limit),
            stream=lambda records, limit: self._then(partial(epochs.stream, records), records, limit),
        )

    def _then(
        self, make: Callable[[int | None], Iterator[Any]], records: Records | None, limit: int | None
    ) -> Generator[Any, None, None]:
        """The results of what is left, and then of others."""
        before = self._epochs.number()
        yield from self._results(records, limit)
        yield from make(None if limit is None else limit - (self._epochs.number() - before))

    # What is under way

    def settle(self) -> None:
        """Bring what is under way to its end, before the state is looked at or changed; it is delivered next time."""
        self._admission.limit(0)
        self._asked_by = None
        while (outcome := self._made()) is not None:
            self._count(outcome[3])
            self._backlog.keep(outcome)
        if self._broken is not None:
            self._backlog.outcomes.append(self._broken)
            self._broken = None

    def drop(self) -> None:
        """Forget what has not been delivered."""
        self._broken = None
        self._backlog.outcomes.clear()
        self._close()

    def _close(self) -> None:
        """Forget what is under way."""
        under_way, self._chain, self._before_early = self._chain, None, iter(())
        self._admission.end_all()
        if under_way is not None:
            under_way.close()
        for early in self._early.values():
            early.put_back()

    def _save(self) -> SavedState:
        """The state of which it is known that it stays."""
        state = dict(self._epochs.save())
        for early in self._early.values():
            state |= early.state
        return state

    def _begin(self, records: Records | None) -> None:
        if not self._is_staged:
            return
        self._drawn = self._admission.of(self._route.of(repeat(None) if records is None else iter(records)))
        self._backlog.records = records
        self._route.begin()
        self._begin_chain()

    def _begin_chain(self) -> None:
        """Bring the epochs that are still to come through the stages that are the right ones now."""
        stages = cast("Stages", self._route.stages)
        self._work_at(stages)
        self._way, self._early = stages, early_of(self._epochs, stages)
        first = Piece(stages, 0, is_region=False, has_records=self._backlog.records is not None)
        drawn = self._epochs.segment(first)(self._admitted(self._backlog.records), self._epochs.number())
        if self._plan.awaits:
            segments = [self._epochs.segment(Piece(stages, at, is_region=False)) for at in range(1, len(stages.stages))]
            come = {number: early.come for number, early in self._early.items()}
            self._chain = cast("Coroutines", self._crew).chain(drawn, segments, come, lambda: self._patience)
        else:
            self._chain = self._through(drawn, 1)

    def _through(self, epochs: OnTheirWay, first: int, is_again: bool = False) -> Chain:
        """Epochs on their way through the stages from a certain one on; again, if they have been through its region."""
        way = cast("Stages", self._way)
        for number, stage in enumerate(way.stages[first:], first):
            if stage.is_within:
                continue
            if stage.region and not (is_again and number == first):
                epochs = region_of(self._crew, self._plan, way, number)(epochs)
            if number == way.first_early:
                self._before_early = epochs
            if number in self._early:
                epochs = self._early[number].coming(epochs)
            epochs = segment_of(self._crew, self._plan, way, number, self._epochs.segment)(epochs)
        return cast("Chain", epochs)

    def _again(self) -> None:
        """Put back what an epoch has stored that has failed; those behind it go once more through what comes then."""
        left, first = cast("Chain", self._chain), next(iter(self._early))
        (_, *behind), *_ = [early.put_back() for early in self._early.values()]
        if self._plan.awaits:
            cast("Coroutines", self._crew).do_again(behind)
            return
        self._chain = self._through(chain(behind, self._before_early), first, is_again=True)
        left.close()

    def _admitted(self, records: Records | None) -> Iterator[Any]:
        """The record of each epoch that may begin; `NOT_YET` while none may. Who takes them sees when the run stops."""
        admission, is_ready = self._admission, getattr(records, "is_ready", None)
        expected = begun = admission.begun
        if self._epochs.is_stopping:
            return
        while expected <= begun < admission.last:
            if self._route.is_to_change:
                # Those that are still to come go through other stages, when these are through.
                self._route.change()
                return
            # An epoch that nobody wants would be lost when the run ends with the last that somebody does.
            under_way = begun - admission.ended
            room = max(min(self._route.most, self._wanted()), 1) - under_way
            if room <= 0 or (under_way and is_ready is not None and not is_ready()):
                self._patience = None if room <= 0 else _SECONDS_BETWEEN
                yield NOT_YET
                continue
            together = min(room, admission.last - begun, 1 if is_ready is not None else _MOST_AT_ONCE)
            try:
                yield from islice(self._drawn, together)
            except GeneratorExit:
                raise
            except BaseException as error:
                # It is raised when all has been delivered that has begun before.
                self._broken = error
                return
            # Once there are no more records, fewer have begun.
            expected, begun = begun + together, admission.begun

    def _made(self) -> Underway | None:
        """The next epoch that has been brought to its end; None if nothing is under way any more."""
        if self._chain is None:
            return None
        for outcome in self._chain:
            if outcome is not None:
                return self._come(outcome)
            self._crew.wait(self._patience)
        self._chain = None
        self._admission.end_all()
        if self._way is self._route.stages:
            return None
        self._begin_chain()
        return self._made()

    def _come(self, outcome: Underway) -> Underway:
        """An epoch that has been brought to its end, and what comes of that for others."""
        self._admission.ended += 1
        self._route.end()
        number, at, failed, notes, values = outcome
        if failed is not None:
            # What comes behind that in the plan may have been done, but doesn't count.
            place_of = cast("Stages", self._way).place_of
            notes = tuple(note for note in notes if place_of(note if isinstance(note, str) else note[0]) <= at)
            outcome = number, at, failed, notes, values
        if failed is not None and any(early.has_stored for early in self._early.values()):
            self._again()
        else:
            for early in self._early.values():
                early.end()
        if notes and any(isinstance(note, str) for note in notes):
            # Nothing behind it counts.
            self._backlog.has_lost_some = self._admission.under_way > 0
            self._close()
        return outcome

    # What is delivered

    def _results(self, records: Records | None, limit: int | None) -> Generator[Any, None, None]:
        """What epochs return, in order; what is under way then is left for the next call."""
        made, at_epoch, crew, admission = 0, self._epochs.numbering(), self._crew, self._admission
        this, nothing = object(), NoEvent if self._plan.returns else None
        while limit is None or made < limit:
            self._asked_by = this
            if self.is_behind and not self._backlog.is_of(records):
                self.drop()
            admission.limit(None if limit is None else limit - made - self.behind)
            is_new = not self.is_behind
            if is_new:
                self._begin(records)
            while self._asked_by is this:
                # What has not failed, and notes nothing, is as it comes.
                is_disturbed = self._chain is None or self._backlog.outcomes or self._early or self._route.is_tried
                for outcome in () if is_disturbed else cast("Chain", self._chain):
                    if outcome is None:
                        crew.wait(self._patience)
                        continue
                    number, _, failed, notes, values = outcome
                    if failed is not None or notes:
                        self._backlog.outcomes.append(self._come(outcome))
                        break
                    admission.ended += 1
                    made += 1
                    at_epoch(number)
                    if (result := values[0] if values else nothing) is not NoEvent:
                        yield result
                    if made == limit:
                        return
                    if self._asked_by is not this:
                        break
                if self._asked_by is not this:
                    break
                if (outcome := self._next()) is None:
                    break
                number, at, failed, notes, values = outcome
                made += at != NOT_BEGUN
                if failed is None or failed.failures or not isinstance(failed.error, Interrupted):
                    # One that is interrupted before anybody has begun it has no number.
                    at_epoch(number)
                if notes:
                    self._count(notes)
                    self._end(notes, number)
                if failed is not None:
                    self._failures.last = failed.failures
                    self._failures.tell_first()
                    raise failed.error
                if (result := values[0] if values else nothing) is not NoEvent:
                    yield result
                if made == limit:
                    return
            if is_new and self._asked_by is this:
                return

    def _next(self) -> Underway | None:
        """The next epoch to be delivered; None if there is none."""
        outcome = self._backlog.outcomes.popleft() if self._backlog.outcomes else self._made()
        if outcome is None:
            outcome, self._broken = self._broken, None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _count(self, notes: Iterable[Any]) -> None:
        """Count the calls of nested tubes."""
        for counted in (note for note in notes if not isinstance(note, str)):
            self._epochs.count(*counted)

    def _end(self, notes: Iterable[Any], epoch: int) -> None:
        """End the tubes that nodes have ended."""
        for note in notes:
            if isinstance(note, str):
                around = note.rpartition(".")[0]
                if around and self._backlog.has_lost_some:
                    error = EndedAheadError(around)
                    self._failures.note(Failure(error, self._place_of("node", note), epoch))
                    self._failures.tell_first()
                    raise error
                self._end_of_run(note, self._epochs.end_tubes)
                if not around:
                    self.drop()

    def _process(self, inputs: Mapping[str, Any]) -> Any:
        before, is_required = self._epochs.number(), any(step.default is None for step in self._plan.body.inputs)
        results = [*self._results((inputs,) if inputs or is_required else None, 1)]
        is_made = self._epochs.number() > before
        return results[0] if results else None if is_made else ENDED

    def _collect(self, made: Iterable[Any], results: Appendable) -> None:
        """Append what epochs return, if they do."""
        for result in made:
            if self._plan.returns:
                results.append(result)
