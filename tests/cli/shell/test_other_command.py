"""A command `noob` of another package beside ours is told of, to those who have started ours by another name."""

from __future__ import annotations

import sys

import pytest

from noob_cli.cli.shell.other_command import what_noob_is

THEIRS = "#!/opt/noob_cli/bin/python\nimport re\nimport sys\nfrom noob.cli import main\nsys.exit(main())\n"
OURS = THEIRS.replace("noob.cli", "noob_cli.__main__")
LONG = "#!/bin/sh\n'''exec' \"/a/long path/python\" \"$0\" \"$@\"\n' '''\n"


@pytest.fixture(params=["noob-cli", "python"])
def scripts(request, tmp_path, monkeypatch):
    """Where the scripts are, for each way in which ours is started."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    started = tmp_path / "noob-cli" if request.param == "noob-cli" else tmp_path / "site" / "__main__.py"
    monkeypatch.setattr(sys, "argv", [str(started), "run"])
    return tmp_path


@pytest.mark.parametrize("script", [THEIRS, LONG + THEIRS], ids=["usual", "long path"])
def test_one_of_another_package(scripts, script):
    (scripts / "noob").write_text(script)

    said = what_noob_is()

    assert said is not None
    assert said.startswith(f"the command 'noob' in {scripts} belongs to another package")
    assert said.endswith("use 'noob-cli' or 'python -m noob_cli'")


@pytest.mark.parametrize("script", [OURS, LONG + OURS, "MZ\0\0binary", None], ids=["ours", "long", "binary", "none"])
def test_ours_or_none(scripts, script):
    if script is not None:
        (scripts / "noob").write_text(script)

    assert what_noob_is() is None


def test_who_is_started_as_noob_does_not_look(scripts, monkeypatch):
    (scripts / "noob").write_text(THEIRS)
    monkeypatch.setattr(sys, "argv", [str(scripts / "noob"), "run"])

    assert what_noob_is() is None


@pytest.mark.parametrize(("args", "is_said"), [((), True), (("-q",), False)])
def test_it_is_said_once_when_a_tube_is_run(noob, write, folder, args, is_said):
    write("numbers.yaml", "nodes:\n  n: {type: itertools.count}\n")
    write("noob", THEIRS)
    start = "import sys; sys.argv[0] = sys.argv.pop(1); from noob_cli.__main__ import main; main()"

    done = noob(
        "-c", start, folder / "noob-cli", "run", "numbers.yaml", "--epochs", "1", *args, command=(sys.executable,)
    )

    assert done.code == 0
    assert done.err.count("warning: the command 'noob' in ") == is_said
