"""Making epochs in stages: what keeps the order here, and what doesn't by a crew."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from noob_cli.codegen.compiled import Appendable, CompiledPlan, Epochs
from noob_cli.codegen.runtime import ENDED, NOT_BEGUN
from noob_cli.codegen.staging import Piece
from noob_cli.errors import EndedAheadError
from noob_cli.events import NoEvent
from noob_cli.plan.plan import Plan
from noob_cli.plan.stages import Stages
from noob_cli.plan.steps import Lookup
from noob_cli.runners.crews.crew import Crew, Region, Underway
from noob_cli.runners.failure import Failure, Failures
from noob_cli.runners.hooks import Hooks

_MOST_REASONS = 3
"""How many reasons are told."""


class Failed(NamedTuple):
    """Why an epoch has failed.

    Args:
        error: The error.
        failures: Where it came from, and what failed to end because of it.
    """

    error: BaseException
    failures: list[Failure]


def why_in_order(plan: Plan, stages: Stages) -> str | None:
    """Why all epochs of a plan are made one after the other, in words; None if they are not.

    Args:
        plan: The plan.
        stages: Its stages.
    """
    if plan.awaits:
        return "something in it is awaited"
    if plan.notify_end or plan.tracing or plan.timed:
        return "somebody wants to know of each event or call"
    if any(isinstance(step, Lookup) for step in plan.body.walk()):
        return "what many assets are to store has to be looked up"
    if len(stages.stages) > 1:
        return None
    reasons = dict.fromkeys(reason for stage in stages.stages for reason in stage.held_back.values())
    return "; ".join(list(reasons)[:_MOST_REASONS]) or "none of its nodes calls code that takes time"


class Staged:
    """Makes the epochs of a plan in stages.

    Args:
        code: The plan as code.
        stages: Its stages.
        bound: What the names in the code stand for.
        failures: Gets what has failed.
        crew: Does the regions.
        make_hooks: Makes what the code of a region calls back, on failures of its own.
        end_of_run: Ends the tube that a node is in.
    """

    def __init__(
        self,
        code: CompiledPlan,
        stages: Stages,
        bound: Mapping[str, Any],
        failures: Failures,
        crew: Crew,
        make_hooks: Callable[[], tuple[Hooks, Failures]],
        end_of_run: Callable[..., object],
    ) -> None:
        self._code = code
        self._stages = stages
        self._bound = bound
        self._failures = failures
        self._crew = crew
        self._make_hooks = make_hooks
        self._end_of_run = end_of_run
        self._epochs: Epochs | None = None
        self._chain: Iterator[Underway] | None = None
        self._records: Iterable[Mapping[str, Any]] | None = None
        crew.start(self._region)

    def hooks(self, failures: Failures, by_name: Mapping[str, Any]) -> dict[str, Any]:
        """What the code of stages calls back, besides what it calls otherwise.

        Args:
            failures: Gets what has failed.
            by_name: What it calls otherwise.
        """

        def failed_at(error: BaseException, epoch: int, known: Failed | None) -> Failed:
            if known is not None:
                return known
            try:
                by_name["failed"](error, epoch)
            except Exception as wrong:
                return Failed(wrong, [])
            return Failed(error, list(failures.last))

        return {"failed_at": failed_at, "end_later": _end_later}

    def driven(self, epochs: Epochs) -> Epochs:
        """The functions that make epochs, those that make several in stages.

        Args:
            epochs: The functions that make them one by one, on the same state.
        """
        self._epochs = epochs
        return epochs.driven(process=self._process, run=self._run, iterate=self._iterate, stream=self._stream)

    def _region(self, number: int) -> Region:
        hooks, failures = self._make_hooks()
        by_name = hooks.by_name
        bound = {**self._bound, **by_name, **self.hooks(failures, by_name)}
        region: Region = self._code.bind_region(bound, Piece(self._stages, number, is_region=True))
        return region

    def _begin(self, records: Iterable[Mapping[str, Any]] | None, limit: int | None) -> Iterator[Underway]:
        assert self._epochs is not None
        first = Piece(self._stages, 0, is_region=False, has_records=records is not None)
        chain: Iterator[Underway] = self._epochs.segment(first)(records, limit, self._epochs.number())
        for number in range(1, len(self._stages.stages)):
            chain = self._crew.map(number, chain)
            chain = self._epochs.segment(Piece(self._stages, number, is_region=False))(chain)
        self._records = records
        return chain

    def _outcomes(self, records: Iterable[Mapping[str, Any]] | None, limit: int | None) -> Generator[Any, None, None]:
        """What epochs return, `NoEvent` if nothing, in order; an error leaves what is under way for the next call."""
        assert self._epochs is not None
        if self._chain is not None and not self._goes_on_with(records):
            self._drop()
        made = 0
        try:
            while limit is None or made < limit:
                begun = self._chain is None
                if self._chain is None:
                    self._chain = self._begin(records, None if limit is None else limit - made)
                for number, at, failed, notes, values in self._chain:
                    made += at != NOT_BEGUN
                    self._epochs.at_epoch(number)
                    self._note(notes)
                    if failed is not None:
                        self._failures.last = failed.failures
                        raise failed.error
                    yield values[0] if values else NoEvent
                    if made == limit:
                        return
                self._chain = None
                if begun:
                    return
        except GeneratorExit:
            self._drop()
            raise

    def _goes_on_with(self, records: Iterable[Mapping[str, Any]] | None) -> bool:
        """Whether what is under way are epochs of these records: of an iterator, which goes on where it was."""
        return records is self._records and (records is None or iter(records) is records)

    def _note(self, notes: Iterable[Any]) -> None:
        assert self._epochs is not None
        for note in notes:
            if isinstance(note, str):
                around = note.rpartition(".")[0]
                if around:
                    raise EndedAheadError(around)
                self._end_of_run(note, self._epochs.end_tubes)
                self._drop()
            else:
                self._epochs.count(*note)

    def _drop(self) -> None:
        """Forget the epochs that are under way."""
        chain, self._chain = self._chain, None
        if isinstance(chain, Generator):
            chain.close()

    def _process(self, inputs: Mapping[str, Any]) -> Any:
        assert self._epochs is not None
        if self._chain is None or inputs or self._records is not None:
            self._drop()
            return self._epochs.process(inputs)
        # To its end, since who leaves it early forgets what is under way.
        results = list(self._outcomes(None, 1))
        if not results:
            return ENDED
        return None if results[0] is NoEvent else results[0]

    def _run(self, limit: int | None, results: Appendable) -> None:
        for result in self._outcomes(None, limit):
            if result is not NoEvent:
                results.append(result)

    def _iterate(self, limit: int | None) -> Generator[Any, None, None]:
        return self._results(None, limit)

    def _stream(self, records: Iterable[Mapping[str, Any]]) -> Generator[Any, None, None]:
        return self._results(records, None)

    def _results(self, records: Iterable[Mapping[str, Any]] | None, limit: int | None) -> Generator[Any, None, None]:
        returns = self._code.plan.returns
        for result in self._outcomes(records, limit):
            if not returns:
                yield None
            elif result is not NoEvent:
                yield result


def _end_later(name: str, ended: list[str]) -> Any:
    """Note that a node ends its tube: it does when the epoch is delivered."""
    ended.append(name)
    return NoEvent
