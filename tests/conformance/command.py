"""Running the command for many cases: one process imports it, and has a child of its own for each.

python -m tests.conformance.command < jobs.json
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.conformance.cases import Case

AT_ONCE = os.cpu_count() or 1
"""How many children there are at a time."""


@dataclass(frozen=True)
class Outcome:
    """What the command left behind."""

    code: int
    out: str
    err: str
    log: list[str] | None


def arguments(case: Case) -> list[str]:
    """The command line for a case."""
    given = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in case.input.items()]
    line = ["run", case.name, "--no-progress", *(word for each in given for word in ("-i", each))]
    if case.records is not None:
        line += ["--input-format", "jsonl", "-f", "-"]
    elif case.goes_on:
        line += ["--epochs", str(len(case.results or []))]
    return line


def is_plain(case: Case) -> bool:
    """Whether a case can be shown by the command: what is given and returned is JSON."""
    given = [case.input, case.records, case.returns]
    try:
        is_json = json.loads(json.dumps(given)) == given
    except TypeError:
        return False
    return case.command and case.python is None and is_json


def job(case: Case, folder: Path) -> dict[str, Any]:
    """What a child has to do."""
    records = "".join(f"{json.dumps(record)}\n" for record in case.records or [])
    (folder / "records").write_text(records, encoding="utf-8")
    return {"arguments": arguments(case), "folder": str(folder)}


def outcome(folder: Path) -> Outcome:
    """What the child for a case left behind."""
    log = folder / "log"
    return Outcome(
        int((folder / "code").read_text()),
        (folder / "out").read_text(encoding="utf-8"),
        (folder / "err").read_text(encoding="utf-8"),
        json.loads(log.read_text(encoding="utf-8")) if log.exists() else None,
    )


def _run(job: dict[str, Any]) -> None:
    """Be the command: with the streams, the arguments and the folder of a job."""
    os.chdir(job["folder"])
    for descriptor, name, flags in ((0, "records", os.O_RDONLY), (1, "out", os.O_CREAT | os.O_WRONLY)):
        os.dup2(os.open(name, flags, 0o644), descriptor)
    os.dup2(os.open("err", os.O_CREAT | os.O_WRONLY, 0o644), 2)
    sys.argv = ["noob", *job["arguments"]]
    from noob_cli.cli import main
    from tests.conformance.nodes import LOG

    code: Any = 0
    try:
        main()
    except SystemExit as stopped:
        code = stopped.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        Path("log").write_text(json.dumps(LOG), encoding="utf-8")
        Path("code").write_text(str(code))


def _run_all(jobs: list[dict[str, Any]]) -> None:
    # What all children need is imported once, and none looks for garbage in it.
    for name in ("commands.run", "run.running"):
        import_module(f"noob_cli.cli.{name}")
    for name in ("noob_cli.records.reader", "tests.conformance.nodes", "tomllib", "resource"):
        import_module(name)
    gc.collect()
    gc.freeze()

    children = 0
    for each in jobs:
        if children == AT_ONCE:
            os.wait()
            children -= 1
        if os.fork() == 0:
            try:
                _run(each)
            finally:
                os._exit(0)
        children += 1
    for _ in range(children):
        os.wait()


if __name__ == "__main__":
    _run_all(json.load(sys.stdin))
