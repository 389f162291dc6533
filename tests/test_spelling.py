"""What is done about a name that does not exist."""

from __future__ import annotations

import difflib

import pytest

from noob_cli.spelling import nearest, suggest

MANY = (*(f"node_{number}" for number in range(5000)), "smooth", "average", "Δt")


@pytest.mark.parametrize(
    ("found", "expected"),
    [("smoth", "smooth"), ("smoooth", "smooth"), ("smootg", "smooth"), ("smotoh", "smooth"), ("t", "Δt")],
    ids=["missing", "too many", "wrong", "swapped", "short"],
)
@pytest.mark.parametrize("names", [("average", "smooth", "Δt"), MANY], ids=["few", "many"])
def test_the_name_that_one_letter_makes_of_it(found, expected, names):
    assert nearest(found, names) == expected


@pytest.mark.parametrize("names", [("average", "smooth"), MANY], ids=["few", "many"])
def test_a_name_that_begins_the_same(names):
    assert nearest("averaging", names) == "average"


@pytest.mark.parametrize("names", [(), ("average", "smooth"), MANY], ids=["none", "few", "many"])
def test_nothing_is_near(names):
    assert nearest("other", names) is None


@pytest.mark.parametrize("found", ["nodes_of_all_kinds", "node_x9y", "other"])
def test_few_names_are_compared_letter_by_letter(monkeypatch, found):
    compared = []

    def close_matches(word, possibilities, n, cutoff):
        compared.extend(possibilities)
        return []

    monkeypatch.setattr(difflib, "get_close_matches", close_matches)
    assert nearest(found, MANY) is None
    assert len(compared) <= 30


@pytest.mark.parametrize("names", [("bc", "xyz"), ("bc", "xyz", *MANY)], ids=["few", "many"])
def test_what_is_alike_in_a_letter_only_is_not_near(names):
    assert nearest("b", names) == "bc"
    assert nearest("b", names, alike=0.75) is None
    assert nearest("k", names) is None


def test_what_is_long_is_not_compared():
    assert nearest("a" * 10_000, ("a" * 10_001,)) is None
    assert nearest("a" * 79, ("a" * 100,)) is None
    assert nearest("a" * 79, ("a" * 80,)) == "a" * 80


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "there are no nodes"),
        (("average", "total"), "nodes that exist: 'average', 'total'"),
        (("other",), "did you mean 'other'?"),
        (MANY[:9], "nodes that exist: " + ", ".join(f"'{name}'" for name in MANY[:8]) + " and 1 more"),
    ],
)
def test_what_is_suggested(names, expected):
    assert suggest("othr", names, "nodes") == expected
