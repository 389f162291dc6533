"""When the garbage collector looks for what is garbage.

Next to nothing that is made while the command is imported is garbage, and looking at all of it time and again takes a
tenth of the time that the import takes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_USUAL = gc.get_threshold()
_SELDOM = 200_000
"""After how many new objects: more than an import makes, and so few that garbage takes no more than some 20 MB."""

_OFTEN = 200
_set_aside = 0
"""How often something large has been built since all was looked into."""


def look_seldom() -> None:
    """Look for garbage seldom, from here on."""
    gc.set_threshold(_SELDOM)


@contextmanager
def not_looked_for() -> Iterator[None]:
    """Look for none while something large is built, of which nothing is garbage. No user's code runs meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def looked_for_later() -> Iterator[None]:
    """The same, where what is built lasts, and replaces what was built before: then, too, it is looked into seldom."""
    global _set_aside
    with not_looked_for():
        yield
        _set_aside = (_set_aside + 1) % _OFTEN
        if _set_aside == 0:
            gc.unfreeze()
            gc.collect()
        gc.freeze()


def look_as_usual() -> None:
    """Look for it as Python does again, but not in what is there already."""
    if gc.get_threshold()[0] == _SELDOM:
        gc.freeze()
        gc.set_threshold(*_USUAL)
