"""Why a tube has ended before its first epoch, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from noob_cli.graph.finish import Finish
from noob_cli.wording import listing

_MOST = 3
"""How many nodes are shown with what they need."""


def why_no_epoch(finish: Mapping[str, Finish], ended: Mapping[str, Collection[str]]) -> str:
    """Why a tube has ended before its first epoch, in words.

    Args:
        finish: For the tube and those nested in it, by name: what decides whether it has ended.
        ended: The sources that have ended, and the nested tubes, for each tube by name.
    """
    cut_off = [
        f"'{_qualified(tube, sink)}' needs '{_qualified(tube, disabled)}'"
        for tube, decides in finish.items()
        if decides.has_ended(())
        for sink, disabled in decides.cut_off_by().items()
    ]
    if cut_off:
        more = f" and {len(cut_off) - _MOST} more" if len(cut_off) > _MOST else ""
        return f"what it would end with needs a disabled node ({', '.join(cut_off[:_MOST])}{more})"
    empty = [_qualified(tube, name) for tube, names in ended.items() for name in sorted(names)]
    if empty:
        return f"no value came from {listing(empty)}"
    return "the tube has no nodes" if finish[""].is_empty else "all nodes are disabled"


def _qualified(tube: str, name: str) -> str:
    return f"{tube}.{name}" if tube else name
