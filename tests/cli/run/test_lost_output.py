"""What can't be printed is said, with exit code 2, whatever the command; so is a working folder that is gone."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, environment, refuse_own_traceback
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, in_shell, is_usual

COMMANDS = [
    "--help",
    "--version",
    "run --help",
    "run count.yaml -n 2",
    "validate count.yaml",
    "validate count.yaml --format json",
    "assets list count.yaml",
    "compile count.yaml",
    "graph count.yaml",
    "rules",
    "explain G002",
    "schema",
    "--show-completion",
]


@pytest.fixture
def shell(folder: Path, tmp_path: Path):
    """Run a command line in which `noob` is the command, a warm one, and `cold` one that is started anew."""

    def run(line: str) -> tuple[int, str, str]:
        env = environment(tmp_path)
        warm = in_shell() if ARE_THERE and is_usual(env) else COMMAND
        functions = [f'{name}() {{ {shlex.join(words)} "$@"; }}' for name, words in (("noob", warm), ("cold", COMMAND))]
        done = subprocess.run(
            ["bash", "-c", "; ".join([*functions, line])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=folder,
            env=env,
            encoding="utf-8",
            timeout=PATIENCE * len(COMMANDS),
        )
        refuse_own_traceback(done.stderr)
        return done.returncode, done.stdout, done.stderr

    return run


def each(how: str) -> str:
    # Only one that is started anew has the shell among its parents that it is asked about.
    names = {command: "cold" if command == "--show-completion" else "noob" for command in COMMANDS}
    return "; ".join(f"{name} {command} {how}; echo $? >> codes.txt" for command, name in names.items())


def codes(folder: Path) -> dict[str, str]:
    return dict(zip(COMMANDS, (folder / "codes.txt").read_text().split(), strict=True))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
@pytest.mark.slow
def test_a_full_disk(shell, folder):
    _, _, err = shell(each(">/dev/full"))

    assert set(codes(folder).values()) == {"2"}, codes(folder)
    assert err.splitlines() == [
        "error: the results can't be written: standard output: No space left on device"
        if command.startswith("run count")
        else "error: standard output can't be written to: No space left on device"
        for command in COMMANDS
    ]


@pytest.mark.slow
def test_standard_output_is_closed(shell, folder):
    _, _, err = shell(each(">&-"))

    assert set(codes(folder).values()) == {"2"}, codes(folder)
    lines = err.splitlines()
    assert len(lines) == len(COMMANDS)
    assert all(line.startswith("error: standard output") and "closed" in line for line in lines), lines


@pytest.mark.slow
def test_standard_error_is_closed(shell, folder):
    shell(each("2>&- >out.txt"))

    assert set(codes(folder).values()) == {"0"}, codes(folder)


def test_a_reader_that_has_gone(shell):
    assert shell("noob --help | true; echo ${PIPESTATUS[0]}") == (0, "0\n", "")


def test_a_working_folder_that_is_gone(shell, folder):
    # A folder is handed over by its name.
    lines = ["run ../count.yaml -n 1", "validate ../count.yaml", "graph ../count.yaml", "assets list", "run count"]

    _, out, err = shell(
        "mkdir gone; cd gone; rmdir ../gone; "
        + "; ".join(f"cold {line}; echo $? >> {folder}/codes.txt" for line in lines)
    )

    assert (folder / "codes.txt").read_text().split() == ["2"] * len(lines)
    assert out == ""
    assert err.count("the working folder does not exist any more") == len(lines)


def test_whole_paths_do_without_a_working_folder(shell, folder):
    code, out, err = shell(f"mkdir gone; cd gone; rmdir ../gone; cold run {folder}/count.yaml -n 1")

    assert (code, out.count("\n"), err) == (0, 1, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("run dangling.yaml", "the link 'dangling.yaml' leads to 'nowhere', where no file is"),
        ("validate dangling.yaml", "the link 'dangling.yaml' leads to 'nowhere', where no file is"),
        ("run below", "'below' is a folder"),
        ("run count.yaml/x.yaml", "there is no file"),
        ("run count.yaml -n 1 -o below", "below: Is a directory"),
        ("run count.yaml -n 1 -o missing/x", "missing/x: No such file"),
        ("run count.yaml -n 1 -f below", "below: it is a folder without files"),
        ("run count.yaml -n 1 --log-file below", "below: Is a directory"),
        ("run count.yaml -n 1 --stats-json missing/x", "missing/x: No such file"),
        ("run count.yaml -n 1 --errors below", "below: Is a directory"),
    ],
)
def test_files_that_are_none(noob, folder, line, said):
    (folder / "dangling.yaml").symlink_to("nowhere")
    (folder / "below").mkdir()

    done = noob(*line.split())

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_wrong_line_is_quoted_without_what_steers(noob):
    for args in (("run", "count.yaml", "a\x1b[31m"), ("a\x1b[31m",), ("run", "--a\x1b[31m"), ("-\x1b",)):
        done = noob(*args)
        assert done.code == 2
        assert "\x1b" not in done.err
