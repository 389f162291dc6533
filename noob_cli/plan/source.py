"""A builder of Python source: a method per kind of line, indentation kept, and each line's place remembered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from noob_cli.plan.steps import Place


class Source:
    """Python source as it grows, and which step each of its lines belongs to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: dict[int, Place] = {}
        self._depth = 0
        self._place: Place | None = None

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self._depth + text)
        if self._place is not None:
            self.places[len(self.lines)] = self._place

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a line that ends in a colon, and indent what follows."""
        self.line(f"{head}:")
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._depth -= 1

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """The lines that follow belong to this step."""
        outer, self._place = self._place, place
        yield
        self._place = outer
