"""A builder of Python source: a method per kind of line, indentation kept, and each line's place remembered."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from noob_cli.plan.steps import Place


@dataclass(eq=False, repr=False)
class _Line:
    depth: int
    text: str
    place: Place | None
    later: bool = False
    head: bool = False


class Source:
    """Python source as it grows, and which step each of its lines belongs to.

    Args:
        commented: Whether a comment says so where another step begins.
    """

    def __init__(self, commented: bool = False) -> None:
        self._lines: list[_Line] = []
        self._apart: list[_Line] = []
        self._depth = 0
        self._place: Place | None = None
        self._commented = commented
        self._last: Place | None = None
        self._file: Path | None = None

    def __str__(self) -> str:
        return "".join(f"{'    ' * line.depth}{line.text}\n" for line in self._lines)

    @property
    def places(self) -> dict[int, Place]:
        """The step that each line belongs to, by the number of the line."""
        return {number: line.place for number, line in enumerate(self._lines, 1) if line.place is not None}

    @property
    def heads(self) -> frozenset[int]:
        """The lines that begin a loop over epochs by drawing from a source."""
        return frozenset(number for number, line in enumerate(self._lines, 1) if line.head)

    def mark_head(self) -> None:
        """Say of the last line that it begins a loop over epochs by drawing from a source."""
        self._lines[-1].head = True

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append(_Line(self._depth, text, self._place))

    def line_for_later(self) -> None:
        """Add a line whose text is not known yet."""
        self._lines.append(_Line(self._depth, "pass", self._place, later=True))

    def fill_in(self, text: str) -> None:
        """Put a text into all lines that were added before it was known."""
        for line in self._lines:
            if line.later:
                line.text = text

    def insert(self, at: int, text: str) -> None:
        """Add a line after the first `at` lines, as deep as the one that follows."""
        self._lines.insert(at, _Line(self._lines[at].depth, text, None))

    def assigned_names(self) -> list[str]:
        """The names that the functions assign to inside of the one that all stand in."""
        (outer,) = ast.parse(str(self)).body
        names: dict[str, None] = {}
        for function in ast.iter_child_nodes(outer):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        names[node.id] = None
        return list(names)

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
    def apart(self, head: str) -> Iterator[None]:
        """A block that stands beside the functions and not here, where it would be too deep."""
        here, depth = self._lines, self._depth
        self._lines, self._depth = [], 1
        with self.block(head):
            yield
        self._apart += [*self._lines, _Line(0, "", None)]
        self._lines, self._depth = here, depth

    def put_apart(self) -> None:
        """Add the blocks that stand apart."""
        self._lines += self._apart
        self._apart = []

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
