"""`-f FILE --follow`: a file that grows is read on, through rotation, without a lost or a doubled line."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import time

import pytest

from tests.patience import PATIENCE, wait_until, without_waiting

TUBE = """
input:
  line: {type: str, scope: process}
nodes:
  same: {type: str, depends: [input.line]}
  return: {type: return, depends: same.value}
"""

KINDS = ("rename", "create", "copytruncate", "compress")
"""The ways in which a file is rotated."""


@pytest.fixture
def tube(write):
    write("tube.yaml", TUBE)


@pytest.fixture
def follow(start, tube):
    return lambda *args: start("run", "tube.yaml", "--follow", *args)


def add(path, text):
    with path.open("ab", buffering=0) as file:
        file.write(text.encode())


class Writer:
    """Writes numbered lines, a few at a time, and rotates its file as logrotate would.

    Args:
        path: The file.
        old: How many older ones are kept.
    """

    def __init__(self, path, old):
        self.path = path
        self._old = old
        self.written = 0
        """How many lines there are."""
        self._file = path.open("ab", buffering=0)

    def write(self, count, at_once=7):
        lines = [f"line {number}\n" for number in range(self.written, self.written + count)]
        self.written += count
        text = "".join(lines).encode()
        for begin in range(0, len(text), at_once * 10):
            self._file.write(text[begin : begin + at_once * 10])

    def rotate(self, kind):
        """By `rename`, `create` (the same, written to for a while under the old name), `copytruncate` or `compress`."""
        for number in range(self._old - 1, 0, -1):
            for suffix in ("", ".gz"):
                if (older := self._numbered(number, suffix)).exists():
                    older.replace(self._numbered(number + 1, suffix))
        if kind == "copytruncate":
            shutil.copyfile(self.path, self._numbered(1))
            os.truncate(self.path, 0)
            return
        self.path.replace(self._numbered(1))
        if kind == "create":
            self.path.touch()
            time.sleep(0.1)
            self.write(3)
        self._file.close()
        self._file = self.path.open("ab", buffering=0)
        if kind == "compress":
            compress(self._numbered(1))

    def close(self):
        self._file.close()

    def _numbered(self, number, suffix=""):
        return self.path.with_name(f"{self.path.name}.{number}{suffix}")


def compress(path):
    """Compress a file as the programs do: it is there until that is done, and the other has its times."""
    packed = path.with_name(path.name + ".gz")
    with gzip.open(packed, "wb") as file:
        file.write(path.read_bytes())
    times = path.stat()
    os.utime(packed, ns=(times.st_atime_ns, times.st_mtime_ns))
    path.unlink()


def lines_until(process, count):
    return [process.read_line() for _ in range(count)]


class TestRotation:
    @pytest.mark.parametrize("kind", KINDS)
    def test_no_line_is_lost_or_doubled(self, follow, folder, kind):
        check_rotation(follow, folder, kind, lines=2_000, rotations=6)

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", KINDS)
    def test_no_line_is_lost_or_doubled_of_many(self, follow, folder, kind):
        check_rotation(follow, folder, kind, lines=100_000, rotations=20)

    def test_the_half_line_at_the_end_of_a_file_is_one(self, follow, folder):
        add(folder / "app.log", "one\ntwo")
        run = follow("-f", "app.log")
        assert run.read_line() == '"one"'
        (folder / "app.log").replace(folder / "app.log.1")
        add(folder / "app.log", "three\n")

        assert lines_until(run, 2) == ['"two"', '"three"']

    def test_an_emptied_file_is_read_from_its_beginning(self, follow, folder):
        log = folder / "app.log"
        add(log, "one\ntwo\n")
        run = follow("-f", "app.log")
        lines_until(run, 2)
        for text in (
            "three\n",
            "a longer one than all that was there before\n",
            "same size as it was before, not the\n",
        ):
            log.write_text(text)
            assert run.read_line() == f'"{text[:-1]}"'

    def test_zeros_before_what_is_written_on_are_nothing(self, follow, folder):
        log = folder / "app.log"
        with log.open("wb", buffering=0) as file:
            file.write(b"one\n")
            run = follow("-f", "app.log")
            run.read_line()
            os.truncate(log, 0)
            file.write(b"two\n")
            assert run.read_line() == '"two"'

    def test_what_was_compressed_before_it_was_read_is_read(self, follow, folder):
        add(folder / "app.log", "one\n")
        run = follow("-f", "app.log", "--checkpoint", "saved")
        run.read_line()
        run.process.send_signal(signal.SIGSTOP)
        (folder / "app.log").replace(folder / "app.log.2")
        add(folder / "app.log.1", "two\n")
        for number in (2, 1):
            compress(folder / f"app.log.{number}")
        add(folder / "app.log", "three\n")
        run.process.send_signal(signal.SIGCONT)

        assert lines_until(run, 2) == ['"two"', '"three"']

    def test_a_copy_beside_it_is_not_read(self, follow, folder):
        add(folder / "app.log", "one\n")
        add(folder / "app.log.old", "not this\n")
        run = follow("-f", "app.log")
        run.read_line()
        shutil.copyfile(folder / "app.log", folder / "app.log.1")
        time.sleep(0.2)
        add(folder / "app.log", "two\n")

        assert run.read_line() == '"two"'
        assert run.stop(signal.SIGTERM).out == ""


def test_what_is_added_is_read_as_soon_as_its_line_is_whole(follow, folder):
    add(folder / "app.log", "one\ntw")
    run = follow("-f", "app.log")
    assert run.read_line() == '"one"'

    add(folder / "app.log", "o\nthree\nfo")
    assert lines_until(run, 2) == ['"two"', '"three"']

    begun = time.monotonic()
    done = run.stop(signal.SIGTERM)
    assert (done.code, done.out) == (143, "")
    assert time.monotonic() - begun < PATIENCE / 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_at_once(follow, folder, number):
    add(folder / "app.log", "one\n")
    run = follow("-f", "app.log", "--grace", "1000")
    run.read_line()

    assert run.stop(number).code == 128 + number


def test_a_file_that_is_not_there_yet_is_waited_for(follow, folder):
    run = follow("-f", "app.log")
    assert run.read_error_line() == "waiting for app.log, which isn't there yet"

    add(folder / "app.log", "one\n")
    assert run.read_line() == '"one"'
    assert run.stop(signal.SIGINT).code == 130


def test_a_limit_ends_it(follow, folder):
    add(folder / "app.log", "one\ntwo\nthree\n")

    assert follow("-f", "app.log", "-n", "2").end().out == '"one"\n"two"\n'


def test_files_before_it_are_read_to_their_end(follow, folder):
    add(folder / "app.log.1", "one\ntwo")
    add(folder / "app.log", "three\n")

    run = follow("-f", "app.log.1", "-f", "app.log", "--input-format", "lines")
    assert lines_until(run, 3) == ['"one"', '"two"', '"three"']
    add(folder / "app.log", "four\n")
    assert run.read_line() == '"four"'


def test_json_lines_and_csv_go_on_as_they_have_begun(write, start, folder):
    write("tube.yaml", TUBE.replace("str, scope", "int, scope"))
    add(folder / "in.csv", "line,more\n1,a\n")
    run = start("run", "tube.yaml", "-f", "in.csv", "--follow")
    assert run.read_line() == '"1"'
    # With a header, and without.
    for number, text in enumerate(["more,line\nb,2\n", "c,3\n", "more,line\nd,4\n"]):
        (folder / "in.csv").replace(folder / f"in.csv.{9 - number}")
        add(folder / "in.csv", text)
        assert run.read_line() == f'"{number + 2}"'
        assert (folder / "in.csv").stat().st_size == len(text)


def test_objects_that_are_laid_out_are_followed(follow, folder):
    add(folder / "in", '{\n"line":\n"one"}\n{\n')
    run = follow("-f", "in", "--input-format", "json")
    assert run.read_line() == '"one"'
    add(folder / "in", '"line": "two"}\n')
    assert run.read_line() == '"two"'
    (folder / "in").replace(folder / "in.1")
    add(folder / "in", '{"line": "three"} {"line":\n"four"}\n')
    assert lines_until(run, 2) == ['"three"', '"four"']


def test_where_a_record_is_wrong_is_told_by_its_file(follow, folder, write):
    write("tube.yaml", TUBE.replace("str, scope", "int, scope"))
    add(folder / "in.jsonl", '{"line": 1}\n{"line": 2}\n')
    run = follow("-f", "in.jsonl", "--on-error", "skip")
    lines_until(run, 2)
    (folder / "in.jsonl").replace(folder / "in.jsonl.1")

    add(folder / "in.jsonl", '{"line": 3}\n{"line": "x"}\n')

    assert run.read_error_line().startswith("error: in.jsonl, record 2 (line 2): the input 'line' should be int")
    assert run.stop(signal.SIGTERM).out == '"3"\n'


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "'--follow' is for a file: name it with '-f FILE'"),
        (("-f", "-"), "'--follow' is for a file, which is named with '-f FILE': standard input is read to its end"),
        (("-f", "x.fifo"), "'--follow' is for a file, and x.fifo is none: it is read to its end without that"),
        (("-f", "a.csv.gz"), "a.csv.gz is compressed by gzip, and can't be followed: leave out '--follow'"),
        (
            ("-f", "a.json"),
            "a.json is a JSON document, which is read whole, and can't be followed: write one object per line, or "
            "leave out '--follow'",
        ),
        (
            ("-f", "array.txt", "--input-format", "auto"),
            "array.txt is a JSON document, which is read whole, and can't be followed: write one object per line, or "
            "leave out '--follow'",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(noob, tube, folder, write, args, told):
    write("array", "[]\n")
    os.mkfifo(folder / "x.fifo")
    args = tuple("array" if arg == "array.txt" else arg for arg in args)
    told = told.replace("array.txt", "array")

    done = noob("run", "tube.yaml", "--follow", *args)

    assert (done.code, done.err) == (2, f"error: {told}\n")


def check_rotation(follow, folder, kind, lines, rotations):
    writer = Writer(folder / "app.log", rotations + 1)
    run = follow("-f", "app.log", "-o", "out.jsonl", "-n", str(lines))
    writer.write(1)
    wait_until(lambda: (folder / "out.jsonl").exists() and (folder / "out.jsonl").stat().st_size)
    each = lines // (rotations + 1)
    for _ in range(rotations):
        writer.write(each - (3 if kind == "create" else 0))
        writer.rotate(kind)
    writer.write(lines - writer.written)
    writer.close()

    done = run.end()

    assert (done.code, without_waiting(done.err)) == (0, "")
    assert (folder / "out.jsonl").read_text() == "".join(f'"line {number}"\n' for number in range(lines))
