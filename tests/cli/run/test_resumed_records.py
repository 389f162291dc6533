"""`--resume` with records: from files that have grown or were rotated meanwhile, and from pipes."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import signal
import time

import pytest

from noob_cli.checkpoints.folder import CheckpointFolder
from tests.cli.run.test_following import KINDS, TUBE, Writer, add, compress, lines_until
from tests.patience import wait_until

SAVING = ("--checkpoint-every", "1")


@pytest.fixture(autouse=True)
def _tube(write):
    write("tube.yaml", TUBE)


@pytest.fixture
def run(noob):
    """A run that saves in `saved`, or goes on from there."""
    return lambda *args, **more: noob("run", "tube.yaml", "--resume", "saved", *args, **more)


class TestAFile:
    def test_that_has_grown_is_read_on(self, run, folder):
        add(folder / "in.txt", "one\ntwo\n")
        run("-f", "in.txt", "-o", "out.jsonl")
        assert run("-f", "in.txt", "-o", "out.jsonl").err == (
            "nothing is left to do: the checkpoint in saved covers 2 epochs and 2 results\n"
        )
        add(folder / "in.txt", "three\n")

        done = run("-f", "in.txt", "-o", "out.jsonl")

        assert (done.code, done.err) == (0, "going on: the checkpoint in saved covers 2 epochs and 2 results\n")
        assert (folder / "out.jsonl").read_text() == '"one"\n"two"\n"three"\n'

    def test_so_is_one_on_standard_input(self, run, folder):
        add(folder / "in.txt", '{"line": "one"}\n')
        run(stdin=folder / "in.txt")
        add(folder / "in.txt", '{"line": "two"}\n')

        assert run(stdin=folder / "in.txt").out == '"two"\n'

    @pytest.mark.parametrize("name", ["in.txt", "in.json", "in.txt.gz"])
    def test_that_is_another_is_told_before_it_is_read(self, run, folder, name):
        content = b'[{"line": "one"}, {"line": "two"}]' if name == "in.json" else b"one\ntwo\n"
        pack = gzip.compress if name.endswith(".gz") else bytes
        (folder / name).write_bytes(pack(content))
        run("-f", name, "-n", "1")
        (folder / name).write_bytes(pack(content.replace(b"one", b"One")))

        done = run("-f", name)

        assert (done.code, done.out) == (2, "")
        assert done.err == (
            f"error: {name} isn't the file that the run has read, or has changed where it was read already: give the "
            "one that it has read, or begin anew with another folder for the checkpoint\n"
        )

    def test_where_a_record_is_wrong_is_told_by_the_whole_file(self, run, folder):
        add(folder / "in.csv", "line\none\n\ntwo\n")
        run("-f", "in.csv")
        add(folder / "in.csv", 'three\n"four\n')

        done = run("-f", "in.csv")

        assert done.out == '"three"\n'
        assert "in.csv, record 4 (line 6): a quoted value is not closed" in done.err

    def test_a_record_that_has_stopped_the_run_is_the_next(self, run, folder):
        add(folder / "in.jsonl", '{"line": "one"}\n2\n{"line": "three"}\n')
        assert run("-f", "in.jsonl").code == 2
        (folder / "in.jsonl").write_text('{"line": "one"}\n{"line": "2"}\n{"line": "three"}\n')

        assert run("-f", "in.jsonl").out == '"2"\n"three"\n'

    def test_files_that_have_come_since_are_read(self, run, folder):
        (folder / "in").mkdir()
        add(folder / "in" / "a.txt", "one\n")
        add(folder / "in" / "c.txt", "two\n")
        run("-f", "in")
        add(folder / "in" / "b.txt", "three\n")
        add(folder / "in" / "c.txt", "four\n")
        (folder / "in" / "a.txt").unlink()

        assert run("-f", "in").out == '"four"\n"three"\n'
        assert run("-f", "in").out == ""

    def test_parquet_is_read_on_too(self, run, folder):
        import pyarrow
        from pyarrow import parquet

        add(folder / "a.txt", "one\n")
        parquet.write_table(pyarrow.table({"line": ["two", "three", "four"]}), folder / "b.parquet")
        files = ("-f", "a.txt", "-f", "b.parquet")
        assert run(*files, "-n", "2").out == '"one"\n"two"\n'
        assert run(*files).out == '"three"\n"four"\n'
        assert run(*files).err == "nothing is left to do: the checkpoint in saved covers 4 epochs and 4 results\n"

    @pytest.mark.parametrize("runner", ["threads", "sync"])
    def test_while_others_are_under_way(self, run, folder, runner):
        more = () if runner == "sync" else ("--runner", runner, "--ahead", "8")
        lines = [f"line {number}\n" for number in range(50)]
        (folder / "in.txt").write_text("".join(lines))
        for epochs in (7, 20, 33):
            run("-f", "in.txt", "-o", "out.jsonl", "--epochs", str(epochs), *SAVING, *more)

        run("-f", "in.txt", "-o", "out.jsonl", *more)

        assert (folder / "out.jsonl").read_text() == "".join(f'"{line[:-1]}"\n' for line in lines)


class TestAPipe:
    def test_all_of_its_records_are_new(self, run):
        run(stdin='{"line": "one"}\n{"line": "two"}\n')

        done = run(stdin='{"line": "three"}\n{"line": "four"}\n5\n')

        assert done.out == '"three"\n"four"\n'
        assert done.err.splitlines()[:2] == [
            "going on: the checkpoint in saved covers 2 epochs and 2 results",
            "warning: <stdin> is no file that could be read again: all records in it are new",
        ]
        assert "<stdin>, record 5 (line 3): found a number: 5" in done.err

    def test_after_a_signal(self, run, start, folder):
        first = start("run", "tube.yaml", "--resume", "saved", "-o", "out.jsonl")
        first.feed('{"line": "one"}\n')
        wait_until(lambda: (folder / "out.jsonl").exists() and (folder / "out.jsonl").stat().st_size)
        assert first.stop(signal.SIGTERM).code == 143

        run("-o", "out.jsonl", stdin='{"line": "two"}\n')

        assert (folder / "out.jsonl").read_text() == '"one"\n"two"\n'


class TestFollowing:
    @pytest.fixture
    def follow(self, start):
        return lambda *args: start("run", "tube.yaml", "--resume", "saved", "-f", "app.log", "--follow", *args)

    @pytest.fixture
    def stopped(self, follow, folder):
        """A run that has read two lines, and was stopped."""
        add(folder / "app.log", "one\ntwo\n")
        run = follow()
        lines_until(run, 2)
        assert run.stop(signal.SIGTERM).code == 143

    def test_a_grown_file(self, stopped, follow, folder):
        add(folder / "app.log", "three\n")

        assert follow().read_line() == '"three"'

    def test_half_a_line(self, follow, folder):
        add(folder / "app.log", "one\ntw")
        run = follow()
        lines_until(run, 1)
        run.stop(signal.SIGTERM)
        add(folder / "app.log", "o\n")

        assert follow().read_line() == '"two"'

    def test_it_was_renamed(self, stopped, follow, folder):
        add(folder / "app.log", "three\n")
        (folder / "app.log").replace(folder / "app.log.2")
        add(folder / "app.log.1", "four\n")
        add(folder / "app.log", "five\n")

        assert lines_until(follow(), 3) == ['"three"', '"four"', '"five"']

    def test_it_was_copied_and_emptied(self, stopped, follow, folder):
        add(folder / "app.log", "three\n")
        shutil.copyfile(folder / "app.log", folder / "app.log.1")
        (folder / "app.log").write_text("four is longer than all that was there before\n")

        assert lines_until(follow(), 2) == ['"three"', '"four is longer than all that was there before"']

    def test_it_was_renamed_and_compressed(self, stopped, follow, folder):
        add(folder / "app.log", "three\n")
        (folder / "app.log").replace(folder / "app.log.2")
        # They begin alike, and this one is none that was read.
        add(folder / "app.log.1", "one\ntwo\nfour\n")
        for number in (2, 1):
            compress(folder / f"app.log.{number}")
        add(folder / "app.log", "one\ntwo\nfive\n")

        new = ["three", "one", "two", "four", "one", "two", "five"]
        assert lines_until(follow(), 7) == [f'"{line}"' for line in new]

    def test_it_was_copied_and_emptied_and_the_copy_compressed(self, stopped, follow, folder):
        add(folder / "app.log", "three\n")
        shutil.copyfile(folder / "app.log", folder / "app.log.1")
        compress(folder / "app.log.1")
        (folder / "app.log").write_text("four is longer than all that was there before\n")

        assert lines_until(follow(), 2) == ['"three"', '"four is longer than all that was there before"']

    def test_the_one_that_comes_next_is_cut_off(self, stopped, follow, folder):
        (folder / "app.log").replace(folder / "app.log.2")
        add(folder / "app.log.1", "three\n")
        compress(folder / "app.log.1")
        os.truncate(folder / "app.log.1.gz", 20)
        add(folder / "app.log", "four\n")

        done = follow().end()

        assert (done.code, done.out) == (2, "")
        assert done.err.splitlines()[1] == (
            "error: app.log.1.gz: what gzip has made of it is cut off. The records before that were read."
        )

    def test_it_is_gone_and_had_more(self, stopped, follow, folder):
        (folder / "app.log").write_text("")
        add(folder / "app.log.1", "three\n")
        add(folder / "app.log", "four\n")

        run = follow()
        assert lines_until(run, 2) == ['"three"', '"four"']
        assert run.stop(signal.SIGTERM).err.splitlines()[1] == (
            "warning: the file app.log that was read up to record 2 isn't there any more: what came behind that in it "
            "is lost, and what comes after it is read"
        )

    def test_a_file_that_vanishes_and_comes_back(self, follow, folder):
        add(folder / "app.log", "one\n")
        run = follow()
        run.read_line()
        (folder / "app.log").unlink()
        time.sleep(0.2)
        add(folder / "app.log", "two\n")
        assert run.read_line() == '"two"'
        assert run.stop(signal.SIGINT).code == 130

    def test_several_files(self, start, folder):
        add(folder / "old.txt", "one\n")
        args = ("run", "tube.yaml", "--resume", "saved", "-f", "old.txt", "-f", "app.log", "--follow")
        add(folder / "app.log", "two\n")
        run = start(*args)
        lines_until(run, 2)
        run.stop(signal.SIGTERM)
        add(folder / "app.log", "three\n")

        assert start(*args).read_line() == '"three"'

    def test_a_csv_goes_on_without_a_header(self, start, folder):
        args = ("run", "tube.yaml", "--resume", "saved", "-f", "in.csv", "--follow")
        add(folder / "in.csv", "a,line\n1,one\n")
        run = start(*args)
        run.read_line()
        (folder / "in.csv").replace(folder / "in.csv.1")
        add(folder / "in.csv", "2,two\n")
        run.read_line()
        run.stop(signal.SIGTERM)
        add(folder / "in.csv", "3,three\n")

        assert start(*args).read_line() == '"three"'


class TestAQuietNight:
    """A run that waits for records has saved what it has done when the interval is over."""

    @pytest.fixture
    def covers(self, folder):
        """Wait until the checkpoint covers so many epochs."""

        def wait(epochs):
            saved = CheckpointFolder(folder / "saved")
            wait_until(lambda: (found := saved.read()) is not None and found[0].epochs == epochs)

        return wait

    @pytest.mark.parametrize("more", [(), ("--runner", "threads")])
    def test_of_a_pipe_what_was_done_is_saved(self, start, run, folder, covers, more):
        args = ("-o", "out.jsonl", "--checkpoint-every", "0.1s", *more)
        first = start("run", "tube.yaml", "--resume", "saved", *args)
        for epochs, text in ((1, '{"line": "one"}\n'), (3, '{"line": "two"}\n{"line": "three"}\n{"li')):
            first.feed(text)
            covers(epochs)
        first.process.kill()
        first.end()

        assert run(*args, stdin='{"line": "four"}\n').code == 0
        assert (folder / "out.jsonl").read_text() == '"one"\n"two"\n"three"\n"four"\n'

    def test_of_a_file_that_is_followed_too(self, start, folder, covers):
        args = ("run", "tube.yaml", "-f", "app.log", "--follow", "--resume", "saved", "--checkpoint-every", "0.1s")
        add(folder / "app.log", "one\n")
        first = start(*args)
        covers(1)
        (folder / "app.log").replace(folder / "app.log.1")
        add(folder / "app.log", "two\nthr")
        covers(2)
        first.process.kill()
        assert first.end().out == '"one"\n"two"\n'
        add(folder / "app.log", "ee\n")

        second = start(*args)
        assert second.read_error_line() == "going on: the checkpoint in saved covers 2 epochs and 2 results"
        assert second.read_line() == '"three"'

    def test_where_nothing_was_done_nothing_is_saved(self, start, folder, covers):
        first = start("run", "tube.yaml", "--checkpoint", "saved", "--checkpoint-every", "0.05s")
        first.feed('{"line": "one"}\n')
        covers(1)
        saved = (folder / "saved" / "checkpoint").stat()
        time.sleep(0.2)
        assert (folder / "saved" / "checkpoint").stat().st_mtime_ns == saved.st_mtime_ns
        first.feed('{"line": "two"}\n')
        covers(2)
        assert first.end().code == 0


class TestKilled:
    """Rotation under load: whenever the run is killed, each line is there once, in order."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_line_is_lost_or_doubled(self, start, folder, kind):
        check_killing(start, folder, kind, lines=3_000, rotations=6, kills=2)

    @pytest.mark.slow
    @pytest.mark.many
    @pytest.mark.parametrize("kind", KINDS)
    def test_no_line_is_lost_or_doubled_of_many(self, start, folder, kind):
        check_killing(start, folder, kind, lines=100_000, rotations=20, kills=6)


def check_killing(start, folder, kind, lines, rotations, kills):
    chance = random.Random(f"{kind} {lines}")
    writer = Writer(folder / "app.log", rotations + 1)
    writer.write(1)
    args = ("run", "tube.yaml", "-f", "app.log", "--follow", "-o", "out.jsonl", "-n", str(lines))
    out = folder / "out.jsonl"

    def begin():
        every = chance.choice([str(lines // 100), "0.03s", "0.1s"])
        run = start(*args, "--resume", "saved", "--checkpoint-every", every)
        # It says where it begins.
        run.read_error_line()
        return run

    run = begin()
    wait_until(lambda: out.exists() and out.stat().st_size)
    killed_at = chance.sample(range(rotations), kills)
    each = lines // (rotations + 1)
    for rotation in range(rotations):
        is_killed = rotation in killed_at
        part = chance.randrange(each) if is_killed else 0
        writer.write(part)
        if is_killed:
            time.sleep(chance.uniform(0, 0.1))
            run.process.kill()
            run.end()
            # Now and then it is away while others come.
            if chance.random() < 0.5:
                run = begin()
        elif run.process.poll() is not None:
            run = begin()
        writer.write(each - part - (3 if kind == "create" else 0))
        writer.rotate(kind)
    writer.write(lines - writer.written)
    writer.close()
    if run.process.poll() is not None:
        run = begin()
    done = run.end()
    assert done.code == 0, done.err
    assert "warning" not in done.err
    assert out.read_text() == "".join(f'"line {number}"\n' for number in range(lines))
