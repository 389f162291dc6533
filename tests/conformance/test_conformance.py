"""Every statement of the contract, shown in every way to run a tube. `cases.py` says how the files are read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from noob_cli import NoobError, SynchronousRunner, Tube, TubeError
from tests.conformance import command, nodes
from tests.conformance.cases import NOTHING, Case, Error, read_section
from tests.conformance.ways import WAYS, Seen, by_script, tube_of, ways_of
from tests.patience import PATIENCE

CASES = [case for section in range(1, 9) for case in read_section(section)]
RUN = [
    pytest.param(case, way, id=f"{case.id}-{way}", marks=[] if way == "process" else pytest.mark.slow)
    for case in CASES
    if case.results is not None
    for way in ways_of(case)
]
"""Each case in each way; one of them is quick."""
REFUSED = [case for case in CASES if case.refused is not None]
SCRIPTS = [case for case in CASES if case.python is not None]
PLAIN = [case for case in CASES if command.is_plain(case)][::2]
"""What the command is asked: every other case of those that it can show, to be done soon."""
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _like_a_new_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Code that a case brings along is not there for the next."""
    known = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    nodes.forget()
    yield
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, command.Outcome]:
    """What the command did, for each case that can be shown by it."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    folders = {case.id: tmp_path_factory.mktemp("case") for case in PLAIN}
    for case in PLAIN:
        case.write(folders[case.id])
    jobs = [command.job(case, folders[case.id]) for case in PLAIN]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOOB")}
    subprocess.run(
        [sys.executable, "-m", "tests.conformance.command"],
        input=json.dumps(jobs),
        text=True,
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path_factory.mktemp("home")), "COLUMNS": "1000"},
        check=True,
        timeout=PATIENCE,
    )
    return {name: command.outcome(folder) for name, folder in folders.items()}


@pytest.mark.parametrize(("case", "way"), RUN)
def test_from_python(case: Case, way: str, tmp_path: Path) -> None:
    seen = WAYS[way](case, tube_of(case, tmp_path))
    compare(case, way, seen)
    refuse_other_expectations(case, way, seen)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_refused(case: Case, tmp_path: Path) -> None:
    file = case.write(tmp_path)
    with pytest.raises(NoobError) as caught:
        SynchronousRunner(Tube.from_specification(file, input=case.input)).run(1)
    error = caught.value
    found = [str(error)]
    if isinstance(error, TubeError):
        found = [f"{each.code}: {each.message} {each.hint}" for each in error.diagnostics if each.is_error]
    compare_parts(case.refused or [], found)
    assert nodes.LOG == []


@pytest.mark.parametrize("case", SCRIPTS, ids=lambda case: case.id)
@pytest.mark.slow
def test_script(case: Case, tmp_path: Path) -> None:
    assert_same(by_script(case, case.write(tmp_path)), case.gives)


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)
def test_command(case: Case, commands: dict[str, command.Outcome]) -> None:
    seen = commands[case.id]
    if case.refused is not None:
        assert seen.code == 2
        assert seen.out == ""
        for part in case.refused:
            assert_shown(part, seen.err)
        return
    assert [json.loads(line) for line in seen.out.splitlines()] == case.returns, seen.err
    assert seen.code == exit_code(case), seen.err
    if case.error is not None:
        assert case.error.message in seen.err
    for part in (*case.warned, *case.warnings):
        assert_shown(part, seen.err)
    if case.log is not None and case.stops_at_error:
        assert seen.log == case.log


def compare_in_any_turn(case: Case, way: str, seen: Seen) -> None:
    """Hold what a run showed that does several things at once, or would if it could, against what is expected.

    What keeps no state is called in another order, and for epochs that are not delivered; and nothing is said of what
    only others do at the same time.
    """
    seen.warned = [text for text in seen.warned if not any(part in text for part in _OF_TURNS)]
    warned = [part for part in case.warned if not part.startswith("the 'concurrency'")]
    compare(replace(case, log=None, warned=warned), way, seen)


_OF_TURNS = ("are made one after the other", "does nothing else at the same time")


def assert_shown(part: str, text: str) -> None:
    """The command shows a message, and its code, if it has one, in brackets before it."""
    code, message = re.fullmatch(r"(?:([A-Z]\d{3}): )?(.*)", part).groups()  # type: ignore[union-attr]
    assert message in text
    assert code is None or f"[{code}]" in text


def exit_code(case: Case) -> int:
    """0 all went well, 1 a node or an asset failed, 2 the input is wrong."""
    if case.error is None:
        return 0
    return 2 if case.error.type == "InputError" else 1


def compare(case: Case, way: str, seen: Seen) -> None:
    """Hold what a run showed against what is expected."""
    assert_same_results(seen.results, expected_results(case, way, seen.has_return))
    if tells_the_end(case, way):
        assert seen.ended is not case.goes_on, "the tube should go on" if seen.ended else "the tube should end"
    if tells_the_log(case, way):
        assert seen.log == case.log
    compare_parts(case.warned, seen.warned)
    compare_parts(case.warnings, seen.warnings)


def tells_the_end(case: Case, way: str) -> bool:
    """Whether a way to run shows if there is an epoch after those of the case."""
    if way == "process":
        return case.records is None
    return case.error is None and (way != "iter" or not case.goes_on)


def tells_the_log(case: Case, way: str) -> bool:
    """Whether a way to run makes all epochs of the case, and no others."""
    if case.log is None:
        return False
    if way == "iter" and case.goes_on and case.results and case.results[-1] is NOTHING:
        return False
    return way == "process" or case.stops_at_error


def expected_results(case: Case, way: str, has_return: bool) -> list[Any]:
    """What a way to run shows of the results."""
    assert case.results is not None
    if way == "process":
        return [None if result is NOTHING else result for result in case.results]
    if case.error is not None:
        return [case.error] if way == "run" else [*case.returns, case.error]
    if way == "iter" and not has_return:
        return [None] * len(case.results)
    return case.returns


def refuse_other_expectations(case: Case, way: str, seen: Seen) -> None:
    """What a case expects must not be empty: with anything else expected, it fails."""
    assert case.results is not None
    another = [{"another": "result"} if case.error is None else Error("AnotherError", "")]
    others = [replace(case, results=another + case.results[1:] if seen.has_return else case.results + another)]
    if case.log is not None and tells_the_log(case, way):
        others += [replace(case, log=[*case.log, "more"]), *([replace(case, log=case.log[1:])] if case.log else [])]
    for other in others:
        with pytest.raises(AssertionError):
            compare(other, way, seen)


def assert_same_results(found: list[Any], expected: list[Any]) -> None:
    """Hold results against those expected; of errors, the type and a part of the message."""
    assert len(found) == len(expected), f"{found} is not {expected}"
    for one, other in zip(found, expected, strict=True):
        if isinstance(one, Error) and isinstance(other, Error):
            assert one.type == other.type, one
            assert other.message in one.message
        else:
            assert_same(one, other)


def assert_same(found: Any, expected: Any) -> None:
    """Equal, and of the same type all the way down: a tuple is not a list, True is not 1."""
    assert found == expected
    assert type_of(found) == type_of(expected), f"{found!r} is not {expected!r}"


def type_of(value: Any) -> Any:
    """A value's type, and the types of what is in it."""
    if isinstance(value, list | tuple):
        return type(value), [type_of(each) for each in value]
    if isinstance(value, dict):
        return type(value), {key: type_of(each) for key, each in value.items()}
    return type(value)


def compare_parts(parts: list[str], found: list[str]) -> None:
    """One message for each part, in any order."""
    left = list(found)
    for part in parts:
        match = next((each for each in left if part in each), None)
        assert match is not None, f"'{part}' is in none of {found}"
        left.remove(match)
    assert left == [], "there are more messages than expected"
