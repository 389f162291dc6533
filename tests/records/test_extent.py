"""How much there is of records, and how much of it was read."""

from __future__ import annotations

import gzip
import os
from contextlib import ExitStack
from io import FileIO

import pytest

from noob_cli.records.reader import RecordReader
from noob_cli.records.several import SeveralRecords

LINE = b'{"a": 1}\n'


@pytest.fixture
def reader_of(tmp_path):
    """Makes what reads a file, which is closed in the end."""
    with ExitStack() as stack:

        def make(name, content):
            path = tmp_path / name
            path.write_bytes(content)
            return RecordReader(stack.enter_context(FileIO(path)), str(path))

        yield make


def shares(reader):
    records = iter(reader)
    return [reader.extent().share for _ in records]


def test_a_short_file_is_told_by_its_lines(reader_of):
    reader = reader_of("a.jsonl", 4 * LINE)

    assert reader.extent() == (0, 36, "bytes")
    assert shares(reader) == [0, 0.25, 0.5, 0.75]


def test_a_long_one_by_its_bytes(reader_of):
    reader = reader_of("a.jsonl", 50_000 * LINE.replace(b"1", b"1" * 100))

    found = shares(reader)
    assert found == sorted(found)
    assert found[0] < 0.1
    assert 0.4 < found[25_000] < 0.6
    assert found[-1] == 1


def test_one_that_is_compressed_too(reader_of):
    reader = reader_of("a.jsonl.gz", gzip.compress(LINE))

    assert reader.extent().share == 0
    assert shares(reader) == [1]


def test_several_are_one_after_the_other(reader_of):
    readers = [reader_of(f"{name}.jsonl", number * LINE) for name, number in (("a", 2), ("b", 6))]

    assert shares(SeveralRecords(readers, "both")) == [0, 1 / 8, *(number / 8 for number in range(2, 8))]


def test_of_a_pipe_nobody_knows():
    ours, theirs = os.pipe()
    os.write(theirs, LINE)
    os.close(theirs)
    with FileIO(ours) as stream:
        assert RecordReader(stream, "<stdin>").extent() is None


def test_parquet_counts_its_records(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    from noob_cli.given_path import given_path
    from noob_cli.records.parquet_records import ParquetRecords

    parquet.write_table(pyarrow.table({"a": [1, 2, 3, 4]}), tmp_path / "a.parquet")
    reader = ParquetRecords(given_path(tmp_path / "a.parquet"), "a.parquet")

    assert reader.extent() is None
    assert shares(reader) == [0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize("what", ["missing", "closed", "device"])
def test_of_parquet_that_is_no_file_any_more_nobody_knows(tmp_path, what):
    pytest.importorskip("pyarrow.parquet")

    from noob_cli.given_path import given_path
    from noob_cli.records.parquet_records import ParquetRecords
    from noob_cli.records.place import BEGINNING, ReadFile, ReadSoFar

    with open("/dev/zero", "rb", buffering=0) as device:
        source = given_path(tmp_path / "a.parquet") if what == "missing" else device
        reader = ParquetRecords(source, "a.parquet")
        if what == "closed":
            device.close()

        assert reader.status is None
        assert SeveralRecords([reader], "all").extent() is None
        # It is told where it is read.
        read = ReadFile("a.parquet", "auto", BEGINNING, has_ended=True)
        assert reader.go_on(ReadSoFar(0, 0, file=read), print)
