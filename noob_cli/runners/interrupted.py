"""What a node gets that a signal interrupts."""

from __future__ import annotations

import signal

from noob_cli.runners.urgency import Urgency


class Interrupted(KeyboardInterrupt):
    """A signal interrupts what a run does.

    Args:
        number: The signal's number.
        urgency: How much it is wanted.
    """

    def __init__(self, number: int, urgency: Urgency = Urgency.insisted) -> None:
        self.number = number
        self.urgency = urgency
        super().__init__(f"interrupted by {signal.Signals(number).name}")

    def __reduce__(self) -> tuple[type[Interrupted], tuple[int, Urgency]]:
        """It may come from another process."""
        return Interrupted, (self.number, self.urgency)
