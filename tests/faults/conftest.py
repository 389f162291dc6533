"""Running tubes that fail where they are told to, with the real command, and looking at what is left behind."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, environment, refuse_own_traceback, run_command
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, in_shell, is_usual

SCENES = Path(__file__).parent / "scenes"

GENERATORS = ("count", "ticks")
"""Those that write down that they were closed."""


@dataclass
class Aftermath:
    """What a command left behind."""

    code: int
    stdout: bytes
    stderr: bytes
    folder: Path

    @property
    def err(self) -> str:
        return self.stderr.decode(errors="replace")

    @property
    def log(self) -> list[str]:
        """What resources and nodes have written down."""
        file = self.folder / "log.txt"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def after_the_fault(self) -> list[str]:
        """What was written down after the first thing that failed; all of it if nothing did."""
        log = self.log
        struck = [number for number, line in enumerate(log) if line.startswith("struck ")]
        return log[struck[0] + 1 :] if struck else log

    def results_in(self, name: str, output_format: str) -> list[Any]:
        """The results in a file, or on standard output if it has no name: every one of them whole.

        A run that has not begun makes no file.
        """
        if name and not (self.folder / name).exists():
            return []
        text = (self.folder / name).read_bytes() if name else self.stdout
        if output_format == "json":
            return json.loads(text)
        assert text.endswith(b"\n") or not text, text
        return [json.loads(line) for line in text.splitlines()]

    def assert_that_all_is_closed(self) -> None:
        """What was opened was closed, exactly once, and last opened first."""
        open_: list[str] = []
        for line in self.log:
            what, _, name = line.partition(" ")
            name = name.split(" ")[0]
            if what == "open":
                open_.append(name)
            elif what == "close":
                assert name in open_, (line, self.log)
                # A generator is made before it is drawn from, and may come to its end at any time.
                if name not in GENERATORS:
                    assert name == [each for each in open_ if each not in GENERATORS][-1], (line, self.log)
                open_.remove(name)
        assert open_ == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working folder: a copy of the scenes."""
    working = tmp_path / "work"
    shutil.copytree(SCENES, working, ignore=shutil.ignore_patterns("__pycache__"))
    return working


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Callable[..., Aftermath]:
    """Run the command to its end.

    `faults` says what fails, see `scenes/faulty.py`; `shell` is a command line in which `$noob` stands for the command;
    `room` is how many bytes a file may have. Whatever happens, all that was
    opened has to be closed, unless it `dies`.
    """

    def run_faulty(
        *args: str,
        faults: str = "",
        stdin: bytes = b"",
        shell: str | None = None,
        room: int | None = None,
        dies: bool = False,
    ) -> Aftermath:
        wanted = environment(tmp_path, FAULTS=faults)
        command = in_shell() if ARE_THERE and is_usual(wanted) else COMMAND
        if shell is None and room is None:
            done = run_command(args, input=stdin, cwd=folder, env=wanted)
        else:
            done = subprocess.run(
                [*command, *args] if shell is None else ["sh", "-c", shell],
                input=stdin,
                capture_output=True,
                cwd=folder,
                env=wanted | {"noob": " ".join(command)},
                preexec_fn=None if room is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
                timeout=PATIENCE,
            )
        refuse_own_traceback(done.stderr.decode(errors="replace"))
        aftermath = Aftermath(done.returncode, done.stdout, done.stderr, folder)
        if not dies:
            aftermath.assert_that_all_is_closed()
        return aftermath

    return run_faulty
