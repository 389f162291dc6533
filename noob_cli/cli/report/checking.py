"""Checking the tubes that a command line names, one after the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from noob_cli.cli.report.selection import select_tubes
from noob_cli.cli.shell.stdin import STDIN
from noob_cli.code.codebase import ImportedCode, Opening
from noob_cli.diagnostics import Diagnostic, Related, Severity, Span, in_order
from noob_cli.errors import TubeError, TubeNotFoundError
from noob_cli.loading.loading import diagnostics_of
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.document import Document, open_document, read_document
from noob_cli.specification.file import MOST_BYTES
from noob_cli.wording import count_of


class Checked(NamedTuple):
    """What came out of checking one tube.

    Args:
        name: What it is called; None if what was named is no tube.
        diagnostics: What is wrong with it and was not shown with another tube before.
        is_valid: Whether nothing keeps it from running.
        problem: Why there is nothing to check.
        stdin: Its text, if it came from standard input.
    """

    name: str | None
    diagnostics: Sequence[Diagnostic] = ()
    is_valid: bool = False
    problem: str | None = None
    stdin: str | None = None


@dataclass
class Totals:
    """How many tubes were checked, and how much was found."""

    tubes: int = 0
    errors: int = 0
    warnings: int = 0

    def counting(self, checked: Iterator[Checked]) -> Iterator[Checked]:
        """The same, counted on the way."""
        for tube in checked:
            self.tubes += tube.name is not None
            self.errors += tube.problem is not None
            for diagnostic in tube.diagnostics:
                self.errors += diagnostic.is_error
                self.warnings += not diagnostic.is_error
            yield tube

    def __str__(self) -> str:
        counts = [
            (self.tubes, "tube"),
            (self.errors, "error"),
            *([(self.warnings, "warning")] if self.warnings else []),
        ]
        return ", ".join(count_of(number, noun) if number else f"no {noun}s" for number, noun in counts)


def check_tubes(names: Sequence[str], strict: bool, opening: Opening = ImportedCode) -> Iterator[Checked]:
    """Check tubes; what several of them have in common, such as a tube they extend, is shown once.

    Args:
        names: Files, ids or folders, or `-` for standard input.
        strict: Whether a warning is an error.
        opening: Whether code is imported, or only read.
    """
    seen: set[Diagnostic] = set()
    for tube in _check_all(names, opening):
        diagnostics = (
            [replace(diagnostic, severity=Severity.error) for diagnostic in tube.diagnostics]
            if strict
            else tube.diagnostics
        )
        fresh = [diagnostic for diagnostic in dict.fromkeys(diagnostics) if diagnostic not in seen]
        seen.update(fresh)
        is_valid = tube.problem is None and not any(diagnostic.is_error for diagnostic in diagnostics)
        yield tube._replace(diagnostics=fresh, is_valid=is_valid)


def _check_all(names: Sequence[str], opening: Opening) -> Iterator[Checked]:
    if STDIN in names:
        yield _check_stdin(opening)
    selection = select_tubes(name for name in names if name != STDIN)
    for problem in selection.problems:
        yield Checked(None, problem=problem)
    ids = _Ids()
    for name, tube_file in selection.tubes:
        diagnostics: Sequence[Diagnostic]
        try:
            document = open_document(*tube_file)
            diagnostics = in_order([*ids.found_before(document), *diagnostics_of(document, opening)])
        except TubeError as error:
            diagnostics = error.diagnostics
        except TubeNotFoundError as error:
            yield Checked(name, problem=str(error))
            continue
        yield Checked(name, diagnostics)


class _Ids:
    """The ids of the tubes that are checked in one call."""

    def __init__(self) -> None:
        self._first: dict[str, Document] = {}
        self._reported: set[Path | None] = set()

    def found_before(self, document: Document) -> Iterator[Diagnostic]:
        """Y004: the id of a tube is that of one before it too, and it was not said of that one already."""
        name = document.data.get("noob_id") if isinstance(document.data, dict) else None
        if not isinstance(name, str):
            return
        first = self._first.setdefault(name, document)
        self._reported.update(file.resolve() for file in document.others)
        if first is document or document.file is None or document.file.resolve() in self._reported:
            return
        path = ("noob_id",)
        yield Diagnostic(
            "Y004",
            f"the id '{name}' is that of another tube too: a search finds one of the two",
            path,
            document.value_span(path),
            hint="give it an id of its own",
            severity=Severity.warning,
            related=(Related("the other is here", first.value_span(path)),),
        )


def _check_stdin(opening: Opening) -> Checked:
    data = sys.stdin.buffer.read(MOST_BYTES + 1) if sys.stdin is not None else b""
    diagnostics: Sequence[Diagnostic]
    try:
        diagnostics = diagnostics_of(read_document(data), opening)
    except TubeError as error:
        diagnostics = error.diagnostics
    # What is wrong with a tube that is no file may have no place at all, such as that there is nothing.
    placed = [
        diagnostic if diagnostic.span else replace(diagnostic, span=Span(None, 1, 1, 1, 2))
        for diagnostic in diagnostics
    ]
    return Checked("<stdin>", placed, stdin=data.decode("utf-8-sig", errors="replace"))
