"""The samples `smooth` and `smoothing`, compared with means of slices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from .conftest import Shell
from .test_sunspots import read_csv

CHILD = "sample_tubes/smoothing/smooth.yaml"
PARENT = "sample_tubes/smoothing/smoothing.yaml"


def run(shell: Shell, command: str) -> list[Any]:
    done = shell(command)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def means(numbers: Sequence[float], width: int) -> list[float]:
    slices = [numbers[max(0, end - width) : end] for end in range(1, len(numbers) + 1)]
    return [round(fmean(each), 1) for each in slices]


@pytest.mark.parametrize(
    ("options", "few", "many"), [("", 3, 11), ("-i few=1 -i many=400", 1, 400), ("-i many=2 -i few=5", 5, 2)]
)
def test_each_child_has_a_window_of_its_own(shell: Shell, options: str, few: int, many: int) -> None:
    numbers = read_csv()
    results = run(shell, f"noob run {PARENT} {options}")
    assert [each["year"] for each in results] == list(numbers)
    assert [each["number"] for each in results] == list(numbers.values())
    assert [each["short"] for each in results] == means(list(numbers.values()), few)
    assert [each["long"] for each in results] == means(list(numbers.values()), many)


def test_the_source_gets_its_input(shell: Shell) -> None:
    results = run(shell, f"noob run {PARENT} -i first=2000")
    assert [each["year"] for each in results] == list(range(2000, 2009))
    assert results[0] == {"year": 2000, "number": 119.6, "short": 119.6, "long": 119.6}


def test_the_child_is_a_tube_by_itself(shell: Shell) -> None:
    results = run(shell, f"seq 10 | noob run {CHILD} --input-format lines -i width=3")
    assert results == means(range(1, 11), 3)
    assert results[:4] == [1.0, 1.5, 2.0, 3.0]


def test_the_tubes_are_found_from_anywhere(shell: Shell, tmp_path: Path) -> None:
    done = shell(f"mkdir elsewhere && cd elsewhere && noob run {tmp_path / PARENT} -n 2")
    assert done.stdout == shell(f"noob run {PARENT} -n 2").stdout != ""


def test_a_wrong_param_of_a_child_is_found_by_validate(shell: Shell, tmp_path: Path) -> None:
    parent = tmp_path / PARENT
    parent.write_text(parent.read_text().replace("width: input.few", "wide: input.few"))
    done = shell(f"noob validate {PARENT}")
    assert done.returncode == 2
    assert "'wide'" in done.stderr
    assert "width" in done.stderr
