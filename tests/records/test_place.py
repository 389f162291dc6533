"""Where records can be read on: from every place in every text, what is left is what was not read yet."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import asdict
from io import BytesIO

import pytest
from pydantic import TypeAdapter

from noob_cli.cli.run.counted_records import CountedRecords
from noob_cli.errors import CheckpointError, InputError
from noob_cli.records.faults import RecordError
from noob_cli.records.format import RecordFormat
from noob_cli.records.line_source import NothingYetError
from noob_cli.records.place import ReadSoFar
from noob_cli.records.reader import RecordReader
from noob_cli.records.records import Expected
from noob_cli.records.several import SeveralRecords

LONG = 40
EXPECTED = Expected("line", ["line"], LONG)

LINES = b"one\ntwo\n\nfour is longer\n" + b"x" * 100 + b"\nsix\r\n" + b"y" * 41 + b"\n" + b"z" * 39 + b"\nlast"
JSONL = (
    b'\xef\xbb\xbf\n\n{"line": "one"}\n\n{"line": "two"}\nno JSON\n{"line": "'
    + b"x" * 100
    + b'"}\n[1]\n\n{"line": "\xc3\xa4"}\n{"line": "last"}'
)
CSV = (
    b'a,line\n1,one\n\n2,"two\nlines"\n3\n4,"a ""quoted"" one"\n5,'
    + b"x" * 100
    + b'\n6,"'
    + b"y\n" * 30
    + b'"\n7,last\n'
)
JSON = b'\n[\n {"line": "one"},\n 2, {"line": "\xc3\xa4"},\n {"line": "last"}\n]\n'

SEQUENCE = (
    b'\n\x1e{\n "line": "one"\n}\n\x1e{"line": "two"}{"line": "th}ree"}\n5\n{"line":\n'
    + b"{\n" * 30
    + b"}\n" * 31
    + b'{"line": 9}'
)

TEXTS = {
    "a.log": LINES,
    "a.jsonl": JSONL,
    "a": JSONL,
    "a.csv": CSV,
    "a.json": JSON,
    "b": b"\n" + JSON,
    "c": CSV,
    "d": SEQUENCE,
}


class Trickling(BytesIO):
    """A file that gives few bytes at once."""

    size = 7

    def read(self, size=-1):
        return super().read(self.size if size is None or size < 0 else min(size, self.size))


class OpenFile:
    """A regular file, of which few bytes are given at once."""

    def __init__(self, path, size):
        self.path = str(path)
        self._size = size
        self._position = 0

    def status(self):
        return os.stat(self.path)

    def read(self, size):
        with open(self.path, "rb") as file:
            file.seek(self._position)
            chunk = file.read(min(size, self._size))
        self._position += len(chunk)
        return chunk

    def seek(self, position):
        self._position = position


class HesitantFile(OpenFile):
    """One of which nothing has come yet, each time before some more comes."""

    has_come = False

    def read(self, size):
        self.has_come = not self.has_come
        if self.has_come:
            raise NothingYetError
        return super().read(size)


@pytest.fixture
def reader(tmp_path):
    def make(name, size=64 * 1024, kind=OpenFile):
        return RecordReader(kind(tmp_path / name, size), name, RecordFormat.auto, EXPECTED)

    return make


def told(records, count=None):
    """Records, and what is said of those that are wrong, with where they are."""
    found = []
    while count is None or len(found) < count:
        try:
            for record in records:
                found.append((records.position, record))
                if len(found) == count:
                    return found
        except RecordError as error:
            if error.position.number is None:
                raise
            found.append((error.position, str(error)))
        else:
            break
    return found


def written(folder, name, packs):
    """The name of a file with one of the texts, as it is or compressed."""
    text = TEXTS[name]
    name += ".gz" if packs else ""
    (folder / name).write_bytes(gzip.compress(text) if packs else text)
    return name


SAVED = TypeAdapter(ReadSoFar)


def as_saved(read):
    """What is read, by way of a checkpoint."""
    return SAVED.validate_json(json.dumps(asdict(read)), strict=True)


def gone_on(records, read):
    """Go on, and pass over what comes behind the place."""
    notes = []
    records.go_on(read, notes.append)
    behind = read.total - records.total
    CountedRecords(records, skips=True).pass_over(read.total)
    return behind, notes


@pytest.mark.parametrize("packs", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("size", [5, 33, 64 * 1024])
@pytest.mark.parametrize("name", TEXTS)
def test_what_is_left_is_what_was_not_read(tmp_path, reader, name, size, packs):
    name = written(tmp_path, name, packs)
    whole = told(reader(name))
    assert len(whole) > 3
    for count in range(len(whole) + 1):
        first = reader(name, size)
        assert told(first, count) == whole[:count]
        read = as_saved(first.so_far(count))
        for other_size in (size, 1):
            again = reader(name, other_size)
            behind, notes = gone_on(again, read)
            assert (again.total, notes) == (count, [])
            assert behind <= count
            assert told(again) == whole[count:]


@pytest.mark.parametrize("packs", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("size", [1, 33])
@pytest.mark.parametrize("name", TEXTS)
def test_nothing_of_it_is_lost_while_more_is_awaited(tmp_path, reader, name, size, packs):
    name = written(tmp_path, name, packs)
    whole = told(reader(name))
    first, found, places = reader(name, size, HesitantFile), [], []
    is_over = False
    while not is_over:
        try:
            is_over = not (record := told(first, 1))
            found += record
        except NothingYetError:
            read = as_saved(first.so_far(len(found)))
            if read not in places:
                places.append(read)
    assert found == whole
    for read in places:
        again = reader(name)
        gone_on(again, read)
        assert told(again) == whole[read.total :]


@pytest.mark.parametrize("name", ["a.log", "a.jsonl", "a.csv"])
def test_a_long_file_is_not_read_again(tmp_path, reader, name):
    record = {"a.log": b"one line\n", "a.jsonl": b'{"line": 1}\n', "a.csv": b"1,one line\n"}[name]
    (tmp_path / name).write_bytes((b"a,line\n" if name == "a.csv" else b"") + 30_000 * record)
    first = reader(name)
    told(first, 25_000)
    again = reader(name)

    behind, _ = gone_on(again, first.so_far(25_000))

    assert behind == 0
    assert len(told(again)) == 5_000


class TestAGrownFile:
    @pytest.mark.parametrize(
        ("name", "text", "more"),
        [
            ("a.log", b"one\ntwo\n", b"three\n"),
            ("a.csv", b"a;line\n1;one\n2;two\n", b"3;three\n"),
            ("a.jsonl", b'{"line": "one"}\n{"line": "two"}\n', b'{"line": "three"}\n'),
            ("a.jsonl.gz", b'{"line": "one"}\n{"line": "two"}\n', b'{"line": "three"}\n'),
        ],
    )
    def test_what_was_added_is_read(self, tmp_path, reader, name, text, more):
        pack = gzip.compress if name.endswith(".gz") else bytes
        (tmp_path / name).write_bytes(pack(text))
        first = reader(name)
        told(first)
        read = first.so_far(2)
        assert reader(name).go_on(read, print) is False
        with (tmp_path / name).open("ab") as file:
            file.write(pack(more))
        again = reader(name)

        assert again.go_on(read, print) is True
        assert [record["line"] for _, record in told(again)] == ["three"]
        assert again.total == 3

    def test_so_is_what_was_compressed_since(self, tmp_path, reader):
        (tmp_path / "a.log").write_bytes(b"one\ntwo\n")
        first = reader("a.log")
        told(first, 1)
        (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(b"one\ntwo\nthree\n"))
        again = reader("a.log.1.gz")

        assert again.go_on(first.so_far(1), print) is True
        assert [record["line"] for _, record in told(again)] == ["two", "three"]

    def test_so_is_a_document(self, tmp_path, reader):
        (tmp_path / "a.json").write_bytes(b'[{"line": 1}, {"line": 2}]')
        first = reader("a.json")
        told(first)
        read = first.so_far(2)
        (tmp_path / "a.json").write_bytes(b'[{"line": 1}, {"line": 2}, {"line": 3}]')
        again = reader("a.json")

        assert again.go_on(read, print) is True
        assert [record for _, record in told(again)] == [{"line": 3}]


class TestAnotherFile:
    @pytest.mark.parametrize("name", ["a.log", "a.jsonl", "a.csv", "a.json", "a.log.gz", "a.json.gz"])
    @pytest.mark.parametrize("changed", [b"bne", b"", b"one more than"])
    def test_it_is_told(self, tmp_path, reader, name, changed):
        pack = gzip.compress if name.endswith(".gz") else bytes
        text = TEXTS[name.removesuffix(".gz")]
        (tmp_path / name).write_bytes(pack(text))
        first = reader(name)
        told(first)
        read = first.so_far(first.total)
        (tmp_path / name).write_bytes(pack(text.replace(b"one", changed, 1)))

        with pytest.raises(InputError, match=f"{name} isn't the file that the run has read"):
            gone_on(reader(name), read)

    def test_one_that_is_shorter_is(self, tmp_path, reader):
        (tmp_path / "a.log").write_bytes(b"one\n")
        first = reader("a.log")
        told(first)
        (tmp_path / "a.log").write_bytes(b"")

        with pytest.raises(InputError, match="isn't the file"):
            reader("a.log").go_on(first.so_far(1), print)

    def test_a_copy_is_none(self, tmp_path, reader):
        (tmp_path / "a.log").write_bytes(LINES)
        first = reader("a.log")
        whole = told(reader("a.log"))
        told(first, 3)
        (tmp_path / "copy").write_bytes(LINES)
        (tmp_path / "copy").replace(tmp_path / "a.log")
        again = reader("a.log")
        gone_on(again, first.so_far(3))

        assert told(again) == whole[3:]


class TestAPipe:
    def of(self, text, name="<stdin>"):
        return RecordReader(Trickling(text), name, RecordFormat.auto, EXPECTED)

    @pytest.mark.parametrize("text", [b"line\none\ntwo\n", b'{"line": "one"}\n{"line": "two"}\n', JSON, SEQUENCE])
    def test_all_records_in_another_are_new(self, text):
        first = self.of(text)
        count = len(told(first))
        again = self.of(text)

        behind, notes = gone_on(again, as_saved(first.so_far(count)))

        assert behind == 0
        assert notes == ["<stdin> is no file that could be read again: all records in it are new"]
        numbers = [position.number for position, _ in told(again)]
        assert numbers == list(range(count + 1, 2 * count + 1))
        assert again.total == 2 * count

    def test_a_csv_need_not_begin_with_a_header_again(self):
        first = self.of(b"a,line\n1,one\n")
        told(first)
        again = self.of(b"2,two\n")
        gone_on(again, first.so_far(1))

        assert [record for _, record in told(again)] == [{"a": "2", "line": "two"}]

    def test_a_file_with_what_it_gave_is_passed_over(self, tmp_path, reader):
        first = self.of(JSONL, "a")
        told(first, 3)
        (tmp_path / "a").write_bytes(JSONL)
        again = reader("a")

        assert gone_on(again, first.so_far(3)) == (3, [])
        assert told(again) == told(reader("a"))[3:]


class TestSeveral:
    NAMES = ("a.log", "b.jsonl", "c.csv")

    @pytest.fixture
    def several(self, tmp_path, reader):
        for name in (*self.NAMES, "bb.log"):
            (tmp_path / name).write_bytes(TEXTS.get(name) or TEXTS[name.replace(name[0], "a", 1).replace("ab", "a")])

        return lambda *names: SeveralRecords(map(reader, names or self.NAMES), "all of them")

    def test_what_is_left_is_what_was_not_read(self, several):
        whole = told(several())
        for count in range(len(whole) + 1):
            first = several()
            told(first, count)
            again = several()
            gone_on(again, as_saved(first.so_far(count)))
            assert told(again) == whole[count:]

    def test_files_that_are_new_come_when_the_one_under_way_was_read(self, several):
        first = several()
        of_first = len(told(several("a.log")))
        told(first, of_first + 2)
        again = several("a.log", "bb.log", "b.jsonl", "c.csv")
        gone_on(again, first.so_far(of_first + 2))

        files = dict.fromkeys(position.name for position, _ in told(again))
        assert list(files) == ["b.jsonl", "bb.log", "c.csv"]

    def test_files_that_were_read_may_be_gone(self, several):
        first = several()
        whole = told(first)
        again = several("bb.log", "c.csv")

        assert again.go_on(first.so_far(len(whole)), print) is True
        assert {position.name for position, _ in told(again)} == {"bb.log"}

    def test_also_the_last(self, several):
        first = several()
        whole = told(first)
        again = several("a.log", "b.jsonl")

        assert again.go_on(first.so_far(len(whole)), print) is False
        assert (told(again), again.total) == ([], len(whole))

    def test_the_one_under_way_may_not(self, several):
        first = several()
        told(first, 2)

        with pytest.raises(InputError, match=r"the run has stopped in a\.log, which isn't among the files"):
            several("b.jsonl", "c.csv").go_on(first.so_far(2), print)


def test_records_of_which_nothing_is_known_are_counted(reader, tmp_path):
    (tmp_path / "a.log").write_bytes(b"one\n")

    with pytest.raises(CheckpointError, match=r"a\.log has 1 record, and the checkpoint covers 2"):
        gone_on(reader("a.log"), ReadSoFar(2))
