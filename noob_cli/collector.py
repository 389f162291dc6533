"""When garbage is collected.

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
_built = 0
"""How often something large has been built since garbage was looked for in all that there is."""


def collect_seldom() -> None:
    """Collect garbage seldom, from here on."""
    gc.set_threshold(_SELDOM)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Collect none while something large is built, of which nothing is garbage. No user's code runs meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def collecting_later() -> Iterator[None]:
    """The same, where what is built lasts, and replaces what was before: it is seldom looked at afterwards, too."""
    global _built
    with without_collecting():
        yield
        _built = (_built + 1) % _OFTEN
        if _built == 0:
            gc.unfreeze()
            gc.collect()
        gc.freeze()


def collect_as_usual() -> None:
    """Collect it as Python does again, but nothing of what is there already."""
    if gc.get_threshold()[0] == _SELDOM:
        gc.freeze()
        gc.set_threshold(*_USUAL)
