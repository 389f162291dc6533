"""A mistake as a value: what is wrong, where it is, and what to do. How it is printed is the shell's job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from noob_cli.advice import Advice, Change
from noob_cli.named_tuple import NamedTuple
from noob_cli.wording import shortened


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
        changes: The changes of the file that the hint means, of which one is made.
        is_of_yaml: Whether whoever reads YAML says it, too.
    """

    code: str
    message: str
    path: DocumentPath = ()
    span: Span | None = None
    hint: str | None = None
    severity: Severity = Severity.error
    related: tuple[Related, ...] = ()
    changes: tuple[Change, ...] = field(default=(), compare=False)
    is_of_yaml: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", shortened(self.message))
        if isinstance(self.hint, Advice):
            object.__setattr__(self, "changes", self.hint.changes)
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
