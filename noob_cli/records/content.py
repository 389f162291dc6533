"""What stands in a file, whether it is compressed or not."""

from __future__ import annotations

import os
from io import SEEK_CUR, FileIO
from typing import TYPE_CHECKING

from noob_cli.records.packing import LONGEST, named, packing_of

if TYPE_CHECKING:
    from noob_cli.records.unpacking import Unpacking

_AT_ONCE = 64 * 1024


def is_packed(file: str | os.PathLike[str] | int) -> bool:
    """Whether a file is compressed, as told by how it begins.

    Args:
        file: Its name, or a descriptor.

    Raises:
        OSError: The file can't be read.
    """
    with FileIO(file, closefd=not isinstance(file, int)) as opened:
        before = opened.seek(0, SEEK_CUR)
        beginning = _beginning_of(opened)
        opened.seek(before)
        return packing_of(beginning) is not None


def _beginning_of(file: FileIO) -> bytes:
    file.seek(0)
    return file.read(LONGEST)


def piece(file: str | os.PathLike[str] | int, position: int, size: int) -> bytes:
    """What stands at a place in a file, of what is compressed in what it was before; less at its end.

    Args:
        file: Its name, or a descriptor.
        position: How many bytes come before it.
        size: How many bytes of it.

    Raises:
        OSError: The file can't be read.
        RecordError: It is compressed, and can't be unpacked.
    """
    with FileIO(file, closefd=not isinstance(file, int)) as opened:
        text = opened if packing_of(_beginning_of(opened)) is None else UnpackedFile(opened)
        text.seek(position)
        return text.read(size)


class UnpackedFile:
    """A file that is compressed, read as what it was before: from its beginning, and once more what was read last.

    Args:
        file: The file, open; its name, if it has one, tells by what it is compressed.

    Raises:
        OSError: The file can't be read.
        RecordError: It isn't compressed, though its name says so, or this Python can't read it.
    """

    def __init__(self, file: FileIO) -> None:
        self._name = str(file.name)
        self._file = file
        self._position = 0
        self._unpacking = self._begin()

    def _begin(self) -> Unpacking:
        # Who looks into nothing that is compressed doesn't pay for the import.
        from noob_cli.records.unpacking import Unpacking

        self._start, self._text = 0, b""
        beginning = _beginning_of(self._file)
        packing = packing_of(beginning) or named(self._name)[0]
        assert packing is not None
        return Unpacking(packing, beginning, self._file.read, self._name)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._file.fileno()

    def seek(self, position: int) -> None:
        """Go on behind so many bytes."""
        self._position = position

    def read(self, size: int) -> bytes:
        """Return what comes next, so many bytes at the most.

        Raises:
            RecordError: It is cut off, or corrupt.
        """
        if self._position < self._start:
            self._unpacking = self._begin()
        while self._start + len(self._text) < self._position + size and (chunk := self._unpacking.read(_AT_ONCE)):
            self._text += chunk
            self._forget()
        self._forget()
        text = self._text[:size]
        self._position += len(text)
        return text

    def _forget(self) -> None:
        """Forget what comes before the place."""
        passed = min(self._position - self._start, len(self._text))
        self._start, self._text = self._start + passed, self._text[passed:]

    def close(self) -> None:
        """Close it."""
        self._file.close()
