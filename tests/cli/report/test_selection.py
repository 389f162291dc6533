"""Which tubes a command is about, whatever they are named by."""

from __future__ import annotations

import os
import subprocess

import pytest

from noob_cli.cli.report.selection import select_tubes
from noob_cli.specification.search import FoundTube
from tests.cli.conftest import COMMAND, environment, run_command
from tests.patience import PATIENCE

WRONG = b"nodes: {a: {type: su}}\n"


def validate_pipe(folder, home, content):
    """Validate what comes from a pipe that is named as a file, as in `noob validate <(...)`."""
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    done = subprocess.run(
        [*COMMAND, "validate", f"/dev/fd/{read}"],
        pass_fds=[read],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(home),
        timeout=PATIENCE,
    )
    os.close(read)
    return done


@pytest.mark.slow
def test_a_pipe_is_read_once(folder, tmp_path):
    good = validate_pipe(folder, tmp_path, b"nodes: {a: {type: itertools.count}}\n")
    assert (good.returncode, good.stderr) == (0, "")
    wrong = validate_pipe(folder, tmp_path, WRONG)
    assert wrong.returncode == 2
    assert ":1:19: error[C001]" in wrong.stderr


def test_a_device_that_never_ends(noob):
    done = noob("validate", "/dev/zero")
    assert done.code == 2
    assert "/dev/zero:1:1: error[Y007]: a tube file has at most 10,000,000 bytes" in done.err


@pytest.mark.slow
def test_standard_input_that_never_ends(folder, tmp_path):
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        done = run_command(("validate", "-"), stdin=endless.stdout, cwd=folder, env=environment(tmp_path))
        endless.kill()
    assert done.returncode == 2
    assert "<stdin>:1:1: error[Y007]: a tube file has at most 10,000,000 bytes" in done.stderr.decode()


def test_a_tube_whose_id_is_found_twice_is_known_by_whatever_it_is_named(folder, write, monkeypatch):
    monkeypatch.chdir(folder)
    first = write("one/a.yaml", "noob_id: twin\nnodes: {a: {type: int}}\n")
    second = write("two/b.yaml", "noob_id: twin\nnodes: {a: {type: int}}\n")
    for names in (["twin"], ["one/a.yaml", "twin"], ["twin", "one"]):
        assert select_tubes(names).tubes == [("one/a.yaml", FoundTube(first, (second,)))]
    assert select_tubes(["one/a.yaml"]).tubes == [("one/a.yaml", FoundTube(first))]
