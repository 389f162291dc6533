"""Records from a file that grows, read on as it does, also when another takes its place."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from noob_cli.records.followed_name import TAIL
from noob_cli.records.line_source import NothingYetError
from noob_cli.records.reader import RecordReader
from noob_cli.records.rotation import age_of
from noob_cli.records.several import SeveralRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noob_cli.records.followed_name import FollowedName
    from noob_cli.records.format import RecordFormat
    from noob_cli.records.place import ReadSoFar
    from noob_cli.records.records import Expected

_SECONDS_BETWEEN: Final = 0.05
"""How long it takes at most until what was written is seen."""


class FollowedFile:
    """What stands in one file that is followed, up to where another takes its place.

    Args:
        name: The name that it has, or had.
    """

    def __init__(self, name: FollowedName) -> None:
        self._name = name
        self._position = 0
        self._tail = b""
        self._has_begun = False
        self._is_over = False
        self._left_as: tuple[os.stat_result, tuple[int, int]] | None = None
        self.zeros = 0
        """How many zeros come before what is read."""

    def status(self) -> os.stat_result:
        """What the system says of it.

        Raises:
            OSError: It has not been there yet.
        """
        return os.fstat(self.fileno()) if self._left_as is None else self._left_as[0]

    @property
    def age(self) -> tuple[int, int]:
        """What grows with the time at which it was written to last."""
        if self._left_as is not None:
            return self._left_as[1]
        return self._name.age() if self._name.file is not None else age_of(self._name.path)

    def fileno(self) -> int:
        """Its descriptor.

        Raises:
            OSError: It has not been there yet.
        """
        if self._name.file is None:
            raise FileNotFoundError
        return self._name.file.fileno()

    def seek(self, position: int) -> None:
        """Go on at a place in the file that is open.

        Args:
            position: How many bytes come before it.
        """
        assert self._name.file is not None
        size = min(position, TAIL)
        self._name.file.seek(position - size)
        self._tail = self._name.file.read(size)
        self._position, self._has_begun = position, True

    def read(self, size: int) -> bytes:
        """Return what comes next, waiting for it; nothing when the file is left.

        Raises:
            OSError: The file can't be read.
            NothingYetError: Nothing has come in time.
        """
        name = self._name
        while not self._is_over:
            if name.file is None and not name.open_next():
                name.say_that_it_is_awaited()
            elif chunk := self._read_on(size):
                return chunk
            elif self._is_over:
                break
            if name.patience is not None and name.patience.left == 0:
                raise NothingYetError
            time.sleep(_SECONDS_BETWEEN)
        return b""

    def is_ready(self) -> bool:
        """Whether there is something that was not read yet."""
        file = self._name.file
        return self._is_over or (file is not None and os.fstat(file.fileno()).st_size > self._position)

    def _read_on(self, size: int) -> bytes:
        """Return what is there; nothing at the end for now."""
        name = self._name
        is_followed = False
        while True:
            assert name.file is not None
            name.file.seek(self._position - len(self._tail))
            text = name.file.read(len(self._tail) + size)
            if not text.startswith(self._tail):
                if not name.open_copy(self._position, self._tail):
                    self._leave(b"")
                    return b""
                continue
            chunk = text[len(self._tail) :]
            if chunk and not self._has_begun and name.comes_too_early(chunk):
                name.close()
                if not name.open_next():
                    return b""
                continue
            if chunk:
                self._position += len(chunk)
                self._tail = (self._tail + chunk)[-TAIL:] if len(chunk) < TAIL else chunk[-TAIL:]
                if not self._has_begun:
                    # Who goes on writing where an emptied file has ended leaves nothing but zeros before that.
                    text = chunk.lstrip(b"\0")
                    self.zeros += len(chunk) - len(text)
                    chunk = text
                    self._has_begun = bool(chunk)
                if chunk:
                    return chunk
            elif is_followed:
                self._leave(self._tail)
                return b""
            elif name.has_name():
                return b""
            elif name.is_followed():
                # What was written since it was read last is still to be read.
                is_followed = True
            else:
                return b""

    def _leave(self, tail: bytes) -> None:
        self._left_as = self.status(), self._name.age()
        self._name.leave(self._position, tail)
        self._is_over = True


class FollowedRecords(SeveralRecords):
    """The records of the files that follow each other under a name.

    Args:
        name: The name.
        record_format: How they are written.
        expected: What they have to be like.

    Raises:
        InputError: They can't be read like this.
    """

    is_endless = True

    def __init__(self, name: FollowedName, record_format: RecordFormat, expected: Expected) -> None:
        self._name = name
        self._file = FollowedFile(name)
        self._reader = RecordReader(self._file, str(name.path), record_format, expected, grows=True)
        self._former: tuple[RecordReader, FollowedFile, int] | None = None
        super().__init__(self._readers(), str(name.path))

    def _readers(self) -> Iterator[RecordReader]:
        while True:
            yield self._reader
            self._former = self._reader, self._file, self.total_before
            self._file = FollowedFile(self._name)
            self._reader = self._reader.of_next(self._file)

    def so_far(self, total: int) -> ReadSoFar:
        from noob_cli.records.place import BEGINNING, ReadFile

        reader, file, before = self._reader, self._file, self.total_before
        read = reader.so_far(total - before)
        known = read.file or ReadFile(self.name, reader.format, BEGINNING)
        if self._former is not None and known.place.is_beginning:
            # Which file comes next is told by the one before.
            reader, file, before = self._former
            read = reader.so_far(reader.total)
            known = read.file or known
        # One that isn't there yet comes again when it is.
        known = replace(known, age=file.age, identity=known.identity or (0, 0))
        return replace(read, total=total, before=before, file=known)

    def go_on(self, read: ReadSoFar, note: Callable[[str], object]) -> bool:
        file = read.file
        if file is None or file.identity is None:
            return True
        self.total_before = read.before
        if not file.place.is_beginning and self._name.open_again(file):
            return self._reader.go_on(replace(read, before=0), note)
        self._reader.written_like(file)
        self._name.go_on_after(file)
        if file.has_ended:
            self.total_before += file.place.number
        elif not file.place.is_beginning:
            self.total_before = read.total
            note(
                f"the file {file.name} that was read up to record {file.place.number} isn't there any more: what came "
                "behind that in it is lost, and what comes after it is read"
            )
        return True
