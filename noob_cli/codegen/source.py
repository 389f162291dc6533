"""A builder of Python source: a method per kind of line, indentation kept, and each line's place remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from noob_cli.plan.place import Place

_INDENT = "    "


class Tag(Enum):
    """What a line does, for who has to know when an error comes from it."""

    head = "begins a loop over epochs by drawing from a source"
    end = "ends an asset"


class _Lines:
    """Lines, side by side with what is known of them: an object for each would be much for the garbage collector."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[Place | None] = []
        self.tags: list[Tag | None] = []

    def __len__(self) -> int:
        return len(self.texts)

    def add(self, text: str, place: Place | None) -> None:
        self.texts.append(text)
        self.places.append(place)
        self.tags.append(None)

    def extend(self, others: _Lines) -> None:
        self.texts += others.texts
        self.places += others.places
        self.tags += others.tags


class Source:
    """Python source as it grows, and which step each of its lines belongs to.

    Args:
        commented: Whether it is for people: a comment says where another step begins, and nothing stands around the
            functions, nor in them that they share names.
    """

    def __init__(self, commented: bool = False) -> None:
        self._lines = _Lines()
        self._outlined = _Lines()
        self._depth = 0
        self._place: Place | None = None
        self._commented = commented
        self._last: Place | None = None
        self._file: Path | None = None

    def __str__(self) -> str:
        return "".join(f"{text}\n" for text in self._lines.texts)

    @property
    def places(self) -> dict[int, Place]:
        """The step that each line belongs to, by the number of the line.

        A `try:` belongs to none: in CPython an exception that comes on it, as from a trace function, passes by the
        handlers around it, so that nothing is to be interrupted there.
        """
        lines = zip(self._lines.texts, self._lines.places, strict=True)
        return {
            number: place
            for number, (text, place) in enumerate(lines, 1)
            if place is not None and text.lstrip() != "try:"
        }

    @property
    def heads(self) -> frozenset[int]:
        """The lines that begin a loop over epochs by drawing from a source."""
        return self._tagged(Tag.head)

    @property
    def ends(self) -> frozenset[int]:
        """The lines that end an asset."""
        return self._tagged(Tag.end)

    def _tagged(self, wanted: Tag) -> frozenset[int]:
        return frozenset(number for number, tag in enumerate(self._lines.tags, 1) if tag is wanted)

    def tag(self, tag: Tag) -> None:
        """Say of the last line what it does."""
        self._lines.tags[-1] = tag

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.add(_INDENT * self._depth + text, self._place)

    def unseen(self, text: str) -> None:
        """Add a line that people don't have to see."""
        if not self._commented:
            self.line(text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a line that ends in a colon, and indent what follows."""
        self.line(f"{head}:")
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._depth -= 1

    @contextmanager
    def function(self, head: str, shared: Iterable[str]) -> Iterator[None]:
        """A function that may assign names which it shares with the one around it."""
        with self.block(head):
            names = ", ".join(dict.fromkeys(shared))
            if names and not self._commented:
                self.line(f"nonlocal {names}")
            yield

    @contextmanager
    def outlined(self) -> Iterator[None]:
        """A function that stands behind all that has been added when `put_outlined` is called, and not here."""
        here, depth = self._lines, self._depth
        self._lines, self._depth = _Lines(), 0 if self._commented else 1
        yield
        self._lines.add("", None)
        self._outlined.extend(self._lines)
        self._lines, self._depth = here, depth

    def put_outlined(self) -> None:
        """Add the functions that were outlined so far."""
        self._lines.extend(self._outlined)
        self._outlined = _Lines()

    def _where(self, place: Place) -> str:
        """Where a step stands; with the file, if that is not the one of the first step."""
        if place.span is None:
            return ""
        file = place.span.file
        self._file = self._file or file
        return f", line {place.span.line}" + ("" if file is None or file == self._file else f" of {file.name}")

    @contextmanager
    def at(self, place: Place | None) -> Iterator[None]:
        """The lines that follow belong to this step, or to none."""
        if self._commented and place is not None and place not in (self._place, self._last):
            self.line(f"# {place}" + self._where(place))
        self._last = place or self._last
        outer, self._place = self._place, place
        yield
        self._place = outer
