"""Records that are compressed, by whatever, in whole and in broken files."""

import bz2
import gzip
import io
import lzma
import os
import random
import sys
from functools import cache, partial

import pytest

from noob_cli.errors import InputError
from noob_cli.records import unpacking
from noob_cli.records.faults import RecordError
from noob_cli.records.format import RecordFormat
from noob_cli.records.packing import may_be_packed, named, packing_of
from noob_cli.records.reader import RecordReader
from noob_cli.records.records import Expected

PACK = {
    ".gz": partial(gzip.compress, compresslevel=1),
    ".bz2": bz2.compress,
    ".xz": partial(lzma.compress, preset=0),
}
"""What packs, as quickly as it can: that takes longer than what is tested. Of bz2 it would make other blocks."""
NUMBERS = range(40_000)
NOISE = random.Random(0)
TEXT = "".join(f'{{"n": {number}, "noise": "{NOISE.random()}"}}\n' for number in NUMBERS).encode()
SHORT = b'{"n": 0}\n{"n": 1}\n'


@cache
def packed_text(suffix):
    """The long text, compressed."""
    return PACK[suffix](TEXT)


def numbers(text, name="<stdin>", **options):
    """The numbers that were read, and the error that ended that."""
    reader, found = RecordReader(io.BytesIO(text), name, **options), []
    try:
        found += (record["n"] for record in reader)
    except RecordError as error:
        return found, error
    return found, None


@pytest.fixture(params=PACK)
def suffix(request):
    return request.param


@pytest.mark.slow
def test_told_by_name_and_by_how_it_begins(suffix):
    packed = packed_text(suffix)

    for name in ("<stdin>", "data.jsonl", f"data.jsonl{suffix}", f"data{suffix.upper()}"):
        assert numbers(packed, name) == ([*NUMBERS], None)


def test_the_suffix_before_tells_the_format(suffix):
    for text, name, record_format in (
        (b"n\n1\n", "a.csv", "csv"),
        (b"n\tm\n1\t2\n", "a.tsv", "csv"),
        (b"1\n", "a.log", "lines"),
    ):
        reader = RecordReader(io.BytesIO(PACK[suffix](text)), name + suffix, expected=Expected("n"))

        assert [record["n"] for record in reader] == ["1"]
        assert reader.format is RecordFormat(record_format)


def test_several_behind_one_another_and_padding(suffix):
    packed = PACK[suffix](b'{"n": 0}\n{"n"') + PACK[suffix](b": 1}\n")

    assert numbers(packed) == ([0, 1], None)
    assert numbers(packed + b"\0" * 512) == ([0, 1], None)


def test_nothing_that_is_compressed(suffix):
    assert numbers(PACK[suffix](b""), f"a.jsonl{suffix}") == ([], None)


def test_a_byte_order_mark_in_it(suffix):
    assert numbers(PACK[suffix](b"\xef\xbb\xbf" + SHORT)) == ([0, 1], None)


@pytest.mark.parametrize("size", [5, 20, 1000, -1])
def test_what_is_cut_off_gives_the_records_before(suffix, size):
    packed = packed_text(suffix)

    found, error = numbers(packed[:size], f"data.jsonl{suffix}")

    assert found == [*range(len(found))]
    assert error.position == ("data.jsonl" + suffix, None, None, None)
    assert str(error).startswith(f"data.jsonl{suffix}: ")
    if size > 10:
        assert "is cut off. The records before that were read" in str(error)
    if size == -1 and suffix != ".bz2":
        assert len(found) == len(NUMBERS)


def test_what_is_corrupt_gives_the_records_before(suffix):
    packed = bytearray(packed_text(suffix))
    packed[len(packed) * 3 // 4] ^= 0xFF

    found, error = numbers(bytes(packed), f"data.jsonl{suffix}")

    # What is wrong may be taken for text at first: that depends on how it is compressed.
    assert found[:10_000] == [*NUMBERS[:10_000]]
    assert error.position.name == f"data.jsonl{suffix}"


def test_what_is_behind_the_end_and_is_not_compressed(suffix):
    found, error = numbers(PACK[suffix](SHORT) + b"something else")

    assert found == [0, 1]
    assert "has made of it is corrupt (" in str(error)


def test_of_gzip_no_record_is_lost_before_a_wrong_checksum():
    packed = bytearray(gzip.compress(SHORT))
    packed[-8] ^= 0xFF

    found, error = numbers(bytes(packed))

    assert found == [0, 1]
    assert "what gzip has made of it is corrupt (" in str(error)


@pytest.mark.parametrize(("text", "found"), [(b"", "is empty"), (SHORT, "begins with '{")])
def test_a_name_that_says_so_of_what_is_not_compressed(suffix, text, found):
    _, error = numbers(text, f"a.jsonl{suffix}")

    assert f", and it {found}" in str(error)
    assert "Rename it if it isn't" in str(error)


def test_the_beginning_of_a_text_is_not_taken_for_it():
    for text in (b"BZh91\nx\n", b"(a\n", b"B\n", b"(\n"):
        assert packing_of(text) is None
        assert not may_be_packed(text)
        lines = RecordReader(io.BytesIO(text), "<stdin>", RecordFormat.lines, Expected("x"))
        assert [record["x"] for record in lines] == text.decode().split()


def test_records_come_as_soon_as_they_are_there():
    reading, writing = os.pipe()
    packer = gzip.GzipFile(fileobj=os.fdopen(writing, "wb", buffering=0), mode="wb")
    raw = packer.fileobj
    with open(reading, "rb", buffering=0) as stream:
        os.set_blocking(reading, False)
        records = iter(RecordReader(stream, "<stdin>", RecordFormat.jsonl))
        for number in range(3):
            packer.write(b'{"n": %d}\n' % number)
            packer.flush()
            assert next(records) == {"n": number}
        packer.close()
        raw.close()
        assert list(records) == []


@pytest.mark.slow
def test_much_of_little_is_unpacked_piece_by_piece(suffix):
    packed = PACK[suffix](b"\n" * 50_000_000 + SHORT)
    read = RecordReader(io.BytesIO(packed), "<stdin>", RecordFormat.jsonl)._source._read
    largest = max(len(read()) for _ in range(100))

    assert largest <= 128 * 1024


def test_names():
    assert named("a/b.csv.GZ") == ("gzip", ".csv")
    assert named("b.zst") == ("zstd", "")
    assert named("b.json") == (None, ".json")


def test_zstd_that_this_python_can_not_read(monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)

    with pytest.raises(InputError, match=r"a.jsonl.zst: it is compressed by zstd.*pip install 'noob-cli\[zstd\]'"):
        RecordReader(io.BytesIO(b""), "a.jsonl.zst")
    _, error = numbers(b"\x28\xb5\x2f\xfd\x04\0")
    assert "<stdin>: it is compressed by zstd" in str(error)


def test_zstd():
    if sys.version_info >= (3, 14):
        from compression.zstd import compress
    else:
        from zstandard import compress
    packed = compress(TEXT)

    assert unpacking.require("zstd") is None
    assert numbers(packed + compress(b'{"n": -1}\n'), "a.jsonl.zst") == ([*NUMBERS, -1], None)
    found, error = numbers(packed[: len(packed) // 2])
    assert 0 < len(found) < len(NUMBERS)
    assert "what zstd has made of it is cut off" in str(error)
    corrupt = packed[: len(packed) // 2] + b"\xff" * 1000
    found, error = numbers(corrupt)
    assert found
    assert "what zstd has made of it is" in str(error)
