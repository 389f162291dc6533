"""Assets that are stored from one signal share one copy, where one is made: what looks for that is one step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import groupby

from noob_cli.plan.steps import Held, Isolate, Step


def sharing_copies(steps: Iterable[Step]) -> Iterator[Step]:
    """Steps, the looks at what one signal has emitted made one where they follow each other.

    Args:
        steps: Steps that are done one after the other.
    """
    for is_look, run in groupby(steps, lambda step: isinstance(step, Isolate)):
        if not is_look:
            yield from run
            continue
        of_signal: defaultdict[Hashable, list[Isolate]] = defaultdict(list)
        for look in run:
            if isinstance(look, Isolate):
                key = look.place, stored_with(look.held), look.receiver, look.shared, look.among, look.unless
                of_signal[key].append(look)
        for first, *others in of_signal.values():
            held = shared([first.held, *(other.held for other in others)])
            yield Isolate(first.place, held, first.receiver, first.shared, first.among, first.unless)


def stored_with(held: Held) -> Hashable:
    """What is the same for all that is stored at once: the signal, and for how many tubes that is told."""
    return held.signal, len(held.variables)


def shared(together: list[Held]) -> Held:
    """What is stored at once in several assets, as if it were one."""
    first = together[0]
    return Held(
        first.asset, first.signal, first.node, tuple(variable for held in together for variable in held.variables)
    )
