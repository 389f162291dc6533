"""What a runner gives to each of its runs."""

from __future__ import annotations

from noob_cli.named_tuple import NamedTuple
from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.observers import Observers
from noob_cli.runners.strand import Strand
from noob_cli.tube import Tube


class Setup(NamedTuple):
    """What a runner gives to each of its runs.

    Args:
        tube: The tube.
        disabled: The nodes that don't run; may change during the run.
        observers: Are told of what happens.
        strand: Does all that the run does.
        undoing: Whether a failed epoch also undoes what was changed in place in carried assets.
        timing: Whether the calls of nodes are measured.
        crew: Does what keeps no state for several epochs at once; None if all is done in order.
        coroutines: For how many epochs at once coroutines that keep none are awaited; None if all is done in order.
        verify: For how many epochs it is looked whether what coroutines do is as in order.
    """

    tube: Tube
    disabled: set[str]
    observers: Observers
    strand: Strand
    undoing: bool
    timing: bool
    crew: Crew | None
    coroutines: int | None
    verify: int
