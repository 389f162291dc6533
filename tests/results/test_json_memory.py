"""A result whose JSON there is no memory for ends the run with a message, where memory is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product

import pytest

from noob_cli.results import json_memory, json_values
from noob_cli.results.json_values import JsonEncoder

resource = pytest.importorskip("resource")

MEGABYTES = 1024**2
CODE = """\
def opened():
    try:
        yield "asset"
    finally:
        print("ended", flush=True)


def small_then_large(number, asset):
    return number if number < 2 else {result}
"""
TUBE = """\
assets: {opened: {type: large.opened, scope: runner}}
nodes:
  number: {type: itertools.count}
  make: {type: large.small_then_large, depends: [number.value, assets.opened]}
  return: {type: return, depends: make.value}
"""
LARGE = {
    "texts": '["x" * 1000] * 150_000',
    "a text": '{"text": "x" * 100_000_000}',
    "records": '[{"text": "x" * 1000, "number": 1}] * 150_000',
    "what JSON lacks": "[{1.5: ('x' * 1000,)}] * 150_000",
}


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (450 * MEGABYTES, 450 * MEGABYTES))


@pytest.mark.slow
@pytest.mark.parametrize(("result", "form"), [*product(LARGE, ["jsonl"]), ("texts", "json"), ("texts", "pretty")])
def test_the_run_ends_with_a_message(result, form, tmp_path):
    (tmp_path / "large.py").write_text(CODE.replace("{result}", LARGE[result]))
    (tmp_path / "tube.yaml").write_text(TUBE)
    done = subprocess.run(
        [sys.executable, "-m", "noob_cli", "run", "tube.yaml", "-n", "3", "--output-format", form],
        cwd=tmp_path,
        capture_output=True,
        preexec_fn=limit_memory,
        timeout=120,
        check=False,
    )
    err = done.stderr.decode()
    assert (done.returncode, "there is no memory for a result as JSON" in err) == (2, True), err
    assert "ended" in err
    assert "Traceback" not in err
    results = json.loads(done.stdout) if form == "json" else [json.loads(line) for line in done.stdout.splitlines()]
    assert results == [0, 1]


@pytest.mark.parametrize("indented", [False, True])
@pytest.mark.parametrize(
    "value",
    [
        {"text": 'a "quoted" one\n', "more": ["ä\x01", 1.5e300, -(2**63), None, True, [], {}]},
        [[[{"deep": [{"deeper": "ü" * 100}]}] * 9] * 9] * 9,
        list(range(-5000, 5000)),
        10**300,
        {1: {2.5: (3, "x")}},
    ],
)
def test_it_is_asked_for_at_least_what_is_written(value, indented, monkeypatch):
    asked = []
    monkeypatch.setattr(json_values, "is_memory_limited", lambda: True)
    monkeypatch.setattr(json_memory, "bytearray", asked.append, raising=False)
    text = JsonEncoder(pytest.fail, indented=indented).encode(value)
    assert asked[-1] >= json_memory._NEEDED * len(text)
    assert asked[-1] <= 100 * json_memory._NEEDED * len(text)


def test_nothing_is_asked_for_where_memory_is_not_refused(monkeypatch):
    monkeypatch.setattr(json_values, "is_memory_limited", lambda: False)
    monkeypatch.setattr(json_values, "ask_for_memory", pytest.fail)
    assert JsonEncoder(pytest.fail).encode([1, "a"]) == b'[1,"a"]\n'
