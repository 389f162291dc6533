import io
import os
import threading
import time

import pytest

from noob_cli.records.line_source import CHUNK_BYTES, LineSource, TooLongError


class Pieces(io.RawIOBase):
    """Bytes that come in the given pieces; None stands for a moment without any."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def read(self, size=-1):
        return self.pieces.pop(0) if self.pieces else b""


def all_lines(source):
    lines = []
    while found := source.next_lines():
        lines += found
    return lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\nb", [b"a", b"b"]),
        (b"\n\na\n\n", [b"", b"", b"a", b""]),
        (b"a\r\nb\r\n", [b"a\r", b"b\r"]),
        (b"\xef\xbb\xbfa\n", [b"a"]),
        (b"\xef\xbb\xbf", []),
        (b"a\n\xef\xbb\xbfb", [b"a", b"\xef\xbb\xbfb"]),
    ],
)
@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
def test_cuts_lines_however_the_bytes_come(text, lines, piece):
    pieces = [text[i : i + piece] for i in range(0, len(text), piece)]
    assert all_lines(LineSource(Pieces(*pieces), 1000)) == lines
    assert all_lines(LineSource(io.BytesIO(text), 1000)) == lines


def test_lines_longer_than_a_chunk():
    long = b"x" * (3 * CHUNK_BYTES + 7)
    assert all_lines(LineSource(io.BytesIO(b"a\n" + long + b"\nb"), 10**6)) == [b"a", long, b"b"]


@pytest.mark.parametrize("piece", [1, 3, 1000])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_long_line_is_reported_and_passed_over(piece, end):
    text = b"abcd\n" + b"x" * 5 + b"\nefgh\n" + b"y" * 40 + b"\nz" + end
    source = LineSource(Pieces(*[text[i : i + piece] for i in range(0, len(text), piece)]), 4)
    found = []
    while True:
        try:
            lines = source.next_lines()
        except TooLongError:
            found.append("long")
            continue
        if not lines:
            break
        found += lines
    assert found == [b"abcd", "long", b"efgh", "long", b"z"]


def test_a_line_without_end_is_reported_early():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            Endless.given += size
            return b"x" * size

    with pytest.raises(TooLongError):
        LineSource(Endless(), 10**6).next_lines()
    assert Endless.given < 2 * 10**6


def test_peek_drops_blank_lines_and_keeps_the_rest():
    source = LineSource(Pieces(b" \n", b"\r\n\t", b"{ab", b"c\nd", b"e\n"), 1000)
    assert source.peek() == b"{abc"
    assert source.blank_lines == 2
    assert all_lines(source) == [b"{abc", b"de"]


def test_peek_at_nothing():
    source = LineSource(io.BytesIO(b"  \n "), 1000)
    assert source.peek() == b""
    assert all_lines(source) == []


def test_rest_is_all_that_is_left():
    assert LineSource(io.BytesIO(b"abc\ndef"), 10).read_rest() == b"abc\ndef"


def test_waits_for_a_non_blocking_pipe():
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def write():
        time.sleep(0.2)
        os.write(writing, b"a\n")
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    with open(reading, "rb", buffering=0) as stream:
        assert all_lines(LineSource(stream, 1000)) == [b"a"]
    thread.join()
