"""Where in a tube the cursor is, from the text alone: it need not be YAML yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from noob_cli.diagnostics import DocumentPath
from noob_cli.lsp.text import COMMENT, QUOTED
from noob_cli.named_tuple import NamedTuple

_KEY = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s\[\]{},:#&*!|>'"%@`-][^:#,{}\[\]]*?|-?\w[\w.-]*)[ \t]*:(?=\s|$)"""
)
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_AT_TOP = re.compile(r"[A-Za-z_\"'][^#\n]*:(?=\s|$)")
_WORD_IN_FLOW = re.compile(r"[^,\[\]{}]*")
_SPACE = re.compile(r"[ \t]*")


class Cursor(NamedTuple):
    """Where the cursor is, and what is typed there.

    Args:
        path: The keys and positions that lead there; of a value, with its key.
        is_key: Whether a key is typed there, or may be; its path is that of the mapping.
        is_value: Whether a value is typed there, or may be.
        typed: What stands in the word before the cursor.
        start: Where that word begins.
        end: Where it ends, behind the cursor.
        siblings: The keys before it in its mapping.
        in_flow: Whether it is inside of brackets.
    """

    path: DocumentPath
    is_key: bool
    is_value: bool
    typed: str
    start: int
    end: int
    siblings: frozenset[str] = frozenset()
    in_flow: bool = False


@dataclass
class _Level:
    """A mapping or a list that is open.

    Args:
        indent: The column of its keys or dashes; -1 within brackets.
        kind: `map` or `list`.
        key: The last key, or position, in it.
        has_value: Whether that has its colon, or its dash.
        keys: The keys in it.
    """

    indent: int
    kind: str
    key: str | int | None = None
    has_value: bool = False
    keys: set[str] = field(default_factory=set)

    def take(self, key: str) -> None:
        self.key, self.has_value = key, True
        self.keys.add(key)


def cursor_at(source: str, offset: int) -> Cursor | None:
    """Where a place in a text is; None inside of a comment, or of a block of text."""
    begin = _beginning_of_section(source, offset)
    if begin == 0 and source.startswith("\ufeff"):
        begin = min(1, offset)
    scan = _Scan()
    at = begin
    while True:
        newline = source.find("\n", at, offset)
        if newline < 0:
            break
        scan.line(source[at:newline].rstrip("\r"))
        at = newline + 1
    return scan.cursor(source, at, offset)


def _beginning_of_section(source: str, offset: int) -> int:
    """The beginning of the last line before a place that begins with a key in the first column."""
    line = source.rfind("\n", 0, offset) + 1
    while line > 0 and _AT_TOP.match(source, line) is None:
        line = source.rfind("\n", 0, line - 1) + 1
    return line


class _Scan:
    """Goes through lines and knows what is open."""

    def __init__(self) -> None:
        self._blocks: list[_Level] = []
        self._flows: list[_Level] = []
        self._text_indent: int | None = None

    def line(self, line: str) -> None:
        """Take in a whole line."""
        body = self._begin(line)
        if body is None:
            return
        if self._flows:
            self._flow(line, 0)
            return
        at = self._dashes_and_key(line, body)
        rest = line[at:].lstrip()
        if _BLOCK_SCALAR.fullmatch(rest):
            self._text_indent = self._blocks[-1].indent if self._blocks else -1
        elif rest[:1] in ("[", "{"):
            self._flow(line, at)

    def cursor(self, source: str, at: int, offset: int) -> Cursor | None:
        """Where a place is that stands in the line behind those that were taken in."""
        end_of_line = source.find("\n", offset)
        line = source[at : end_of_line if end_of_line >= 0 else len(source)].rstrip("\r")
        before = line[: offset - at]
        if self._text_indent is not None and (not line.strip() or _indent(line) > self._text_indent):
            return None
        if COMMENT.search(QUOTED.sub("_", before)) is not None:
            return None
        if not self._flows:
            if not line.strip():
                self._close(len(before))
                return self._block_cursor(line, before, at, offset, len(before))
            self._begin(line)
            body = _indent(line)
            if len(before) <= body:
                return self._block_cursor(line, before, at, offset, len(before))
            place = self._dashes_and_key(before, body)
            rest = before[place:].lstrip()
            if rest[:1] not in ("[", "{"):
                return self._block_cursor(line, before, at, offset, place)
            self._flow(before, place)
        else:
            self._flow(before, 0)
        return self._flow_cursor(line, before, at, offset)

    def _begin(self, line: str) -> int | None:
        """Where the body of a line begins; None if there is none to look at."""
        stripped = line.strip()
        body = _indent(line)
        if self._text_indent is not None:
            if not stripped or body > self._text_indent:
                return None
            self._text_indent = None
        if not stripped or stripped.startswith("#"):
            return None
        if not self._flows:
            self._close(body, is_dash=line[body : body + 2].rstrip() == "-")
        return body

    def _close(self, indent: int, *, is_dash: bool = False) -> None:
        """End the blocks that something at an indent doesn't belong to."""
        while self._blocks and (
            self._blocks[-1].indent > indent
            or (self._blocks[-1].indent == indent and self._blocks[-1].kind == "list" and not is_dash)
        ):
            self._blocks.pop()

    def _dashes_and_key(self, line: str, at: int) -> int:
        """Take in the dashes and the key that a line begins with, and say where what follows begins."""
        while line[at : at + 2] == "- " or line[at:] == "-":
            last = self._blocks[-1] if self._blocks else None
            if last is None or last.kind != "list" or last.indent != at:
                last = _Level(at, "list", -1)
                self._blocks.append(last)
            assert isinstance(last.key, int)
            last.key, last.has_value = last.key + 1, True
            at = _end_of_space(line, at + 1)
        key = _KEY.match(line, at)
        if key is not None:
            last = self._blocks[-1] if self._blocks else None
            if last is None or last.kind != "map" or last.indent != at:
                last = _Level(at, "map")
                self._blocks.append(last)
            last.take(_bare(key["key"]))
            at = key.end()
        return at

    def _flow(self, line: str, at: int) -> None:
        """Take in what stands within brackets."""
        while at < len(line):
            letter = line[at]
            if letter in "{[":
                self._flows.append(_Level(-1, "map" if letter == "{" else "list", None if letter == "{" else 0))
            elif letter in "}]":
                if self._flows:
                    self._flows.pop()
                if not self._flows:
                    return
            elif letter == ",":
                level = self._flows[-1]
                if level.kind == "list" and isinstance(level.key, int):
                    level.key += 1
                else:
                    level.key, level.has_value = None, False
            elif letter == "#" and line[at - 1 : at] in ("", " ", "\t"):
                return
            elif not letter.isspace():
                key, level = _KEY.match(line, at), self._flows[-1]
                word = QUOTED.match(line, at) if letter in "\"'" else _WORD_IN_FLOW.match(line, at)
                if word is None:
                    return
                if key is not None and level.kind == "map" and not level.has_value:
                    level.take(_bare(key["key"]))
                    word = key
                at = word.end()
                continue
            at += 1

    def _block_cursor(self, line: str, before: str, at: int, offset: int, place: int) -> Cursor:
        start = at + _end_of_space(before, place)
        end = at + len(COMMENT.sub("", line).rstrip()) if before.strip() else offset
        typed = before[start - at :]
        path = _path(self._blocks)
        last = self._blocks[-1] if self._blocks else None
        if last is not None and last.has_value and start - at > last.indent:
            # A list item may begin a mapping of its own; what stands behind a colon may too, in a line of its own.
            behind_key = bool(before[:place].strip())
            is_key = last.kind == "list" or not behind_key
            return _unquoted(Cursor(path, is_key, True, typed, start, max(end, offset), frozenset()), line, at)
        siblings = frozenset(last.keys) if last is not None and last.kind == "map" else frozenset()
        return Cursor(path[:-1] if path else (), True, False, typed, start, max(end, offset), siblings)

    def _flow_cursor(self, line: str, before: str, at: int, offset: int) -> Cursor | None:
        if not self._flows:
            return None
        level = self._flows[-1]
        start = max((before.rfind(letter) + 1 for letter in "[{,"), default=0)
        if level.kind == "map" and level.has_value:
            start = max(start, max((match.end() for match in re.finditer(r":(?=\s|$)", before)), default=0))
        start = _end_of_space(before, start)
        end = _end_of(_WORD_IN_FLOW, line, len(before))
        tail = line[len(before) : end]
        if ":" in tail and level.kind == "map" and not level.has_value:
            end = len(before) + tail.index(":")
        end = len(before) + len(line[len(before) : end].rstrip())
        path = (*_path(self._blocks), *_path(self._flows))
        if level.kind == "map" and not level.has_value:
            return Cursor(path, True, False, before[start:], at + start, at + end, frozenset(level.keys), True)
        return _unquoted(Cursor(path, False, True, before[start:], at + start, at + end, frozenset(), True), line, at)


def _unquoted(cursor: Cursor, line: str, at: int) -> Cursor:
    """A place in a value, within the quotes around that."""
    quote = cursor.typed[:1]
    if quote not in ("'", '"'):
        return cursor
    behind = cursor.start + len(cursor.typed)
    end = cursor.end - (cursor.end > behind and line[cursor.end - 1 - at] == quote)
    return cursor._replace(typed=cursor.typed[1:], start=cursor.start + 1, end=end)


def _path(levels: list[_Level]) -> DocumentPath:
    return tuple(level.key for level in levels if level.key is not None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _end_of_space(line: str, at: int) -> int:
    return _end_of(_SPACE, line, at)


def _end_of(pattern: re.Pattern[str], line: str, at: int) -> int:
    match = pattern.match(line, at)
    return at if match is None else match.end()


def _bare(key: str) -> str:
    return key[1:-1] if key[:1] in ("'", '"') else key.strip()
