"""What a node may ask of the runner that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypedDict

InputCollection = Mapping[str, Any]
"""The values of tube-scoped inputs, by name."""


class Runner(Protocol):
    """What a node may ask of the runner that runs it."""

    tube: Any
    """The tube that is run."""

    @property
    def epoch(self) -> int:
        """The number of the last epoch; -1 before the first."""

    def stop(self) -> None:
        """Let the run end after the epoch that is under way."""


class RunnerContext(TypedDict):
    """What a parameter of `init` annotated `RunnerContext` gets.

    Example:
        >>> class Stopwatch:
        ...     def init(self, context: RunnerContext) -> None:
        ...         self.laps = context["input_collection"]["laps"]
    """

    runner: Runner
    """The runner that runs the tube."""
    input_collection: InputCollection
    """The tube-scoped inputs, by name."""
