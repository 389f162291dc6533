"""What a run wants of its plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.passes.passes import PASSES


class LoweringOptions(NamedTuple):
    """What a run wants of its plan, besides what the file says.

    Args:
        listening: Whether callbacks want the events.
        tracing: Whether somebody is told of events, and of the making and ending of assets, as they happen.
        undoing: Whether a failed epoch also undoes what was changed in place in carried assets.
        timing: Whether the calls of nodes are measured.
        counting: Whether somebody is told of the end of each epoch, and of no event.
        showing: Whether somebody wants to look at the last value of each signal.
        in_loop: Whether there is an event loop, in which others go on while a call waits.
        at_once: How many items of a map may be under way at once where something in its loop is awaited, and the file
            doesn't say; None if one.
        ended: The nodes that have ended, for the tube and those nested in it, by name.
        passes: The names of the passes that the plan goes through.
    """

    listening: bool = False
    tracing: bool = False
    undoing: bool = False
    timing: bool = False
    counting: bool = False
    showing: bool = False
    in_loop: bool = False
    at_once: int | None = None
    ended: Mapping[str, Collection[str]] = MappingProxyType({})
    passes: Collection[str] = tuple(PASSES)

    @property
    def notifying(self) -> bool:
        """Whether somebody is told of each event."""
        return self.listening or self.tracing
