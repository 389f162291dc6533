"""A node changes the working folder: names on the command line stay those of the folder that the run was begun in."""

import json
import os
import signal

import pytest

TUBE = """
input:
  n: {type: int, scope: process}
nodes:
  leave: {type: leaving.leave, depends: [input.n]}
  return: {type: return, depends: leave.value}
"""

LEAVING = """
import os, pathlib, signal

def leave(n):
    os.chdir(pathlib.Path(__file__).with_name("elsewhere"))
    if n == 2 and os.environ.get("ROTATES"):
        for name in ("results.jsonl", "log"):
            os.rename("../" + name, "../" + name + ".1")
        os.kill(os.getpid(), signal.SIGHUP)
    if n == 3 and os.environ.get("FOLLOWED"):
        os.rename("../b.jsonl", "../b.jsonl.1")
        with open("../b.jsonl", "w") as file:
            file.write('{"n": 5}\\n')
    return 1 // (n != 13) and n

class Asset:
    def __init__(self):
        os.chdir(pathlib.Path(__file__).with_name("elsewhere"))
"""


@pytest.fixture
def run(noob, write, folder):
    (folder / "elsewhere").mkdir()
    write("tube.yaml", TUBE)
    write("leaving.py", LEAVING)
    write("a.jsonl", '{"n": 1}\n{"n": 2}\n')
    write("b.jsonl", '{"n": 3}\n{"n": 4}\n')
    return lambda *args, **more: noob("run", "tube.yaml", "-f", "a.jsonl", "-f", "b.jsonl", *args, **more)


def test_files_of_records_that_come_later_are_found(run):
    assert run().results == [1, 2, 3, 4]


def test_the_file_that_is_followed_is_that_one_whatever_it_is_called_then(run, monkeypatch):
    monkeypatch.setenv("FOLLOWED", "1")

    assert run("--follow", "-n", "5").results == [1, 2, 3, 4, 5]


def test_files_are_made_where_the_run_was_begun_though_an_asset_has_left_it(run, folder, write):
    write("tube.yaml", "assets: {a: {type: leaving.Asset, scope: runner, checkpoint: false}}\n" + TUBE)
    names = ("results.jsonl", "errors.jsonl", "assets.json", "stats.json", "log", "saved")
    options = ("-o", "--errors", "--assets", "--stats-json", "--log-file", "--checkpoint")

    assert run(*(word for pair in zip(options, names, strict=True) for word in pair)).code == 0
    assert {*names} <= {*os.listdir(folder)}
    assert os.listdir(folder / "elsewhere") == []


def test_a_table_that_is_read_later_is_found(run, folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    parquet.write_table(pyarrow.table({"n": [5]}), folder / "c.parquet")

    assert run("-f", "c.parquet").results == [1, 2, 3, 4, 5]


def test_checkpoints_are_saved_and_gone_on_with(run, folder):
    results, common = folder / "results.jsonl", ("-o", "results.jsonl", "--checkpoint-every", "1")
    assert run(*common, "-n", "3", "--checkpoint", "saved").code == 0
    results.write_text("1\n2\n5\n")
    assert run(*common, "--resume", "saved").code == 2
    results.write_text("1\n2\n3\n")

    assert run(*common, "--resume", "saved").code == 0
    assert results.read_text() == "1\n2\n3\n4\n"
    assert os.listdir(folder / "elsewhere") == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP")
def test_rotated_files_are_opened_anew_where_they_were(run, folder, monkeypatch):
    monkeypatch.setenv("ROTATES", "1")

    done = run("-o", "results.jsonl", "--log-file", "log", "--reopen")

    assert done.code == 0, done.err
    assert os.listdir(folder / "elsewhere") == []
    results = [(folder / name).read_text() for name in ("results.jsonl.1", "results.jsonl")]
    assert [json.loads(line) for line in "".join(results).splitlines()] == [1, 2, 3, 4]
