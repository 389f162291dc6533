"""Which stages the next epochs go through, where there are two ways to cut them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from noob_cli.plan.stages import Stages
from noob_cli.runners.admission import Admission
from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.trial import Trial


class Route:
    """Lets items of maps be handed out as long as epochs alone don't keep all workers at work.

    Args:
        whole: The stages of epochs whose maps are done by one worker each; None if epochs are made one by one.
        chunked: Those between which items of maps are handed out; None if that would change nothing.
        crew: Who does them.
        admission: How many epochs have begun, and how many may.
    """

    def __init__(self, whole: Stages | None, chunked: Stages | None, crew: Crew, admission: Admission) -> None:
        self._whole = whole
        self._chunked = chunked
        self._crew = crew
        self._admission = admission
        self._is_in_chunks = chunked is not None
        self._trial = None if chunked is None or whole is None or len(whole.stages) > 1 else Trial()
        """Whether that takes less time, where epochs alone never keep anybody at work."""

    @property
    def stages(self) -> Stages | None:
        """The stages that the next epochs go through."""
        return self._chunked if self._is_in_chunks else self._whole

    @property
    def is_tried(self) -> bool:
        """Whether epochs are still measured."""
        return self._trial is not None and not self._trial.is_over

    @property
    def most(self) -> int:
        """How many epochs may be under way."""
        if self.is_tried:
            return 1
        # A crew may let more be under way once it knows how long they take.
        return min(self._crew.ahead, self._crew.workers) if self._is_in_chunks else self._crew.ahead

    @property
    def is_to_change(self) -> bool:
        """Whether the next epoch goes through other stages than those that are under way."""
        if self._trial is not None:
            return self._trial.is_for_chunks != self._is_in_chunks
        return self._is_in_chunks and self._admission.under_way >= self._crew.workers

    def begin(self) -> None:
        """Choose for epochs of which it is known now how many there are at the most."""
        if self._chunked is not None and self._admission.last - self._admission.begun < self._crew.workers:
            self._is_in_chunks = self._trial is None or self._trial.is_for_chunks

    def change(self) -> None:
        """Let the next epochs go through the other stages."""
        self._is_in_chunks = not self._is_in_chunks

    def of(self, records: Iterator[Any]) -> Iterator[Any]:
        """The same records; an epoch begins with each that is taken."""
        return records if self._trial is None else self._trial.of(records, lambda: self._is_in_chunks)

    def end(self) -> None:
        """Note that an epoch has ended."""
        if self._trial is not None:
            self._trial.end()
