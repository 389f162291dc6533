"""A mistake as a value: what is wrong, where it is, and what to do. How it is printed is the shell's job."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

_MOST_COMPARED = 30
"""With how many names one that does not exist is compared, letter by letter."""

_MOST_OF_MANY = 6
"""The same, where there are more names than that: each of thousands of references may be wrong."""

_LONGEST_COMPARED = 80
"""How long a name may be to be compared: what is longer is no typing error."""


class Severity(StrEnum):
    """An error keeps a tube from running, a warning does not."""

    error = "error"
    warning = "warning"


class Span(NamedTuple):
    """A stretch of a file, lines and columns counted from 1, the end not included."""

    file: Path | None
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file or '<tube>'}:{self.line}:{self.column}"


DocumentPath = tuple[str | int, ...]
"""Where something stands in a document: the keys and indices that lead to it."""


class Related(NamedTuple):
    """Another place that a diagnostic speaks of: the first of two duplicates, a node on a cycle."""

    message: str
    span: Span | None


@dataclass(frozen=True)
class Diagnostic:
    """One mistake in a tube.

    Example:
        >>> try:
        ...     Tube.from_specification("broken.yaml")
        ... except TubeError as error:
        ...     for diagnostic in error.diagnostics:
        ...         print(diagnostic.code, diagnostic.span, diagnostic.message)

    Args:
        code: The rule that found it, stable between versions.
        message: What was found and what was expected; its middle is left out if it is long.
        path: Where it is in the document.
        span: Where it is in the file; None for a tube that was not read from one.
        hint: What to do about it; shortened in the same way.
        severity: Whether the tube can run all the same.
        related: Other places that have to do with it.
    """

    code: str
    message: str
    path: DocumentPath = ()
    span: Span | None = None
    hint: str | None = None
    severity: Severity = Severity.error
    related: tuple[Related, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", shortened(self.message))
        if self.hint is not None:
            object.__setattr__(self, "hint", shortened(self.hint))

    @property
    def is_error(self) -> bool:
        """Whether the tube can't run because of it."""
        return self.severity is Severity.error

    def __str__(self) -> str:
        where = self.span or format_path(self.path)
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}: {self.severity}[{self.code}]: {self.message}{hint}"


def format_path(path: DocumentPath) -> str:
    """`('nodes', 'b', 'depends', 0)` as `nodes.b.depends[0]`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text or "<tube>"


def suggest(found: str, known: Iterable[str], noun: str) -> str:
    """A hint for a name that does not exist: the nearest known one, or all there are.

    Args:
        found: The name that was used.
        known: The names that exist.
        noun: What they are, in the plural: `nodes`, `signals`.
    """
    names = known if isinstance(known, Names) else Names(known)
    near = nearest(found, names)
    if near is not None:
        return f"did you mean '{near}'?"
    if not names.all:
        return f"there are no {noun}"
    return f"{noun} that exist: {listing(names.all)}"


def nearest(found: str, names: Names | tuple[str, ...], alike: float = 0.6) -> str | None:
    """The name that is most like one that does not exist; None if none is much like it.

    Args:
        found: The name that was used.
        names: The names that exist.
        alike: How much alike two names are at least, from 0 to 1.
    """
    if len(found) > _LONGEST_COMPARED:
        return None
    known = names.all if isinstance(names, Names) else names
    if len(known) > _MOST_COMPARED:
        index = names.index if isinstance(names, Names) else _index_of(known)
        return _most_alike(found, index.near(found), alike)
    return _most_alike(found, known, alike)


def _most_alike(found: str, names: Iterable[str], alike: float) -> str | None:
    short = [name for name in names if len(name) <= _LONGEST_COMPARED]
    near = difflib.get_close_matches(found, short, n=1, cutoff=alike)
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
                for each in _one_letter_less(name):
                    self._shortened.setdefault(each, name)
                self._groups.setdefault((name[:1], len(name)), []).append(name)

    def near(self, found: str) -> list[str]:
        """The name that one letter makes of another, or some of those that begin the same, of much the same length."""
        for each in _one_letter_less(found):
            if each in self._shortened:
                return [self._shortened[each]]
        lengths = sorted(range(1, 2 * len(found)), key=lambda length: abs(length - len(found)))
        same_begin = chain.from_iterable(self._groups.get((found[:1], length), ()) for length in lengths)
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


def shortened(text: str, most: int = 800) -> str:
    """A text that quotes a file, in which there are words of any length, without its middle if it is long."""
    half = (most - 3) // 2
    return text if len(text) <= most else f"{text[:half]}...{text[-half:]}"


def listing(names: Sequence[str], most: int = 8) -> str:
    """Names in one line, the first `most` of them."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics in the order of the file; of what stands there once and is used often, by its aliases, one."""
    different: dict[tuple[str, str, Span | DocumentPath], Diagnostic] = {}
    for diagnostic in diagnostics:
        place = diagnostic.path if diagnostic.span is None else diagnostic.span
        different.setdefault((diagnostic.code, diagnostic.message, place), diagnostic)
    return sorted(different.values(), key=_place_in_files)


def _place_in_files(diagnostic: Diagnostic) -> tuple[str, int, int]:
    span = diagnostic.span
    return ("", 0, 0) if span is None else (str(span.file), span.line, span.column)
