"""What is wrong with records, and where."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final, Self

from noob_cli.errors import NoobError
from noob_cli.escaped_json import from_escaped_json
from noob_cli.named_tuple import NamedTuple

RECORD_SEPARATOR: Final = b"\x1e"
"""What may stand before each value of a sequence of JSON texts."""

_EXCERPT_LENGTH: Final = 60
_JSON_ERROR: Final = r"(?s)(?P<reason>.*) at line (?P<line>\d+) column (?P<column>\d+)"
_UTF16_BEGINNINGS: Final = (b"\xff\xfe", b"\xfe\xff")


class Position(NamedTuple):
    """Where a record is.

    Args:
        name: What its input is called: a file's name, or `<stdin>`.
        number: Which record it is, from 1; None for the input as a whole.
        line: The line on which it starts, from 1; None if that can't be known.
        column: The column of what is wrong in it, from 1; None if that can't be known.
    """

    name: str
    number: int | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        column = "" if self.column is None else f", column {self.column}"
        if self.number is None:
            return self.name + ("" if self.line is None else f", line {self.line}") + column
        return f"{self.name}, record {self.number}" + ("" if self.line is None else f" (line {self.line}{column})")


class RecordError(NoobError):
    """A record can't be read.

    Args:
        message: Where it is, what was found, what was expected, what to do.
        position: Where it is.
    """

    def __init__(self, message: str, position: Position) -> None:
        self.position = position
        super().__init__(message)

    @classmethod
    def at(cls, position: Position, fault: str) -> Self:
        """Make the error of a fault: what was found, what was expected, what to do."""
        return cls(f"{position}: {fault}.", position)


def _fault_in(text: bytes) -> str:
    """Say what keeps a text from being a JSON value, as a parser says it; nothing if it is one."""
    try:
        from_escaped_json(text)
    except ValueError as error:
        return str(error)
    return ""


def is_begun_only(text: bytes) -> bool:
    """Say whether this is the beginning of a JSON value and not all of it."""
    return _fault_in(text).startswith("EOF while parsing")


def is_followed(text: bytes) -> bool:
    """Say whether this is a JSON value with another object or array behind it."""
    reason, _, column = take_apart(_fault_in(text))
    rest = text[column - 1 :] if column else b""
    return reason == "trailing characters" and rest.startswith((b"{", b"[", RECORD_SEPARATOR))


def may_be_json(text: bytes) -> bool:
    """Say whether this is JSON, as far as it goes."""
    text = text.lstrip(RECORD_SEPARATOR)
    return not _fault_in(text) or is_begun_only(text) or is_followed(text)


def as_read(text: bytes) -> Any:
    """What is told of a record: the JSON object that it is, else its text."""
    with suppress(ValueError):
        record = from_escaped_json(text)
        if type(record) is dict:
            return record
    return text.decode("utf-8", "surrogateescape")


def take_apart(fault: ValueError | str) -> tuple[str, int | None, int | None]:
    """Take a JSON parser's message apart: the reason, the line, the column."""
    match = re.fullmatch(_JSON_ERROR, str(fault))
    if match is None:
        return str(fault), None, None
    return match["reason"], int(match["line"]), int(match["column"])


def name_kind(value: object) -> str:
    """Name what a JSON value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    return "a string" if isinstance(value, str) else "an array"


def describe_csv_error(error: ValueError, line: int) -> str:
    """Say why a row is none; `line` is the last one read for it."""
    if isinstance(error, UnicodeDecodeError):
        return describe_undecodable(error, line)
    hint = "Expected values separated by commas, in double quotes where they contain some"
    if str(error) == "unexpected end of data":
        return "a quoted value is not closed before the end. Expected a closing double quote"
    return f"not CSV: {error}. {hint}"


def describe_undecodable(error: UnicodeDecodeError, line: int | None) -> str:
    """Say which byte is not UTF-8."""
    data: bytes = error.object
    start = data.rfind(b"\n", 0, error.start) + 1
    message = (
        f"not UTF-8: found byte 0x{data[error.start]:02x} at byte {error.start - start + 1} "
        f"of line {line}. Expected UTF-8 text"
    )
    if line == 1 and data.startswith(_UTF16_BEGINNINGS):
        message += "; this seems to be UTF-16: convert it first, for example with iconv -f UTF-16 -t UTF-8"
    return message


def describe_too_long(max_record: int) -> str:
    """Say that something is longer than a record may be."""
    return f"longer than the {max_record} bytes that a record may have. Shorten it, or allow more with --max-record"


def excerpt(text: bytes) -> str:
    """Show the beginning of a text."""
    shown = text[: 4 * _EXCERPT_LENGTH].decode(errors="replace").strip()
    if len(shown) <= _EXCERPT_LENGTH and len(text) <= 4 * _EXCERPT_LENGTH:
        return shown
    return shown[:_EXCERPT_LENGTH] + "…"
