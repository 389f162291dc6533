"""Bytes as they come, cut into whole lines as soon as those are complete."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from noob_cli.named_tuple import NamedTuple
from noob_cli.records.faults import Position, RecordError
from noob_cli.records.packing import Packing, may_be_packed, packing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHUNK_BYTES: Final = 64 * 1024
"""How much is asked for at once: what a pipe holds on Linux."""

ENOUGH: Final = 1024
"""How many bytes of the beginning of a text, and of what stands before a place in it, tell it from others."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n"


class TooLongError(Exception):
    """What should have been one record has more bytes than allowed."""


class NothingYetError(Exception):
    """Nothing has come for as long as it was waited for; who reads again goes on behind what has come before."""


class Mark(NamedTuple):
    """A place in a text.

    Args:
        position: How many bytes come before it, of what was unpacked.
        start: How many of those come before the text.
        tail: What stands before it.
    """

    position: int = 0
    start: int = 0
    tail: bytes = b""


class Stream(Protocol):
    """What bytes can be read from: an unbuffered or a buffered file, or what reads one."""

    def read(self, size: int, /) -> bytes | None:
        """Return what comes next; nothing at the end, None where a stream that doesn't wait has nothing yet."""


class LineSource:
    """Cuts a stream of bytes into lines, in blocks, and never waits for more than one of them.

    A byte order mark at the beginning is dropped. A line of more than `max_line` bytes is reported
    as soon as so much of it was read, and passed over: what was read of it is not kept.

    Args:
        stream: Where the bytes come from; `read1` is preferred, else `read` has to return what is
            there.
        max_line: How many bytes a line may have.
        name: What to call it in messages.
        packing: What it is compressed by; if nothing is said, that is told by how it begins.
    """

    def __init__(self, stream: Stream, max_line: int, name: str = "<stdin>", packing: Packing | None = None) -> None:
        self.name = name
        self._packing = packing
        self.blank_lines = 0
        """How many blank lines `peek` has dropped from the beginning."""
        self._read_some: Any = getattr(stream, "read1", stream.read)
        self._stream: Any = stream
        self._max_line = max_line
        self._started = False
        self._unread = b""
        self._incomplete = b""
        self._inside_long_line = False
        self._held: list[bytes] = []
        self._held_block = b""
        self._position = self._start = 0
        self._tail = b""
        self._delivered = b""
        self.head = b""
        """The beginning of the text."""
        self.is_packed = False
        """Whether it is compressed, as far as it was read."""
        self._is_at_end = False

    @property
    def is_at_line(self) -> bool:
        """Whether it stands at the beginning of a line, and not in the middle of one that is too long."""
        return not self._inside_long_line

    @property
    def has_ended(self) -> bool:
        """Whether there are no more lines, as far as it is known yet."""
        return self._is_at_end and not (self._unread or self._incomplete or self._held)

    def mark(self, left: Sequence[bytes] = ()) -> Mark:
        """Where the next line begins.

        Args:
            left: Lines that were given last, and come behind it.
        """
        size = sum(map(len, left)) + len(left) - (bool(left) and not self._delivered.endswith(b"\n"))
        before = self._delivered[: len(self._delivered) - size]
        return Mark(self._position - size, self._start, (self._tail + before[-ENOUGH:])[-ENOUGH:])

    def go_on_at(self, mark: Mark, head: bytes) -> None:
        """Read on at a place of which it is known what stands before it.

        Args:
            mark: The place.
            head: The beginning of the text.
        """
        self._stream.seek(mark.position)
        self._started = True
        self._position, self._start, self._tail = mark
        self.head = head

    def pass_over(self, position: int) -> None:
        """Read up to a place, or to the end if that comes before.

        Args:
            position: How many bytes come before it, of what is unpacked.
        """
        while self._position < position and (chunk := self._read()):
            left = position - self._position
            self._gave(chunk[:left])
            self._unread = chunk[left:]

    def next_lines(self) -> list[bytes]:
        """Return the next lines, without their newlines, as soon as there is one; none at the end.

        Raises:
            TooLongError: The next line is too long. The call after this one returns the lines
                behind it.
        """
        if self._held:
            return self._release()
        block = self._next_block()
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        if len(block) > self._max_line:
            self._held, self._held_block = lines, block
            return self._release()
        self._gave(block)
        return lines

    def is_ready(self) -> bool:
        """Whether there are lines, or the end, without waiting for them, as far as that can be told."""
        while not self._held and b"\n" not in self._unread and len(self._unread) <= self._max_line:
            if not self._has_bytes():
                return False
            chunk = self._read_available()
            self._unread += chunk
            if not chunk:
                return True
        return True

    def _has_bytes(self) -> bool:
        """Whether reading would not wait; what is compressed, or is no file of the system, is not waited for."""
        import select

        is_ready = getattr(self._stream, "is_ready", None)
        if is_ready is not None:
            return bool(is_ready())
        if self._started and not self.is_packed:
            with suppress(OSError, ValueError, AttributeError):
                return bool(select.select([self._stream.fileno()], [], [], 0)[0])
        return True

    def peek(self) -> bytes:
        """Return the first line that isn't blank, which stays to be read.

        Blank lines before it are dropped. Of a line that is too long only the beginning is
        returned. Nothing but blanks up to the end gives `b""`.
        """
        text = b""
        while not text:
            chunk = self._read()
            if not chunk:
                return b""
            text = chunk.lstrip(_BLANK)
            blank = chunk[: len(chunk) - len(text)]
            self.blank_lines += blank.count(b"\n")
            self._gave(blank)
        pieces = [text]
        size = len(text)
        try:
            while b"\n" not in pieces[-1] and size <= self._max_line and (chunk := self._read()):
                pieces.append(chunk)
                size += len(chunk)
        finally:
            self._unread = b"".join(pieces)
        return self._unread.partition(b"\n")[0]

    def read_rest(self) -> bytes:
        """Return all that is left."""
        pieces = []
        try:
            while chunk := self._read():
                pieces.append(chunk)
        except NothingYetError:
            self._unread = b"".join(pieces)
            raise
        return b"".join(pieces)

    def _release(self) -> list[bytes]:
        """Return the held lines up to one that is too long."""
        held = self._held
        is_too_long = len(held[0]) > self._max_line
        end = next((at for at, line in enumerate(held) if len(line) > self._max_line), len(held)) or 1
        size = sum(map(len, held[:end])) + end
        self._gave(self._held_block[:size])
        self._held, self._held_block = held[end:], self._held_block[size:]
        if is_too_long:
            raise TooLongError
        return held[:end]

    def _gave(self, text: bytes) -> None:
        """Some text was given, or passed over."""
        self._position += len(text)
        self._tail = (self._tail + self._delivered[-ENOUGH:])[-ENOUGH:]
        self._delivered = text
        if len(self.head) < ENOUGH:
            self.head += text[: ENOUGH - len(self.head)]

    def _next_block(self) -> bytes:
        """Return whole lines; the last one at the end may lack its newline."""
        if self._inside_long_line:
            self._pass_over_line()
        pieces = [self._incomplete]
        size = len(self._incomplete)
        self._incomplete = b""
        while size <= self._max_line:
            try:
                chunk = self._read()
            except NothingYetError:
                self._incomplete = b"".join(pieces)
                raise
            if not chunk:
                return b"".join(pieces)
            end = chunk.rfind(b"\n") + 1
            if end:
                self._incomplete = chunk[end:]
                pieces.append(chunk[:end])
                return b"".join(pieces)
            pieces.append(chunk)
            size += len(chunk)
        self._inside_long_line = True
        for piece in pieces:
            self._gave(piece)
        raise TooLongError

    def _pass_over_line(self) -> None:
        """Drop everything up to the next newline."""
        while chunk := self._read():
            line, newline, rest = chunk.partition(b"\n")
            self._gave(line + newline)
            if newline:
                self._unread = rest
                break
        self._inside_long_line = False

    def _read(self) -> bytes:
        """Return what was put back, else what comes next; nothing at the end."""
        if not self._started:
            self._begin()
        if self._unread:
            chunk, self._unread = self._unread, b""
            return chunk
        return self._read_available()

    def _begin(self) -> None:
        """Read the first bytes, which may come in pieces: they may be compressed, or a byte order mark."""
        if not self.is_packed:
            self._read_while(may_be_packed)
            packing = packing_of(self._unread) or self._packing
            if packing is not None:
                # Who reads nothing that is compressed doesn't pay for the import.
                from noob_cli.records.unpacking import Unpacking

                self._read_some = Unpacking(packing, self._unread, self._read_some, self.name).read
                self.is_packed, self._unread = True, b""
        self._read_while(lambda text: len(text) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(text))
        if self._unread.startswith(_BYTE_ORDER_MARK):
            self._position = self._start = len(_BYTE_ORDER_MARK)
            self._unread = self._unread.removeprefix(_BYTE_ORDER_MARK)
        self._started = True

    def _read_while(self, is_part: Callable[[bytes], bool]) -> None:
        """Read as long as there is nothing yet, or no more than a part of something, and put it back."""
        while (not self._unread or is_part(self._unread)) and (chunk := self._read_available()):
            self._unread += chunk

    def _read_available(self) -> bytes:
        """Return what is there, waiting if there is nothing yet; nothing at the end.

        Raises:
            RecordError: The stream can't be read.
            NothingYetError: Nothing has come for as long as it is waited for.
        """
        if self._is_at_end:
            # A terminal would wait once more.
            return b""
        try:
            chunk: bytes | None = self._read_some(CHUNK_BYTES)
            while chunk is None:
                self._wait()
                chunk = self._read_some(CHUNK_BYTES)
        except OSError as error:
            message = f"the records can't be read: {self.name}: {error.strerror or error}"
            raise RecordError(message, Position(self.name)) from error
        self._is_at_end = not chunk
        return chunk

    def _wait(self) -> None:
        """Wait for bytes: somebody else has made the stream non-blocking."""
        import selectors

        with selectors.DefaultSelector() as selector:
            selector.register(self._stream, selectors.EVENT_READ)
            selector.select()
