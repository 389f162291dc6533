"""Running tubes under both packages, each in a process of its own, and telling what differs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TUBES = HERE / "tubes"
RUNS = HERE / "runs.yaml"
OURS, THEIRS = "noob_cli", "noob"


@dataclass(frozen=True)
class Settings:
    """How a tube is run, and what is known to differ.

    Args:
        epochs: How many epochs, if there are no records.
        input: Its tube-scoped inputs.
        records: The inputs of each epoch.
        differs: The line of the contract's section 7 that says why the packages differ.
    """

    epochs: int = 4
    input: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] | None = None
    differs: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a run showed: the results as `repr` writes them, the error that ended it, and what the nodes noted."""

    results: list[str] = field(default_factory=list)
    error: str | None = None
    message: str = ""
    log: list[str] = field(default_factory=list)
    rewritten: bool = False

    def __str__(self) -> str:
        parts = [*self.results, *([f"{self.error}: {self.message}".rstrip(": ")] if self.error else [])]
        shown = " ".join(parts) or "nothing"
        return shown + (" (file rewritten)" if self.rewritten else "")


@dataclass(frozen=True)
class Comparison:
    """A tube under both packages."""

    tube: str
    settings: Settings
    ours: Outcome
    theirs: Outcome

    @property
    def differences(self) -> list[str]:
        """In what they differ."""
        found = []
        if self.ours.results != self.theirs.results:
            found.append("results")
        if self.ours.error != self.theirs.error:
            found.append("errors")
        if self.ours.log != self.theirs.log:
            found.append("calls")
        if self.ours.rewritten != self.theirs.rewritten:
            found.append("file")
        return found

    @property
    def is_expected(self) -> bool:
        """Whether they are the same, or differ where the contract says so."""
        return not self.differences or self.settings.differs is not None


def read_settings(file: Path = RUNS) -> dict[str, Settings]:
    """How the tubes are run, by the name of their files."""
    data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return {name: Settings(**given) for name, given in data.items()}


def compare(python: Path, folder: Path = TUBES, timeout: float = 10, runs: Path = RUNS) -> Iterator[Comparison]:
    """Run all tubes of a folder, and of the folders in it, under both packages.

    Args:
        python: An interpreter that has the public package; both packages run in it.
        folder: The tubes, and the modules of their nodes.
        timeout: After how many seconds a run counts as hanging.
        runs: How the tubes are run.
    """
    settings = read_settings(runs)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        started = []
        for tube in sorted(folder.rglob("*.yaml")):
            name = tube.relative_to(folder).with_suffix("").as_posix()
            given = settings.get(name, Settings())
            ours, theirs = (
                pool.submit(run, python, package, tube, given, timeout, folder) for package in (OURS, THEIRS)
            )
            started.append((name, given, ours, theirs))
        for name, given, ours, theirs in started:
            yield Comparison(name, given, ours.result(), theirs.result())


def run(
    python: Path, package: str, tube: Path, settings: Settings, timeout: float = 10, around: Path | None = None
) -> Outcome:
    """Run a tube under one of the packages, in a process of its own.

    The public package rewrites files, so that each run gets a copy of the tube's folder, or of one around it.
    """
    around = around or tube.parent
    given = json.dumps({"epochs": settings.epochs, "input": settings.input, "records": settings.records})
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "tubes")
        shutil.copytree(around, folder, ignore=shutil.ignore_patterns("__pycache__"))
        places = dict.fromkeys([str(folder), *(str(each.parent) for each in folder.rglob("*.yaml"))])
        homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), temporary)
        try:
            done = subprocess.run(
                [python, HERE / "one_run.py", package, folder / tube.relative_to(around), given],
                capture_output=True,
                text=True,
                cwd=folder,
                env=os.environ
                | homes
                | {"PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT))), "NOOB_PATH": os.pathsep.join(places)},
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome(error="hangs")
    if done.returncode:
        return Outcome(
            error="fails", message=(done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        )
    return Outcome(**json.loads(done.stdout))


def table(comparisons: list[Comparison]) -> str:
    """A line for each tube: `same`, or what differs and which line of the contract says so."""
    width = max(len(each.tube) for each in comparisons)
    lines = []
    for each in comparisons:
        if not each.differences:
            lines.append(f"{each.tube:{width}}  same" + ("  (may differ)" if each.settings.differs else ""))
            continue
        reason = f"section 7: {each.settings.differs}" if each.settings.differs else "NOT EXPECTED"
        lines.append(f"{each.tube:{width}}  {', '.join(each.differences)}  {reason}")
        for name, outcome in ((OURS, each.ours), (THEIRS, each.theirs)):
            log = f"; calls: {', '.join(outcome.log)}" if "calls" in each.differences else ""
            lines.append(f"{'':{width}}    {name + ':':10}{outcome}{log}")
    return "\n".join(lines)
