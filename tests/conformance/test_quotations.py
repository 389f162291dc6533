"""Every case quotes the contract, so that who changes a sentence finds what shows it."""

from __future__ import annotations

import re

import pytest

from noob_cli.guide import page_of
from tests.conformance.cases import Case, read_section

CASES = [case for section in range(1, 9) for case in read_section(section)]
_QUALIFICATION = re.compile(r"\s*\((?:[^()]|\([^()]*\))*\)$")


def in_one_line(text: str) -> str:
    """A text whose lines may end anywhere."""
    return " ".join(text.split())


CONTRACT = in_one_line(page_of("language"))


def is_quoted(says: str) -> bool:
    """Whether a text stands in the contract.

    It may have left something out, as `[...]`, and say at its end, in brackets, which instance is meant.
    """
    for text in (says, _QUALIFICATION.sub("", says)):
        parts = [in_one_line(part).rstrip(".") for part in text.split("[...]")]
        if re.search(".*?".join(map(re.escape, parts)), CONTRACT):
            return True
    return False


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_quotes_the_contract(case: Case) -> None:
    assert is_quoted(case.says)


def test_what_is_not_in_the_contract_is_no_quotation() -> None:
    assert not is_quoted("A source that ends emits something more.")
    assert not is_quoted("it takes two iterables [...] and emits its items")


@pytest.mark.parametrize("section", range(1, 9))
def test_every_section_is_shown(section: int) -> None:
    assert read_section(section)
