"""Results to a file descriptor: in whole blocks, and yet each soon after it was returned."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from noob_cli.cli.formats import ResultFormat
from noob_cli.cli.json_values import JsonEncoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SOON: Final = 0.05
"""Within how many seconds a result is written, if other threads get to run."""

_BLOCK_BYTES: Final = 64 * 1024
"""With how much pending a block is written at once."""

_MOST_PENDING_BYTES: Final = 4 * 1024 * 1024
"""With how much pending `write` waits for the reader of the results."""

_ALWAYS_ATTEND: Final = -1


@dataclass(frozen=True)
class _Framing:
    """What a format has around its results."""

    first: bytes
    between: bytes
    after: bytes
    end: bytes
    empty: bytes


_LINES: Final = _Framing(first=b"", between=b"", after=b"\n", end=b"", empty=b"")
_ARRAY: Final = _Framing(first=b"[", between=b",\n", after=b"", end=b"]\n", empty=b"[]\n")


class ResultWriter:
    """Writes results as JSON.

    `write` only serialises; a thread of the writer's own does the writing, at once when nothing was
    written for a while, else every 50 ms or as soon as a block is full. As no signal handler runs
    in that thread, an interruption can't leave half a result behind, nor one written twice.

    When writing fails, the error is raised by the next call of `write`, `flush` or `close`. A
    regular file has then been cut back to its last whole result, and an array has been closed if
    there is room.

    Args:
        descriptor: Where to write. It is not closed; it may be non-blocking.
        result_format: How the results are written. `none` writes nothing, and counts.
        warn: Called with what is to be said about a result that JSON has no form for.
    """

    results: int
    """How many results `write` has taken."""
    results_written: int
    """How many results are in the file, each of them whole."""
    bytes_written: int
    """How many bytes that is; what ends an array, once it is written, included."""

    def __init__(self, descriptor: int, result_format: ResultFormat, warn: Callable[[str], None]) -> None:
        self.results = 0
        self.results_written = 0
        self.bytes_written = 0
        self._warn = warn
        self._counts_only = result_format is ResultFormat.none
        self._encode = JsonEncoder(
            self._warn_of_result, indent=2 if result_format is ResultFormat.pretty else None
        ).encode
        self._descriptor = descriptor
        self._framing = _ARRAY if result_format is ResultFormat.json else _LINES
        # The thread takes from the front of what `write` appends to: no lock is needed for each
        # result.
        self._pending: list[bytes] = []
        self._accepted_bytes = 0
        self._taken_bytes = 0
        self._attend_above = _ALWAYS_ATTEND
        self._wanted = threading.Event()
        self._progress = threading.Condition()
        self._writing = False
        self._closing = False
        self._ended = False
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._error_was_raised = False

    @property
    def is_on_terminal(self) -> bool:
        """Whether the results are seen on a terminal as they come."""
        return not self._counts_only and os.isatty(self._descriptor)

    def write(self, result: object) -> None:
        """Write one result.

        Args:
            result: What an epoch returned. It may change afterwards.

        Raises:
            OSError: Results could not be written; again at each further call.
        """
        if self._counts_only:
            self.results += 1
            return
        text = self._encode(result)
        self._pending.append(text)
        self.results += 1
        self._accepted_bytes += len(text)
        if self._accepted_bytes > self._attend_above:
            self._attend()

    def flush(self) -> None:
        """Return when all results so far are written.

        Raises:
            OSError: Results could not be written, and no call has said so yet.
        """
        self._wanted.set()
        self._wait_while(lambda: bool(self._pending) or self._writing)
        self._raise_error_once()

    def close(self) -> None:
        """Write what is pending, end an array, and stop. Closing again does nothing.

        Raises:
            OSError: Results could not be written, and no call has said so yet.
        """
        self._closing = True
        if self._thread is None and self._framing is _ARRAY:
            self._start()
        self._wanted.set()
        self._wait_while(lambda: True)
        self._raise_error_once()

    # What `write` does now and then

    def _attend(self) -> None:
        """Let the thread know that there is something for it; wait if there is too much."""
        if self._thread is None:
            self._start()
        self._attend_above = self._accepted_bytes + _BLOCK_BYTES
        self._wanted.set()
        # After the limit is set: the thread records its error first, then resets the limit.
        if self._error is None and self._accepted_bytes - self._taken_bytes > _MOST_PENDING_BYTES:
            self._wait_while(lambda: bool(self._pending))
        if self._error is not None:
            self._pending.clear()
            self._attend_above = _ALWAYS_ATTEND
            self._error_was_raised = True
            raise self._error

    def _wait_while(self, condition: Callable[[], bool]) -> None:
        """Wait for the thread to get on, or to end, in a way that a signal can interrupt."""
        with self._progress:
            # A process forked from this one has no such thread.
            while condition() and not self._ended and self._thread and self._thread.is_alive():
                self._progress.wait()

    def _raise_error_once(self) -> None:
        if self._error is not None and not self._error_was_raised:
            self._error_was_raised = True
            raise self._error

    def _warn_of_result(self, message: str) -> None:
        self._warn(f"result {self.results + 1}: {message}")

    # The thread

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="noob results", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._write_until_closed()
        except Exception as error:
            self._error = error
        finally:
            with self._progress:
                self._ended = True
                self._attend_above = _ALWAYS_ATTEND
                self._progress.notify_all()

    def _write_until_closed(self) -> None:
        while True:
            # Looked at first: nothing is accepted once it is set, so what is taken now is the last.
            closing = self._closing
            wrote = self._write_pending()
            if closing:
                self._write_block(self._ending(), [])
                return
            if not wrote:
                # Nothing came for a while. From here on `write` announces the next result, which is
                # written at once; one that came just before this is seen here.
                self._attend_above = _ALWAYS_ATTEND
                if self._pending or self._closing:
                    continue
            self._wanted.wait(_SOON if wrote else None)
            self._wanted.clear()

    def _write_pending(self) -> bool:
        """Write all that is pending; say whether that was something."""
        with self._progress:
            count = len(self._pending)
            texts = self._pending[:count]
            del self._pending[:count]
            self._taken_bytes += sum(map(len, texts))
            self._writing = True
        try:
            if texts:
                self._write_block(self._frame(texts), texts)
        finally:
            with self._progress:
                self._writing = False
                self._progress.notify_all()
        return bool(texts)

    def _frame(self, texts: list[bytes]) -> bytes:
        framing = self._framing
        before = framing.between if self.results_written else framing.first
        return before + (framing.after + framing.between).join(texts) + framing.after

    def _ending(self) -> bytes:
        return self._framing.end if self.results_written else self._framing.empty

    def _write_block(self, block: bytes, texts: list[bytes]) -> None:
        """Write a block of whole results, or as many of them as possible."""
        rest = memoryview(block)
        try:
            while rest:
                rest = rest[self._write_some(rest) :]
        except OSError:
            self._cut_back(len(block) - len(rest), texts)
            raise
        self.results_written += len(texts)
        self.bytes_written += len(block)

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

    def _cut_back(self, sent: int, texts: list[bytes]) -> None:
        """Count the results that are out, and take back the half of one if that is possible."""
        ends = [end for end in self._ends(texts) if end <= sent]
        whole = ends[-1] if ends else 0
        self.results_written += len(ends)
        self.bytes_written += whole
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            return
        with contextlib.suppress(OSError):
            position = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            # What others have written to the same file meanwhile is not ours to cut.
            if position == os.fstat(self._descriptor).st_size:
                os.ftruncate(self._descriptor, position - sent + whole)
                os.lseek(self._descriptor, position - sent + whole, os.SEEK_SET)
                self.bytes_written += os.write(self._descriptor, self._ending())

    def _ends(self, texts: list[bytes]) -> Iterator[int]:
        """Say where in their block each of some results ends."""
        framing = self._framing
        before = framing.between if self.results_written else framing.first
        distance = len(framing.after + framing.between)
        for index, end in enumerate(accumulate(map(len, texts))):
            yield len(before) + end + index * distance + len(framing.after)
