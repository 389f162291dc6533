"""What is behind the page of a tube: its file is followed, and its runs are made in processes of their own."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from noob_cli.errors import InputError, TubeNotFoundError
from noob_cli.view import workbench
from noob_cli.view.feed import Feed
from noob_cli.view.following import stamp_of
from noob_cli.view.workbench import Workbench
from tests.patience import PATIENCE

pytestmark = pytest.mark.slow

NODES = """
import subprocess
import time


def forever():
    number = 0
    while True:
        yield number
        number += 1


def blocks_at_2(number):
    if number == 2:
        time.sleep(1000)
    return number


def leaves_something_behind() -> int:
    return subprocess.Popen(["sleep", "1000"]).pid


def seven(number):
    if number == 7:
        raise ValueError("it is seven")
    return number
"""
FOREVER = """
input:
  factor: {type: int}
nodes:
  forever: {type: bench_nodes.forever}
  times: {type: operator.mul, depends: [forever.value, input.factor]}
"""


class Bench:
    """A workbench, and what was told of it."""

    def __init__(self, folder: Path, tube: str) -> None:
        self.file = folder / "tube.yaml"
        (folder / "bench_nodes.py").write_text(NODES, encoding="utf-8")
        self.file.write_text(tube, encoding="utf-8")
        self.feed, self.errors = Feed(), io.StringIO()
        self.bench = Workbench(str(self.file), self.feed, "noob_cli.cli.run.viewed", self.errors)

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.feed.since(0)[1])
        return facts

    def wait_until(self, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if is_so(facts := self.facts):
                return facts
            time.sleep(0.01)
        raise AssertionError(self.facts)

    def wait_for_state(self, *states: str) -> dict[str, Any]:
        return self.wait_until(lambda facts: facts["run"]["state"] in states)


@pytest.fixture
def at_bench(tmp_path: Path) -> Callable[..., Any]:
    @contextmanager
    def made(tube: str) -> Iterator[Bench]:
        bench = Bench(tmp_path, tube)
        try:
            yield bench
        finally:
            for _ in range(3):
                bench.bench.interrupt(signal.SIGINT)
            bench.bench.end()

    return made


@pytest.mark.usefixtures("cold_page")
def test_a_run_from_its_start_to_its_stop(at_bench):
    with at_bench(FOREVER) as bench:
        assert bench.facts["run"] == {"state": "idle"}
        with pytest.raises(InputError, match="nothing runs"):
            bench.bench.do("pause", {})
        bench.bench.do("start", {"inputs": {"factor": "3"}})
        with pytest.raises(InputError, match="is running"):
            bench.bench.do("start", {})
        facts = bench.wait_until(lambda facts: facts.get("value times.value", {}).get("number", 0) > 30)
        assert facts["value times.value"]["number"] % 3 == 0
        assert facts["time times"]["calls"] > 0
        bench.bench.do("pause", {})
        bench.wait_for_state("paused")
        bench.bench.do("go", {})
        bench.wait_for_state("running")
        bench.bench.do("stop", {})
        facts = bench.wait_for_state("ended")
        assert facts["run"]["code"] == 143
        assert facts["messages"][-1].startswith("stopped by SIGTERM after ")
        assert bench.errors.getvalue().splitlines() == facts["messages"]
        # What was said of that run is forgotten with the next.
        bench.bench.do("start", {"inputs": {"factor": "x"}})
        facts = bench.wait_for_state("ended")
        assert facts["run"]["code"] == 2
        assert facts.get("value times.value") is None
        assert "the input 'factor' should be int" in facts["messages"][0]


def test_a_node_that_blocks_is_interrupted_by_a_second_stop(at_bench):
    tube = "nodes: {n: {type: bench_nodes.forever}, b: {type: bench_nodes.blocks_at_2, depends: n.value}}"
    with at_bench(tube) as bench:
        bench.bench.do("start", {"held": True})
        bench.wait_for_state("paused")
        bench.bench.do("go", {})
        bench.wait_until(lambda facts: facts["run"].get("at") == ["b"])
        bench.bench.do("stop", {})
        bench.wait_until(lambda facts: facts.get("messages"))
        bench.bench.do("stop", {})
        assert bench.wait_for_state("ended")["run"]["code"] == 143


def test_records_are_given_to_the_run(at_bench):
    tube = """
input: {number: {type: int, scope: process}}
nodes:
  double: {type: operator.add, depends: [input.number, input.number]}
  return: {type: return, depends: double.value}
"""
    with at_bench(tube) as bench:
        bench.bench.do("start", {"records": '{"number": 1}\n{"number": 21}\n'})
        facts = bench.wait_for_state("ended")
        assert (facts["run"]["code"], facts["run"]["results"]) == (0, 2)
        assert (facts["value input.number"]["number"], facts["value return.value"]["number"]) == (21, 42)


def test_the_file_is_followed_and_the_last_good_graph_stays(at_bench):
    with at_bench(FOREVER) as bench:
        graph = bench.wait_until(lambda facts: "tube" in facts)["tube"]["graph"]
        bench.file.write_text(FOREVER.replace("times:", "often:"), encoding="utf-8")
        facts = bench.wait_until(lambda facts: facts["tube"]["graph"] != graph)
        graph = facts["tube"]["graph"]
        assert 'data-node="often"' in graph
        bench.file.write_text(FOREVER.replace("forever.value,", "never.value,"), encoding="utf-8")
        facts = bench.wait_until(lambda facts: facts["problems"])
        assert facts["problems"][0]["place"].endswith("tube.yaml:6:41")
        assert facts["tube"]["graph"] == graph
        os.remove(bench.file)
        bench.wait_until(lambda facts: "there is no file" in str(facts["problems"]))
        bench.file.write_text(FOREVER, encoding="utf-8")
        bench.wait_until(lambda facts: not facts["problems"])
        # So is the code.
        nodes = bench.file.with_name("bench_nodes.py")
        nodes.write_text(NODES.replace("def forever", "def never"), encoding="utf-8")
        bench.wait_until(lambda facts: "has no 'forever'" in str(facts["problems"]))


@pytest.mark.parametrize("module", ["changes", "in_a_folder_of_its_own.changes"])
def test_a_change_while_it_is_looked_at_for_the_first_time_is_seen(at_bench, tmp_path, module):
    tube = tmp_path / "tube.yaml"
    # Once and in one piece: who looks may be killed as soon as the file is another one.
    changes = f"""
from pathlib import Path
tube = Path({str(tube)!r})
if "times:" in tube.read_text():
    changed = tube.with_name("changed")
    changed.write_text(tube.read_text().replace("times:", "often:"))
    changed.replace(tube)
def one(value): return value
"""
    file = tmp_path.joinpath(*module.split(".")).with_suffix(".py")
    file.parent.mkdir(exist_ok=True)
    file.write_text(changes, encoding="utf-8")
    with at_bench(FOREVER + f"  changed: {{type: {module}.one, depends: [times.value]}}\n") as bench:
        bench.wait_until(lambda facts: "'times'" in str(facts.get("problems")))


def test_a_tube_whose_folder_is_known_is_looked_at_once(at_bench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    looks, stamps = [], []
    look = Workbench._look
    monkeypatch.setattr(Workbench, "_look", lambda bench, stamp: (looks.append(stamp), look(bench, stamp)))
    monkeypatch.setattr(workbench, "stamp_of", lambda folders: stamps.append(stamp_of(folders)) or stamps[-1])
    with at_bench(FOREVER) as bench:
        bench.wait_until(lambda facts: "tube" in facts)
        known = len(stamps)
        bench.wait_until(lambda facts: len(stamps) > known + 2)
    assert len(looks) == 1


def test_code_that_is_never_imported_or_ends_all_is_looked_at_again_when_it_changes(at_bench):
    with at_bench("nodes: {n: {type: hangs.one}}") as bench:
        code = bench.file.with_name("hangs.py")
        code.write_text("import os\nos._exit(3)\n", encoding="utf-8")
        bench.wait_until(lambda facts: "can't be looked at: exit code 3" in str(facts.get("problems")))
        begun = bench.file.with_name("begun")
        code.write_text(f"import time\nopen({str(begun)!r}, 'w')\ntime.sleep(1000)\n", encoding="utf-8")
        bench.wait_until(lambda _: begun.exists())
        code.write_text("def one() -> int: return 1\n", encoding="utf-8")
        bench.wait_until(lambda facts: "tube" in facts and not facts["problems"])


def test_an_error_is_told_at_its_node(at_bench):
    tube = "nodes: {n: {type: bench_nodes.forever}, s: {type: bench_nodes.seven, depends: n.value}}"
    with at_bench(tube) as bench:
        bench.bench.do("start", {})
        facts = bench.wait_for_state("ended")
        assert facts["run"]["code"] == 1
        assert facts["error s"]["epoch"] == 7


def test_what_a_node_leaves_behind_keeps_nothing_from_its_end(at_bench):
    tube = "nodes: {n: {type: bench_nodes.leaves_something_behind}, r: {type: return, depends: n.value}}"
    with at_bench(tube) as bench:
        bench.bench.do("start", {"held": True})
        bench.wait_for_state("paused")
        bench.bench.do("step", {})
        facts = bench.wait_until(lambda facts: facts.get("value r.value"))
        try:
            bench.bench.do("stop", {})
            bench.wait_for_state("ended")
        finally:
            os.kill(int(facts["value r.value"]["number"]), signal.SIGKILL)


def test_what_is_given_has_its_form(at_bench):
    with at_bench(FOREVER) as bench:
        for command, given in (("fold", {"folded": 3}), ("fold", {"folded": [3]}), ("start", {"inputs": {"a": 1}})):
            with pytest.raises(InputError, match="should be a"):
                bench.bench.do(command, given)


def test_there_is_no_such_tube(tmp_path):
    with pytest.raises(TubeNotFoundError):
        Workbench(str(tmp_path / "nothing.yaml"), Feed(), "noob_cli.cli.run.viewed", io.StringIO())
