"""The samples `savings` and `savings_taxed`, compared with sums in whole cents."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest

from .conftest import Shell

BASE = "sample_tubes/savings/savings.yaml"
TAXED = "sample_tubes/savings/savings_taxed.yaml"
CENT = Decimal("0.01")


def run(shell: Shell, command: str) -> list[dict[str, Any]]:
    done = shell(command)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def expected(years: int, rate: str, deposit: int = 1000, tax_rate: str = "0", free: int = 0) -> list[dict[str, float]]:
    balance = Decimal(0)
    results = []
    for year in range(1, years + 1):
        saved = balance + deposit
        interest = cents(saved * Decimal(rate))
        tax = cents(max(interest - free, Decimal(0)) * Decimal(tax_rate))
        balance = saved + interest - tax
        results.append({"year": year, "interest": float(interest), "tax": float(tax), "balance": float(balance)})
    return results


def assert_close(results: list[dict[str, Any]], exact: list[dict[str, float]]) -> None:
    # Floats may round half a cent to the other side.
    assert [{name: pytest.approx(value, abs=0.03) for name, value in each.items()} for each in exact] == results


def test_the_base(shell: Shell) -> None:
    results = run(shell, f"noob run {BASE} -n 20")
    assert_close(results, [{name: each[name] for name in ("year", "balance")} for each in expected(20, "0.02")])
    assert [each["balance"] for each in results[:3]] == [1020.0, 2060.4, 3121.61]


def test_the_one_that_extends_it(shell: Shell) -> None:
    results = run(shell, f"noob run {TAXED} -n 20")
    assert_close(results, expected(20, "0.04", tax_rate="0.25", free=100))
    assert results[1]["tax"] == 0.0 < results[2]["tax"] == 6.21


def test_both_inputs(shell: Shell) -> None:
    results = run(shell, f"noob run {TAXED} -n 20 -i deposit=500 -i free=0")
    assert_close(results, expected(20, "0.04", 500, "0.25"))


def test_the_base_is_left_as_it_is(shell: Shell, tmp_path: Path) -> None:
    before = (tmp_path / BASE).read_bytes()
    run(shell, f"noob run {TAXED} -n 1")
    assert (tmp_path / BASE).read_bytes() == before
    assert sorted(each.name for each in (tmp_path / BASE).parent.iterdir() if each.suffix == ".yaml") == [
        "savings.tube-test.yaml",
        "savings.yaml",
        "savings_taxed.yaml",
    ]


def test_its_assets_are_those_of_the_base(shell: Shell) -> None:
    (facts,) = json.loads(shell(f"noob assets list {TAXED} --json").stdout)
    assert (facts["id"], facts["depends"], facts["read_by"]) == ("balance", "balance.value", ["saved"])


def test_its_own_tests(shell: Shell) -> None:
    done = shell("noob test sample_tubes")
    assert (done.returncode, done.stderr) == (0, "2 tests: 2 passed\n")
