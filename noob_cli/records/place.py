"""How far records have been read, so that another run can go on behind that."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from noob_cli.errors import InputError
from noob_cli.file_identity import Identity, identity_in
from noob_cli.records.content import piece
from noob_cli.records.faults import RecordError
from noob_cli.records.line_source import ENOUGH, Mark


@dataclass(frozen=True)
class Place:
    """A place in a text, between two records.

    Args:
        number: How many records come before it.
        lines: How many lines come before it.
        position: How many bytes come before it.
        start: How many of those come before the text: a byte order mark, or zeros.
        digest: Tells what stands before it from anything else.
        header: The names of the columns of a CSV.
        delimiter: What is between two values of a CSV.
    """

    number: int
    lines: int
    position: int
    start: int
    digest: str
    header: tuple[str, ...] | None = None
    delimiter: str | None = None

    @property
    def is_beginning(self) -> bool:
        """Whether nothing of the text comes before it."""
        return self.position <= self.start

    def behind_zeros(self, count: int) -> Place:
        """The same place in a file that has zeros before the text, which are nothing."""
        return replace(self, position=self.position + count, start=self.start + count)

    def is_behind(self, beginning: bytes, before: bytes) -> bool:
        """Whether that is what stands before it.

        Args:
            beginning: The beginning of a text.
            before: What stands before a place in it.
        """
        return digest_of(beginning, before, self.position - self.start) == self.digest


BEGINNING: Final = Place(0, 0, 0, 0, "")
"""The place before anything of a text is read."""


@dataclass(frozen=True)
class ReadFile:
    """A file of records that a run reads.

    Args:
        name: What it is called.
        format: How the records are written.
        place: Where reading goes on in it.
        has_ended: Whether all of it was read.
        is_packed: Whether it is compressed: the place is in what it was before.
        identity: The device of the file and its number there; None for what doesn't come again, such as a pipe.
        age: What grows with the time at which it was written to last.
        size: How many bytes it has.
    """

    name: str
    format: str
    place: Place
    has_ended: bool = False
    is_packed: bool = False
    identity: Identity | None = None
    age: tuple[int, int] = (0, 0)
    size: int = 0

    def may_have_more(self, status: os.stat_result) -> bool:
        """Whether there may be more in it now than was read.

        Args:
            status: What the system says of it now.
        """
        return not self.has_ended or self.size != status.st_size

    def known_as(self, status: os.stat_result | None) -> ReadFile:
        """The same file, with what the system says of it; None if it is no regular one."""
        if status is None:
            return self
        identity, age = identity_in(status), (status.st_mtime_ns, 0)
        return replace(self, identity=identity, age=age, size=status.st_size)


@dataclass(frozen=True)
class ReadSoFar:
    """How far a run has read its records.

    Args:
        total: How many records it has read.
        before: How many of them were in the files before the one that it reads.
        done: The files before that.
        file: The file that it reads; None if nothing is known of it.
    """

    total: int = 0
    before: int = 0
    done: list[str] = field(default_factory=list)
    file: ReadFile | None = None


def place_at(
    mark: Mark,
    head: bytes,
    number: int,
    lines: int,
    header: tuple[str, ...] | None = None,
    delimiter: str | None = None,
) -> Place:
    """A place in the text of a source.

    Args:
        mark: Where it is there.
        head: The beginning of the text.
        number: How many records come before it.
        lines: How many lines do.
        header: The names of the columns of a CSV.
        delimiter: What is between two values of a CSV.
    """
    position, start, tail = mark
    digest = digest_of(head, tail, position - start)
    return Place(number, lines, position, start, digest, header, delimiter)


def digest_of(beginning: bytes, before: bytes, size: int) -> str:
    """What tells the text before a place from others.

    Args:
        beginning: The beginning of the text.
        before: What stands before the place.
        size: How much text comes before the place.
    """
    size = min(size, ENOUGH)
    return sha256(beginning[:size] + before[len(before) - size :]).hexdigest()


def text_before(place: Place, file: str | os.PathLike[str] | int) -> tuple[bytes, bytes] | None:
    """What stands at the beginning of a file and before a place in it; None if it isn't the file of the place.

    Args:
        place: The place.
        file: A file, by its name or a descriptor.
    """
    size = min(ENOUGH, place.position - place.start)
    with suppress(OSError, RecordError):
        head = piece(file, place.start, size)
        tail = piece(file, place.position - size, size)
        return (head, tail) if place.is_behind(head, tail) else None
    return None


def file_of(stream: Any) -> str | os.PathLike[str] | int:
    """The name of the file that a stream reads, or else its descriptor."""
    return stream.path if hasattr(stream, "path") else stream.fileno()  # type: ignore[no-any-return]


def status_of(stream: Any) -> os.stat_result | None:
    """What the system says of the regular file that a stream reads; None if it reads none.

    Args:
        stream: It has a descriptor, or a method `status`; or the name of the file.
    """
    with suppress(OSError, AttributeError, ValueError):
        if isinstance(stream, os.PathLike):
            status = os.stat(stream)
        else:
            status = stream.status() if hasattr(stream, "status") else os.fstat(stream.fileno())
        return status if stat.S_ISREG(status.st_mode) else None
    return None


def other_file(name: str) -> InputError:
    """The error for a file that a run can't go on in.

    Args:
        name: What it is called.
    """
    return InputError(
        f"{name} isn't the file that the run has read, or has changed where it was read already: give the one that it "
        "has read, or begin anew with another folder for the checkpoint"
    )
