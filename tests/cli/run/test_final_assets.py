"""`--assets`: what runner-scoped assets are at the end of a run, in a file."""

from __future__ import annotations

import json
import os
import signal
from contextlib import ExitStack

import pytest

from noob_cli.cli.run.whole_file import WholeFile
from noob_cli.cli.run.written_files import WrittenFiles

TUBE = """
assets:
  total: {type: int, scope: runner, depends: add.value}
  notes: {type: list, scope: runner}
  emptied: {type: kept.emptied, scope: runner}
  lock: {type: threading.Lock, scope: runner, enter: false}
  locks: {type: kept.locks, scope: runner}
  each: {type: list, scope: process}
nodes:
  count: {type: steps.count, params: {start: 1}}
  add: {type: kept.add, depends: [count.index, total: assets.total, notes: assets.notes, emptied: assets.emptied]}
  look: {type: kept.look, depends: [assets.lock, assets.locks, assets.each]}
  within: {type: tube, params: {tube: {assets: {seen: {type: int, scope: runner, depends: n.value}},
    input: {value: {type: int, scope: process}},
    nodes: {n: {type: operator.add, depends: [input.value, assets.seen]}}}}, depends: [value: count.index]}
  return: {type: return, depends: add.value}
"""
CODE = """
import threading

def emptied():
    found = {}
    yield found
    found.clear()

def locks():
    return {"lock": threading.Lock()}

def add(value, total, notes, emptied):
    if value == 4:
        raise ValueError("four")
    notes.append(value)
    emptied["last"] = value
    return value + total

def look(*values):
    pass
"""
KEPT = {"total": 6, "notes": [1, 2, 3], "emptied": {"last": 3}, "within.seen": 6}
LEFT_OUT = """\
warning: the asset 'lock' is not in kept.json: JSON has no form for a value of type _thread.lock
warning: the asset 'locks' is not in kept.json: JSON has no form for a value of type _thread.lock
"""


@pytest.fixture
def tube(write):
    write("kept.py", CODE)
    return write("kept.yaml", TUBE)


@pytest.mark.parametrize("runner", ["sync", "threads", "async", "processes"])
def test_each_is_as_it_was_before_its_end_and_what_has_no_form_is_told(noob, tube, folder, runner):
    done = noob("run", "kept.yaml", "-n", "3", "--assets", "kept.json", "--runner", runner)

    assert (done.code, done.results) == (0, [1, 3, 6])
    assert done.err.endswith(LEFT_OUT)
    assert json.loads((folder / "kept.json").read_text()) == KEPT


def test_a_failed_run_has_some_too_and_a_file_is_replaced(noob, tube, folder, write):
    before = write("kept.json", "{}")
    before.chmod(0o640)
    (folder / "link.json").symlink_to("kept.json")
    number = before.stat().st_ino

    assert noob("run", "kept.yaml", "--assets", "link.json").code == 1

    assert json.loads(before.read_text()) == KEPT
    assert before.stat().st_ino != number
    assert before.stat().st_mode & 0o777 == 0o640
    assert not list(folder.glob(".noob-*"))


@pytest.mark.parametrize("is_made_one", [False, True])
def test_a_link_leads_where_it_led_at_the_beginning(tmp_path, is_made_one):
    link, first, other = (tmp_path / name for name in ("link.json", "first.json", "other.json"))
    link.symlink_to(first.name)
    other.write_text("in use")
    with ExitStack() as stack:
        file = WholeFile(link, "--assets", "the assets", WrittenFiles(None, stack))
        if is_made_one:
            first.symlink_to(other.name)
        else:
            link.unlink()
            link.symlink_to(other.name)

        file.write(b"{}")

    assert (first.read_text(), first.is_symlink(), other.read_text()) == ("{}", False, "in use")


@pytest.mark.parametrize("runner", ["sync", "threads", "processes"])
def test_so_does_one_that_is_stopped(start, write, folder, runner):
    write(
        "notes.yaml",
        "assets: {n: {type: int, scope: runner, depends: c.index}}\n"
        "nodes: {c: {type: steps.slow_count}, return: {type: return, depends: c.index}}\n",
    )
    running = start("run", "notes.yaml", "--assets", "n.json", "--runner", runner)
    assert running.read_line() == "0"

    assert running.stop(signal.SIGTERM).code == 143
    assert json.loads((folder / "n.json").read_text()).keys() == {"n"}


def test_nothing_is_written_without_a_run(noob, write, folder):
    write("fails.yaml", "assets: {n: {type: int, scope: runner, params: [x]}}\nnodes: {c: {type: steps.count}}\n")

    before = write("n.json", "before")
    assert noob("run", "fails.yaml", "--assets", "n.json").code == 1
    assert before.read_text() == "before"

    assert noob("run", "count", "--checkpoint", "saved").code == 0
    assert noob("run", "count", "--resume", "saved", "--assets", "other.json").code == 0
    assert not (folder / "other.json").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/x", "No such file or directory"),
        ("sub", "Is a directory"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
def test_a_file_that_can_not_be_written_is_an_error_before_anything_is_made(noob, folder, journal, name, why):
    (folder / "sub").mkdir()
    (folder / "loop").symlink_to("loop")

    done = noob("run", "connected", "-n", "1", "--assets", name)

    assert done.code == 2
    assert f"error: the assets can't be written: {name}: {why}\n" in done.err
    assert journal() == []


def test_a_pipe_is_written_to(noob, tube, folder):
    os.mkfifo(folder / "pipe")

    done = noob("run", "kept.yaml", "-n", "3", "-q", "--assets", "pipe", shell='cat pipe >&2 & "$@"; wait')

    assert (done.code, done.results, json.loads(done.err)) == (0, [1, 3, 6], KEPT)


def test_a_file_that_there_is_no_room_for_is_what_it_was(noob, tube, folder, write):
    before = write("kept.json", "before")

    done = noob(
        *("run", "kept.yaml", "-n", "3", "-q", "--assets", "kept.json"),
        shell='ulimit -f 0; exec "$@"',
    )

    assert (done.code, done.results) == (2, [1, 3, 6])
    assert done.err == "error: the assets can't be written: kept.json: File too large\n"
    assert before.read_text() == "before"
    assert not list(folder.glob(".noob-*"))
