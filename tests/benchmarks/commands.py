"""What the command `noob` costs as a whole process: a file of records, the start, the version, a completion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import noob_cli
from tests.benchmarks.measure import Case, Measurement, expect

NOOB = os.fspath(Path(sys.executable).with_name("noob"))

DOUBLE = """
input:
  value: {type: int, scope: process}
  factor: {type: int, default: 2}
nodes:
  product: {type: operator.mul, depends: [input.value, input.factor]}
  return: {type: return, depends: [{value: product.value}]}
"""

ONE = """
noob_id: one
nodes:
  number: {type: itertools.count}
  return: {type: return, depends: number.value}
"""

DOUBLING = (NOOB, "run", "double.yaml", "-f", "records.jsonl")

IMPORTS = """
import pydantic
import ruamel.yaml
import typer

class Model(pydantic.BaseModel):
    value: int
"""


def run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Measurement:
    """A process from its start to its end; the result is what it wrote to standard output."""
    # The command that is measured is that of this source, whatever is installed.
    path = {"PYTHONPATH": os.fspath(Path(noob_cli.__file__).parent.parent)}
    # Where bytecode isn't cached, all of ours would be compiled each time, and none of what pip has installed.
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (folder / "output").open("w+b") as output:
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env={**ours, **path, **(env or {})}, stdout=output, stderr=subprocess.PIPE
        )
        seconds = time.perf_counter() - start
        expect((done.returncode, done.stderr.decode()), (0, ""), " ".join(command))
        output.seek(0)
        return Measurement(seconds, output.read().decode())


def run_with_records(command: Sequence[str], records: int) -> Measurement:
    """A process that reads so many records; the result is what is in the JSON that it writes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "double.yaml").write_text(DOUBLE, encoding="utf-8")
        lines = "".join(f'{{"value": {number}}}\n' for number in range(records))
        (folder / "records.jsonl").write_text(lines, encoding="utf-8")
        found = run(command, folder)
    return Measurement(found.amount, [json.loads(line) for line in found.result.splitlines()])


def run_ours(command: Sequence[str], prints: str, env: Mapping[str, str] | None = None) -> Measurement:
    """A short `noob` command, and that it prints what it should."""
    with TemporaryDirectory() as name:
        (Path(name) / "one.yaml").write_text(ONE, encoding="utf-8")
        found = run([NOOB, *command], Path(name), env)
    expect(found.result, prints, " ".join(command))
    return Measurement(found.amount)


def run_python(code: str) -> Measurement:
    """A Python process that prints nothing."""
    with TemporaryDirectory() as name:
        found = run([sys.executable, "-c", code], Path(name))
    expect(found.result, "", code)
    return Measurement(found.amount)


def without_jq() -> str | None:
    return None if shutil.which("jq") else "jq is not installed"


def completion(line: str, prints: str) -> Measurement:
    """What the shell is told when the last word of a line is to be completed."""
    words = line.split()
    typed = {"_NOOB_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return run_ours([], prints, typed)


def short(name: str, ours: Callable[[], Measurement], code: str, at_most: float = 1.3) -> Case:
    """A case that compares a short command with a Python process that runs some code."""
    return Case(name, lambda _: ours(), lambda _: run_python(code), at_most=at_most, size=1, small=1, pairs=21)


CASES = (
    Case(
        "jsonl",
        ours=lambda n: run_with_records(DOUBLING, n),
        reference=lambda n: run_with_records(["jq", "-c", "{value: (.value*2)}", "records.jsonl"], n),
        at_most=1.0,
        size=200_000,
        small=20,
        per_one=False,
        pairs=25,
        missing=without_jq,
    ),
    Case(
        "following",
        ours=lambda n: run_with_records([*DOUBLING, "--follow", "-n", str(n)], n),
        reference=lambda n: run_with_records([*DOUBLING, "-n", str(n)], n),
        at_most=1.05,
        size=200_000,
        small=20,
        per_one=False,
        pairs=25,
    ),
    short("start", lambda: run_ours(["run", "one.yaml", "--epochs", "1"], "0\n"), IMPORTS, at_most=1.2),
    short("version", lambda: run_ours(["--version"], f"noob {noob_cli.__version__}\n"), "import typer"),
    short("completion", lambda: completion("noob val", "validate\n"), "import typer"),
    # Ids are looked for where installed packages say so, too.
    short("completion-tube", lambda: completion("noob run o", "one\none.yaml\n"), "import typer"),
)
