"""`noob view`, and `noob run --view`: the run on the page is that of the shell, with its results and its exit code."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, COUNT
from tests.patience import PATIENCE

SHOWN = "the run is shown at "
ADVICE = "who has this address can run the tube; Ctrl-C ends it\n"
GIVEN = f"input: {{a: {{type: int, default: 0}}, b: {{type: int, scope: process}}}}\n{COUNT}"


def facts_of(address: str) -> Iterator[dict[str, Any]]:
    """What a page is told, all that is known by then."""
    known: dict[str, Any] = {}
    with closing(urllib.request.urlopen(f"{address}events", timeout=PATIENCE)) as events:
        for line in events:
            if line.startswith(b"data: {"):
                known |= json.loads(line.removeprefix(b"data: "))
                yield known


def do(address: str, command: str) -> None:
    request = urllib.request.Request(f"{address}do/{command}", b"{}", {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=PATIENCE).close()


@pytest.fixture
def shown(start, write):
    def run(*args, tube=COUNT):
        write("tube.yaml", tube)
        running = start("run", "tube.yaml", "--view", *args)
        line = running.read_error_line()
        assert line.startswith(f"{SHOWN}http://127.0.0.1:"), line
        return running, line.removeprefix(SHOWN)

    return run


def test_a_run_of_the_shell_with_a_page(noob, write):
    write("tube.yaml", COUNT)
    plain = noob("run", "tube.yaml", "-n", "3")
    shown = noob("run", "tube.yaml", "-n", "3", "--view")
    assert (shown.code, shown.out) == (plain.code, plain.out) == (0, "0\n1\n2\n")
    assert shown.err.startswith(SHOWN)


def test_what_it_does_is_seen(shown):
    running, address = shown("-o", "out.jsonl")
    for facts in facts_of(address):
        if facts.get("value n.value", {}).get("number", 0) > 1000:
            break
    assert facts["tube"]["name"] == "tube"
    assert not facts["starts"]
    assert facts["run"]["state"] == "running"
    do(address, "pause")
    paused = next(facts for facts in facts_of(address) if facts["run"]["state"] == "paused")
    do(address, "go")
    for facts in facts_of(address):
        if facts["run"]["epochs"] > paused["run"]["epochs"]:
            break
    do(address, "stop")
    assert running.end().code == 143


def test_ctrl_c_ends_it_while_it_is_held_and_the_page_is_open(shown):
    running, address = shown("-o", "out.jsonl")
    do(address, "pause")
    last = {}
    for last in facts_of(address):
        if last["run"]["state"] == "paused":
            running.process.send_signal(signal.SIGINT)
    assert last["run"]["state"] == "ended"
    assert running.end().code == 130


def test_a_failure_has_its_exit_code(shown):
    tube = "nodes: {n: {type: itertools.count}, bad: {type: operator.truediv, depends: [n.value, n.value]}}"
    running, _ = shown(tube=tube)
    done = running.end()
    assert done.code == 1
    assert "the node 'bad' failed in epoch 0" in done.err


def test_the_page_of_a_tube(start, write):
    write("tube.yaml", GIVEN)
    running = start("view", "tube.yaml", "-i", "a=1")
    address = running.read_line()
    facts = next(facts for facts in facts_of(address) if "tube" in facts)
    assert (facts["tube"]["name"], facts["given"], facts["starts"]) == ("tube", {"a": "1"}, True)
    done = running.stop(signal.SIGINT)
    assert (done.code, done.out, done.err) == (0, "", ADVICE)


def test_a_run_of_the_page_ends_with_it(start, write):
    write("tube.yaml", COUNT)
    running = start("view", "tube.yaml")
    address = running.read_line()
    do(address, "start")
    for facts in facts_of(address):
        if facts.get("value n.value"):
            break
    done = running.stop(signal.SIGTERM)
    assert done.code == 0
    assert done.err.startswith(f"{ADVICE}stopped by SIGTERM after ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nothing.yaml",), "there is no file 'nothing.yaml'"),
        (("tube.yaml", "-i", "x"), "an input is given as NAME=VALUE, found 'x'"),
        (("tube.yaml", "-i", "a=1", "-i", "a=2"), "the input 'a' is given twice"),
        (("tube.yaml", "-i", "aa=1"), "the form has no input 'aa': did you mean 'a'?"),
        (("tube.yaml", "-i", "b=1"), "the form has no input 'b': inputs that exist: 'a'"),
    ],
)
def test_what_can_not_be_shown(noob, write, args, message):
    write("tube.yaml", GIVEN)
    done = noob("view", *args)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("args", [("view", "tube.yaml"), ("run", "tube.yaml", "--view")])
def test_without_the_extra(noob, without, write, args):
    write("tube.yaml", COUNT)
    done = noob(*args, env=without("uvicorn"), command=COMMAND)
    assert (done.code, done.out) == (2, "")
    assert "needs the package uvicorn" in done.err
    assert "pip install 'noob-cli[view]'" in done.err
