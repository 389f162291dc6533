"""The file, pipe or terminal that results go to, which holds whole results and knows how many."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from noob_cli.file_identity import Identity, identity_in, known_identity_of
from noob_cli.named_tuple import NamedTuple
from noob_cli.reopening import open_anew

if TYPE_CHECKING:
    from noob_cli.results.framing import Lines


class FilePosition(NamedTuple):
    """Where results are written.

    Args:
        file: What tells a file from all others; None if that can't be known.
        size: How many bytes of it there are.
    """

    file: Identity | None
    size: int


class ResultFile:
    """Writes blocks of results to a descriptor, and takes back half a result where that is possible.

    Args:
        descriptor: Where to write. It is not closed; it may be non-blocking.
        framing: How results follow one another.
    """

    results: int
    """How many results were written, each of them whole."""
    at: FilePosition
    """The file, and how many bytes of it were written; what ends it, once that is written, included."""
    is_regular: bool
    """Whether what was written to it can be taken back."""

    def __init__(self, descriptor: int, framing: Lines) -> None:
        self.results = 0
        self.at = FilePosition(known_identity_of(descriptor), 0)
        self.is_regular = _is_regular(descriptor)
        self._descriptor = descriptor
        self._framing = framing
        self._last = 0, 0
        self._kept_bytes = 0

    @property
    def size(self) -> int:
        """How many bytes of the file were written."""
        return self.at.size

    @property
    def is_terminal(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)

    @property
    def is_kept_or_dropped(self) -> bool:
        """Whether it is a file or nowhere: no terminal, and nothing that others read at the same time."""
        mode = os.fstat(self._descriptor).st_mode
        return stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(self._descriptor))

    def go_on_after(self, results: int, size: int) -> None:
        """Count what an earlier run has written, and never take it back.

        Args:
            results: How many results are there.
            size: How many bytes that is, without what ends an array.
        """
        self.results = results
        self._kept_bytes = size
        # The descriptor may have become that of another file.
        self.is_regular = _is_regular(self._descriptor)
        self.at = FilePosition(known_identity_of(self._descriptor), size)

    def reopen(self, path: os.PathLike[str]) -> None:
        """Go on at the end of the file that has the name now; nothing happens if that is still the same one.

        Args:
            path: The name.

        Raises:
            OSError: It can't be opened; what is there goes on being written to.
        """
        if self.is_regular and open_anew(path, self._descriptor, before=self.keep):
            status = os.fstat(self._descriptor)
            self.is_regular = stat.S_ISREG(status.st_mode)
            self._kept_bytes = status.st_size
            # At once, for who asks meanwhile.
            self.at = FilePosition(identity_in(status), status.st_size)

    def keep(self) -> None:
        """Let what is written outlive a crash of the machine, if that is a file, and never take it back.

        Raises:
            OSError: The machine can't see to that.
        """
        if self.is_regular:
            os.fsync(self._descriptor)
            # Others may have emptied it, to begin anew.
            self.at = self.at._replace(size=min(self.size, os.fstat(self._descriptor).st_size))
        self._kept_bytes = self.size

    def write_block(self, block: bytearray, count: int) -> None:
        """Write a block of whole results, or as many of them as possible.

        Args:
            block: The results, each with a newline at its end.
            count: How many they are.

        Raises:
            OSError: Not all of them could be written. A regular file has been cut back to its last whole result; for an
                array, to the last behind which there was room to close it.
        """
        framed = self._framing.framed(block, first=not self.size)
        self._write(framed, is_of_results=True)
        self._count(count, len(framed))
        self._last = self._framing.last_of(framed, count)

    def end(self) -> None:
        """Write what comes behind the last result.

        Raises:
            OSError: It can't be written.
        """
        ending = self._ending
        self._write(ending, is_of_results=False)
        self._count(0, len(ending))

    @property
    def _ending(self) -> bytes:
        return self._framing.ending(self.size)

    def _count(self, results: int, size: int) -> None:
        self.results += results
        self.at = self.at._replace(size=self.size + size)

    def _write(self, data: bytes | bytearray, *, is_of_results: bool) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._write_some(rest) :]
        except OSError:
            ends = self._framing.ends(data, first=not self.size) if is_of_results else []
            self._cut_back(len(data) - len(rest), ends)
            raise

    def _write_some(self, data: memoryview) -> int:
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                self._wait_until_writable()

    def _wait_until_writable(self) -> None:
        """Wait for the reader: somebody else has made the descriptor non-blocking."""
        import selectors

        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_WRITE)
            selector.select()

    def _cut_back(self, sent: int, ends: list[int]) -> None:
        """Count the results that are out, and take back the half of one if that is possible."""
        ends = [end for end in ends if end <= sent]
        whole = ends[-1] if ends else 0
        self._count(len(ends), whole)
        if not self.is_regular:
            return
        with contextlib.suppress(OSError):
            position = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            # What others have written to the same file meanwhile is not ours to cut.
            if position == os.fstat(self._descriptor).st_size:
                end = position - sent + whole
                if not self._end_at(end) and self.size:
                    # There is room for what ends the file in the place of a result.
                    results, size = (1, whole - (ends[-2] if len(ends) > 1 else 0)) if ends else self._last
                    if self.size - size >= self._kept_bytes:
                        self._count(-results, -size)
                        self._end_at(end - size)

    def _end_at(self, position: int) -> bool:
        """Cut the file there, and end an array; say whether there was room for that."""
        os.ftruncate(self._descriptor, position)
        os.lseek(self._descriptor, position, os.SEEK_SET)
        ending = self._ending
        try:
            written = os.write(self._descriptor, ending)
        except OSError:
            written = 0
        if written < len(ending.rstrip()):
            os.ftruncate(self._descriptor, position)
            return False
        self._count(0, written)
        return True


def _is_regular(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False
