"""What a plan reads of what it writes: what is never read needs no name."""

from __future__ import annotations

from collections import Counter

from noob_cli.plan.steps import Body


def reads(body: Body) -> Counter[str]:
    """In how many places each value is read, by its name.

    Args:
        body: What happens in an epoch, with the tubes nested in it.
    """
    return Counter(name for part in body.walk() for name in part.names("Reads", "Changes"))
