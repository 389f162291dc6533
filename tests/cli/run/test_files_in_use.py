"""Nothing is written over a file that the run reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from types import ModuleType

import pytest

from noob_cli.cli.run.files_in_use import what_would_be_lost
from tests.cli.conftest import UPPER, environment, run_command

FILES = {
    "tube.yaml": """
        extends: [base.yaml]
        nodes:
          step: {type: steps.double, depends: number.value}
          child: {type: tube, params: {tube: below/child.yaml}}
          return: {type: return, depends: step.value}
        """,
    "base.yaml": "nodes: {number: {type: itertools.count}}\n",
    "below/child.yaml": "extends: [deep.yaml]\nnodes: {inner: {type: tube, params: {tube: inner.yaml}}}\n",
    "below/deep.yaml": "nodes: {a: {type: itertools.count}}\n",
    "below/inner.yaml": "nodes: {b: {type: inside.one}}\n",
    "below/inside.py": "def one(): return 1\n",
    "steps.py": "from helping import double\n",
    "helping.py": "def double(number): return 2 * number\n",
}
WHAT = {
    "tube.yaml": "the tube that is run",
    "base.yaml": "extended by the tube that is run",
    "below/child.yaml": "the tube of the node 'child'",
    "below/deep.yaml": "extended by the tube of the node 'child'",
    "below/inner.yaml": "the tube of the node 'inner'",
    "below/inside.py": "the module 'inside', which is imported",
    "steps.py": "the module 'steps', which is imported",
    "helping.py": "the module 'helping', which is imported",
}
OPTIONS = ("-o", "--errors", "--log-file", "--stats-json", "--assets")


@pytest.fixture
def files(write, folder):
    shutil.rmtree(folder)
    return {name: write(name, text) for name, text in FILES.items()}


@pytest.mark.parametrize("name", FILES)
def test_no_output_is_written_over_what_is_read(noob, files, name):
    before = {path: path.read_text() for path in files.values()}
    for option in OPTIONS if name in ("tube.yaml", "helping.py") else OPTIONS[:1]:
        done = noob("run", "tube.yaml", "-n", "1", option, name)
        assert (done.code, done.out) == (2, "")
        assert done.err == f"error: '{option} {name}' is {WHAT[name]}: name another one\n"
    assert {path: path.read_text() for path in files.values()} == before


@pytest.mark.parametrize(
    ("node", "args", "what"),
    [
        ("type: os.path.getsize, params: {filename: input.path}", ("-i", "path=data"), "the input 'path' names"),
        ("type: os.path.getsize, params: {filename: data}", (), "the node 'size' has in its 'params'"),
        ("type: os.path.getsize, depends: [assets.path]", (), "the asset 'path' has in its 'params'"),
        (
            "type: tube, params: {of: data, tube: {input: {of: {type: str}}, nodes: {n: {type: itertools.count}}}}",
            (),
            "the input 'of' names",
        ),
    ],
)
def test_a_file_that_nodes_are_told_of_is_read_too(noob, write, folder, node, args, what):
    asset = "{type: str, scope: runner, params: [data]}" if "assets" in node else "{type: str, scope: runner}"
    write(
        "reads.yaml",
        f"""
        input: {{path: {{type: pathlib.Path, default: none}}}}
        assets: {{path: {asset}}}
        nodes: {{size: {{{node}}}}}
        """,
    )
    write("data", "kept")
    for option in ("-o", "--errors", "--stats-json", "--assets"):
        done = noob("run", "reads.yaml", "-n", "1", *args, option, "data")
        assert done.code == 2
        assert f"error: '{option} data' is a file that {what}: name another one" in done.err
    assert (folder / "data").read_text() == "kept"
    # Adding to it takes nothing away.
    done = noob("run", "reads.yaml", "-n", "1", *args, "--log-file", "data")
    assert "name another one" not in done.err


def test_by_whatever_name(noob, files, folder):
    (folder / "symbolic.jsonl").symlink_to("below/inside.py")
    for name in ("symbolic.jsonl", "below/../below/inside.py", str(folder / "below/inside.py"), "hard.jsonl"):
        if name == "hard.jsonl":
            os.link(folder / "below/inside.py", folder / name)
        done = noob("run", "tube.yaml", "-n", "1", "-o", name)
        assert done.err == f"error: '-o {name}' is {WHAT['below/inside.py']}: name another one\n"


def test_nothing_is_logged_to_a_broken_tube(noob, files, write):
    before = write("tube.yaml", "nodes: {a: {type: no.such}}\n").read_text()
    done = noob("run", "tube.yaml", "--log-file", "tube.yaml")
    assert done.err == "error: '--log-file tube.yaml' is a tube that was read: name another one\n"
    assert files["tube.yaml"].read_text() == before


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint.unfinished"])
def test_no_checkpoint_is_written_over_a_tube(noob, write, folder, name):
    (folder / "saved").mkdir(mode=0o700)
    tube = write(f"saved/{name}", "nodes: {a: {type: itertools.count}}\n")
    done = noob("run", f"saved/{name}", "-n", "1", "--checkpoint", "saved")
    what = f"'saved/{name}' is the tube that is run, and a checkpoint would be written there"
    assert (done.code, done.err) == (2, f"error: {what}: name another folder\n")
    assert tube.read_text().startswith("nodes")


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint.unfinished", "lock"])
@pytest.mark.parametrize("option", OPTIONS)
def test_no_output_is_written_over_a_checkpoint(noob, files, folder, option, name):
    (folder / "other").symlink_to("saved")
    refused = f"error: '{option} other/{name}' is a file of the checkpoint: name another one\n"
    (folder / "saved").mkdir(mode=0o700)
    # Not even one that is yet to be made.
    done = noob("run", "tube.yaml", "-n", "2", "--checkpoint", "saved", option, f"other/{name}")
    assert (done.code, done.err) == (2, refused)
    assert noob("run", "tube.yaml", "-n", "1", "--checkpoint", "saved").code == 0
    done = noob("run", "tube.yaml", "-n", "2", "--resume", "saved", option, f"other/{name}")
    assert (done.code, done.err) == (2, refused)
    done = noob("run", "tube.yaml", "-n", "2", "--resume", "saved")
    assert (done.code, done.out) == (0, "2\n")


@pytest.mark.parametrize("option", OPTIONS)
def test_nor_over_the_settings_of_the_project(noob, files, write, option):
    settings = write("pyproject.toml", "[tool.noob.run]\nrunner = 'threads'\n")
    before = settings.read_text()
    done = noob("run", "tube.yaml", "-n", "1", option, "pyproject.toml")
    assert done.err == f"error: '{option} pyproject.toml' is the settings of the project: name another one\n"
    assert settings.read_text() == before


def test_nor_over_a_file_that_is_followed_and_is_not_there_yet(noob, files):
    done = noob("run", "tube.yaml", "-n", "1", "-f", "later.jsonl", "--follow", "-o", "later.jsonl")
    assert done.err == "error: '-o later.jsonl' is the file of the records: name another one\n"


def test_what_is_not_in_use_may_be_overwritten(noob, files, write):
    write("other.py", "")
    assert noob("run", "tube.yaml", "-n", "1", "-o", "other.py").code == 0


@pytest.mark.parametrize(
    ("name", "what"), [("records.jsonl", "the file of the records"), ("tube.yaml", "the tube that is run")]
)
def test_standard_output_is_added_to_nothing_that_is_read(folder, write, tmp_path, name, what):
    """As by `noob run tube.yaml -f records.jsonl >> records.jsonl`, which may never end."""
    write("tube.yaml", UPPER)
    write("records.jsonl", '{"line": "a"}\n')
    before = (folder / name).read_text()
    with (folder / name).open("ab") as output:
        args = ("run", "tube.yaml", "-f", "records.jsonl")
        done = run_command(args, cwd=folder, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=output)
    assert (done.returncode, done.stderr.decode()) == (2, f"error: standard output is {what}: let it go elsewhere\n")
    assert (folder / name).read_text() == before


def test_nothing_of_a_module_is_lost_in_what_the_shell_has_emptied(tmp_path, monkeypatch):
    module = ModuleType("emptied")
    module.__file__ = str(tmp_path / "emptied.py")
    monkeypatch.setitem(sys.modules, "emptied", module)
    with open(module.__file__, "wb", buffering=0) as stdout:
        assert what_would_be_lost(stdout.fileno(), []) is None
        stdout.write(b"def double(value): ...\n")
        assert what_would_be_lost(stdout.fileno(), []) == "the module 'emptied', which is imported"
