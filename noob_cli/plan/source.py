"""A builder of Python source: a method per kind of line, indentation kept, and each line's place remembered."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from noob_cli.plan.steps import Place


class Source:
    """Python source as it grows, and which step each of its lines belongs to.

    Args:
        commented: Whether a comment says so where another step begins.
    """

    def __init__(self, commented: bool = False) -> None:
        self.lines: list[str] = []
        self._commented = commented
        self._last: Place | None = None
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

    def insert(self, at: int, text: str) -> None:
        """Add a line after the first `at` lines."""
        self.lines.insert(at, text)
        self.places = {number + (number > at): place for number, place in self.places.items()}

    def replace(self, placeholder: str, text: str) -> None:
        """Put something in the place of lines that were written before it was known."""
        self.lines = [line.replace(placeholder, text) for line in self.lines]

    def assigned_names(self) -> list[str]:
        """The names that the functions assign to inside of the one that all stand in."""
        text = str(self).replace("nonlocal ...", "pass")
        (outer,) = ast.parse(text).body
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
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._depth -= 1

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """The lines that follow belong to this step."""
        if self._commented and place not in (self._place, self._last):
            self.line(f"# {place}" + ("" if place.span is None else f", line {place.span.line}"))
        self._last = place
        outer, self._place = self._place, place
        yield
        self._place = outer
