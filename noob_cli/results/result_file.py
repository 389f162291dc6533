"""The file, pipe or terminal that results go to, which holds whole results and knows how many."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noob_cli.results.framing import Lines


class ResultFile:
    """Writes blocks of results to a descriptor, and takes back half a result where that is possible.

    Args:
        descriptor: Where to write. It is not closed; it may be non-blocking.
        framing: How results follow one another.
    """

    results: int
    """How many results are in the file, each of them whole."""
    size: int
    """How many bytes that is; what ends an array, once it is written, included."""
    is_regular: bool
    """Whether what was written to it can be taken back."""

    def __init__(self, descriptor: int, framing: Lines) -> None:
        self.results = 0
        self.size = 0
        self.is_regular = _is_regular(descriptor)
        self._descriptor = descriptor
        self._framing = framing
        self._last_bytes = 0
        self._kept_bytes = 0

    @property
    def is_terminal(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._descriptor)

    def go_on_after(self, results: int, size: int) -> None:
        """Count what an earlier run has written, and never take it back.

        Args:
            results: How many results are there.
            size: How many bytes that is, without what ends an array.
        """
        self.results = results
        self.size = self._kept_bytes = size

    def keep(self) -> None:
        """Let what is written outlive a crash of the machine, if that is a file, and never take it back.

        Raises:
            OSError: The machine can't see to that.
        """
        if self.is_regular:
            os.fsync(self._descriptor)
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
        framed = self._framing.framed(block, first=not self.results)
        self._write(framed, is_of_results=True)
        self._count(count, len(framed))
        self._last_bytes = len(framed) - max(framed.rfind(b",\n"), 0)

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
        return self._framing.ending(self.results)

    def _count(self, results: int, size: int) -> None:
        self.results += results
        self.size += size

    def _write(self, data: bytes | bytearray, *, is_of_results: bool) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._write_some(rest) :]
        except OSError:
            self._cut_back(len(data) - len(rest), self._framing.ends(data) if is_of_results else [])
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
                if not self._end_at(end) and self.results:
                    # There is room for what ends the array in the place of a result.
                    size = whole - (ends[-2] if len(ends) > 1 else 0) if ends else self._last_bytes
                    if self.size - size >= self._kept_bytes:
                        self._count(-1, -size)
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
