"""The unit and the container file of the guide do what the page says of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from noob_cli.guide import page_of

from .conftest import Shell
from .markdown import blocks_of, files_of

PAGE = page_of("services")
UNIT = next(block.text for block in blocks_of(PAGE, "ini") if "[Unit]" in block.text)
CONTAINER = next(block.text for block in blocks_of(PAGE, "dockerfile"))


def settings_of(unit: str) -> dict[str, str]:
    """What a unit says, lines that go on joined."""
    lines = unit.replace("\\\n", " ").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and line[0] not in "#[")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the unit is run in, with the folders that systemd makes for it, and a log."""
    for name in ("var/log/alarms", "var/lib/alarms"):
        (tmp_path / name).mkdir(parents=True)
    for name, content in files_of(PAGE):
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "var/log/app.log").write_text("one\ntwo\n", encoding="utf-8")
    return tmp_path


def command_here(command: str) -> str:
    """The command of a service, in this folder, and at a port that is free."""
    here = command.replace("/srv/alarms/.venv/bin/", "").replace("/var/", "var/").replace("/state/", "var/lib/alarms/")
    return re.sub(r"--metrics \S+", "--metrics 0", here.replace("/logs/", "var/log/"))


@pytest.mark.slow
def test_the_unit_is_started_rotated_stopped_and_started_again(shell: Shell, folder: Path) -> None:
    unit = settings_of(UNIT)
    out = "var/log/alarms/alarms.jsonl"
    has = "until [ -f {0} ] && [ $(wc -l < {0}) = {1} ]; do sleep 0.05; done"
    start = f"{command_here(unit['ExecStart'])} & trap 'kill -9 $!' EXIT"
    end = "kill $!; wait $!; code=$?; trap - EXIT; exit $code"

    first = shell(
        f"{start}; {has.format(out, 2)}; mv {out} {out}.1; {unit['ExecReload'].replace('$MAINPID', '$!')}; "
        f"{has.format(out, 0)}; echo three >> var/log/app.log; {has.format(out, 1)}; {end}"
    )
    second = shell(f"{start}; echo four >> var/log/app.log; {has.format(out, 2)}; {end}")

    stopped = int(unit["SuccessExitStatus"])
    assert (first.returncode, second.returncode) == (stopped, stopped), first.stderr + second.stderr
    assert (folder / f"{out}.1").read_text(encoding="utf-8") == '"ONE"\n"TWO"\n'
    assert (folder / out).read_text(encoding="utf-8") == '"THREE"\n"FOUR"\n'
    assert "going on: the checkpoint in var/lib/alarms/checkpoint covers 3 epochs" in second.stderr


@pytest.mark.slow
def test_the_command_of_the_container(shell: Shell, folder: Path) -> None:
    entry, arguments = (
        [each.strip(' "') for each in match.split(",")]
        for match in re.findall(r"(?:ENTRYPOINT|CMD) \[(.*)\]", CONTAINER)
    )

    done = shell(f"{command_here(shlex.join([*entry, *arguments]))} -n 2")

    assert done.returncode == 0, done.stderr
    assert (folder / "var/lib/alarms/alarms.jsonl").read_text(encoding="utf-8") == '"ONE"\n"TWO"\n'


@pytest.mark.slow
def test_what_is_not_to_be_started_again_has_its_exit_code(shell: Shell, folder: Path) -> None:
    (folder / "alarms.yaml").write_text("nodes: {a: {type: nowhere.b}}\n", encoding="utf-8")

    assert shell(command_here(settings_of(UNIT)["ExecStart"])).returncode == int(
        settings_of(UNIT)["RestartPreventExitStatus"]
    )
