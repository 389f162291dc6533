"""Who is told of what happens in a run, besides those who get its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from noob_cli.codegen.values import Values
from noob_cli.events import Event
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.runners.failure import Failure
from noob_cli.runners.own_messages import WARNING, Message

Callback = Callable[[Event], object]


class Look(NamedTuple):
    """What a node has got and emitted.

    Args:
        place: The node.
        epoch: The epoch.
        got: What its slots got, by name.
        signal: The signal that it has emitted a value on; None if there was none in the whole epoch.
        value: The value.
    """

    place: Place
    epoch: int
    got: Mapping[str, Any]
    signal: str | None = None
    value: Any = None


class Observers:
    """Who is told of what happens in a run.

    Args:
        warn: Called with what the user should know of and what is no error.
        log: Told what happens once in a run; None if nobody wants to know.
        trace: Told what happens in each epoch; None if nobody wants to know.
        ended: Told the number of each epoch that has ended; None if nobody wants to know.
        ending: Told the name of each runner-scoped asset that is ended next; None if nobody wants to know.
        failed: Told what the start or an epoch has failed with, before what was made is ended; None if nobody wants to
            know.
        looked_at: The name of the node that `look` is about.
        look: Told what that node has got and emitted; None if nobody wants to know.
        hear: Told what code says through `logging` and `warnings`; None if nobody wants to know.
        hears_from: From which level on, as `logging` counts.
    """

    def __init__(
        self,
        warn: Callable[[str], object],
        log: Callable[[str], object] | None = None,
        trace: Callable[[str], object] | None = None,
        ended: Callable[[int], object] | None = None,
        ending: Callable[[str], object] | None = None,
        failed: Callable[[Failure], object] | None = None,
        looked_at: str | None = None,
        look: Callable[[Look], object] | None = None,
        hear: Callable[[Message], object] | None = None,
        hears_from: int = WARNING,
    ) -> None:
        self.callbacks: list[Callback] = []
        """What is called with every event."""
        self.values = Values()
        """The last values, for who watches the run."""
        self.warn = warn
        self.log = log or _ignore
        self.trace = trace or _ignore
        self.ended = ended
        self.ending = ending or _ignore
        self.failed = failed
        self.looked_at = looked_at
        self.look = look
        self.hear = hear
        self.hears_from = hears_from
        self.is_tracing = trace is not None
        """Whether somebody wants to know what happens in each epoch."""
        self._seen: set[str] = set()

    def is_new(self, subject: str) -> bool:
        """Whether something was not said before; it counts as said from then on.

        Args:
            subject: What is said, or what it is said of.
        """
        is_new = subject not in self._seen
        self._seen.add(subject)
        return is_new


def _ignore(text: str) -> None:
    """Nobody wants to know."""
