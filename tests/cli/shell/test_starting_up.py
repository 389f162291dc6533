"""What a command costs before it does its work: it imports what it needs, and looks for little garbage meanwhile."""

from __future__ import annotations

import sys

import pytest

from tests.cli.conftest import COMMAND

TUBE = """
nodes:
  number: {type: itertools.count}
  seen: {type: seen.seen, depends: number.value}
  return: {type: return, depends: seen.value}
"""

SEEN = """
import gc
import sys


def seen(number):
    return {
        "modules": [name.removeprefix("noob_cli.") for name in sys.modules if name.startswith("noob_cli.")],
        "threshold": gc.get_threshold(),
        "is_enabled": gc.isenabled(),
        "frozen": gc.get_freeze_count(),
    }
"""


@pytest.fixture
def seen(noob, write):
    write("seen.yaml", TUBE)
    write("seen.py", SEEN)

    def run(*options):
        return noob("run", "seen.yaml", "-n", "1", *options, command=COMMAND).results[0]

    return run


def test_a_run_imports_no_other_command(seen):
    loaded = seen()["modules"]

    assert "cli.commands.run" in loaded
    others = ("assets", "compile", "explain", "graph", "rules", "schema", "validate")
    assert [name for name in others if f"cli.commands.{name}" in loaded] == []
    assert [name for name in loaded if name.partition(".")[0] in ("drawing", "lsp", "testing", "view")] == []


def test_a_run_imports_what_it_needs(seen, write):
    at_once = {"plan.stages", "runners.staged", "codegen.staging"}
    measured = {"cli.run.stats", "codegen.timing"}
    rare = {"records.reader", "cli.run.failures", "cli.run.checkpointing", "cli.run.error_file", *measured, *at_once}
    write("records.jsonl", "{}\n")

    assert rare & {*seen()["modules"]} == set()
    assert rare & {*seen("-f", "records.jsonl")["modules"]} == {"records.reader"}
    assert rare & {*seen("--stats")["modules"]} == measured
    assert rare & {*seen("--runner", "threads")["modules"]} == {*at_once, "codegen.timing"}


def test_nodes_run_with_the_usual_garbage_collector(seen, noob):
    usual = noob("-c", "import gc; print(list(gc.get_threshold()))", command=(sys.executable,)).results[0]
    found = seen()

    assert (found["threshold"], found["is_enabled"]) == (usual, True)
    assert found["frozen"] > 10_000


PLUGIN = """
made = []


class Plugin:
    def new_schema_validator(self, schema, schema_type, schema_type_path, schema_kind, config, plugin_settings):
        made.append(schema_type_path.name)
        return None, None, None


plugin = Plugin()
"""

MODELS = """
import noting
from pydantic import BaseModel


class Reading(BaseModel):
    level: float


def made(number):
    return noting.made
"""


def test_plugins_of_pydantic_are_for_the_models_of_the_user(noob, write, tmp_path):
    write("noting.py", PLUGIN)
    write("noting-1.0.dist-info/METADATA", "Name: noting\nVersion: 1.0\n")
    write("noting-1.0.dist-info/entry_points.txt", "[pydantic]\nnoting = noting:plugin\n")
    write("models.py", MODELS)
    write("made.yaml", f"input: {{depth: {{type: float}}}}\n{TUBE.replace('seen.seen', 'models.made')}")

    done = noob("run", "made.yaml", "-n", "1", "-i", "depth=2.5", command=COMMAND, env={"PYTHONPATH": str(tmp_path)})

    assert done.results == [["Reading"]]
