"""Which methods of a class are run as a node: those that are marked, and those of the names that mean it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from noob_cli.code.behind import Expected, expected_of
from noob_cli.code.compatibility import is_named
from noob_cli.code.interface import NOTHING, Interface, interface_of
from noob_cli.code.looking import attribute, class_dict, mro_of, name_of
from noob_cli.code.marks import PROCESS, mark_of
from noob_cli.named_tuple import NamedTuple


class LostMark(NamedTuple):
    """A method that a subclass overrides without the mark that it has.

    Args:
        method: Its name.
        mark: The mark: `process`, `init` or the like.
        base: The class in which it is marked.
        overriding: The class that overrides it.
    """

    method: str
    mark: str
    base: str
    overriding: str


def process_methods_of(cls: type) -> list[str]:
    """The methods of a class that are called as the node: one, unless several are marked, or none is there."""
    marked = marked_methods(cls, PROCESS)
    if marked or not callable(attribute(cls, PROCESS)):
        return marked
    defining, _ = _attributes(cls).get(PROCESS, (None, None))
    # The `Node` of the public package has one that does nothing.
    return [] if is_named(defining, "Node") else [PROCESS]


def called_method(cls: type, name: str) -> tuple[Expected, Interface]:
    """What a call of a method makes, and what it takes and emits besides its instance."""
    method = getattr(cls, name)
    expected = expected_of(method)
    bound = not isinstance(inspect.getattr_static(cls, name), staticmethod | classmethod)
    return expected, interface_of(method, expected.draws, bound)


def process_interface(cls: type) -> Interface:
    """What the process method of a class takes and emits; nothing if it has none."""
    return next((called_method(cls, name)[1] for name in process_methods_of(cls)), NOTHING)


def drawn_by(cls: type) -> str | None:
    """The method by which the next item comes, if the instances of a class are iterators."""
    for drawn, iterated in (("__next__", "__iter__"), ("__anext__", "__aiter__")):
        if attribute(cls, drawn) is not None and attribute(cls, iterated) is not None:
            return drawn
    return None


def marked_methods(cls: type, mark: str) -> list[str]:
    """The names of the methods with a mark, those of base classes first."""
    return [name for name, (_, definition) in _attributes(cls).items() if mark_of(definition) == mark]


def lost_marks_of(cls: type) -> tuple[LostMark, ...]:
    """The marks that methods lose where a subclass overrides them; not if it marks another, or calls it by name."""
    marked = {
        name: (mark, base)
        for base in _bases(cls)
        for name, definition in class_dict(base).items()
        if (mark := mark_of(definition)) is not None
    }
    lost = []
    for name, (mark, base) in marked.items():
        overriding, definition = _attributes(cls)[name]
        is_lost = overriding is not base and callable(attribute(definition, "__func__", definition))
        if is_lost and name != mark and not (mark == PROCESS and marked_methods(cls, PROCESS)):
            lost.append(LostMark(name, mark, name_of(base), name_of(overriding)))
    return tuple(lost)


def _attributes(cls: type) -> Mapping[str, tuple[type, Any]]:
    """What a class and its bases define, by name, with the class whose definition counts, those of bases first.

    It is looked at without being called: a property, or a field that warns, is none of our business.
    """
    return {name: (base, definition) for base in _bases(cls) for name, definition in class_dict(base).items()}


def _bases(cls: type) -> list[type]:
    """A class and its bases, those first; without `object`, which has nothing of a node."""
    return list(reversed(mro_of(cls)[:-1]))
