"""Results to a file descriptor: in whole blocks, and yet each soon after it was returned."""

from __future__ import annotations

import contextlib
import os
import time
from _thread import LockType, allocate_lock, start_new_thread
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import ResultError
from noob_cli.results.format import DELIMITERS, ResultFormat
from noob_cli.results.framing import FRAMINGS
from noob_cli.results.json_values import JsonEncoder
from noob_cli.results.result_file import FilePosition, ResultFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noob_cli.results.columns import Columns
    from noob_cli.results.framing import Lines

_SOON: Final = 0.05
"""Within how many seconds a result is written, if other threads get to run."""

_FEW: Final = 5
"""Up to how many results in that time each is written at once, before the next epoch begins."""

_BLOCK_BYTES: Final = 64 * 1024
"""With how much pending a block is written at once."""

_MOST_PENDING_BYTES: Final = 4 * 1024 * 1024
"""With how much pending `write` waits for the reader of the results."""

_ALWAYS: Final = -1

_SEALED: Final = bytearray()
"""A block to which nothing can be added."""

_SEAL: Final = memoryview(_SEALED)


class ResultWriter:
    """Writes results as JSON.

    `write` only serialises; a thread of the writer's own does the writing: at once while few come,
    else every 50 ms or as soon as a block is full. As no signal handler runs in that thread, an
    interruption can't leave half a result behind, nor one written twice.

    Of few, `write` hands over each, so that not even a node that keeps all other threads from
    running holds one back. Of many, those of the last 50 ms may have to wait for such a node.

    When writing fails, the error is raised by the next call of `write`, `flush` or `close`. A
    regular file has then been cut back to its last whole result; for an array, to the last behind
    which there was room to close it.

    Args:
        descriptor: Where to write. It is not closed; it may be non-blocking.
        result_format: How the results are written. `none` writes nothing, and counts.
        warn: Called with what is to be said about a result that JSON has no form for.
        columns: The columns of a table; those of the first result if nothing is said.
    """

    def __init__(
        self, descriptor: int, result_format: ResultFormat, warn: Callable[[str], None], columns: Columns | None = None
    ) -> None:
        self.results = 0
        """How many results `write` has taken."""
        self._columns = columns
        self._warn = warn
        self._counts_only = result_format is ResultFormat.none
        self._encode, self._framing = self._form(result_format, columns)
        self._file = ResultFile(descriptor, self._framing)
        # `write` adds to the last block, or to a new one; the thread takes blocks from the front. A signal may
        # interrupt who calls between any two instructions, and would leave a condition or an event locked:
        # there are only lists, and what is done in C at once. While there is a view of it, nothing can be added
        # to a block: that is how the thread seals one before it takes it.
        self._pending: list[bytearray] = []
        self._block = _SEALED
        self._seals: list[memoryview] = []
        self._attend_above = _ALWAYS
        self._came = 0
        self._count_until = 0.0
        self._calls: SimpleQueue[None] = SimpleQueue()
        self._waiting: list[LockType] = []
        self._only_one = allocate_lock()
        self._process: int | None = None
        self._writing = False
        self._reopening: os.PathLike[str] | None = None
        self._closing = False
        self._ended = False
        self._error: Exception | None = None
        self._error_was_raised = False

    def _form(self, result_format: ResultFormat, columns: Columns | None) -> tuple[Callable[..., Any], Lines]:
        """What writes a result, and how they follow one another."""
        if result_format in DELIMITERS:
            # Only those who write a format pay for the import of what writes it.
            from noob_cli.results.columns import Columns
            from noob_cli.results.csv_rows import CsvRows

            rows = CsvRows(DELIMITERS[result_format], columns or Columns(), self._warn_of_result)
            return rows.encode, rows
        encoder = JsonEncoder(self._warn_of_result, indented=result_format is ResultFormat.pretty)
        return encoder.encode, FRAMINGS[result_format]

    @property
    def results_written(self) -> int:
        """How many results were written, each of them whole."""
        return self._file.results

    @property
    def place(self) -> FilePosition:
        """The file that is written to, and how many bytes of it there are, with what ends it once that is written."""
        return self._file.at

    @property
    def ending(self) -> bytes:
        """What ends the file behind the results that are in it."""
        return self._framing.ending(self._file.size)

    @property
    def columns(self) -> list[str] | None:
        """The columns of the table; None if it is none, or has none yet."""
        return None if self._columns is None or self._columns.names is None else list(self._columns.names)

    @property
    def unmet_columns(self) -> Mapping[str, str]:
        """The columns that were asked for and that none of the results had, each with what may have been meant."""
        if self._columns is None or not self.results:
            return {}
        return {name: self._columns.hint_at(name) for name in self._columns.unmet}

    @property
    def is_on_terminal(self) -> bool:
        """Whether the results are seen on a terminal as they come."""
        return not self._counts_only and self._file.is_terminal

    @property
    def is_read_by_nobody(self) -> bool:
        """Whether the results go to a file or nowhere, so that nobody sees them as they come."""
        return self._counts_only or self._file.is_kept_or_dropped

    def go_on_after(self, results: int, size: int, ending: bytes = b"") -> None:
        """Go on with what an earlier run has written; called before anything is written.

        Args:
            results: How many results are there.
            size: How many bytes of the file there are, without what ends it.
            ending: What that was, or would have been.
        """
        self.results = results
        self._file.go_on_after(results, size)

    def write(self, result: object) -> None:
        """Write one result.

        Args:
            result: What an epoch returned. It may change afterwards.

        Raises:
            OSError: Results could not be written; again at each further call.
            MemoryError: There is no memory for its JSON.
        """
        if self._counts_only:
            self.results += 1
            return
        try:
            text = self._encode(result)
        except ResultError as error:
            raise self._numbered(error) from error
        block = self._block
        try:
            block += text
        except BufferError:
            block = bytearray(text)
            self._pending.append(block)
            self._block = block
        self.results += 1
        if len(block) > self._attend_above:
            self._attend()

    def flush(self) -> None:
        """Return when all results so far are written.

        Raises:
            OSError: Results could not be written, and no call has said so yet.
        """
        self._calls.put(None)
        self._wait_while(lambda: bool(self._pending) or self._writing or self._reopening is not None)
        self._raise_error_once()

    def reopen(self, path: os.PathLike[str]) -> None:
        """Go on at the end of the file that has a name now, between two results. A signal handler may call it.

        Args:
            path: The name.
        """
        self._reopening = path
        if self._process is None:
            self._start()
        self._calls.put(None)

    def sync(self) -> None:
        """Return when all results so far are written, and outlive a crash of the machine if that is a file.

        From here on none of them is taken back, not even to have room for what ends an array.

        Raises:
            OSError: Results could not be written, and no call has said so yet.
        """
        self.flush()
        if not self._counts_only:
            self._file.keep()

    def close(self) -> None:
        """Write what is pending, end an array, and stop. Closing again does nothing.

        A signal that comes meanwhile is raised when a regular file is complete, which no reader can
        keep it from; else at once.

        Raises:
            OSError: Results could not be written, and no call has said so yet.
        """
        self._closing = True
        if self._process is None and (self._pending or self.ending):
            self._start()
        self._calls.put(None)
        interruption = None
        while self._is_running():
            try:
                self._wait_while(lambda: True)
            except BaseException as error:
                if not self._file.is_regular:
                    raise
                interruption = interruption or error
        if interruption is not None:
            raise interruption
        self._raise_error_once()

    # What `write` does now and then

    def _attend(self) -> None:
        """Let the thread know that there is something for it; wait if there is too much."""
        if self._process is None:
            self._start()
        hands_over = self._attend_above == _ALWAYS
        if hands_over:
            self._hand_over()
        else:
            self._let_many_come()
        # A block that is full, or large, is not kept for more.
        if len(self._block) > _BLOCK_BYTES:
            self._block = _SEALED
        # After the limit is set: the thread records its error first, then resets the limit.
        if not hands_over and self._error is None and sum(map(len, self._pending)) > _MOST_PENDING_BYTES:
            self._wait_while(lambda: bool(self._pending))
        if self._error is not None:
            self._pending.clear()
            self._block = _SEALED
            self._attend_above = _ALWAYS
            self._error_was_raised = True
            raise self._error

    def _hand_over(self) -> None:
        """Let the thread take what is pending, before anything else may keep it from that."""
        self._calls.put(None)
        if self._error is None and not self._wait_while(lambda: bool(self._pending), _SOON):
            # It still writes what came before, to a reader that takes its time.
            self._let_many_come()

    def _let_many_come(self) -> None:
        self._attend_above = _BLOCK_BYTES
        # After that: it may be about to wait for one that is handed over.
        self._calls.put(None)

    def _wait_while(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait for the thread to get on, or to end, in a way that a signal can interrupt.

        Returns:
            Whether it has, in time.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while condition() and self._is_running():
            lock = allocate_lock()
            lock.acquire()
            self._waiting.append(lock)
            # Looked at again: the thread may have got on before it could know who waits.
            if condition() and self._is_running():
                left = -1 if until is None else max(0.0, until - time.monotonic())
                if not lock.acquire(True, left):
                    return False
        return True

    def _is_running(self) -> bool:
        """Whether there is a thread: a process forked from this one has none."""
        return not self._ended and self._process == os.getpid()

    def _raise_error_once(self) -> None:
        if self._error is not None and not self._error_was_raised:
            self._error_was_raised = True
            raise self._error

    def _numbered(self, error: ResultError) -> ResultError:
        """The same, which says what result it is about."""
        return ResultError(f"result {self.results + 1}: {error}")

    def _warn_of_result(self, message: str) -> None:
        self._warn(f"result {self.results + 1}: {message}")

    # The thread

    def _start(self) -> None:
        start_new_thread(self._run, ())
        self._process = os.getpid()

    def _run(self) -> None:
        if not self._only_one.acquire(blocking=False):
            # Who started the first was interrupted before that was noted.
            return
        try:
            self._write_until_closed()
        except Exception as error:
            self._error = error
        finally:
            self._ended = True
            self._attend_above = _ALWAYS
            self._tell_who_waits()

    def _tell_who_waits(self) -> None:
        while self._waiting:
            self._waiting.pop().release()

    def _write_until_closed(self) -> None:
        while True:
            # Looked at first: nothing is accepted once it is set, so what is taken now is the last.
            closing = self._closing
            self._write_pending()
            if closing:
                self._file.end()
                return
            if self._attend_above != _ALWAYS:
                self._await_call(max(0.0, self._count_until - time.monotonic()))
            elif not self._pending:
                # One that came just before `write` was told to hand over each is seen here.
                self._await_call(None)

    def _await_call(self, timeout: float | None) -> None:
        with contextlib.suppress(Empty):
            self._calls.get(timeout=timeout)
            while True:
                # Several are answered at once.
                self._calls.get_nowait()

    def _write_pending(self) -> None:
        """Write all that is pending."""
        # Before anything is taken: at no moment does nothing seem to be under way, also where it fails.
        self._writing = True
        if self._reopening is not None:
            self._reopen(self._reopening)
        blocks = self._pending[:]
        self._seal(blocks)
        del self._pending[: len(blocks)]
        counts = [self._framing.count(block) for block in blocks]
        self._choose_pace(sum(counts))
        # Whoever waits gets to run when the writing has begun, which takes no lock of Python's.
        self._tell_who_waits()
        for block, count in zip(blocks, counts, strict=True):
            self._file.write_block(block, count)
        self._writing = False
        self._tell_who_waits()

    def _reopen(self, path: os.PathLike[str]) -> None:
        self._reopening = None
        try:
            self._file.reopen(path)
        except OSError as error:
            self._warn(f"{path} can't be opened anew: {error.strerror}: results go where they went before")

    def _seal(self, blocks: list[bytearray]) -> None:
        """Let nothing be added to blocks from here on, as long as `write` may still try."""
        if blocks:
            still = [seal for seal in self._seals if seal.obj is self._block]
            self._seals = [*still, *(memoryview(block) for block in blocks)]

    def _choose_pace(self, count: int) -> None:
        """Let `write` hand over each result while few come."""
        now = time.monotonic()
        if now >= self._count_until:
            self._came, self._count_until = 0, now + _SOON
        self._came += count
        self._attend_above = _ALWAYS if self._came <= _FEW else _BLOCK_BYTES
