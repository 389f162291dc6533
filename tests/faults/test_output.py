"""Readers that go away, disks that are full, processes that are killed: what is out is whole."""

from __future__ import annotations

import signal

import pytest


class TestAReaderThatGoesAway:
    @pytest.mark.parametrize(
        ("tube", "closed"),
        [
            ("padded", "count first"),
            # All that can be open at once.
            ("whole", "page cursor inside listener writer ticks count borrowed held second first"),
        ],
    )
    @pytest.mark.parametrize("output_format", ["jsonl", "json", "pretty"])
    def test_head(self, run, tube, closed, output_format):
        noob = f"$noob run {tube} -i limit=1000000 --output-format {output_format}"

        done = run(shell=f'{{ {noob}; echo "code $?" >&2; }} | head -n 2')

        # No traceback, and no end is told of an error: the reader has what it wanted.
        assert done.err == "code 0\n"
        assert done.stdout.count(b"\n") == 2
        expected = [f"close {name}" for name in closed.split()]
        assert done.log[-len(expected) :] == expected

    def test_it_has_gone_before_the_first_result(self, run):
        done = run(shell='{ sleep 0.5; $noob run padded; echo "code $?" >&2; } | true')

        assert done.err == "code 0\n"
        assert done.log[-2:] == ["close count", "close first"]

    def test_together_with_standard_error(self, run):
        done = run(shell='{ $noob run padded --progress 2>&1; echo "code $?" >&2; } | head -n 1')

        assert done.err == "code 0\n"
        assert done.log[-2:] == ["close count", "close first"]

    def test_what_fails_to_end_then_is_told(self, run):
        done = run(
            shell='{ $noob run padded; echo "code $?" >&2; } | head -n 1',
            faults="close count=exception;close first=exit",
        )

        assert "the node 'count' could not be ended as it should" in done.err
        assert done.err.endswith("code 1\n")


class TestADiskThatIsFull:
    @pytest.mark.parametrize(("output_format", "line"), [("jsonl", 121), ("json", 122)])
    @pytest.mark.parametrize("room", [200, 100_000])
    @pytest.mark.parametrize("to", ["-o out", "> out"])
    def test_the_output_is_cut_back_to_its_last_whole_result(self, run, output_format, line, room, to):
        done = run(shell=f"exec $noob run padded --output-format {output_format} {to}", room=room)

        name = "out" if to == "-o out" else "standard output"
        assert (done.code, done.stdout) == (2, b"")
        assert done.err == f"error: the results can't be written to {name}: File too large\n"
        assert [result["number"] for result in done.results_in("out", output_format)] == [*range(room // line)]
        assert done.log == ["open first", "open count", "close count", "close first OutputError"]

    def test_what_fails_to_end_then_is_told(self, run):
        done = run("run", "padded", "-o", "out", faults="close first=exception", room=1000)

        assert done.code == 2
        assert "the asset 'first' could not be ended as it should" in done.err
        assert "error: the results can't be written to out: File too large\n" in done.err
        assert len(done.results_in("out", "jsonl")) == 8

    @pytest.mark.parametrize(
        ("args", "reason"),
        [
            ("-o /dev/full", "/dev/full: No space left on device"),
            ("> /dev/full", "standard output: No space left on device"),
            ("-o missing/out", "missing/out: No such file or directory"),
            ("-o .", ".: Is a directory"),
            ("-o faulty.py/out", "faulty.py/out: Not a directory"),
        ],
    )
    def test_what_can_be_known_is_said_before_anything_is_made(self, run, args, reason):
        done = run(shell=f"$noob run whole {args}")

        assert (done.code, done.stdout, done.log) == (2, b"", [])
        assert done.err == f"error: the results can't be written: {reason}\n"

    def test_no_room_at_all(self, run):
        done = run("run", "whole", "-o", "out", room=0)

        assert (done.code, done.stdout, done.err) == (
            2,
            b"",
            "error: the results can't be written: out: File too large\n",
        )

    def test_no_standard_output(self, run):
        done = run(shell="exec $noob run whole >&-")

        assert (done.code, done.stdout, done.log) == (2, b"", [])
        assert done.err == "error: standard output is closed: name a file for the results with '-o FILE'\n"

    def test_a_log_without_a_folder(self, run):
        done = run("run", "whole", "-o", "out", "--log-file", "missing/log")

        assert (done.code, done.stdout, done.log) == (2, b"", [])
        assert done.err == "error: the log can't be written: missing/log: No such file or directory\n"
        assert not (done.folder / "out").exists()

    def test_no_records(self, run):
        done = run("run", "records", "-o", "out", "-f", "missing/records")

        assert (done.code, done.stdout, done.log) == (2, b"", [])
        assert done.err == "error: the records can't be read: missing/records: No such file or directory\n"
        assert not (done.folder / "out").exists()


class TestAProcessThatEndsAtOnce:
    """Nothing can be closed then, and yet what was returned before is there."""

    @pytest.mark.parametrize(
        ("use", "code"),
        [
            (f"faulty.kill, params: {{number: {signal.SIGKILL:d}}}", -signal.SIGKILL),
            (f"faulty.kill, params: {{number: {signal.SIGSEGV:d}}}", -signal.SIGSEGV),
            ("faulty.leave", 7),
        ],
    )
    @pytest.mark.parametrize("to", ["out", ""])
    def test_what_was_returned_before_is_out(self, run, folder, use, code, to):
        node = f"{{type: {use}, depends: count.value}}"
        (folder / "ending.yaml").write_text(f"extends: [padded.yaml]\nnodes:\n  use: {node}\n")

        done = run("run", "ending.yaml", *(("-o", to) if to else ()), dies=True)

        assert done.code == code
        assert [result["number"] for result in done.results_in(to, "jsonl")] == [0, 1]


def test_a_result_that_fails_when_it_is_shown(run, folder):
    node = "{type: faulty.unwritable, depends: use.value}"
    (folder / "ending.yaml").write_text(f"extends: [padded.yaml]\nnodes:\n  pad: {node}\n")

    done = run("run", "ending.yaml", "-i", "limit=4")

    assert (done.code, done.results_in("", "jsonl")) == (0, [0, 1, "<faulty.Unwritable object>", 3])
    assert done.err.startswith("warning: result 3: JSON has no form for a value of type faulty.Unwritable")
