"""Running the command, as a shell does."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import environment
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, in_shell, is_usual

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_tubes"

Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs a command line in a folder with the samples, where `noob` and `python` are those of the tests."""
    shutil.copytree(SAMPLES, tmp_path / "sample_tubes", ignore=shutil.ignore_patterns("__pycache__"))
    commands = tmp_path / ".commands"
    env = environment(tmp_path, PATH=f"{commands}{os.pathsep}{os.environ['PATH']}", COLUMNS="120", NO_COLOR="1")
    python = [sys.executable, "-W", "error"]
    noob = in_shell("-W", "error") if ARE_THERE and is_usual(env) else [*python, "-m", "noob_cli"]
    commands.mkdir()
    for name, start in {"noob": noob, "python": python}.items():
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(start)} "$@"\n')
        script.chmod(0o755)

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    return run
