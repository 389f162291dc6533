"""The sample `sunspots`, compared with what its CSV file says."""

from __future__ import annotations

import csv
import json
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

from .conftest import SAMPLES, Shell

TUBE = "sample_tubes/sunspots/sunspots.yaml"


def read_csv() -> dict[int, float]:
    with (SAMPLES / "sunspots" / "sunspots.csv").open(newline="") as file:
        return {int(row["year"]): float(row["number"]) for row in csv.DictReader(file)}


def run(shell: Shell, options: str = "") -> list[dict[str, Any]]:
    done = shell(f"noob run {TUBE} {options}")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def remarks_with(results: list[dict[str, Any]], text: str) -> list[tuple[int, str]]:
    return [(each["year"], remark) for each in results for remark in each["remarks"] if text in remark]


def test_all_years_are_there(shell: Shell) -> None:
    results = run(shell)
    assert {each["year"]: each["number"] for each in results} == read_csv()
    assert len(results) == 309
    assert max(results, key=lambda each: each["number"])["year"] == 1957


def test_the_mean_is_that_of_the_years_so_far(shell: Shell) -> None:
    numbers = list(read_csv().values())
    expected = [fmean(numbers[: count + 1]) for count in range(len(numbers))]
    means = [each["mean"] for each in run(shell)]
    assert all(abs(mean - exact) <= 0.0501 for mean, exact in zip(means, expected, strict=True))
    assert means[-1] == 49.8


def test_each_record_beats_the_one_before(shell: Shell) -> None:
    numbers = read_csv()
    highest = dict(zip(numbers, accumulate(numbers.values(), max), strict=True))
    records = [after for before, after in pairwise(numbers) if highest[after] > highest[before]]
    first = min(numbers)
    expected = [(after, f"beats the {numbers[before]} of {before}") for before, after in pairwise([first, *records])]
    assert remarks_with(run(shell), "beats") == expected
    assert expected[-1] == (1957, "beats the 154.4 of 1778")


def test_peaks_and_lows_take_turns(shell: Shell) -> None:
    turns = remarks_with(run(shell), "was a")
    kinds = [remark.rsplit(" ", 1)[1] for _, remark in turns]
    assert all(before != after for before, after in pairwise(kinds))
    assert (1706, "1705 was a peak") in turns
    assert (1713, "1712 was a low") in turns
    assert (1958, "1957 was a peak") in turns
    assert all(int(remark.split()[0]) == year - 1 for year, remark in turns)


def test_each_year_has_a_chart_of_its_own(shell: Shell) -> None:
    for each in run(shell):
        year, _, bar = each["chart"].partition(" ")
        assert int(year) == each["year"]
        assert bar == "#" * round(each["number"] / 5)


def test_some_years_only(shell: Shell) -> None:
    results = run(shell, "-i first=1954 -i last=1964")
    assert [each["year"] for each in results] == list(range(1954, 1965))
    assert results[0]["mean"] == results[0]["number"] == 4.4
    assert remarks_with(results, "beats")[-1] == (1957, "beats the 141.7 of 1956")


def test_a_file_of_the_user(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("year,number\n2020,8.8\n2021,29.6\n")
    results = run(shell, "-i file=mine.csv -i last=2100")
    assert [(each["year"], each["number"], each["mean"]) for each in results] == [(2020, 8.8, 8.8), (2021, 29.6, 19.2)]


def test_the_data_is_found_from_anywhere(shell: Shell, tmp_path: Path) -> None:
    done = shell(f"mkdir elsewhere && cd elsewhere && noob run {tmp_path / TUBE} -n 1")
    assert json.loads(done.stdout)["year"] == 1700


def test_its_id_is_a_name_for_it(shell: Shell) -> None:
    assert shell("noob run sunspots -n 3").stdout == shell(f"noob run {TUBE} -n 3").stdout != ""


def test_its_assets(shell: Shell) -> None:
    done = shell(f"noob assets list {TUBE} --json")
    assert (done.returncode, done.stderr) == (0, "")
    facts = [{name: each[name] for name in ("id", "scope", "depends", "read_by")} for each in json.loads(done.stdout)]
    assert facts == [
        {
            "id": "history",
            "scope": "runner",
            "depends": "learn.history",
            "read_by": ["records", "turns", "learn"],
        },
        {"id": "remarks", "scope": "process", "depends": None, "read_by": ["records"]},
        {"id": "line", "scope": "node", "depends": None, "read_by": ["chart"]},
    ]
