"""Every command as it is seen in terminals of 80 and 120 columns: a file for each in `snapshots/`.

Who changes what a command shows writes them anew, and looks at the difference:

    NOOB_SNAPSHOTS=write python -m pytest tests/cli/test_snapshots.py
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.cli.conftest import GROUP, environment
from tests.cli.screen import screen
from tests.patience import PATIENCE

SNAPSHOTS = Path(__file__).with_name("snapshots")
HELP = {
    "noob": (),
    **{name: (name,) for name in GROUP.list_commands(None)},
    "assets-list": ("assets", "list"),
    "run": ("run", "shop/shares.yaml"),
}

LINES = {
    "info": ["info shop/shares.yaml -i people=3"],
    "list": ["list shop"],
    "assets-list": ["assets list shop"],
    "graph": ["graph shop/shares.yaml"],
    "validate": ["validate shop"],
    "explain": ["explain G001"],
    "guide": ["guide"],
    "init": ["init first", "init --sample sunspots"],
    "test": ["test first", "test shop"],
    "run": [
        "run shop/bills.yaml -n 2",
        "run shop/bills.yaml -o out.jsonl -v",
        "run shop/bills.yaml -i most=80 -o out.jsonl -n 12 --watch share,assets.total --stats",
        "run shop/wrong.yaml -i people=4",
    ],
}
"""What is shown beside the help, by one command after the other."""

SHARES = """\
noob_id: shares
description: What each has to pay of a bill, if all who were there share it, and what was shared so far.
input:
  people: {type: int, description: How many share a bill.}
  bill: {type: float, scope: process}
assets:
  total: {type: float, scope: runner, depends: add.value, description: All that was shared so far.}
nodes:
  share: {type: operator.truediv, depends: [input.bill, input.people]}
  add: {type: operator.add, depends: [assets.total, input.bill]}
  return: {type: return, depends: [{share: share.value}, {total: add.value}]}
"""
"""A tube that is in order; another of that kind, in which something is wrong, is beside it."""

TESTS = """\
tests:
  - name: two bills
    input: {people: 4}
    records: [{bill: 18}, {bill: 6}]
    results: [{share: 4.5, total: 18}, {share: 1, total: 24}]
"""

BILLS = """\
noob_id: bills
input:
  people: {type: int, default: 4}
  most: {type: float, default: 200}
assets:
  total: {type: float, scope: runner, depends: add.value}
nodes:
  bill: {type: steady.bills}
  share: {type: operator.truediv, depends: [bill.value, input.people]}
  paid: {type: steady.paid, depends: [share.value, input.most]}
  add: {type: operator.add, depends: [assets.total, paid.value]}
  return: {type: return, depends: [{share: paid.value}, {total: add.value}]}
"""
"""A tube that runs."""

STEADY = '''\
"""A clock that goes on with each epoch, and a display that looks then."""

from noob_cli.cli.run import display, progress, stats, watched
from noob_cli.cli.shell import asking
from noob_cli.codegen import timing


class Clock:
    now = 0.0

    def monotonic(self):
        return self.now

    perf_counter = monotonic


clock = Clock()
for module in (progress, stats, watched):
    module.time = clock
timing.perf_counter = clock.monotonic
display._SECONDS_BETWEEN = 1e6


def bills():
    for number in range(1, 25):
        clock.now += 0.5
        yield 20.0 * (number % 7)


def paid(share, most):
    clock.now += 0.5
    for each in asking._refreshed:
        each._begins_at = 0
        each.refresh()
    if share * 4 > most:
        raise ValueError(f"{share} is too much")
    return share
'''
"""Its code."""


@pytest.fixture
def shop(write, folder, monkeypatch):
    monkeypatch.chdir(folder)
    write("shop/shares.yaml", SHARES)
    write("shop/wrong.yaml", SHARES.replace("shares", "wrong").replace("add.value}]", "ad.value}]"))
    write("shop/shares.tube-test.yaml", TESTS)
    write("shop/bills.yaml", BILLS)
    write("shop/steady.py", STEADY)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", HELP)
def test_what_is_seen(name, columns, help_of, terminal, start, shop, folder):
    words = HELP[name]
    shown = f"$ noob {shlex.join((*words, '--help'))}\n{screen(help_of(words, columns)).lstrip(chr(10))}"
    if name == "test":
        terminal("init", "first")
    for line in LINES.get(name, ()):
        done = terminal(*line.split(), on_terminal="all", columns=columns, env={"NO_COLOR": "1"})
        shown += f"\n$ noob {line}\n{screen(done.err.replace(str(folder), '/home/ann'))}"
    if name == "view":
        running = start("view", "shop/shares.yaml")
        told = f"{running.read_line()}\n{running.read_error_line()}\n{running.stop(signal.SIGINT).err}"
        shown += f"\n$ noob view shop/shares.yaml\n{re.sub(':[0-9]+/[^/]+/', ':4321/***/', told)}"
    # What is quoted, code and files, is as long as it is, and so is what is typed.
    assert max(cell_len(line) for line in shown.splitlines() if not line.startswith(("  ", "$ "))) <= columns
    file = SNAPSHOTS / f"{name}-{columns}.txt"
    if os.environ.get("NOOB_SNAPSHOTS") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8"), "see the beginning of this module for how to write it anew"


def test_every_snapshot_is_of_a_command():
    assert {file.name for file in SNAPSHOTS.iterdir()} == {f"{name}-{each}.txt" for name in HELP for each in (80, 120)}


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux isn't installed, in which a real terminal is looked at")
@pytest.mark.parametrize("columns", [80, 120])
def test_a_real_terminal_shows_the_same(columns, folder, tmp_path, shop):
    tmux = ["tmux", "-S", str(tmp_path / "socket")]
    noob = f"{shlex.quote(sys.executable)} -m noob_cli"
    line = f"{noob} {LINES['info'][0]}; {shlex.join(tmux)} wait-for -S shown; read on"
    size = ["-x", str(columns), "-y", "200"]
    env = {name: value for name, value in environment(tmp_path).items() if name not in ("COLUMNS", "LINES")}
    try:
        subprocess.run([*tmux, "new-session", "-d", *size, line], check=True, cwd=folder, env=env)
        subprocess.run([*tmux, "wait-for", "shown"], check=True, timeout=PATIENCE)
        pane = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, encoding="utf-8", check=True).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    expected = (SNAPSHOTS / f"info-{columns}.txt").read_text(encoding="utf-8").partition("people=3\n")[2]
    assert screen(pane) == expected
