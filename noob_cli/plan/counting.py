"""Which counts of epochs a plan reads, and which need not be kept because they go with another."""

from __future__ import annotations

from noob_cli.plan.steps import Body, Nested


def counters_read(body: Body) -> frozenset[str]:
    """The counters that something in the epochs of a tube, or of those nested in it, reads.

    What is stored in each epoch of the tube itself was stored in the last one: its number need not be asked for.
    """
    read: set[str] = set()
    for part in body.walk():
        read.update(part.names("Reads", "Changes"))
        if isinstance(part, Body) and not (part is body and is_stored_each_time(part)):
            read |= {part.counter for carried in part.carried if carried.pending is not None}
    return frozenset(read)


def is_stored_each_time(body: Body) -> bool:
    """Whether all that a tube carries is stored in each epoch."""
    return not any(each.pending is not None and each.pending.optional for each in body.carried)


def following(body: Body, read: frozenset[str]) -> dict[str, str]:
    """The counters of nested tubes that nothing reads and that are called once in each epoch.

    Args:
        body: What happens in an epoch.
        read: The counters that are read.

    Returns:
        For each the counter of the tube around it, which says the same.
    """
    found: dict[str, str] = {}
    for step in body.steps:
        if isinstance(step, Nested):
            inner = step.body
            if not (step.needs or inner.can_end or inner.draws or inner.counter in read):
                found[inner.counter] = body.counter
            found |= following(inner, read)
    return found
