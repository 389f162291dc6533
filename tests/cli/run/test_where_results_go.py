"""Files, devices and terminals that results go to."""

import os
import pty
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import COUNT, UPPER, environment, start_command
from tests.patience import PATIENCE


class TestWhereResultsGo:
    def test_the_null_device_on_both_sides(self, noob, write):
        write("tube.yaml", UPPER)
        done = noob("run", "tube.yaml", "-o", os.devnull, stdin=Path(os.devnull))

        assert (done.code, done.err) == (0, "warning: no epoch was made: no record was given\n")

    def test_a_file_on_standard_input_that_is_not_read(self, noob, write, folder):
        write("tube.yaml", COUNT)
        data = write("data.txt", "old\n")

        assert noob("run", "tube.yaml", "-n", "1", "-o", "data.txt", stdin=data).code == 0
        assert data.read_text() == "0\n"

    @pytest.mark.parametrize("args", [("-f", "data.txt"), ()])
    def test_the_records_are_not_written_over(self, noob, write, args):
        write("tube.yaml", UPPER)
        data = write("data.txt", "old\n")

        done = noob("run", "tube.yaml", "--input-format", "lines", "-o", "data.txt", *args, stdin=data)

        assert done.code == 2
        assert data.read_text() == "old\n"

    def test_a_dash_is_standard_output(self, noob, write, folder):
        write("tube.yaml", COUNT)

        assert noob("run", "tube.yaml", "-n", "2", "-o", "-").results == [0, 1]
        assert not (folder / "-").exists()

    @pytest.mark.parametrize("more", ["", "2>&-"])
    def test_a_closed_standard_output(self, noob, write, more):
        write("tube.yaml", COUNT)
        done = noob("run", "tube.yaml", "-n", "2", shell=f'"$@" >&- {more}')

        assert done.code == 2
        assert "standard output is closed" in done.err or more
        assert "0\n" not in done.err

    @pytest.mark.parametrize("option", ["-o out.jsonl", "--output-format none"])
    def test_a_closed_standard_output_that_nobody_needs(self, noob, write, folder, option):
        write("tube.yaml", COUNT)
        done = noob("run", "tube.yaml", "-n", "2", *option.split(), shell='"$@" >&-')

        assert (done.code, done.err) == (0, "")
        if option.startswith("-o"):
            assert (folder / "out.jsonl").read_text() == "0\n1\n"


def test_results_on_the_terminal_need_no_progress(tmp_path):
    (tmp_path / "tube.yaml").write_text("nodes: {n: {type: itertools.count}, r: {type: return, depends: n.value}}\n")
    ours, theirs = pty.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    process = start_command(("run", "tube.yaml", "-n", "2"), cwd=tmp_path, env=environment(tmp_path), **streams)
    assert process.wait(PATIENCE) == 0
    os.close(theirs)
    shown = b""
    # A terminal whose other side is closed is an error to read from.
    with suppress(OSError):
        while more := os.read(ours, 1000):
            shown += more
    os.close(ours)
    assert shown == b"0\r\n1\r\n"
