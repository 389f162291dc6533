"""Reading a text that is being typed: what isn't YAML yet is closed, or left out, so that the rest is known."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from noob_cli.diagnostics import Diagnostic
from noob_cli.errors import TubeError
from noob_cli.lsp.text import COMMENT, QUOTED
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.document import Document, read_document

_MOST_MENDED = 6
"""How many lines are mended at the most."""

_MOST_LETTERS = 10_000_000
"""How much is read at the most, all tries together."""

_OPEN = {"[": "]", "{": "}"}
_TOKEN = re.compile(rf"""{QUOTED.pattern}|{COMMENT.pattern}|"(?:[^"\\]|\\.)*|'.*|[\[\]{{}},\s]|[^\s\[\]{{}},]+""")
_LINE = re.compile("[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])|[^\n\r\x85\u2028\u2029]+$")


class Mended(NamedTuple):
    """A text, as far as it could be read.

    Args:
        document: What it says; None if nothing of it could be read.
        problems: What isn't YAML in it.
        closed: The lines, counted from 1, that were only closed.
        left_out: The lines that were left out.
    """

    document: Document | None
    problems: tuple[Diagnostic, ...] = ()
    closed: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()


def read_mended(source: str, file: Path | None) -> Mended:
    """Read a text that need not be YAML yet.

    Args:
        source: The text.
        file: The file that it belongs to.
    """
    lines = _LINE.findall(source)
    problems: list[Diagnostic] = []
    ended: set[int] = set()
    left_out: set[int] = set()
    text, letters = source, 0
    while True:
        try:
            return Mended(read_document(text, file), tuple(problems), frozenset(ended), frozenset(left_out))
        except TubeError as error:
            problem = error.diagnostics[0]
        problems += [] if problems else [problem]
        letters += len(text)
        mended = None
        if len(ended | left_out) < _MOST_MENDED and letters < _MOST_LETTERS and problem.code == "Y001":
            mended = _mended(lines, problem, letters)
        if mended is None:
            return Mended(None, tuple(problems))
        number, written = mended
        (left_out if not written.strip() else ended).add(number)
        lines[number - 1] = written
        text = "".join(lines)


def _mended(lines: list[str], problem: Diagnostic, letters: int) -> tuple[int, str] | None:
    """What to write for one line, so that more of the text can be read."""
    assert problem.span is not None
    at = min(problem.span.line, len(lines))
    before = next((number for number in range(at - 1, 0, -1) if lines[number - 1].strip()), None)
    # A quote that isn't closed is found out far below.
    open_ones = islice((number for number in range(1, at) if _has_open_quote(lines[number - 1])), 2)
    numbers = [number for number in (before, at, *open_ones) if number is not None and lines[number - 1].strip()]
    tries = [(number, closed(lines[number - 1])) for number in numbers]
    tries += [(number, _blank(lines[number - 1])) for number in reversed(numbers)]
    best: tuple[int, int, str] | None = None
    for number, written in tries:
        if written == lines[number - 1]:
            continue
        line = _first_problem("".join([*lines[: number - 1], written, *lines[number:]]))
        if line is None:
            return number, written
        if line > at and (best is None or line > best[0]):
            best = (line, number, written)
        letters += sum(map(len, lines))
        if letters > _MOST_LETTERS:
            break
    if best is not None:
        return best[1:]
    return (numbers[-1], _blank(lines[numbers[-1] - 1])) if numbers else None


def _first_problem(text: str) -> int | None:
    """The line of the first thing that isn't YAML; None if all is."""
    try:
        read_document(text)
    except TubeError as error:
        span = error.diagnostics[0].span
        return 1 if span is None else span.line
    return None


def closed(line: str) -> str:
    """A line in which quotes and brackets are closed, and a key has its colon."""
    body = line.rstrip()
    end = line[len(body) :]
    written, waiting, is_bare = "", [], True
    for token in _TOKEN.findall(body):
        if token in _OPEN:
            waiting.append(_OPEN[token])
        elif token in waiting:
            # What has been opened since can't go on behind it.
            while waiting[-1] != token:
                written += waiting.pop()
            waiting.pop()
        elif token[:1] in ("'", '"') and not QUOTED.fullmatch(token):
            token += token[0]
        is_bare = is_bare and token[:1] not in ("'", '"', *_OPEN)
        written += token
    if is_bare and re.fullmatch(r"\s*(?:- +)?[\w.]+", body):
        return f"{body}:{end}"
    return f"{written}{''.join(reversed(waiting))}{end}"


def _has_open_quote(line: str) -> bool:
    return ("'" in line or '"' in line) and closed(line) != line


def _blank(line: str) -> str:
    """A line of which nothing but its end is left."""
    return line[len(line.rstrip("\r\n")) :] if line.endswith(("\n", "\r")) else ""
