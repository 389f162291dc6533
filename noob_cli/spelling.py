"""What is meant by a name that does not exist: the one that exists and is most like it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import chain, islice

from noob_cli.advice import Action, Advice, Change, did_you_mean
from noob_cli.wording import listing

_MOST_COMPARED = 30
"""With how many names one that does not exist is compared, letter by letter."""

_MOST_OF_MANY = 6
"""The same, where there are more names than that: each of thousands of references may be wrong."""

_MOST_OFFERED = 6
"""Where there are that many names at the most, each may be written in place of one that does not exist."""

_LONGEST_COMPARED = 80
"""How long a name may be to be compared: what is longer is no typing error."""


def suggest(unknown: str, known: Iterable[str], noun: str) -> Advice:
    """A hint for a name that does not exist: the nearest known one, or all there are.

    Args:
        unknown: The name that was used.
        known: The names that exist.
        noun: What they are, in the plural: `nodes`, `signals`.
    """
    names = known if isinstance(known, Names) else Names(known)
    near = nearest(unknown, names)
    if near is not None:
        return did_you_mean(near, unknown)
    if not names.all:
        return Advice(f"there are no {noun}")
    offered = names.all if len(names.all) <= _MOST_OFFERED else ()
    changes = (Change(Action.replace, name, unknown) for name in offered)
    return Advice(f"{noun} that exist: {listing(names.all)}", *changes)


def nearest(unknown: str, names: Names | tuple[str, ...], alike: float = 0.6) -> str | None:
    """The name that is most like one that does not exist; None if none is much like it.

    Args:
        unknown: The name that was used.
        names: The names that exist.
        alike: How much alike two names are at least, from 0 to 1.
    """
    if len(unknown) > _LONGEST_COMPARED:
        return None
    known = names.all if isinstance(names, Names) else names
    if len(known) > _MOST_COMPARED:
        index = names.index if isinstance(names, Names) else _index_of(known)
        return _most_alike(unknown, index.near(unknown), alike)
    return _most_alike(unknown, known, alike)


def _most_alike(unknown: str, names: Iterable[str], alike: float) -> str | None:
    short = [name for name in names if len(name) <= _LONGEST_COMPARED]
    near = difflib.get_close_matches(unknown, short, n=1, cutoff=alike)
    return near[0] if near else None


class _Index:
    """Many names, in which one that is much like another is found without comparing it with each.

    Args:
        names: The names.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._shortened: dict[str, str] = {}
        self._groups: dict[tuple[str, int], list[str]] = {}
        for name in names:
            if len(name) <= _LONGEST_COMPARED:
                for shortened in _one_letter_less(name):
                    self._shortened.setdefault(shortened, name)
                self._groups.setdefault((name[:1], len(name)), []).append(name)

    def near(self, unknown: str) -> list[str]:
        """The name that one letter makes of another, or some of those that begin the same, of much the same length."""
        for shortened in _one_letter_less(unknown):
            if shortened in self._shortened:
                return [self._shortened[shortened]]
        lengths = sorted(range(1, 2 * len(unknown)), key=lambda length: abs(length - len(unknown)))
        same_begin = chain.from_iterable(self._groups.get((unknown[:1], length), ()) for length in lengths)
        return list(islice(same_begin, _MOST_OF_MANY))


class Names:
    """Names that exist, for many questions which of them is meant by one that does not.

    Args:
        names: The names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.all = tuple(dict.fromkeys(names))

    def __iter__(self) -> Iterator[str]:
        return iter(self.all)

    @cached_property
    def index(self) -> _Index:
        """Where one is looked for without looking at each."""
        return _Index(self.all)


@lru_cache(maxsize=8)
def _index_of(names: tuple[str, ...]) -> _Index:
    return _Index(names)


def _one_letter_less(name: str) -> Iterator[str]:
    """A name, and all that it is without one of its letters. Two that are one letter apart have one in common."""
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]
