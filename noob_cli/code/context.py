"""What a node may ask of the runner that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from noob_cli.runners.synchronous import SynchronousRunner


InputCollection = Mapping[str, Any]
"""The values of tube-scoped inputs, by name."""


class RunnerContext(TypedDict):
    """What a parameter of `init` annotated `RunnerContext` gets.

    Example:
        >>> class Stopwatch:
        ...     def init(self, context: RunnerContext) -> None:
        ...         self.laps = context["input_collection"]["laps"]
    """

    runner: SynchronousRunner
    """The runner that runs the tube."""
    input_collection: InputCollection
    """The tube-scoped inputs, by name."""
