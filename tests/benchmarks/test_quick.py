"""That the benchmarks run, and that both sides of each do the same; their times are no matter of tests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from noob_cli.guide import page_of
from tests.benchmarks.__main__ import main
from tests.benchmarks.cases import CASES
from tests.benchmarks.measure import Case, Comparison, Measurement, Outcome, WrongResultError, measure
from tests.benchmarks.memory import measure_peak, needed, without_status
from tests.benchmarks.nodes import OpenTally
from tests.benchmarks.peers import peer_cases


def made_up(name: str, ours: float, reference: float, at_most: float | None = 1.5) -> Case:
    """A case that measures nothing."""
    return Case(
        name,
        ours=lambda n: Measurement(ours, n),
        reference=lambda n: Measurement(reference, n),
        at_most=at_most,
        size=10,
        small=1,
        pairs=3,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.slow
def test_both_sides_have_the_same_results(case: Case) -> None:
    missing = case.missing()
    if missing is not None:
        pytest.skip(missing)
    found = measure(case, quick=True)
    assert isinstance(found, Outcome)
    assert (found.size, len(found.pairs), found.is_met) == (case.small, 1, None)


@pytest.mark.parametrize(("scope", "times"), [("runner", 1), ("process", 20), ("node", 40)])
def test_both_sides_end_the_same(scope: str, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(each for each in CASES if each.name == f"{scope}-scope-with")
    ended: list[int] = []
    monkeypatch.setattr(OpenTally, "__exit__", lambda tally, *error: ended.append(tally.total))
    case.ours(20)
    ours = ended.copy()
    ended.clear()
    case.reference(20)
    assert ours == ended
    assert len(ended) == times


def test_every_case_has_a_target_and_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert [case.name for case in CASES if case.at_most is None] == []


def test_different_results_are_an_error() -> None:
    case = Case(
        "wrong",
        ours=lambda n: Measurement(1, [1, n]),
        reference=lambda n: Measurement(1, [2, n]),
        at_most=1.5,
        size=1,
        small=1,
    )
    with pytest.raises(WrongResultError, match=r"wrong: \[1, 1\] instead of \[2, 1\]"):
        measure(case, quick=True)


def test_runs_take_turns_and_the_first_pair_is_not_counted() -> None:
    order: list[str] = []
    times = iter([100, 1, 3, 1, 4, 1, 8, 2])

    def side(name: str) -> Callable[[int], Measurement]:
        def run(n: int) -> Measurement:
            order.append(name)
            return Measurement(next(times))

        return run

    found = measure(Case("turns", side("ours"), side("reference"), at_most=3.9, size=1, small=1, pairs=3))
    assert isinstance(found, Outcome)
    assert order == ["ours", "reference"] * 4
    assert found.compared == [3, 4, 4]
    assert (found.median, found.spread, found.is_met) == (4, (3.5, 4), False)


def test_a_difference_is_judged_by_what_is_more() -> None:
    case = Case(
        "memory",
        lambda _: Measurement(43.5),
        lambda _: Measurement(42.0),
        at_most=2,
        size=1,
        small=1,
        comparison=Comparison.difference,
    )
    found = measure(case)
    assert isinstance(found, Outcome)
    assert (found.median, found.is_met) == (1.5, True)


@pytest.mark.parametrize(("ours", "code"), [(3.0, 0), (3.1, 1)])
def test_a_missed_target_is_the_exit_code(ours: float, code: int) -> None:
    assert main([], [made_up("good", 1, 1), made_up("judged", ours, 2)]) == code
    assert main(["good"], [made_up("good", 1, 1), made_up("judged", ours, 2)]) == 0


def test_what_is_quick_or_has_no_target_or_is_missing_misses_none() -> None:
    assert main(["--quick"], [made_up("slow", 9, 1)]) == 0
    assert main([], [made_up("slow", 9, 1, at_most=None)]) == 0
    skipped = Case("skipped", _never, _never, at_most=1, size=1, small=1, missing=lambda: "it is not here")
    assert main([], [skipped]) == 0


def _never(size: int) -> Measurement:
    raise AssertionError


def test_what_was_found_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "found.json", tmp_path / "found.md"]
    skipped = Case("other", _never, _never, at_most=1, size=1, small=1, missing=lambda: "it is not here")
    cases = [made_up("slow", 9, 2), made_up("unjudged", 2, 2, at_most=None), skipped]
    assert main(["--json", str(files[0]), "--markdown", str(files[1])], cases) == 1
    found = json.loads(files[0].read_text(encoding="utf-8"))
    assert set(found["machine"]) == {"date", "noob", "python", "processor", "system"}
    slow, unjudged, other = found["cases"]
    assert (slow["ours"], slow["reference"], slow["ratio"], slow["pairs"]) == (9, 2, 4.5, [[9, 2]] * 3)
    assert (slow["at_most"], slow["ok"], unjudged["at_most"], unjudged["ok"]) == (1.5, False, None, None)
    assert other == {"case": "other", "skipped": "it is not here"}
    assert files[1].read_text(encoding="utf-8").splitlines() == [
        "| case | ours | reference | ratio | spread | target | ok |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        "| slow | 900 ms | 200 ms | 4.5 | 4.5…4.5 | 1.5 | NO |",
        "| unjudged | 200 ms | 200 ms | 1 | 1…1 |  |  |",
        "| other |  |  |  |  | 1 | skipped: it is not here |",
    ]
    printed = capsys.readouterr().out
    assert found["machine"]["python"] in printed
    assert "skipped: it is" in printed


@pytest.mark.parametrize("is_terminal", [False, True])
def test_nothing_of_the_table_is_cut(
    is_terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Console, "is_terminal", is_terminal)
    monkeypatch.setenv("COLUMNS", "30")
    case = made_up("with-a-long-name-for-a-row", 9, 2)
    assert main([], [case]) == 1
    printed = capsys.readouterr().out
    for cell in ("with-a-long-name-for-a-row", "900 ms", "200 ms", "4.5…4.5", "NO"):
        assert cell in printed


def test_an_unknown_case_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["lineer"])
    assert "there is no case lineer: there are linear, " in capsys.readouterr().err


def test_a_copy_is_seen() -> None:
    grid = bytearray(1024**2)
    assert needed(lambda: len(grid)).amount < 0.5
    assert needed(lambda: len(bytes(grid))).amount >= 1


@pytest.mark.skipif(without_status() is not None, reason=str(without_status()))
def test_a_peak_is_that_of_the_run_alone() -> None:
    held = b"x" * (200 * 1024**2)
    assert 1 < measure_peak(10).amount < len(held) / 1024**2


@pytest.mark.parametrize(
    ("job", "peer"),
    [
        *(("branch", peer) for peer in ("noob", "streamz", "pipefunc", "hamilton")),
        *(("light", peer) for peer in ("joblib", "dask", "pipefunc", "zmq")),
    ],
)
def test_a_peer_that_is_not_there_is_skipped(job: str, peer: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    case = next(each for each in peer_cases(python) if each.name == f"{job}-{peer}")
    assert case.missing() == f"{peer} is not installed"


def test_the_table_on_the_page_has_every_case() -> None:
    text = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in text.splitlines() if line[:1] == "|"]
    table = rows[next(number for number, row in enumerate(rows) if row[0] == "case") + 2 :]
    with_target = [(row[0], row[5]) for row in table if row[5]]
    assert with_target == [(case.name, f"{case.at_most:{case.comparison.value}}") for case in CASES]
    of_the_guide = re.findall(r"\| ([\w-]+) \| ([\d.]+) \|", page_of("performance"))
    assert len(of_the_guide) > 10
    assert set(of_the_guide) <= {(row[0], row[3]) for row in table}
